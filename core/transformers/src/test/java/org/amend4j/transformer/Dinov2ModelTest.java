/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.amend4j.backend.Arithmetic;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleNames;
import org.amend4j.model.BaseModel;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What a DINOv2 has beside a ViT: scales, a gate of two halves, a classifier on two rows, a row that nothing is computed with. */
class Dinov2ModelTest {

    private static final long SEED = 31;

    @TempDir
    Path temp;

    private static TinyCheckpoint classifier() {
        return TinyCheckpoint.dinov2(SEED)
                .with("architectures", List.of("Dinov2ForImageClassification"))
                .with("num_labels", 2);
    }

    private static DataSet pictures(DataType type) {
        Random random = new Random(SEED);
        double[] pixels = random.doubles(3 * 3 * 6 * 6, -2, 2).toArray();
        INDArray labels = Nd4j.createFromArray(new double[][] {{1, 0}, {0, 1}, {1, 0}});
        return new DataSet(Nd4j.createFromArray(pixels).reshape('c', 3, 3, 6, 6).castTo(type), labels.castTo(type));
    }

    private static FineTuneConfiguration by(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_row_of_masked_patches_keeps_its_bytes_while_all_else_is_trained_with_weight_decay(boolean planned)
            throws IOException {
        TinyCheckpoint tiny = classifier().filled();
        TransformerModel model = TransformerModel.open(tiny.write(temp.resolve("original")), DataType.FLOAT)
                .trainedBy(FineTuneConfiguration.builder()
                        .updater(new Adam(0.01))
                        .weightDecay(0.1, true)
                        .build());
        DataSet data = pictures(DataType.FLOAT);
        if (planned) {
            try (HostMachine machine = HostMachine.open(2);
                    PlannedTraining training =
                            PlannedTraining.of(machine, model.graph(), Records.of(data), 3, Arithmetic.SINGLE)) {
                training.step(0, 1, 2);
                training.copyInto(model.graph());
            }
        } else {
            model.graph().fit(data);
        }
        model.save(temp.resolve("trained"));
        try (TransformerCheckpoint trained = TransformerCheckpoint.open(temp.resolve("trained"))) {
            Set<String> same = tiny.names().stream()
                    .filter(name -> equal(tiny.values(name), trained, name))
                    .collect(Collectors.toSet());
            assertEquals(Set.of("dinov2.embeddings.mask_token"), same);
        }
    }

    private static boolean equal(float[] values, TransformerCheckpoint checkpoint, String name) {
        try {
            return Arrays.equals(values, checkpoint.read(name));
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    @Test
    void a_model_from_nothing_has_scales_of_one_and_no_row_of_masked_patches_but_zeros() throws IOException {
        TransformerConfig config = TransformerConfig.read(classifier().writeConfig(temp));
        TransformerModel.create(config, DataType.FLOAT, SEED).save(temp.resolve("started"));
        float[] ones = new float[24];
        Arrays.fill(ones, 1);
        try (TransformerCheckpoint started = TransformerCheckpoint.open(temp.resolve("started"))) {
            assertArrayEquals(ones, started.read("dinov2.encoder.layer.1.layer_scale2.lambda1"));
            assertArrayEquals(ones, started.read("dinov2.encoder.layer.1.norm2.weight"));
            assertArrayEquals(new float[24], started.read("dinov2.embeddings.mask_token"));
            assertArrayEquals(new float[48], started.read("dinov2.encoder.layer.1.mlp.fc1.bias"));
            double squares = 0;
            for (float weight : started.read("classifier.weight")) {
                squares += weight * weight;
            }
            assertEquals(0.02, Math.sqrt(squares / 96), 6 * 0.02 / Math.sqrt(2 * 96));
        }
    }

    /** It is a convolution to PEFT, whose "all-linear" takes torch's linears; it can be named. */
    @Test
    void all_linear_leaves_the_projection_of_patches_out_and_keys_are_those_of_peft() throws IOException {
        for (TinyCheckpoint tiny :
                List.of(classifier(), classifier().with("use_swiglu_ffn", true), TinyCheckpoint.vit(SEED))) {
            tiny.with("num_hidden_layers", 1).filled();
            EncoderOutput output = new EncoderOutput.Classes(List.of("cat", "dog"), Optional.empty(), SEED);
            BaseModel base =
                    BaseModel.of(TransformerModel.open(tiny.write(temp.resolve("model")), DataType.FLOAT, output)
                            .graph());
            AdaptedModel adapted =
                    AdaptedModel.attach(base, LoraConfig.of(2, 4).withTargets(Targets.allLinear()), by(new Sgd(0.1)));
            AdapterFile.write(temp.resolve("adapter"), adapted.content().named(ModuleNames.TRANSFORMERS_4));
            Set<String> expected = new TreeSet<>();
            String family = tiny.text("model_type") + ".";
            for (String name : tiny.names()) {
                boolean matrix = name.endsWith(".weight") && !name.contains("norm");
                if (matrix && !name.matches(".*(projection|classifier|pooler.dense).weight")) {
                    String module = name.substring(0, name.length() - ".weight".length());
                    String path = "base_model.model." + (module.startsWith(family) ? "" : family) + module;
                    expected.add(path + ".lora_A.weight");
                    expected.add(path + ".lora_B.weight");
                }
            }
            assertFalse(expected.isEmpty());
            try (SafetensorsFile file = SafetensorsFile.open(temp.resolve("adapter/adapter_model.safetensors"))) {
                assertEquals(expected, new TreeSet<>(file.tensors().keySet()));
            }
            ResolvedLoraConfig named = ResolvedLoraConfig.of(
                    base, LoraConfig.of(2, 4).withTargets(family + "embeddings.patch_embeddings.projection"));
            assertEquals(1, named.adapters().size());
        }
    }

    /** How a gate is opened: by a function that kernels know, or by another. */
    enum Opening {
        KNOWN(Activation.SWISH),
        OTHER(Activation.CUBE);

        private final Activation activation;

        Opening(Activation activation) {
            this.activation = activation;
        }
    }

    private static ComputationGraph parts(Opening opening) {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("pictures")
                .addVertex("patches", new PicturePatches(6, 3), "pictures")
                .addVertex("tokens", new PictureTokens(5), "pictures")
                .addLayer("projection", new DenseLayer.Builder().nIn(27).nOut(6).build(), "patches")
                .addLayer(
                        "embeddings",
                        new PatchEmbedding.Builder(4).maskToken().nIn(6).nOut(6).build(),
                        "projection")
                .addLayer("scale", new LayerScale.Builder().nIn(6).build(), "embeddings")
                .addVertex("gate", Gate.fused(opening.activation.getActivationFunction()), "scale")
                .addVertex("pooled", new ClassTokenAndMean(), "gate", "tokens")
                .addLayer("out", SmallNetworks.output(6, 2, LossFunction.MCXENT, Activation.SOFTMAX), "pooled")
                .setOutputs("out")
                .build();
        ComputationGraph graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration.toJson()));
        graph.init();
        SmallNetworks.moved(graph, new Random(SEED), 0.3);
        return graph;
    }

    @ParameterizedTest
    @EnumSource
    void gradients_of_the_parts_are_differences_and_clones_and_files_compute_the_same_bytes(Opening opening)
            throws IOException {
        ComputationGraph graph = parts(opening);
        DataSet data = pictures(DataType.DOUBLE);
        assertEquals(graph.numParams(), Gradients.check(graph, data.toMultiDataSet(), (int) graph.numParams(), SEED));
        INDArray expected = graph.outputSingle(data.getFeatures());
        assertTrue(ArrayBytes.same(expected, graph.clone().outputSingle(data.getFeatures())));
        graph.save(temp.resolve("graph.zip").toFile());
        ComputationGraph stored =
                ComputationGraph.load(temp.resolve("graph.zip").toFile(), true);
        assertTrue(ArrayBytes.same(expected, stored.outputSingle(data.getFeatures())));
        String json = graph.getConfiguration().toJson();
        assertEquals(json, stored.getConfiguration().toJson());
    }

    /** Graphs that were saved before there were gates of halves and rows of masked patches. */
    @Test
    void absent_fields_of_older_graphs_mean_what_there_was() {
        String json = parts(Opening.KNOWN).getConfiguration().toJson();
        String older = json.replaceAll(",?\\s*\"(fused|maskToken)\" : true", "");
        assertFalse(older.contains("fused") || older.contains("maskToken"), older);
        ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(older);
        assertEquals(
                new Gate(Activation.SWISH.getActivationFunction()),
                read.getVertices().get("gate"));
        LayerVertex embeddings = (LayerVertex) read.getVertices().get("embeddings");
        assertFalse(((PatchEmbedding) embeddings.getLayerConf().getLayer()).hasMaskToken());
    }

    @Test
    void parts_on_what_they_cannot_read_say_so() {
        Gate gate = Gate.fused(Activation.SWISH.getActivationFunction());
        assertEquals(InputType.feedForward(4), gate.getOutputType(0, InputType.feedForward(8)));
        assertEquals(InputType.feedForward(16), new ClassTokenAndMean().getOutputType(0, InputType.feedForward(8)));
        refused(
                IllegalArgumentException.class,
                "a scale puts out rows as wide as it reads, got 4 and 5",
                () -> new LayerScale.Builder().nIn(4).nOut(5).build());
        ComputationGraph odd = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("rows")
                .addVertex("gate", gate, "rows")
                .addLayer("out", SmallNetworks.output(2, 2, LossFunction.MSE, Activation.IDENTITY), "gate")
                .setOutputs("out")
                .build());
        odd.init();
        refused(
                IllegalArgumentException.class,
                "vertex 'gate' reads rows that have two halves, got rows of 5",
                () -> odd.outputSingle(Nd4j.ones(1, 5)));
        refused(
                UnsupportedNetworkException.class,
                "gates columns of one input by others of it",
                () -> NetworkReader.inference(odd, List.of(new long[] {4}), Scope.KNOWN));
        ComputationGraph lonely = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("rows", "tokens")
                .addVertex("pooled", new ClassTokenAndMean(), "rows", "tokens")
                .addLayer("out", SmallNetworks.output(4, 2, LossFunction.MSE, Activation.IDENTITY), "pooled")
                .setOutputs("out")
                .build());
        lonely.init();
        refused(
                IllegalArgumentException.class,
                "of a class token and of one patch or more, got a picture with one row",
                () -> lonely.outputSingle(Nd4j.ones(2, 2), Nd4j.ones(2, 1, 1)));
    }
}
