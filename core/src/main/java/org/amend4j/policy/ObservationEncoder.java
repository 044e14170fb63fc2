package org.amend4j.policy;

import org.amend4j.check.Checks;
import org.amend4j.environment.Space;

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
