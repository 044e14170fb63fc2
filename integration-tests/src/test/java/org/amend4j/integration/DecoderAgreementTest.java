/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.internal.transformer.TokenArrays;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Language models of every family in Deeplearning4j's graphs and in libtorch, whose autograd knows nothing of our formulas. */
class DecoderAgreementTest {

    /**
     * Of losses, and of gradients relative to their norms: chains of three dozen products of up to 40 terms in single precision, each within
     * 40·2⁻²⁴ = 2.4e-6 in the worst case, of which some add up.
     */
    private static final double TOLERANCE = 2e-5;

    private static final long SEED = 5;
    private static final int TEXTS = 3;
    private static final int LENGTH = 11;

    @TempDir
    Path folder;

    /** A family's checkpoint. */
    private record Family(String name, TinyCheckpoint checkpoint) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Family> families() {
        return Stream.of(
                new Family("llama", TinyCheckpoint.llama(SEED)),
                new Family(
                        "llama with biases",
                        TinyCheckpoint.llama(SEED).with("attention_bias", true).with("mlp_bias", true)),
                new Family(
                        "mistral with a window",
                        TinyCheckpoint.llama(SEED).with("model_type", "mistral").with("sliding_window", 4)),
                new Family("qwen2", TinyCheckpoint.llama(SEED).with("model_type", "qwen2")),
                new Family(
                        "qwen3",
                        TinyCheckpoint.llama(SEED).with("model_type", "qwen3").with("head_dim", 8)),
                new Family(
                        "gemma",
                        TinyCheckpoint.llama(SEED)
                                .with("model_type", "gemma")
                                .with("head_dim", 6)
                                .with("hidden_activation", "gelu_pytorch_tanh")),
                new Family("gpt2", TinyCheckpoint.gpt2(SEED).with("tie_word_embeddings", false)));
    }

    private static List<int[]> texts() {
        Random random = new Random(SEED);
        return IntStream.range(0, TEXTS)
                .mapToObj(text -> random.ints(LENGTH, 0, 37).toArray())
                .toList();
    }

    /** The token behind each; -100 behind the last. */
    private static INDArray labels(List<int[]> texts) {
        float[] labels = new float[TEXTS * LENGTH];
        for (int k = 0; k < labels.length; k++) {
            int at = k % LENGTH;
            labels[k] = at + 1 < LENGTH ? texts.get(k / LENGTH)[at + 1] : -100;
        }
        return Nd4j.create(labels, new long[] {TEXTS, LENGTH}, 'c');
    }

    @ParameterizedTest
    @MethodSource("families")
    @OneIn(3)
    void losses_and_gradients_of_all_weights_are_libtorchs(Family family) throws IOException {
        Path base = family.checkpoint().filled().write(folder.resolve("base"));
        double loss = saveGradient(base);
        TorchDecoder.Found expected = torch(base, false);
        assertEquals(expected.loss(), loss, TOLERANCE * expected.loss());
        Map<String, float[]> ours = gradients();
        assertEquals(expected.gradient().keySet(), ours.keySet());
        assertTrue(ours.size() > 20, ours.keySet().toString());
        expected.gradient().forEach((name, values) -> {
            if (!isNothing(name)) {
                Agreement.assertClose(name, values, Objects.requireNonNull(ours.get(name)), TOLERANCE);
            }
        });
    }

    /** The twin: a trainer that keeps the keys and values of earlier tokens has the same loss, and another gradient. */
    @Test
    void a_gradient_that_stops_at_the_keys_and_values_of_earlier_positions_is_another() throws IOException {
        Path base = TinyCheckpoint.llama(SEED).filled().write(folder.resolve("base"));
        double loss = saveGradient(base);
        TorchDecoder.Found truncated = torch(base, true);
        assertEquals(truncated.loss(), loss, TOLERANCE * loss);
        Map<String, float[]> ours = gradients();
        for (String part : List.of("self_attn.k_proj", "self_attn.v_proj", "mlp.up_proj")) {
            String name = "model.layers.0." + part + ".weight";
            float[] theirs = Objects.requireNonNull(truncated.gradient().get(name));
            assertThrows(
                    AssertionError.class,
                    () -> Agreement.assertClose(
                            name, theirs, Objects.requireNonNull(ours.get(name)), 1000 * TOLERANCE));
        }
    }

    /** Writes the gradient of the graph as if it were a checkpoint, so that it has the names of tensors. */
    private double saveGradient(Path base) throws IOException {
        TransformerModel model = TransformerModel.open(base, DataType.FLOAT);
        ComputationGraph graph = model.graph();
        graph.setInput(0, TokenArrays.of(DataType.FLOAT, texts()));
        graph.setLabels(labels(texts()));
        graph.computeGradientAndScore();
        double loss = graph.score();
        graph.setParams(graph.getFlattenedGradients().div(TEXTS));
        model.save(folder.resolve("gradient"));
        return loss;
    }

    private static TorchDecoder.Found torch(Path base, boolean truncated) throws IOException {
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(base);
                TorchDecoder torch = new TorchDecoder(checkpoint, texts(), truncated)) {
            return torch.lossAndGradient();
        }
    }

    /** A bias of keys moves all scores of a query alike: its derivative is 0, and what is computed is rounding. */
    private static boolean isNothing(String tensor) {
        return tensor.endsWith("k_proj.bias");
    }

    private Map<String, float[]> gradients() throws IOException {
        Map<String, float[]> gradients = new TreeMap<>();
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(folder.resolve("gradient"))) {
            for (String name : CheckpointFiles.shapes(checkpoint.config()).keySet()) {
                gradients.put(name, checkpoint.read(name));
            }
        }
        return gradients;
    }
}
