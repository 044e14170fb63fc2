/**
 * Models of other formats made into checkpoints in Hugging Face's layout, which everything else here reads: encoders in ONNX.
 */
@NullMarked
package org.amend4j.convert;

import org.jspecify.annotations.NullMarked;
