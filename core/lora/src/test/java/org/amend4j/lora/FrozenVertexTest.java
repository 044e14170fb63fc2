/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdapterReport.LayerReport;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SDVertexParams;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffLambdaLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Vertices that are no layers but have weights, and what is written in SameDiff. */
class FrozenVertexTest {

    private static final long SEED = 5;

    /** x². */
    public static final class Square extends SameDiffLambdaLayer {
        private static final long serialVersionUID = 1L;

        @Override
        public SDVariable defineLayer(SameDiff sameDiff, SDVariable input) {
            return input.mul(input);
        }

        @Override
        public InputType getOutputType(int layerIndex, InputType inputType) {
            return inputType;
        }
    }

    /** x·y. (Not a lambda vertex: Deeplearning4j's cannot be cloned with its data type.) */
    public static final class Product extends SameDiffVertex {
        private static final long serialVersionUID = 1L;

        @Override
        public SDVariable defineVertex(
                SameDiff sameDiff,
                Map<String, SDVariable> inputs,
                Map<String, SDVariable> parameters,
                Map<String, SDVariable> masks) {
            return Objects.requireNonNull(inputs.get("x")).mul(Objects.requireNonNull(inputs.get("y")));
        }

        @Override
        public void defineParametersAndInputs(SDVertexParams params) {
            params.defineInputs("x", "y");
        }

        @Override
        public void initializeParameters(Map<String, INDArray> parameters) {
            // There are none.
        }

        @Override
        public InputType getOutputType(int layerIndex, InputType... inputs) {
            return inputs[0];
        }

        @Override
        public Product clone() {
            return new Product();
        }
    }

    private static AdaptedModel attach(ComputationGraph network, String... targets) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                LoraConfig.of(2, 4).withTargets(targets),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        INDArray parameters = model.graph().params();
        parameters.assign(TestNetworks.normal(parameters.dataType(), new Random(SEED), parameters.shape())
                .muli(0.3));
        return model;
    }

    @Test
    void a_vertexs_weights_are_in_the_fingerprint_which_survives_a_file(@TempDir Path dir) throws Exception {
        ComputationGraph network = TestNetworks.attention(DataType.FLOAT, SEED);
        BaseModel base = BaseModel.of(network);
        File zip = dir.resolve("base.zip").toFile();
        ModelSerializer.writeModel(network, zip, false);
        assertEquals(base.fingerprint(), BaseModel.open(zip.toPath()).fingerprint());
        ComputationGraph other = ModelSerializer.restoreComputationGraph(zip);
        INDArray weight = other.getVertex("attention").paramTable(false).get("Wk");
        weight.putScalar(0, weight.getDouble(0) + 1);
        Map<String, ?> before = base.layerFingerprints();
        BaseModel changed = BaseModel.of(other);
        assertNotEquals(base.fingerprint(), changed.fingerprint());
        changed.layerFingerprints()
                .forEach((name, hash) -> assertEquals(!name.equals("attention"), hash.equals(before.get(name)), name));
    }

    @Test
    void the_report_counts_a_vertexs_weights_and_names_its_status() {
        for (boolean prefix : new boolean[] {true, false}) {
            AdaptedModel model = attach(TestNetworks.attention(DataType.FLOAT, SEED), prefix ? "above" : "below");
            LayerReport found = model.report().layers().stream()
                    .filter(layer -> layer.name().equals("attention"))
                    .findFirst()
                    .orElseThrow();
            assertEquals("AttentionVertex", found.type());
            assertEquals(prefix ? Status.PREFIX : Status.FROZEN, found.status());
            // queries and keys [2 heads, 2, 4], values [2 heads, 2, 3], output [4, 5]
            assertEquals(16 + 16 + 12 + 20, found.baseParameters());
            assertEquals(0, found.trainable());
        }
    }

    @Tag("kernels")
    @Test
    void a_vertex_in_use_computes_to_the_bit_what_the_base_computes_from_the_same_inputs() {
        AdaptedModel model = attach(TestNetworks.attention(DataType.FLOAT, SEED), "out");
        INDArray input = TestCase.ABOVE_ATTENTION.data(DataType.FLOAT, 4, SEED).getFeatures(0);
        INDArray queries = model.graph().feedForward(input, false).get("below").dup();
        INDArray expected = alone(model.base().network(), queries, input);
        assertTrue(ArrayBytes.same(expected, alone(model.graph(), queries, input)));
    }

    private static INDArray alone(ComputationGraph graph, INDArray queries, INDArray values) {
        GraphVertex vertex = graph.getVertex("attention");
        vertex.setInputs(queries, queries, values);
        INDArray result = vertex.doForward(false, LayerWorkspaceMgr.noWorkspaces());
        vertex.clear();
        return result;
    }

    @Test
    void the_compiled_prefix_runs_attention_as_deeplearning4j_does() {
        AdaptedModel model = attach(TestNetworks.attention(DataType.DOUBLE, SEED), "above");
        assertEquals(List.of("self"), model.cut());
        INDArray input = TestCase.ABOVE_ATTENTION.data(DataType.DOUBLE, 4, SEED).getFeatures(0);
        INDArray expected = model.base().network().feedForward(input, false).get("self");
        INDArray[] actual = model.prefix().orElseThrow().run(input);
        // double is left to Deeplearning4j whole
        assertTrue(ArrayBytes.same(expected, actual[0]));
    }

    @Test
    void gradients_through_samediff_layers_and_vertices_without_weights_agree_with_differences() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer("a", dense(), "in")
                .addLayer("square", new Square(), "a")
                .addLayer("b", dense(), "a")
                .addVertex("product", new Product(), "square", "b")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "product")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4))
                .build());
        network.init();
        AdaptedModel model = attach(network, "a", "out");
        Random random = new Random(SEED);
        MultiDataSet data = new MultiDataSet(
                TestNetworks.normal(DataType.DOUBLE, random, 5, 4),
                TestNetworks.oneHot(DataType.DOUBLE, random, 5, 3, 0));
        assertEquals(model.graph().numParams(), Gradients.check(model.graph(), data, 200, SEED));
        ComputationGraph copy = model.graph().clone();
        assertTrue(ArrayBytes.same(model.graph().output(data.getFeatures())[0], copy.output(data.getFeatures())[0]));
    }

    private static DenseLayer dense() {
        return new DenseLayer.Builder().nOut(4).activation(Activation.TANH).build();
    }
}
