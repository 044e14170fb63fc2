/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Two graphs side by side: what is rounding, what is a difference, and who is named. */
class SideBySideTest {

    private static final long SEED = 9;

    private static ComputationGraph copy(ComputationGraph network) {
        return BaseModel.of(network).plainCopy();
    }

    private static Layer dense(int nIn, int nOut) {
        return new DenseLayer.Builder()
                .nIn(nIn)
                .nOut(nOut)
                .activation(Activation.IDENTITY)
                .build();
    }

    /** One number of every parameter of every layer: a change of 1e-6 is seen in the layer that has it. */
    @ParameterizedTest
    @EnumSource(names = {"DENSE", "BRANCHING", "NCHW", "NHWC", "SEQUENCE"})
    void a_changed_parameter_is_found_in_the_vertex_that_has_it(TestCase test) {
        ComputationGraph network = test.network(DataType.DOUBLE, SEED);
        for (String layer : network.getConfiguration().getVertices().keySet()) {
            ComputationGraph other = copy(network);
            for (INDArray parameter : other.getVertex(layer).paramTable(false).values()) {
                INDArray before = parameter.dup();
                parameter.putScalar(0, parameter.getDouble(0) + 1e-6);
                DifferentGraphException refused = assertThrows(
                        DifferentGraphException.class, () -> Probes.run(Probe.automatic(), network, other), layer);
                assertEquals(layer, refused.vertex());
                parameter.assign(before);
            }
            assertInstanceOf(ProbeReport.Agreed.class, Probes.run(Probe.automatic(), network, other));
        }
    }

    /** Weights a few units of rounding apart: sums of a hundred terms may differ by so much, in every type. */
    @ParameterizedTest
    @CsvSource({"DOUBLE, 4", "FLOAT, 4"})
    void rounding_is_no_difference(DataType type, int units) {
        ComputationGraph network = TestCase.DENSE.network(type, SEED);
        ComputationGraph other = copy(network);
        other.params().muli(1 + units * 2 * VertexRounding.unit(type));
        ProbeReport.Agreed agreed =
                assertInstanceOf(ProbeReport.Agreed.class, Probes.run(Probe.automatic(), network, other));
        assertTrue(
                agreed.difference() > 0 && agreed.difference() < 1024 * VertexRounding.unit(type), agreed.sentence());
    }

    /** x·1e8 − x·1e8·(1 + 1e-12): all digits but four are lost, so a difference of as many is rounding. */
    @Test
    void where_a_vertex_cancels_what_its_inputs_rounding_does_is_allowed() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("lost", dense(2, 1), "in")
                .setOutputs("lost")
                .build());
        network.init();
        network.setParam("lost_W", Nd4j.createFromArray(new double[][] {{1e8}, {-1e8 * (1 + 1e-12)}}));
        INDArray rows = Nd4j.createFromArray(new double[][] {{1, 1}, {3, 3}});
        ComputationGraph other = copy(network);
        other.params().putScalar(0, 1e8 * (1 + 1e-15));
        ProbeReport.Agreed agreed =
                assertInstanceOf(ProbeReport.Agreed.class, Probes.run(Probe.of(rows), network, other));
        assertTrue(agreed.difference() > 1024 * VertexRounding.unit(DataType.DOUBLE), agreed.sentence());
        other.params().putScalar(0, 1e8 * (1 + 1e-12));
        assertThrows(DifferentGraphException.class, () -> Probes.run(Probe.of(rows), network, other));
    }

    /** Of a dead layer: γ(0 - μ)/σ + β with β = γμ/σ is exactly 0 in Deeplearning4j, and rounding otherwise. */
    @Test
    void a_batch_norm_that_cancels_its_own_constants_is_no_difference() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "norm",
                        new BatchNormalization.Builder()
                                .nIn(3)
                                .nOut(3)
                                .eps(1e-3)
                                .build(),
                        "in")
                .addLayer("out", dense(3, 2), "norm")
                .setOutputs("out")
                .build());
        network.init();
        network.setParam(
                "norm_beta", Nd4j.create(new float[] {90.5f, 7.25f, 33}).reshape(1, 3));
        network.setParam(
                "norm_mean", Nd4j.create(new float[] {3.3f, 0.7f, 1.1f}).reshape(1, 3));
        ComputationGraph other = copy(network);
        INDArray rows = Nd4j.zeros(DataType.FLOAT, 2, 3);
        INDArray there = network.feedForward(rows, false).get("norm").getRow(0);
        other.getLayer("norm").getParam("beta").subi(there);
        ComputationGraph base = copy(other);
        other.getLayer("norm").getParam("beta").muli(1 + 2 * VertexRounding.unit(DataType.FLOAT));
        assertInstanceOf(ProbeReport.Agreed.class, Probes.run(Probe.of(rows), base, other));
        other.getLayer("norm").getParam("beta").addi(0.1);
        assertThrows(DifferentGraphException.class, () -> Probes.run(Probe.of(rows), base, other));
    }

    /** In test mode Deeplearning4j's activation writes over the vertex it reads. */
    @Test
    void a_vertex_that_a_later_one_writes_over_is_compared_as_it_was() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .seed(SEED)
                .graphBuilder()
                .addInputs("in")
                .addLayer("below", dense(3, 4), "in")
                .addLayer(
                        "act",
                        new ActivationLayer.Builder()
                                .activation(Activation.RELU)
                                .build(),
                        "below")
                .addVertex("both", new ElementWiseVertex(ElementWiseVertex.Op.Add), "below", "act")
                .addLayer("out", dense(4, 2), "both")
                .setOutputs("out")
                .build());
        network.init();
        ComputationGraph other = copy(network);
        other.getLayer("below").getParam("W").addi(1e-3);
        assertEquals(
                "below",
                assertThrows(DifferentGraphException.class, () -> Probes.run(Probe.automatic(), network, other))
                        .vertex());
    }

    @Test
    void a_reshape_with_a_fixed_number_of_rows_gets_that_number() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("in")
                .addLayer("below", dense(5, 6), "in")
                .addVertex("shape", new ReshapeVertex(14, 3), "below")
                .addLayer("out", dense(3, 2), "shape")
                .setOutputs("out")
                .build());
        network.init();
        assertTrue(Probes.run(Probe.automatic(), network, copy(network)) instanceof ProbeReport.NotDerived);
        assertEquals(
                List.of("in [7, 5]"),
                ((ProbeReport.Agreed) Probes.run(
                                Probe.of(TestNetworks.normal(DataType.FLOAT, new Random(SEED), 7, 5)),
                                network,
                                copy(network)))
                        .inputs());
    }

    /** NaN where the base has NaN is no difference; anywhere else it is. */
    @Test
    void not_a_number_is_compared_as_a_value() {
        ComputationGraph network = TestCase.DENSE.network(DataType.DOUBLE, SEED);
        INDArray rows = Nd4j.createFromArray(new double[][] {{1, Double.NaN, 1, 1, 1}, {1, 2, 3, 4, 5}});
        assertInstanceOf(ProbeReport.Agreed.class, Probes.run(Probe.of(rows), network, copy(network)));
        ComputationGraph other = copy(network);
        other.getLayer("dense_1").getParam("b").addi(Double.NaN);
        assertEquals(
                "dense_1",
                assertThrows(DifferentGraphException.class, () -> Probes.run(Probe.automatic(), network, other))
                        .vertex());
    }

    /** Larger than what is looked at in one piece. */
    @Test
    void a_difference_far_inside_of_a_large_array_is_found_in_its_place() {
        INDArray expected = TestNetworks.normal(DataType.FLOAT, new Random(SEED), 3, 4, 250, 200);
        INDArray actual = expected.dup('f');
        actual.putScalar(new long[] {2, 3, 7, 11}, 50);
        VertexRounding.Gap gap = VertexRounding.between(expected, actual);
        assertEquals("[2, 3, 7, 11]", VertexRounding.place(expected.shape(), gap.index()));
        assertEquals(50, gap.actual());
        assertEquals(expected.getDouble(2, 3, 7, 11), gap.expected());
        assertEquals(expected.amaxNumber().doubleValue(), gap.magnitude());
        assertTrue(gap.finite());
    }

    private static List<ComputationGraph> sized() {
        GraphBuilder cube = graph().addLayer(
                        "first", new Convolution3D.Builder(3, 3, 3).nOut(2).build(), "in")
                .setInputTypes(InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 10, 10, 10, 3));
        GraphBuilder words = graph().addLayer(
                        "first",
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(9)
                                .nOut(4)
                                .inputLength(17)
                                .inferInputLength(false)
                                .build(),
                        "in")
                .setInputTypes(InputType.recurrent(9, 17));
        GraphBuilder frozen = graph().addLayer(
                        "first",
                        new FrozenLayer(
                                new EmbeddingLayer.Builder().nIn(9).nOut(4).build()),
                        "in")
                .setInputTypes(InputType.feedForward(9));
        return Stream.of(cube, words, frozen)
                .map(graph -> new ComputationGraph(graph.build()))
                .toList();
    }

    private static GraphBuilder graph() {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("in")
                .setOutputs("first");
    }

    @ParameterizedTest
    @MethodSource("sized")
    void rows_are_found_for_volumes_words_and_frozen_tables(ComputationGraph network) {
        network.init();
        assertInstanceOf(ProbeReport.Agreed.class, Probes.run(Probe.automatic(), network, copy(network)));
    }

    @Test
    void sizes_that_a_picture_must_have_are_found() {
        for (int side : List.of(17, 28, 75, 224)) {
            ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                    .dataType(DataType.FLOAT)
                    .graphBuilder()
                    .addInputs("in")
                    .addLayer(
                            "conv",
                            new org.deeplearning4j.nn.conf.layers.ConvolutionLayer.Builder(3, 3)
                                    .stride(4, 4)
                                    .nOut(2)
                                    .build(),
                            "in")
                    .addLayer("out", new DenseLayer.Builder().nOut(2).build(), "conv")
                    .setOutputs("out")
                    .setInputTypes(InputType.convolutional(side, side, 3))
                    .build());
            network.init();
            assertInstanceOf(ProbeReport.Agreed.class, Probes.run(Probe.automatic(), network, copy(network)));
        }
    }
}
