/**
 * Training that can be undone: keyed batches, runs that rewind to a checkpoint, the cost of a release, the cheapest method, and checkpoints
 * that can be destroyed irrecoverably. Independent of networks and arrays; docs/unlearning.md has the proofs.
 */
@NullMarked
package org.amend4j.unlearn;

import org.jspecify.annotations.NullMarked;
