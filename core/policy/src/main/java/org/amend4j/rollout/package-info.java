/** Runs policies in environments and returns the experience as {@link org.amend4j.rollout.TakenSteps}. */
@NullMarked
package org.amend4j.rollout;

import org.jspecify.annotations.NullMarked;
