/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

class NormClipVertexTest {

    private static final long SEED = 11;

    /** in(5) → below(4, tanh) → clip → out(3). Norms below are around 1, so that some rows are clipped and some not. */
    private static ComputationGraph network(DataType type, double radius) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "below",
                        new DenseLayer.Builder()
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addVertex("clip", new NormClipVertex(radius), "below")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "clip")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(5))
                .build());
        graph.init();
        return graph;
    }

    private static MultiDataSet data(DataType type) {
        Random random = new Random(SEED);
        return new MultiDataSet(TestNetworks.normal(type, random, 12, 5), TestNetworks.oneHot(type, random, 12, 3, 0));
    }

    private static BigDecimal squaredNorm(INDArray row) {
        BigDecimal sum = BigDecimal.ZERO;
        for (double x : row.castTo(DataType.DOUBLE).toDoubleVector()) {
            BigDecimal exact = new BigDecimal(x);
            sum = sum.add(exact.multiply(exact));
        }
        return sum;
    }

    private static INDArray clip(double radius, INDArray rows) {
        NormClip vertex = new NormClipVertex(radius)
                .instantiate(network(rows.dataType(), 1), "clip", 5, null, false, rows.dataType());
        vertex.setInputs(new INDArray[] {rows});
        return vertex.doForward(false, LayerWorkspaceMgr.noWorkspaces());
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void no_norm_exceeds_the_radius_in_exact_arithmetic_and_none_falls_short_by_more_than_rounding(DataType type) {
        Random random = new Random(SEED);
        double unit = type == DataType.DOUBLE ? 0x1p-53 : 0x1p-24;
        for (double radius : new double[] {1, 0.1, 1e-15, 1e15, 7.3}) {
            for (int width : new int[] {1, 3, 50}) {
                INDArray rows = TestNetworks.normal(type, random, 60, width);
                // norms from far below to far above, and close to the radius
                for (int i = 0; i < 60; i++) {
                    INDArray row = rows.getRow(i);
                    double factor = i < 20 ? Math.pow(10, i % 7 - 3) : 1 + (i - 40) * unit;
                    row.muli(factor * radius / row.norm2Number().doubleValue());
                }
                INDArray before = rows.dup();
                INDArray clipped = clip(radius, rows);
                assertTrue(ArrayBytes.same(before, rows), "the input is not changed");
                BigDecimal most = new BigDecimal(radius).pow(2);
                for (int i = 0; i < 60; i++) {
                    BigDecimal norm = squaredNorm(rows.getRow(i));
                    BigDecimal now = squaredNorm(clipped.getRow(i));
                    assertTrue(now.compareTo(most) <= 0, "row " + i + " of width " + width + ", radius " + radius);
                    double share = now.doubleValue() / norm.min(most).doubleValue();
                    assertEquals(1, share, 8 * unit * (width + 8) + 1e-14);
                    if (norm.doubleValue() < 0.9 * most.doubleValue()) {
                        assertTrue(ArrayBytes.same(rows.getRow(i), clipped.getRow(i)), "inside nothing changes");
                    }
                }
            }
        }
    }

    @Test
    void zero_stays_and_nan_is_not_hidden() {
        INDArray rows = Nd4j.createFromArray(new double[][] {{0, 0}, {Double.NaN, 1}, {3, 4}});
        INDArray clipped = clip(2.5, rows);
        assertEquals(0, clipped.getDouble(0, 0));
        assertTrue(Double.isNaN(clipped.getDouble(1, 1)));
        assertEquals(1.5, clipped.getDouble(2, 0), 1e-14);
        assertEquals(2, clipped.getDouble(2, 1), 1e-14);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.9, 100})
    void gradients_through_the_clip_agree_with_differences(double radius) {
        ComputationGraph graph = network(DataType.DOUBLE, radius);
        INDArray below =
                graph.feedForward(data(DataType.DOUBLE).getFeatures(0), false).get("below");
        boolean some = below.norm2(1).maxNumber().doubleValue() > radius;
        assertEquals(radius < 100, some, "rows are clipped");
        assertEquals(graph.numParams(), Gradients.check(graph, data(DataType.DOUBLE), 100, SEED));
    }

    @Test
    void it_survives_json_files_and_cloning(@TempDir Path dir) throws Exception {
        ComputationGraph graph = network(DataType.DOUBLE, 0.7);
        INDArray input = data(DataType.DOUBLE).getFeatures(0);
        INDArray expected = graph.outputSingle(input);
        String json = graph.getConfiguration().toJson();
        ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(json);
        assertEquals(new NormClipVertex(0.7), read.getVertices().get("clip"));
        assertEquals(json, read.toJson());
        Path file = dir.resolve("model.zip");
        ModelSerializer.writeModel(graph, file.toFile(), true);
        ComputationGraph restored = ModelSerializer.restoreComputationGraph(file.toFile());
        assertTrue(ArrayBytes.same(expected, restored.outputSingle(input)));
        assertTrue(ArrayBytes.same(expected, graph.clone().outputSingle(input)));
        assertEquals(BaseModel.of(graph).fingerprint(), BaseModel.open(file).fingerprint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"below", "out"})
    void adapters_train_below_and_above_it(String target, @TempDir Path dir) throws Exception {
        BaseModel base = BaseModel.of(network(DataType.DOUBLE, 0.7));
        AdaptedModel model = AdaptedModel.attach(
                base,
                LoraConfig.of(2, 4).withTargets(target),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        MultiDataSet data = data(DataType.DOUBLE);
        INDArray input = data.getFeatures(0);
        double distance =
                base.network().outputSingle(input).distance2(model.graph().outputSingle(input));
        assertEquals(0, distance, 1e-14, "a fresh adapter changes nothing");
        INDArray parameters = model.graph().params();
        parameters.assign(TestNetworks.normal(DataType.DOUBLE, new Random(SEED), parameters.shape()));
        assertEquals(model.graph().numParams(), Gradients.check(model.graph(), data, 100, SEED));
        Path file = dir.resolve("adapted.zip");
        ModelSerializer.writeModel(model.graph(), file.toFile(), true);
        ComputationGraph restored = ModelSerializer.restoreComputationGraph(file.toFile());
        assertTrue(ArrayBytes.same(model.graph().outputSingle(input), restored.outputSingle(input)));
        base.verifyUnchanged();
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void a_compiled_prefix_runs_it_as_deeplearning4j_does(DataType type) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network(type, 0.7)),
                LoraConfig.of(2, 4).withTargets("out"),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        assertEquals(List.of("clip"), model.cut());
        INDArray input = data(type).getFeatures(0);
        INDArray expected = model.graph().feedForward(input, false).get("clip");
        INDArray actual = model.prefix().orElseThrow().run(input)[0];
        // the compiled dense layer rounds in another order: a few units on each of 48 numbers below 1
        double tolerance = type == DataType.DOUBLE ? 1e-14 : 1e-5;
        assertEquals(0, actual.distance2(expected), tolerance);
        assertTrue(
                ArrayBytes.same(model.graph().outputSingle(input), model.tail().outputSingle(expected)));
    }

    @Test
    void what_it_cannot_do_is_refused() {
        refused("got 0.0", () -> new NormClipVertex(0));
        refused("got NaN", () -> new NormClipVertex(Double.NaN));
        refused(
                InvalidInputTypeException.class,
                "one feed-forward input",
                () -> new NormClipVertex(1).getOutputType(0, InputType.recurrent(3)));
    }
}
