/**
 * Checks certificates of unlearning without the code that makes them: the document is read by a parser of its own, every
 * bound is recomputed from the formulas of docs/unlearning.md and docs/privacy.md, in other arithmetic. It shares no class
 * with the packages whose results it judges, but for the hashes of Merkle trees.
 */
@NullMarked
package org.amend4j.verify;

import org.jspecify.annotations.NullMarked;
