/** Files that appear whole or not at all, one writer at a time, and a thread that does the writing. */
@NullMarked
package org.amend4j.file;

import org.jspecify.annotations.NullMarked;
