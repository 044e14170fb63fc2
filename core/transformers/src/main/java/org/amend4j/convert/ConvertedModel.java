/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.Weights;

/** A model of another format with its weights under the names of a checkpoint. */
public sealed interface ConvertedModel extends Weights permits OnnxEncoder, TensorFlowBert {

    /** What it computes. */
    EncoderConfig config();

    /**
     * Writes {@code config.json} and {@code model.safetensors} ({@link CheckpointFiles#write}). A tokenizer has to be put beside them.
     *
     * @param directory created if missing
     * @throws IllegalArgumentException if a tensor is damaged or has values that are not finite
     * @throws IOException if the files cannot be written
     */
    default void save(Path directory) throws IOException {
        CheckpointFiles.write(directory, config(), this);
    }
}
