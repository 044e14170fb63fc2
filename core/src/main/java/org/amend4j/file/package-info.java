/** Files that appear whole or not at all. */
@NullMarked
package org.amend4j.file;

import org.jspecify.annotations.NullMarked;
