/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** Configuration of a transformer, from its {@code config.json}. */
public sealed interface TransformerConfig permits TextConfig, VisionConfig {

    /** Hugging Face's name of the family. */
    String modelType();

    /** The class of Hugging Face's that computes it, head included, such as {@code LlamaForCausalLM}. */
    String architecture();

    /** Numbers in a row. */
    int hiddenSize();

    int layers();

    /**
     * Reads a {@code config.json}.
     *
     * @throws CheckpointException if it is of another family, or says something that is not known here
     * @throws IOException if it cannot be read
     */
    static TransformerConfig read(Path file) throws IOException {
        return ConfigReader.read(file);
    }
}
