/**
 * What a deletion changes in a model trained by gradient descent: bounds of how far it can be from the model that never
 * saw the deleted records, the constants those bounds need and how they are known, and the ledger of requests. Knows
 * neither networks nor arrays; docs/unlearning.md has the proofs.
 */
@NullMarked
package org.amend4j.unlearn;

import org.jspecify.annotations.NullMarked;
