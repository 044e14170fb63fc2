/** Lets policies act in environments and hands on what happened, as {@link org.amend4j.rollout.Steps}. */
@NullMarked
package org.amend4j.rollout;

import org.jspecify.annotations.NullMarked;
