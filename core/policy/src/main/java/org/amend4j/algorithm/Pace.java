/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

/**
 * The speed of a training run in this process: environment steps of training by wall-clock time since it was started or
 * resumed, including learning, evaluations, checkpoints and listeners.
 */
final class Pace {

    private boolean begun;
    private long start;
    private long stepsBefore;
    private long nanoseconds;
    private long steps;

    /** From here on; the first call counts. */
    void begin(long stepsSoFar) {
        if (!begun) {
            begun = true;
            start = System.nanoTime();
            stepsBefore = stepsSoFar;
        }
    }

    /** So far. */
    void reach(long stepsSoFar) {
        nanoseconds = Math.max(1, System.nanoTime() - start);
        steps = stepsSoFar - stepsBefore;
    }

    double seconds() {
        return nanoseconds / 1e9;
    }

    /** 0 before the first update. */
    double stepsPerSecond() {
        return steps == 0 ? 0 : steps / seconds();
    }
}
