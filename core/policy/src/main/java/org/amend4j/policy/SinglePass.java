/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.function.LongSupplier;

/** A pass that gives its gradient at most once, before its approximator does anything else. */
abstract class SinglePass implements Approximator.Pass {

    private final double[] results;
    private final int dimension;
    private final LongSupplier passes;
    private long pass;

    /**
     * The pass that was just made.
     *
     * @param results [rows · outputs], the receiver's own
     * @param dimension of the parameters
     * @param passes how often the approximator did anything
     */
    SinglePass(double[] results, int dimension, LongSupplier passes) {
        this.results = results;
        this.dimension = dimension;
        this.passes = passes;
        this.pass = passes.getAsLong();
    }

    /** The gradient for these derivatives of the outputs, [dimension]. */
    abstract double[] gradient(double[] derivatives);

    @Override
    public final double[] outputs() {
        requireValid();
        return results.clone();
    }

    @Override
    public final void backward(double[] derivatives, double[] gradient) {
        requireValid();
        PassRules.requireBackward(derivatives, results.length, gradient, dimension);
        pass = -1;
        PassRules.addFinite(gradient(derivatives), gradient);
    }

    private void requireValid() {
        PassRules.requireValid(pass == passes.getAsLong());
    }
}
