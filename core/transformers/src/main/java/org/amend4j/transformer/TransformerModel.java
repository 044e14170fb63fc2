/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.GgufExport;
import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.checkpoint.VisionConfig;
import org.amend4j.checkpoint.Weights;
import org.amend4j.gguf.GgufKeys;
import org.amend4j.gguf.GgufType;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.FineTuning;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A checkpoint as a Deeplearning4j graph: a base for adapters like any other. Vertices have the names of Hugging Face's modules
 * ({@code model.layers.0.self_attn.q_proj}), so that PEFT's adapters fit by name. Its input are tokens, [examples, 2 or 3, time], ids,
 * masks and, of encoders, types; a vision transformer's are pictures, [examples, channels, height, width]. A decoder's labels are the tokens to be said, [examples, time], its output logits ({@link
 * LanguageModelHead}); an encoder's are those of its {@link EncoderOutput}.
 *
 * @param config what it computes
 * @param graph initialised with the checkpoint's weights
 */
public record TransformerModel(TransformerConfig config, ComputationGraph graph) {

    /** @throws NullPointerException if something is missing */
    public TransformerModel {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(graph, "graph");
    }

    /**
     * Opens a folder with a checkpoint ({@link TransformerCheckpoint#open}). A decoder puts out logits, an encoder what its head says, or the rows
     * of tokens if it has none. A tied head has a copy of the table, which {@code fit} keeps equal to it.
     *
     * @param type FLOAT or DOUBLE
     * @throws org.amend4j.checkpoint.CheckpointException if it cannot be read as one
     * @throws IllegalArgumentException if the type is another
     */
    public static TransformerModel open(Path directory, DataType type) throws IOException {
        requireType(type);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            return of(checkpoint.config(), type, checkpoint::read);
        }
    }

    /**
     * Opens an encoder, of texts or of pictures, for something else than its head says. Within a model with classes, modules have the family's name in front, as in
     * Hugging Face's classes ({@code bert.encoder.layer.0.attention.self.query}). Layers that the checkpoint lacks start as in Hugging
     * Face's classes, matrices normal with deviation 0.02; a classifier is the checkpoint's if its labels are these.
     *
     * @param type FLOAT or DOUBLE
     * @throws org.amend4j.checkpoint.CheckpointException if it cannot be read as an encoder
     * @throws IllegalArgumentException if the type is another
     */
    public static TransformerModel open(Path directory, DataType type, EncoderOutput output) throws IOException {
        requireType(type);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            TransformerConfig config = withHead(checkpoint.encoder(), headOf(output));
            EncoderWeights weights = new EncoderWeights(checkpoint, config, output);
            ComputationGraph graph = new ComputationGraph(encoderOf(config, output, type));
            graph.init();
            CheckpointWeights.put(config, weights, graph);
            return tied(config, graph);
        }
    }

    private static TransformerConfig withHead(TransformerConfig encoder, EncoderHead head) {
        return encoder instanceof VisionConfig vision
                ? vision.withHead(head)
                : ((EncoderConfig) encoder).withHead(head);
    }

    private static ComputationGraphConfiguration encoderOf(
            TransformerConfig config, EncoderOutput output, DataType type) {
        return config instanceof VisionConfig vision
                ? VisionGraph.of(vision, output, type)
                : EncoderGraph.of((EncoderConfig) config, output, type);
    }

    private static EncoderHead headOf(EncoderOutput output) {
        if (output instanceof EncoderOutput.MaskedTokens) {
            return new EncoderHead.MaskedTokens();
        }
        return output instanceof EncoderOutput.Classes classes
                ? new EncoderHead.Classifier(classes.labels())
                : new EncoderHead.None();
    }

    /**
     * A model that has learned nothing yet, with what Hugging Face's classes start with: matrices normal with deviation 0.02, gains
     * and scales 1 (a Gemma's gains 0, which stand for 1), biases 0; a GPT-2's {@code c_proj} have deviation 0.02/√(2 · layers). The same seed gives the same model everywhere.
     *
     * @param type FLOAT or DOUBLE
     * @throws IllegalArgumentException if the type is another
     */
    public static TransformerModel create(TransformerConfig config, DataType type, long seed) {
        requireType(type);
        try {
            return of(config, type, new InitialWeights(config, seed));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static void requireType(DataType type) {
        if (type != DataType.FLOAT && type != DataType.DOUBLE) {
            throw new IllegalArgumentException("the type of a graph must be FLOAT or DOUBLE, got " + type);
        }
    }

    private static TransformerModel of(TransformerConfig config, DataType type, Weights weights) throws IOException {
        ComputationGraph graph = new ComputationGraph(graphOf(config, type));
        graph.init();
        CheckpointWeights.put(config, weights, graph);
        return tied(config, graph);
    }

    private static ComputationGraphConfiguration graphOf(TransformerConfig config, DataType type) {
        if (config instanceof DecoderConfig decoder) {
            return DecoderGraph.of(decoder, type);
        }
        return config instanceof Gpt2Config gpt2 ? Gpt2Graph.of(gpt2, type) : encoderOf(config, outputOf(config), type);
    }

    private static EncoderOutput outputOf(TransformerConfig config) {
        EncoderHead head = config instanceof VisionConfig vision ? vision.head() : ((EncoderConfig) config).head();
        if (head instanceof EncoderHead.MaskedTokens) {
            return new EncoderOutput.MaskedTokens(0);
        }
        return head instanceof EncoderHead.Classifier classifier
                ? new EncoderOutput.Classes(classifier.labels(), Optional.empty(), 0)
                : new EncoderOutput.Rows();
    }

    private static TransformerModel tied(TransformerConfig config, ComputationGraph graph) {
        TiedTable.of(config).map(TiedTable::tied).ifPresent(graph::addListeners);
        return new TransformerModel(config, graph);
    }

    /**
     * This model in a graph of its own, all of whose weights {@code fit} trains in this way. Where embeddings are tied, the
     * graph has a listener that keeps the head equal to the table: add others ({@code addListeners}) and do not replace it
     * ({@code setListeners}).
     *
     * @param training updater, weight decay (of matrices alone), limits of gradients
     */
    public TransformerModel trainedBy(FineTuneConfiguration training) {
        ComputationGraphConfiguration configuration = Configurations.copy(graph.getConfiguration());
        configuration.getVertices().values().forEach(vertex -> {
            if (vertex instanceof LayerVertex layer) {
                FineTuning.apply(training, layer.getLayerConf());
            }
        });
        training.applyToComputationGraphConfiguration(configuration);
        training.applyToNeuralNetConfiguration(configuration.getDefaultConfiguration());
        configuration.setIterationCount(0);
        configuration.setEpochCount(0);
        ComputationGraph trained = new ComputationGraph(configuration);
        trained.init(graph.params().dup(), false);
        return tied(config, trained);
    }

    /** How many numbers it has; those of a tied table count once, though the graph has a copy of them. */
    public long parameters() {
        long copied = TiedTable.of(config)
                .map(table -> graph.getLayer(table.head()).getParam(LanguageModelHead.WEIGHT))
                .map(INDArray::length)
                .orElse(0L);
        return graph.numParams() - copied;
    }

    /**
     * This model with other weights, as after merging an adapter. A decoder whose head is not its table any more has one of its own from
     * then on ({@code tie_word_embeddings}).
     *
     * @param graph with the layers of this one's
     */
    public TransformerModel with(ComputationGraph graph) {
        boolean apart = config instanceof CausalConfig && !CheckpointWeights.isTied(config, graph);
        return new TransformerModel(apart ? ((CausalConfig) config).untied() : config, graph);
    }

    /**
     * Writes a checkpoint ({@link CheckpointFiles#write}): {@code config.json} and {@code model.safetensors}, which {@link #open} and
     * Hugging Face's library read. What was opened in F32 and not changed gives the same tensors, but for a pooler that the graph does not use. A model in DOUBLE is rounded.
     * An adapted graph is merged before: {@code model.with(adapted.merge().network())}.
     *
     * @param directory created if missing; other files in it are left alone
     * @throws IllegalArgumentException if the graph has other parameters than the configuration asks for, a head that should be the
     *     table is not, or a value is not finite; older files are then as they were
     * @throws IOException if the files cannot be written
     */
    public void save(Path directory) throws IOException {
        CheckpointFiles.write(directory, config, CheckpointWeights.of(config, graph));
    }

    /**
     * Writes a language model as a GGUF file ({@link GgufExport}), which llama.cpp reads. An adapted graph is merged before.
     *
     * @param type of matrices: F16, Q8_0 or Q4_0
     * @param tokenizer keys of the tokenizer
     * @throws IllegalArgumentException if it is no language model, or the format cannot say what it computes
     * @throws IOException if it cannot be written
     */
    public void writeGguf(OutputStream out, GgufType type, GgufKeys tokenizer) throws IOException {
        if (!(config instanceof CausalConfig decoder)) {
            throw new IllegalArgumentException("only language models are written to GGUF, and a model of the type '"
                    + config.modelType() + "' is none");
        }
        GgufExport.write(out, decoder, CheckpointWeights.of(config, graph), type, tokenizer);
    }
}
