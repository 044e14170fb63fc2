/**
 * Reads checkpoints of transformers in Hugging Face's layout, strictly: the configuration, and exactly the tensors that it asks for.
 * Independent of networks and arrays.
 */
@NullMarked
package org.amend4j.checkpoint;

import org.jspecify.annotations.NullMarked;
