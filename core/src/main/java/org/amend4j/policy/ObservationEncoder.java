package org.amend4j.policy;

import org.amend4j.check.Checks;
import org.amend4j.environment.Space;
import org.amend4j.objective.Objective;

/** How an observation becomes a row of a network's inputs. */
public sealed interface ObservationEncoder
        permits ObservationEncoder.OneHot, ObservationEncoder.AsIs, NormalisingEncoder {

    /** Numbers in a row. */
    int size();

    /**
     * Writes the row of one observation.
     *
     * @param inputs written to from {@code at} on
     */
    void encode(double[] observation, double[] inputs, int at);

    /** All that it learned, the receiver's own; empty for what learns nothing. */
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
        Objective.requireLength("statistics of an encoder that learns nothing", statistics, 0);
    }

    /** One-hot for discrete observations, as they are for boxes. */
    static ObservationEncoder of(Space observationSpace) {
        return observationSpace instanceof Space.Discrete discrete
                ? new OneHot(discrete.count())
                : new AsIs(observationSpace.size());
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
        public void encode(double[] observation, double[] inputs, int at) {
            inputs[at + new Space.Discrete(size).index(observation)] = 1;
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
        public void encode(double[] observation, double[] inputs, int at) {
            System.arraycopy(observation, 0, inputs, at, size);
        }
    }
}
