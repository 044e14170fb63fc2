/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.identity.Facts;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Approximator;

/** A network that fails on its n-th pass from now, or says it computes in another type. */
final class TroubledNetwork implements Approximator {

    private final Approximator sound;
    private final Precision precision;
    private int passesLeft = Integer.MAX_VALUE;

    TroubledNetwork(Approximator sound, Precision precision) {
        this.sound = sound;
        this.precision = precision;
    }

    void failAfter(int passes) {
        passesLeft = passes;
    }

    @Override
    public Facts facts() {
        return sound.facts();
    }

    @Override
    public int inputs() {
        return sound.inputs();
    }

    @Override
    public int outputs() {
        return sound.outputs();
    }

    @Override
    public int dimension() {
        return sound.dimension();
    }

    @Override
    public double[] parameters() {
        return sound.parameters();
    }

    @Override
    public void setParameters(double[] theta) {
        sound.setParameters(theta);
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public boolean recurrent() {
        return sound.recurrent();
    }

    @Override
    public Pass forward(double[] inputs, int[] lengths) {
        if (passesLeft-- <= 0) {
            throw new IllegalStateException("out of passes");
        }
        return sound.forward(inputs, lengths);
    }

    @Override
    public Stepper stepper(int rows) {
        return sound.stepper(rows);
    }
}
