/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.amend4j.checkpoint.Checkpoint;
import org.amend4j.checkpoint.DecoderConfig;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A checkpoint as a Deeplearning4j graph: a base for adapters like any other. Vertices have the names of Hugging Face's modules
 * ({@code model.layers.0.self_attn.q_proj}), so that PEFT's adapters fit by name. Its input are tokens, [examples, 2, time], ids and
 * masks; its labels the tokens to be said, [examples, time]; its output logits ({@link LanguageModelHead}).
 *
 * @param config what it computes
 * @param graph initialised with the checkpoint's weights
 */
public record TransformerModel(DecoderConfig config, ComputationGraph graph) {

    /** @throws NullPointerException if something is missing */
    public TransformerModel {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(graph, "graph");
    }

    /**
     * Opens a folder with a checkpoint of Llama's family ({@link Checkpoint#open}). A tied head has a copy of the table of its own.
     *
     * @param type FLOAT or DOUBLE
     * @throws org.amend4j.checkpoint.CheckpointException if it cannot be read as one
     * @throws IllegalArgumentException if it computes something that has no layer here, or the type is another
     */
    public static TransformerModel open(Path directory, DataType type) throws IOException {
        if (type != DataType.FLOAT && type != DataType.DOUBLE) {
            throw new IllegalArgumentException("the type of a graph must be FLOAT or DOUBLE, got " + type);
        }
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            ComputationGraph graph = new ComputationGraph(DecoderGraph.of(checkpoint.decoder(), type));
            graph.init();
            CheckpointWeights.read(checkpoint, graph);
            return new TransformerModel(checkpoint.decoder(), graph);
        }
    }
}
