/**
 * Checkpoints of transformers in Hugging Face's layout, read strictly: what the configuration says, and that the tensors are
 * those, all of them and no others. Independent of networks and arrays.
 */
@NullMarked
package org.amend4j.checkpoint;

import org.jspecify.annotations.NullMarked;
