/** Short programs on the library, a file each: every number that matters is at the top, and {@code main} is the story. */
@NullMarked
package org.amend4j.demos;

import org.jspecify.annotations.NullMarked;
