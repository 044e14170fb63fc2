/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import org.amend4j.random.SplitMix64;

/**
 * One root seed, split by purpose and number. The result of a split is a function of root, purpose and number alone, so the
 * random numbers of update 1000 do not depend on earlier updates: a resumed run reproduces them without any stored state.
 *
 * @param root any number
 */
public record Seeds(long root) {

    private static final long ODD = 0xD1342543DE82EF95L;

    /** What random numbers are drawn for. Purposes are independent: more draws for one change no draw for another. */
    public enum Purpose {
        /** The policy's first parameters. */
        POLICY(1),
        /** Starts and outcomes of environments. */
        ENVIRONMENT(2),
        /** Actions. */
        ACTIONS(3),
        /** The order of mini-batches. */
        MINIBATCHES(4),
        /** The chain that a critic learns on: environment and actions. */
        CRITIC(5),
        /** How long an actor walks before it looks. */
        TIMES(6),
        /** Noise added to parameters. */
        NOISE(7),
        /** Trajectories for reports about a policy. */
        DIAGNOSTICS(8),
        /** Episodes for scores of a policy. */
        EVALUATION(9),
        /** Episodes that a policy is evaluated with while it is trained. */
        PERIODIC_EVALUATION(10);

        /** Different for each, and the same for ever: seeds depend on it. */
        private final int number;

        Purpose(int number) {
            this.number = number;
        }
    }

    /**
     * The seed of a purpose.
     *
     * @param number tells apart what has the same purpose, as the update's number
     */
    public long seed(Purpose purpose, long number) {
        long ofPurpose = mix(mix(root) + ODD * purpose.number);
        return mix(ofPurpose + ODD * number);
    }

    /** A generator from {@link #seed}. */
    public SplitMix64 generator(Purpose purpose, long number) {
        return new SplitMix64(seed(purpose, number));
    }

    private static long mix(long seed) {
        return new SplitMix64(seed).nextLong();
    }
}
