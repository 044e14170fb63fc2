/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;

/**
 * What a task sends back. A refusal is an answer, too: thrown, it would be tried again on other executors and reach the user as a page
 * of Spark's. What a machine's failure takes away is never answered, and Spark tries it again.
 */
sealed interface TaskResult<T> extends Serializable {

    /** What was asked for. */
    record Given<T>(T value) implements TaskResult<T> {}

    /** Why there is none. */
    record Refused<T>(RuntimeException reason) implements TaskResult<T> {}

    /**
     * What was asked for.
     *
     * @throws RuntimeException the reason, if it was refused
     */
    default T get() {
        if (this instanceof Refused<T> refused) {
            throw refused.reason();
        }
        return ((Given<T>) this).value();
    }
}
