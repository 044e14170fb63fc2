/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import org.amend4j.rollout.Task;

/** The source of executors' copies of a task; for environments of the user's own, a class or function on their class path. */
@FunctionalInterface
public interface TaskSource extends Serializable {

    /** A task that shares nothing with others; where it is played does not matter. */
    Task open();

    /** An environment of the library by name, as {@link org.amend4j.environment.Environments#of(String)} knows it. */
    static TaskSource of(String id) {
        return () -> Task.of(id);
    }
}
