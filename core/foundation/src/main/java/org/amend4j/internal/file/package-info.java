/** Files and folders that appear whole or not at all, one writer at a time, a thread that does the writing, and names with numbers. */
@NullMarked
package org.amend4j.internal.file;

import org.jspecify.annotations.NullMarked;
