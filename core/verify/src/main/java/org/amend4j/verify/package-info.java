/**
 * Checks certificates of unlearning without the code that issues them: it has its own parser, and recomputes every bound
 * from the formulas of docs/unlearning.md and docs/privacy.md in different arithmetic. It shares no class with the packages that it checks,
 * except for the hashes of Merkle trees.
 */
@NullMarked
package org.amend4j.verify;

import org.jspecify.annotations.NullMarked;
