/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.time.Duration;
import org.amend4j.internal.validation.Checks;

/** When a training run saves a checkpoint, besides the one at its end. Does not affect results. */
public sealed interface CheckpointRule {

    /** Whether one is due after an update. */
    boolean isDue(long updates, Duration sinceTheLast);

    /** After every so many updates, at least 1. */
    static CheckpointRule everyUpdates(int updates) {
        return new Updates(updates);
    }

    /**
     * By the clock: each must reach the disk, which takes as long as hundreds of updates of a small policy.
     *
     * @param time between the end of one and the next, at least 0; an interruption by force costs about as much work
     */
    static CheckpointRule apart(Duration time) {
        return new Apart(time);
    }

    /** After every so many updates. */
    record Updates(int every) implements CheckpointRule {

        public Updates {
            Checks.atLeast(1, "updates between checkpoints", every);
        }

        @Override
        public boolean isDue(long updates, Duration sinceTheLast) {
            return updates % every == 0;
        }
    }

    /** As soon as so much time has passed. */
    record Apart(Duration time) implements CheckpointRule {

        public Apart {
            if (time.isNegative()) {
                throw new IllegalArgumentException("time between checkpoints must be >= 0, got " + time);
            }
        }

        @Override
        public boolean isDue(long updates, Duration sinceTheLast) {
            return sinceTheLast.compareTo(time) >= 0;
        }
    }
}
