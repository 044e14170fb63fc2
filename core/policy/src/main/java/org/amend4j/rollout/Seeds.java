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

    /**
     * The seed of a purpose.
     *
     * @param number tells apart what has the same purpose, as the update's number
     */
    public long seed(Purpose purpose, long number) {
        long ofPurpose = mix(mix(root) + ODD * purpose.number());
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
