/** Requests to be forgotten and their outcomes, in an append-only file. */
@NullMarked
package org.amend4j.deletion;

import org.jspecify.annotations.NullMarked;
