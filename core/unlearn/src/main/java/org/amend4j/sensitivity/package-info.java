/** What a deletion changes at most: one step, whole runs, any sequence of deletions, and the constants they rest on. Numbers only. */
@NullMarked
package org.amend4j.sensitivity;

import org.jspecify.annotations.NullMarked;
