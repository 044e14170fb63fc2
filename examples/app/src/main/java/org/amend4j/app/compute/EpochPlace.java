/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

/**
 * Where a training is between two steps: in the epoch of the last one, at its end if there is no other.
 *
 * @param epoch from 0
 * @param steps made in it, at least 1 after the first step of all
 */
public record EpochPlace(int epoch, int steps) {

    /**
     * After some steps.
     *
     * @param steps in all, at least 0
     * @param perEpoch at least 1
     */
    public static EpochPlace after(int steps, int perEpoch) {
        int epoch = Math.max(0, steps - 1) / perEpoch;
        return new EpochPlace(epoch, steps - epoch * perEpoch);
    }
}
