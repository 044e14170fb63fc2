/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.VertexKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An attention above an adapter computes what Deeplearning4j's does, its derivative, and what its weights' gradients are made of. */
class FrozenAttentionTest {

    private static final LayerWorkspaceMgr NONE = LayerWorkspaceMgr.noWorkspaces();
    private static final int BATCH = 3;
    private static final int INPUTS = 4;
    private static final int TIME = 5;
    private static final int QUERIES = 2;

    /** Central differences of step 1e-5: their error is about 1e-10 (see Gradients); two orders above. */
    private static final double STEP = 1e-5;

    private static final double DIFFERENCES = 1e-7;

    enum Kind {
        ONE_HEAD(() -> self(1, 4, 3)),
        THREE_HEADS(() -> self(3, 2, 5)),
        WITHOUT_PROJECTION(() -> new SelfAttentionLayer.Builder()
                .nIn(INPUTS)
                .nOut(INPUTS)
                .nHeads(1)
                .projectInput(false)
                .build()),
        MASK_ZERO(() -> new MaskZeroLayer(self(2, 3, 4), 0.0));

        private final Supplier<Layer> layer;

        Kind(Supplier<Layer> layer) {
            this.layer = layer;
        }
    }

    private static SelfAttentionLayer self(int heads, int size, int outputs) {
        SelfAttentionLayer layer = new SelfAttentionLayer.Builder()
                .nIn(INPUTS)
                .nOut(outputs)
                .nHeads(heads)
                .headSize(size)
                .projectInput(true)
                .build();
        layer.setLayerName("inside");
        return layer;
    }

    private static LearnedSelfAttentionLayer learned(boolean projected) {
        return new LearnedSelfAttentionLayer.Builder()
                .nIn(INPUTS)
                .nOut(INPUTS)
                .nHeads(projected ? 2 : 1)
                .nQueries(QUERIES)
                .projectInput(projected)
                .build();
    }

    enum Masked {
        NOTHING,
        SOME,
        HALVES,
        ALL_OF_ONE;

        INDArray mask(DataType type) {
            INDArray mask = Nd4j.ones(type, BATCH, TIME);
            switch (this) {
                case NOTHING -> {}
                case SOME -> {
                    mask.putScalar(0, TIME - 1, 0);
                    mask.putScalar(2, 1, 0);
                }
                case HALVES -> mask.putScalar(1, 2, 0.5);
                case ALL_OF_ONE -> mask.getRow(1).assign(0);
            }
            return mask;
        }
    }

    /** How a sequence lies in memory. */
    enum Lying {
        C,
        FORTRAN,
        AS_ROWS;

        INDArray of(INDArray sequence) {
            return switch (this) {
                case C -> sequence.dup('c');
                case FORTRAN -> sequence.dup('f');
                case AS_ROWS -> sequence.permute(0, 2, 1).dup('c').permute(0, 2, 1);
            };
        }
    }

    /**
     * Values are of order 1 to 10 and sums have at most 20 terms, through four products and a softmax: some hundred roundings of half an ulp,
     * 6e-8 or 1e-16. Scores of which 10⁹ was taken are rounded to 6e-8 in double.
     */
    private static double rounding(DataType type, Masked masked) {
        if (type == DataType.FLOAT) {
            return 1e-4;
        }
        return masked == Masked.ALL_OF_ONE ? 1e-6 : 1e-12;
    }

    private static void assertClose(INDArray expected, INDArray actual, double rounding) {
        assertArrayEquals(expected.shape(), actual.shape());
        double difference = expected.sub(actual).amaxNumber().doubleValue();
        assertTrue(difference < rounding, "differ by " + difference);
    }

    /** Deeplearning4j's running layer and ours, which shows what gradients are made of, on the same weights. */
    private record Twins(
            Layer layer,
            org.deeplearning4j.nn.api.Layer stock,
            ShowingSequences ours,
            INDArray parameters,
            DataType type) {

        static Twins of(Layer layer, DataType type) {
            layer.setLayerName("it");
            NeuralNetConfiguration conf = new NeuralNetConfiguration.Builder()
                    .dataType(type)
                    .layer(layer)
                    .build();
            long n = conf.getLayer().initializer().numParams(conf);
            INDArray parameters = n == 0
                    ? Nd4j.empty(type)
                    : TestNetworks.normal(type, new Random(11), n).muli(0.6);
            org.deeplearning4j.nn.api.Layer stock = layer.instantiate(conf, null, 0, parameters.dup(), false, type);
            stock.setBackpropGradientsViewArray(n == 0 ? Nd4j.empty(type) : Nd4j.create(type, n));
            ShowingSequences ours =
                    ShowingSequences.of(conf, parameters, type, true).orElseThrow();
            return new Twins(conf.getLayer(), stock, ours, parameters, type);
        }

        INDArray sequence(long seed) {
            return TestNetworks.normal(type, new Random(seed), BATCH, INPUTS, TIME);
        }

        void input(INDArray x, Masked masked) {
            for (org.deeplearning4j.nn.api.Layer one : List.of(stock, ours.running())) {
                one.setInput(x, NONE);
                one.setMaskArray(masked == Masked.NOTHING ? null : masked.mask(type));
            }
        }
    }

    static Stream<Arguments> everything() {
        List<Arguments> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (Masked masked : Masked.values()) {
                for (Lying lying : Lying.values()) {
                    all.add(Arguments.of(kind, masked, lying, DataType.DOUBLE));
                    all.add(Arguments.of(kind, masked, lying, DataType.FLOAT));
                }
            }
        }
        return all.stream();
    }

    @Tag("kernels")
    @ParameterizedTest(name = "{0}, masked {1}, lying as {2}, {3}")
    @MethodSource("everything")
    @OneIn(2)
    void output_and_every_gradient_are_deeplearning4js_and_in_use_the_output_is_so_bit_for_bit(
            Kind kind, Masked masked, Lying lying, DataType type) {
        Twins twins = Twins.of(kind.layer.get(), type);
        org.deeplearning4j.nn.api.Layer ours = twins.ours().running();
        INDArray x = lying.of(twins.sequence(1));
        twins.input(x, masked);
        INDArray expected = twins.stock().activate(false, NONE).dup('c');
        assertTrue(ArrayBytes.same(expected, ours.activate(false, NONE).dup('c')));
        assertClose(expected, ours.activate(true, NONE), rounding(type, masked));

        INDArray epsilon = lying.of(TestNetworks.normal(type, new Random(2), expected.shape()));
        Pair<Gradient, INDArray> full = twins.stock().backpropGradient(epsilon.mul(0.5), NONE); // see ExternalErrors
        Pair<Gradient, INDArray> made = ours.backpropGradient(epsilon, NONE);
        assertClose(full.getSecond(), made.getSecond(), rounding(type, masked));
        assertTrue(made.getFirst().gradientForVariable().isEmpty());
        Map<String, WeightMatrix> weights = LayerKinds.weights(twins.layer());
        assertEquals(weights.size(), twins.ours().rows().size());
        int index = 0;
        for (Map.Entry<String, WeightMatrix> weight : weights.entrySet()) {
            INDArray gradient = full.getFirst().gradientForVariable().get(weight.getKey());
            assertClose(
                    weight.getValue().matrix(gradient),
                    twins.ours().rows().get(index++).formed(),
                    rounding(type, masked));
        }
        assertEquals(0, twins.ours().rowsOfBiases().size());
    }

    @Test
    void a_single_step_of_a_single_example_is_a_sequence_too() {
        for (int outputs : new int[] {2, 3}) { // of one Deeplearning4j makes no gradient
            Twins twins = Twins.of(self(outputs, 1, outputs), DataType.DOUBLE);
            org.deeplearning4j.nn.api.Layer ours = twins.ours().running();
            INDArray x = TestNetworks.normal(DataType.DOUBLE, new Random(10), 1, INPUTS, 1);
            twins.input(x, Masked.NOTHING);
            double rounding = rounding(DataType.DOUBLE, Masked.NOTHING);
            INDArray expected = twins.stock().activate(false, NONE).dup();
            assertClose(expected, ours.activate(true, NONE), rounding);
            INDArray dx =
                    twins.stock().backpropGradient(expected.mul(0.5), NONE).getSecond();
            assertClose(dx, ours.backpropGradient(expected, NONE).getSecond(), rounding);
        }
    }

    @ParameterizedTest
    @EnumSource(Masked.class)
    void a_backward_pass_without_a_forward_pass_in_training_makes_one(Masked masked) {
        Twins twins = Twins.of(self(2, 2, 3), DataType.DOUBLE);
        INDArray x = twins.sequence(3);
        twins.input(x, masked);
        INDArray output = twins.ours().running().activate(true, NONE);
        INDArray epsilon = TestNetworks.normal(DataType.DOUBLE, new Random(4), output.shape());
        INDArray expected =
                twins.ours().running().backpropGradient(epsilon, NONE).getSecond();
        Twins again = Twins.of(self(2, 2, 3), DataType.DOUBLE);
        again.input(x, masked);
        again.ours().running().activate(false, NONE);
        assertTrue(ArrayBytes.same(
                expected, again.ours().running().backpropGradient(epsilon, NONE).getSecond()));
    }

    /** Deeplearning4j's own layer fails; it is written as this operation on queries that are repeated. */
    @ParameterizedTest
    @EnumSource(Masked.class)
    void learned_queries_attend_as_deeplearning4js_operation_says_in_use_and_in_training(Masked masked) {
        for (DataType type : List.of(DataType.DOUBLE, DataType.FLOAT)) {
            for (boolean projected : new boolean[] {true, false}) {
                Twins twins = Twins.of(learned(projected), type);
                INDArray x = twins.sequence(5);
                INDArray expected = learned(twins.stock().paramTable(), x, masked.mask(type));
                org.deeplearning4j.nn.api.Layer ours = twins.ours().running();
                ours.setInput(x, NONE);
                ours.setMaskArray(masked == Masked.NOTHING ? null : masked.mask(type));
                assertClose(expected, ours.activate(true, NONE), rounding(type, masked));
                assertClose(expected, ours.activate(false, NONE), rounding(type, masked));
            }
        }
    }

    private static INDArray learned(Map<String, INDArray> weights, INDArray x, INDArray mask) {
        INDArray queries = Nd4j.tile(weights.get("Q"), BATCH, 1, 1);
        return weights.containsKey("Wo")
                ? Nd4j.nn()
                        .multiHeadDotProductAttention(
                                queries,
                                x,
                                x,
                                weights.get("Wq"),
                                weights.get("Wk"),
                                weights.get("Wv"),
                                weights.get("Wo"),
                                mask,
                                true)
                : Nd4j.nn().dotProductAttention(queries, x, x, mask, true);
    }

    @ParameterizedTest
    @EnumSource(
            value = Masked.class,
            names = {"NOTHING", "SOME", "HALVES"})
    void gradients_of_learned_queries_layers_are_differences_of_the_output(Masked masked) {
        for (boolean projected : new boolean[] {true, false}) {
            Twins twins = Twins.of(learned(projected), DataType.DOUBLE);
            INDArray x = twins.sequence(6);
            INDArray epsilon = TestNetworks.normal(DataType.DOUBLE, new Random(7), BATCH, INPUTS, QUERIES);
            INDArray mask = masked.mask(DataType.DOUBLE);
            org.deeplearning4j.nn.api.Layer ours = twins.ours().running();
            ours.setInput(x, NONE);
            ours.setMaskArray(mask);
            ours.activate(true, NONE);
            INDArray dx = ours.backpropGradient(epsilon, NONE).getSecond().dup('c');
            Map<String, INDArray> weights = twins.layer().initializer().init(conf(twins), twins.parameters(), false);
            Supplier<Double> along =
                    () -> learned(weights, x, mask).mul(epsilon).sumNumber().doubleValue();
            assertDifferences(x, dx, along);
            Map<String, WeightMatrix> matrices = LayerKinds.weights(twins.layer());
            int index = 0;
            for (Map.Entry<String, WeightMatrix> one : matrices.entrySet()) {
                INDArray weight = weights.get(one.getKey());
                INDArray gradient =
                        one.getValue().asWeight(twins.ours().rows().get(index++).formed(), weight.shape());
                assertDifferences(weight, gradient.dup('c'), along);
            }
        }
    }

    private static NeuralNetConfiguration conf(Twins twins) {
        NeuralNetConfiguration conf = Configurations.copy(twins.stock().conf());
        conf.clearVariables();
        return conf;
    }

    private static void assertDifferences(INDArray argument, INDArray derivative, Supplier<Double> value) {
        for (long i = 0; i < argument.length(); i++) {
            double before = argument.getDouble(i);
            argument.putScalar(i, before + STEP);
            double more = value.get();
            argument.putScalar(i, before - STEP);
            double less = value.get();
            argument.putScalar(i, before);
            assertEquals((more - less) / (2 * STEP), derivative.getDouble(i), DIFFERENCES);
        }
        assertTrue(derivative.amaxNumber().doubleValue() > 0.01, "the derivative does not vanish");
    }

    private record Vertices(GraphVertex stock, FrozenAttentionVertex ours, DataType type) {

        static Vertices of(boolean projected, DataType type) {
            AttentionVertex vertex = projected
                    ? new AttentionVertex.Builder()
                            .nInQueries(2)
                            .nInKeys(3)
                            .nInValues(INPUTS)
                            .nHeads(2)
                            .headSize(3)
                            .nOut(5)
                            .projectInput(true)
                            .build()
                    : new AttentionVertex.Builder()
                            .nInQueries(INPUTS)
                            .nInKeys(INPUTS)
                            .nInValues(INPUTS)
                            .nOut(INPUTS)
                            .projectInput(false)
                            .build();
            vertex.setDataType(type);
            long n = vertex.numParams(false);
            INDArray parameters = n == 0 ? null : TestNetworks.normal(type, new Random(8), n);
            GraphVertex stock = stock(vertex, parameters, type);
            stock.setBackpropGradientsViewArray(n == 0 ? null : Nd4j.create(type, n));
            GraphVertex ours = VertexKinds.onBase(vertex, stock(vertex, parameters, type), type)
                    .orElseThrow();
            return new Vertices(stock, assertInstanceOf(FrozenAttentionVertex.class, ours), type);
        }

        private static GraphVertex stock(AttentionVertex vertex, INDArray parameters, DataType type) {
            ComputationGraph nowhere = TestNetworks.dense(type, 1);
            return vertex.instantiate(nowhere, "it", 0, parameters, false, type);
        }

        List<GraphVertex> both() {
            return List.of(stock, ours);
        }
    }

    /** Which of the queries', keys' and values' masks there are. */
    static Stream<Arguments> ofVertices() {
        List<Arguments> all = new ArrayList<>();
        for (DataType type : List.of(DataType.DOUBLE, DataType.FLOAT)) {
            for (boolean projected : new boolean[] {true, false}) {
                all.add(Arguments.of(projected, List.of(), type));
                all.add(Arguments.of(projected, List.of(0), type));
                all.add(Arguments.of(projected, List.of(1), type));
                all.add(Arguments.of(projected, List.of(2), type));
                all.add(Arguments.of(projected, List.of(0, 1, 2), type));
            }
        }
        return all.stream();
    }

    @ParameterizedTest(name = "projected {0}, masks of {1}, {2}")
    @MethodSource("ofVertices")
    void a_vertex_puts_out_and_hands_down_what_deeplearning4js_does_whatever_is_masked(
            boolean projected, List<Integer> masked, DataType type) {
        Vertices vertices = Vertices.of(projected, type);
        Random random = new Random(9);
        INDArray[] inputs = {
            TestNetworks.normal(type, random, BATCH, projected ? 2 : INPUTS, QUERIES),
            TestNetworks.normal(type, random, BATCH, projected ? 3 : INPUTS, TIME),
            TestNetworks.normal(type, random, BATCH, INPUTS, TIME)
        };
        INDArray[] masks = masks(masked, type);
        INDArray epsilon = TestNetworks.normal(type, random, BATCH, projected ? 5 : INPUTS, QUERIES);
        for (GraphVertex vertex : vertices.both()) {
            vertex.setInputs(inputs);
            vertex.feedForwardMaskArrays(masks, MaskState.Active, BATCH);
        }
        INDArray expected = vertices.stock().doForward(false, NONE).dup('c');
        assertTrue(
                ArrayBytes.same(expected, vertices.ours().doForward(false, NONE).dup('c')));
        double rounding = rounding(type, Masked.SOME);
        assertClose(expected, vertices.ours().doForward(true, NONE), rounding);
        vertices.stock().setEpsilon(epsilon.mul(0.5));
        vertices.ours().setEpsilon(epsilon);
        Pair<Gradient, INDArray[]> full = vertices.stock().doBackward(false, NONE);
        INDArray[] made = vertices.ours().doBackward(false, NONE).getSecond();
        for (int i = 0; i < inputs.length; i++) {
            assertClose(full.getSecond()[i], made[i], rounding);
        }
        List<String> keys = projected ? List.of("Wq", "Wk", "Wv", "Wo") : List.of();
        assertEquals(keys.size(), vertices.ours().rows().size());
        for (int k = 0; k < keys.size(); k++) {
            INDArray gradient = full.getFirst().gradientForVariable().get(keys.get(k));
            INDArray matrix = k == 3
                    ? gradient
                    : gradient.reshape('c', gradient.size(0) * gradient.size(1), gradient.size(2))
                            .transpose();
            assertClose(matrix, vertices.ours().rows().get(k).formed(), rounding);
        }
    }

    private static INDArray[] masks(List<Integer> masked, DataType type) {
        if (masked.isEmpty()) {
            return null;
        }
        INDArray[] masks = new INDArray[3];
        for (int input : masked) {
            masks[input] = Nd4j.ones(type, BATCH, input == 0 ? QUERIES : TIME);
            masks[input].putScalar(input, 1, 0);
            masks[input].putScalar(0, input == 0 ? 0 : input, 0);
        }
        return masks;
    }

    @Test
    void no_memory_for_a_weight_gradient_is_ever_given_to_the_wrapped_layer() {
        Twins twins = Twins.of(self(2, 2, 3), DataType.DOUBLE);
        FrozenStock ours = assertInstanceOf(FrozenAttention.class, twins.ours().running());
        twins.input(twins.sequence(1), Masked.NOTHING);
        ours.backpropGradient(ours.activate(true, NONE), NONE);
        assertNull(ours.getUnderlying().getGradientsViewArray());
    }

    @Test
    void an_input_of_another_shape_is_refused_with_the_right_one() {
        Twins twins = Twins.of(self(2, 2, 3), DataType.DOUBLE);
        for (long[] shape : new long[][] {{BATCH, INPUTS + 1, TIME}, {BATCH, INPUTS}}) {
            twins.ours().running().setInput(Nd4j.zeros(DataType.DOUBLE, shape), NONE);
            assertEquals(
                    "input must be [batch, 4, time], got " + Arrays.toString(shape),
                    assertThrows(
                                    DL4JInvalidInputException.class,
                                    () -> twins.ours().running().activate(true, NONE))
                            .getMessage());
        }
    }

    @Test
    void wrappers_around_an_attention_are_wrapped_around_ours() {
        assertTrue(RunningSequences.serves(new MaskZeroLayer(self(1, 2, 3), 0.0)));
        assertTrue(RunningSequences.serves(new LastTimeStep(self(1, 2, 3))));
    }
}
