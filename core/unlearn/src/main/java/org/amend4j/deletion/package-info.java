/** The requests to be forgotten and what became of them, in an append-only file. */
@NullMarked
package org.amend4j.deletion;

import org.jspecify.annotations.NullMarked;
