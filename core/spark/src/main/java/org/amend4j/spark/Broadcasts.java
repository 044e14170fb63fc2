/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import org.apache.spark.broadcast.Broadcast;

/** What was sent to all executors. */
final class Broadcasts {

    private Broadcasts() {}

    /**
     * Its value, on an executor. One that does not arrive is a failure of machines, which Spark tries again, not something that cannot be
     * read here.
     *
     * @throws IllegalStateException if it does not arrive
     */
    static <T> T value(Broadcast<T> sent) {
        try {
            return sent.value();
        } catch (Exception failure) {
            // Spark's IOException, which its method does not declare
            throw new NotArrived(failure);
        }
    }

    /** Not to be taken for a refusal. */
    static final class NotArrived extends IllegalStateException {

        private static final long serialVersionUID = 1;

        private NotArrived(Exception failure) {
            super("a broadcast must arrive, got " + failure.getMessage(), failure);
        }
    }
}
