/** Files that appear whole or not at all, and one writer at a time. */
@NullMarked
package org.amend4j.file;

import org.jspecify.annotations.NullMarked;
