/** Append-only logs that anyone can check: the Merkle trees of RFC 9162 and their proofs. */
@NullMarked
package org.amend4j.transparency;

import org.jspecify.annotations.NullMarked;
