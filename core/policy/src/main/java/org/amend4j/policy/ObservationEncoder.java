/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;

/**
 * Encodes an observation as a row of a network's inputs.
 *
 * <p>To add your own, implement this interface. {@link #observationSize} and {@link #size} never change, and a row depends
 * only on the observation and the statistics. Only {@link #learn} and {@link #setStatistics} change anything; between calls
 * of these, encoding is thread-safe. Everything learned is in {@link #statistics}, so that a run can be saved and resumed.
 * {@link #facts} states all settings and no statistics: a run is only resumed with an encoder that states the
 * same. To be saved, an encoder of your own needs a name in {@link PolicyKinds}.
 */
public interface ObservationEncoder extends Identified {

    /** Numbers of an observation, at least 1. */
    int observationSize();

    /** Numbers in a row, at least 1. */
    int size();

    /**
     * Writes the row of one observation.
     *
     * @param observation [observationSize], a point of the space; only read
     * @param inputs written to from {@code at} on, where there are zeros
     */
    void encode(double[] observation, double[] inputs, int at);

    /**
     * Checks that observations are points of a space.
     *
     * @throws IllegalArgumentException if they are not, saying why
     */
    default void requireFor(Space observationSpace) {
        if (observationSpace.size() != observationSize()) {
            throw new IllegalArgumentException("the policy must have an input per number of an observation, "
                    + observationSpace.size() + " for " + observationSpace + ", got " + observationSize());
        }
    }

    /** Whether it is to {@link #learn}. */
    default boolean learns() {
        return false;
    }

    /**
     * Takes observations into the statistics, as one batch; does nothing if it does not learn.
     *
     * @param observations one after the other, finite, at least one
     */
    default void learn(double[] observations) {}

    /** All that it learned, finite, the receiver's own; empty for what learns nothing. */
    default double[] statistics() {
        return new double[0];
    }

    /**
     * Replaces all that it learned.
     *
     * @param statistics as {@link #statistics} gave them
     * @throws IllegalArgumentException if they are not such statistics; nothing has changed then
     */
    default void setStatistics(double[] statistics) {
        Vectors.requireLength("statistics of an encoder that learns nothing", statistics, 0);
    }

    /**
     * An encoder that knows the same and shares nothing that changes; itself if it does not learn.
     *
     * @throws UnsupportedOperationException if it learns and does not say how it is copied
     */
    default ObservationEncoder copy() {
        if (learns()) {
            throw new UnsupportedOperationException("an encoder that learns must implement copy(), got " + this);
        }
        return this;
    }

    /**
     * One-hot for discrete observations, as they are for boxes; of {@link Space.MultiDiscrete} and {@link Space.Dict} the parts
     * one after the other, as Gymnasium's FlattenObservation.
     */
    static ObservationEncoder of(Space observationSpace) {
        return FlatteningEncoder.of(observationSpace, false);
    }

    /** As {@link #of}, with a {@link NormalisingEncoder} for every box; what is one-hot stays as it is. */
    static ObservationEncoder normalising(Space observationSpace) {
        return FlatteningEncoder.of(observationSpace, true);
    }

    /**
     * 1 at the observation's index, else 0.
     *
     * @param size number of observations
     */
    record OneHot(int size) implements ObservationEncoder {

        public OneHot {
            Checks.atLeast(1, "number of observations", size);
        }

        @Override
        public Facts facts() {
            return Facts.of("OneHot").with("size", size);
        }

        @Override
        public int observationSize() {
            return 1;
        }

        @Override
        public void encode(double[] observation, double[] inputs, int at) {
            inputs[at + new Space.Discrete(size).index(observation)] = 1;
        }

        @Override
        public void requireFor(Space observationSpace) {
            if (!(observationSpace instanceof Space.Discrete discrete) || discrete.count() != size) {
                throw new IllegalArgumentException(
                        "a policy of " + size + " observations needs as many discrete ones, got " + observationSpace);
            }
        }
    }

    /**
     * The observation itself.
     *
     * @param size its numbers
     */
    record AsIs(int size) implements ObservationEncoder {

        public AsIs {
            Checks.atLeast(1, "numbers of an observation", size);
        }

        @Override
        public Facts facts() {
            return Facts.of("AsIs").with("size", size);
        }

        @Override
        public int observationSize() {
            return size;
        }

        @Override
        public void encode(double[] observation, double[] inputs, int at) {
            System.arraycopy(observation, 0, inputs, at, size);
        }
    }
}
