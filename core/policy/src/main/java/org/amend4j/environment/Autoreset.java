/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

/** When a {@link VectorEnvironment} resets an environment after the end of its episode; names and meaning as in Gymnasium 1.x. */
public enum Autoreset {
    /**
     * In the step that ended it: the observation is already the next episode's first one, and the last one of the old
     * episode is {@link VectorStep#successors()}.
     */
    SAME_STEP,

    /**
     * In the step after: that step ignores its action and returns the first observation, reward 0 and no flags. Such
     * rows are not experience: {@link VectorStep#resets()} marks them.
     */
    NEXT_STEP,

    /** Never: the caller resets by {@link VectorEnvironment#reset(boolean[])}. */
    DISABLED
}
