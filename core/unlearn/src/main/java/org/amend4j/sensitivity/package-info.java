/**
 * Bounds on what a deletion changes: one step, whole runs, any sequence of deletions, and the constants in these bounds.
 * Numbers only.
 */
@NullMarked
package org.amend4j.sensitivity;

import org.jspecify.annotations.NullMarked;
