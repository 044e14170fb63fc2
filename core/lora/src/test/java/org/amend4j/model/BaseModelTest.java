/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class BaseModelTest {

    private static final DataType TYPE = DataType.FLOAT;

    @TempDir
    Path directory;

    private Path saved(ComputationGraph network) throws IOException {
        Path file = directory.resolve("model.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        return file;
    }

    private static MultiLayerNetwork multiLayer(long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(4)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(6, 6, 2))
                .build());
        network.init();
        return network;
    }

    @ParameterizedTest
    @EnumSource
    void a_file_and_the_network_it_was_written_from_have_one_fingerprint_and_are_held_once(TestCase test)
            throws IOException {
        BaseModel inMemory = BaseModel.of(test.network(TYPE, 1));
        assertSame(inMemory, BaseModel.open(saved(test.network(TYPE, 1))));
        assertNotEquals(
                inMemory.fingerprint(), BaseModel.of(test.network(TYPE, 2)).fingerprint());
    }

    @ParameterizedTest
    @EnumSource
    void changing_any_single_parameter_changes_its_layers_fingerprint_and_no_other(TestCase test) {
        BaseModel base = BaseModel.of(test.network(TYPE, 1));
        for (String vertex : base.layerFingerprints().keySet()) {
            for (String key : base.parameters(vertex).keySet()) {
                ComputationGraph changed = test.network(TYPE, 1);
                INDArray values = changed.getVertex(vertex).paramTable(false).get(key);
                values.putScalar(0, Math.nextUp(values.getFloat(0)));
                BaseModel other = BaseModel.of(changed);
                assertNotEquals(base.fingerprint(), other.fingerprint());
                base.layerFingerprints()
                        .forEach((name, fingerprint) -> assertEquals(
                                !name.equals(vertex),
                                fingerprint.equals(other.layerFingerprints().get(name)),
                                name));
            }
        }
    }

    @Test
    void training_does_not_change_the_fingerprint_of_the_configuration_only() {
        ComputationGraph network = TestCase.DENSE.network(TYPE, 1);
        ComputationGraph counted = TestCase.DENSE.network(TYPE, 1);
        counted.getConfiguration().setIterationCount(17);
        counted.getConfiguration().setEpochCount(3);
        assertEquals(BaseModel.of(network).fingerprint(), BaseModel.of(counted).fingerprint());
    }

    @Test
    void the_network_in_memory_is_shared_not_copied() {
        ComputationGraph network = TestCase.DENSE.network(TYPE, 11);
        BaseModel base = BaseModel.of(network);
        assertSame(
                network.params().data().pointer(),
                base.network().params().data().pointer());
        MultiLayerNetwork layers = multiLayer(12);
        assertSame(
                layers.params().data().pointer(),
                BaseModel.of(layers).network().params().data().pointer());
    }

    @Test
    void a_multi_layer_network_becomes_a_graph_with_the_same_output() throws IOException {
        MultiLayerNetwork network = multiLayer(3);
        INDArray x = Nd4j.arange(2 * 2 * 6 * 6).castTo(TYPE).muli(0.01).subi(1).reshape('c', new long[] {2, 2, 6, 6});
        BaseModel base = BaseModel.of(network);
        assertTrue(ArrayBytes.same(network.output(x), base.network().output(x)[0]));
        Path file = directory.resolve("layers.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        assertEquals(base.fingerprint(), BaseModel.open(file).fingerprint());
    }

    @Test
    void a_base_trained_behind_our_back_is_noticed_and_the_layer_named() {
        ComputationGraph network = TestCase.DENSE.network(TYPE, 5);
        BaseModel base = BaseModel.of(network);
        base.verifyUnchanged();
        network.getLayer("dense_1").getParam("b").putScalar(0, 0.5);
        IllegalStateException noticed = assertThrows(IllegalStateException.class, base::verifyUnchanged);
        assertTrue(noticed.getMessage().contains("'dense_1'"), noticed.getMessage());
    }

    @Test
    void weights_that_are_not_finite_are_refused_and_the_layer_named() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            ComputationGraph network = TestCase.DENSE.network(TYPE, 5);
            network.getLayer("dense_1").getParam("W").putScalar(3, bad);
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> BaseModel.of(network));
            assertTrue(refused.getMessage().contains("'W' of layer 'dense_1'"), refused.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT,3.4028235e38", "DOUBLE,1e308", "HALF,65504"})
    void large_finite_values_are_finite_and_a_single_bad_one_anywhere_is_not(DataType type, double largest) {
        INDArray values = Nd4j.valueArrayOf(new long[] {1000}, largest, type);
        assertTrue(BaseModel.isFinite(values));
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (long at : new long[] {0, 500, 999}) {
                INDArray one = Nd4j.ones(type, 1000);
                one.putScalar(at, bad);
                assertFalse(BaseModel.isFinite(one));
            }
        }
    }

    @Test
    void a_graph_whose_base_is_not_open_fails_with_one_sentence_naming_its_fingerprint() {
        BaseModel base = BaseModel.of(TestCase.DENSE.network(TYPE, 1));
        AdaptedModel model = AdaptedModel.attach(
                base,
                LoraConfig.of(2, 2),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        String elsewhere = "ab".repeat(32);
        String json = model.graph()
                .getConfiguration()
                .toJson()
                .replace(base.fingerprint().hex(), elsewhere);
        ComputationGraph graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(json));
        MissingBaseException missing = assertThrows(MissingBaseException.class, graph::init);
        assertEquals(new Fingerprint(elsewhere), missing.fingerprint());
        assertTrue(missing.getMessage().contains(elsewhere), missing.getMessage());
        assertFalse(missing.getMessage().contains("\n"));
    }

    @Test
    void files_that_are_no_model_get_one_sentence() throws IOException {
        Path text = Files.writeString(directory.resolve("text.zip"), "no zip at all");
        Path empty = Files.write(directory.resolve("empty.zip"), new byte[0]);
        Path foreign = directory.resolve("foreign.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(foreign))) {
            zip.putNextEntry(new ZipEntry(ModelSerializer.CONFIGURATION_JSON));
            zip.write("{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
        }
        Path whole = saved(TestCase.DENSE.network(TYPE, 1));
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(directory.resolve("cut.zip"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        for (Path bad : new Path[] {text, empty, foreign, cut, directory.resolve("missing.zip")}) {
            IOException refused = assertThrows(IOException.class, () -> BaseModel.open(bad), bad.toString());
            assertTrue(refused.getMessage().contains(bad.getFileName().toString()), refused.getMessage());
            assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
        }
    }

    @Test
    void exact_comparison_tells_what_equals_does_not() {
        INDArray one = Nd4j.createFromArray(1f, 2f).reshape('c', new long[] {1, 2});
        INDArray near = Nd4j.createFromArray(1.000005f, 2f).reshape('c', new long[] {1, 2});
        assertEquals(one, near, "Deeplearning4j's equals tolerates 1e-5");
        assertFalse(ArrayBytes.same(one, near));
        INDArray c = Nd4j.arange(12).castTo(TYPE).reshape('c', new long[] {3, 4});
        assertTrue(ArrayBytes.same(c, c.dup('f')));
        assertTrue(ArrayBytes.same(c.transpose(), c.dup('f').transpose()));
        assertFalse(ArrayBytes.same(c, c.transpose().reshape('c', new long[] {3, 4})));
        assertFalse(ArrayBytes.same(Nd4j.createFromArray(0f), Nd4j.createFromArray(-0f)));
    }
}
