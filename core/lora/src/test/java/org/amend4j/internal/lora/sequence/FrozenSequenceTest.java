/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.testkit.DoublesByDefault;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A frozen recurrent layer above an adapter computes what Deeplearning4j's does, and the true derivative of that. */
@ExtendWith(DoublesByDefault.class)
class FrozenSequenceTest {

    private static final LayerWorkspaceMgr NONE = LayerWorkspaceMgr.noWorkspaces();
    private static final int BATCH = 3;
    private static final int INPUTS = 4;
    private static final int TIME = 5;

    /**
     * Values, derivatives and weights are of order 1 and sums have at most 16 terms, over five steps after one another and
     * two large products: some hundred roundings of half an ulp, 6e-8 or 1e-16.
     */
    private static double rounding(DataType type) {
        return type == DataType.DOUBLE ? 1e-13 : 1e-5;
    }

    /** Central differences of step 1e-5: their error is about 1e-10 (see Gradients); two orders above. */
    private static final double STEP = 1e-5;

    private static final double DIFFERENCES = 1e-7;

    /** Every third element is checked: in a sequence of four features that is some of every example, feature and step. */
    private static final int EVERY = Exhaustive.times(11, 3);

    enum Kind {
        LSTM_TANH(f -> lstm(f, Activation.TANH, Activation.SIGMOID)),
        LSTM_HARD_GATES(f -> lstm(f, Activation.TANH, Activation.HARDSIGMOID)),
        LSTM_SOFTSIGN(f -> lstm(f, Activation.SOFTSIGN, Activation.SIGMOID)),
        LSTM_SIGMOID_TANH_GATES(f -> lstm(f, Activation.SIGMOID, Activation.TANH)),
        LSTM_ONE_FUNCTION(f -> lstm(f, Activation.SOFTSIGN, Activation.SOFTSIGN)),
        GRAVES(f -> graves(f, Activation.SIGMOID)),
        GRAVES_HARD_GATES(f -> graves(f, Activation.HARDSIGMOID)),
        GRAVES_BOTH(FrozenSequenceTest::gravesBoth),
        SIMPLE(f -> simple(f, Activation.TANH)),
        SIMPLE_RELU(f -> simple(f, Activation.RELU)),
        BOTH_ADD(f -> new Bidirectional(Bidirectional.Mode.ADD, lstm(f, Activation.TANH, Activation.SIGMOID))),
        BOTH_MUL(f -> new Bidirectional(Bidirectional.Mode.MUL, simple(f, Activation.TANH))),
        BOTH_AVERAGE(f -> new Bidirectional(Bidirectional.Mode.AVERAGE, graves(f, Activation.SIGMOID))),
        BOTH_CONCAT(f -> new Bidirectional(Bidirectional.Mode.CONCAT, lstm(f, Activation.TANH, Activation.SIGMOID))),
        BOTH_ADD_SIMPLE(f -> new Bidirectional(Bidirectional.Mode.ADD, simple(f, Activation.TANH))),
        LAST(f -> new LastTimeStep(lstm(f, Activation.TANH, Activation.SIGMOID))),
        MASK_ZERO(f -> new MaskZeroLayer(lstm(f, Activation.TANH, Activation.SIGMOID), 0.0)),
        LAST_MASK_ZERO(f -> new LastTimeStep(new MaskZeroLayer(simple(f, Activation.TANH), 0.0)));

        private final Function<RNNFormat, Layer> layer;

        Kind(Function<RNNFormat, Layer> layer) {
            this.layer = layer;
        }

        Layer layer(RNNFormat format) {
            return layer.apply(format);
        }
    }

    private static Layer lstm(RNNFormat format, Activation activation, Activation gate) {
        return new LSTM.Builder()
                .nIn(INPUTS)
                .nOut(3)
                .activation(activation)
                .gateActivationFunction(gate)
                .dataFormat(format)
                .build();
    }

    @SuppressWarnings("deprecation") // old models have it
    private static Layer graves(RNNFormat format, Activation gate) {
        return new GravesLSTM.Builder()
                .nIn(INPUTS)
                .nOut(3)
                .activation(Activation.TANH)
                .gateActivationFunction(gate)
                .dataFormat(format)
                .build();
    }

    @SuppressWarnings("deprecation") // old models have it
    private static Layer gravesBoth(RNNFormat format) {
        return new GravesBidirectionalLSTM.Builder()
                .nIn(INPUTS)
                .nOut(3)
                .activation(Activation.TANH)
                .dataFormat(format)
                .build();
    }

    private static Layer simple(RNNFormat format, Activation activation) {
        return new SimpleRnn.Builder()
                .nIn(INPUTS)
                .nOut(3)
                .activation(activation)
                .dataFormat(format)
                .build();
    }

    /** Deeplearning4j's running layer and ours on the same weights. */
    private record Twins(org.deeplearning4j.nn.api.Layer stock, FrozenStock ours, RNNFormat format, DataType type) {

        static Twins of(Layer layer, RNNFormat format, DataType type) {
            layer.setLayerName("rnn");
            NeuralNetConfiguration conf =
                    new NeuralNetConfiguration.Builder().layer(layer).build();
            long n = conf.getLayer().initializer().numParams(conf);
            INDArray parameters =
                    TestNetworks.normal(type, new Random(11), 1, n).muli(0.6);
            org.deeplearning4j.nn.api.Layer stock = layer.instantiate(conf, null, 0, parameters.dup(), false, type);
            stock.setBackpropGradientsViewArray(Nd4j.create(type, n));
            FrozenStock ours = MadeSequences.of(conf, parameters, type).orElseThrow();
            return new Twins(stock, ours, format, type);
        }

        INDArray sequence(long seed) {
            INDArray x = TestNetworks.normal(type, new Random(seed), BATCH, INPUTS, TIME);
            return format == RNNFormat.NWC ? x.permute(0, 2, 1).dup('c') : x;
        }

        void input(INDArray x) {
            stock.setInput(x.dup(), NONE);
            ours.setInput(x.dup(), NONE);
        }

        void mask(INDArray mask) {
            stock.setMaskArray(mask);
            ours.setMaskArray(mask);
        }

        INDArray epsilon(INDArray output, long seed) {
            return TestNetworks.normal(type, new Random(seed), output.shape());
        }
    }

    static Stream<Arguments> everything() {
        return Stream.of(DataType.DOUBLE, DataType.FLOAT)
                .flatMap(type -> Stream.of(RNNFormat.values())
                        .flatMap(format -> Arrays.stream(Kind.values()).map(kind -> Arguments.of(kind, format, type))));
    }

    private static void assertClose(INDArray expected, INDArray actual, DataType type) {
        assertEquals(List.of(Arrays.toString(expected.shape())), List.of(Arrays.toString(actual.shape())));
        double difference = expected.sub(actual).amaxNumber().doubleValue();
        assertTrue(difference < rounding(type), "differ by " + difference);
    }

    @Tag("kernels")
    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("everything")
    @OneIn(3)
    void output_and_input_gradient_are_deeplearning4js_and_in_use_the_output_is_so_bit_for_bit(
            Kind kind, RNNFormat format, DataType type) {
        Twins twins = Twins.of(kind.layer(format), format, type);
        INDArray x = twins.sequence(1);
        twins.input(x);
        INDArray expected = twins.stock().activate(false, NONE).dup();
        assertTrue(ArrayBytes.same(
                expected.dup('c'), twins.ours().activate(false, NONE).dup('c')));
        twins.input(x);
        INDArray output = twins.ours().activate(true, NONE);
        assertClose(twins.stock().activate(true, NONE), output, type);
        INDArray epsilon = twins.epsilon(output, 2);
        INDArray dx = twins.stock().backpropGradient(epsilon.dup(), NONE).getSecond();
        assertClose(dx, twins.ours().backpropGradient(epsilon.dup(), NONE).getSecond(), type);
    }

    @OneIn(6)
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("masked")
    void the_input_gradient_is_the_derivative_of_the_output_whatever_is_masked(
            Kind kind, RNNFormat format, Optional<INDArray> mask) {
        Twins twins = Twins.of(kind.layer(format), format, DataType.DOUBLE);
        INDArray x = twins.sequence(3);
        mask.ifPresent(twins::mask);
        if (kind.name().contains("MASK_ZERO")) {
            twins.input(x);
            for (int t : new int[] {0, 3}) {
                for (int i = 0; i < INPUTS; i++) {
                    x.putScalar(format == RNNFormat.NWC ? new int[] {1, t, i} : new int[] {1, i, t}, 0);
                }
            }
        }
        twins.input(x);
        INDArray output = twins.ours().activate(true, NONE).dup();
        assertClose(twins.stock().activate(false, NONE), output, DataType.DOUBLE);
        INDArray epsilon = twins.epsilon(output, 4);
        INDArray dx = twins.ours().backpropGradient(epsilon, NONE).getSecond();
        int nonZero = 0;
        for (long i = 0; i < x.length(); i += EVERY) {
            if (x.getDouble(i) == 0) {
                continue; // where MaskZero's mask jumps
            }
            double numerical = (at(twins, x, epsilon, i, STEP) - at(twins, x, epsilon, i, -STEP)) / (2 * STEP);
            assertEquals(numerical, dx.dup('c').getDouble(i), DIFFERENCES * Math.max(1, Math.abs(numerical)));
            nonZero += numerical == 0 ? 0 : 1;
        }
        assertTrue(nonZero > 0);
    }

    private static double at(Twins twins, INDArray x, INDArray epsilon, long i, double step) {
        INDArray moved = x.dup('c');
        moved.putScalar(i, moved.getDouble(i) + step);
        twins.stock().setInput(moved, NONE);
        return twins.stock().activate(false, NONE).mul(epsilon).sumNumber().doubleValue();
    }

    static Stream<Arguments> masked() {
        INDArray mask = Nd4j.ones(DataType.DOUBLE, BATCH, TIME);
        mask.putScalar(0, TIME - 1, 0);
        mask.putScalar(1, 0, 0);
        mask.putScalar(2, 2, 0);
        return Stream.of(RNNFormat.values())
                .flatMap(format -> Arrays.stream(Kind.values())
                        .flatMap(kind -> Stream.of(Optional.<INDArray>empty(), Optional.of(mask))
                                .map(m -> Arguments.of(kind, format, m))));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"LSTM_TANH", "LSTM_HARD_GATES", "GRAVES", "SIMPLE", "SIMPLE_RELU"})
    void segments_of_truncated_back_propagation_start_from_the_state_the_last_one_left(Kind kind) {
        Twins twins = Twins.of(kind.layer(RNNFormat.NCW), RNNFormat.NCW, DataType.DOUBLE);
        RecurrentLayer stock = (RecurrentLayer) twins.stock();
        RecurrentLayer ours = (RecurrentLayer) twins.ours();
        INDArray first = twins.sequence(5);
        INDArray second = twins.sequence(6);
        INDArray whole = Nd4j.concat(2, first, second);
        twins.stock().setInput(whole, NONE);
        INDArray expected = twins.stock().activate(false, NONE).dup();
        INDArray one = ours.rnnActivateUsingStoredState(first, true, true, NONE).dup();
        ours.rnnSetPreviousState(ours.rnnGetTBPTTState());
        Map<String, INDArray> state = new HashMap<>(ours.rnnGetTBPTTState());
        INDArray two =
                ours.rnnActivateUsingStoredState(second, true, true, NONE).dup();
        assertClose(expected, Nd4j.concat(2, one, two), DataType.DOUBLE);
        INDArray epsilon = twins.epsilon(two, 7);
        INDArray dx = ours.tbpttBackpropGradient(epsilon, TIME, NONE).getSecond();
        for (long i = 0; i < second.length(); i += EVERY) {
            double numerical =
                    (from(stock, state, second, epsilon, i, STEP) - from(stock, state, second, epsilon, i, -STEP))
                            / (2 * STEP);
            assertEquals(numerical, dx.dup('c').getDouble(i), DIFFERENCES * Math.max(1, Math.abs(numerical)));
        }
    }

    private static double from(
            RecurrentLayer stock, Map<String, INDArray> state, INDArray x, INDArray epsilon, long i, double step) {
        INDArray moved = x.dup('c');
        moved.putScalar(i, moved.getDouble(i) + step);
        stock.rnnSetPreviousState(state);
        return stock.rnnTimeStep(moved, NONE).mul(epsilon).sumNumber().doubleValue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"LSTM_TANH", "GRAVES", "SIMPLE"})
    void going_back_fewer_steps_than_the_segment_has_leaves_the_earlier_ones_without_gradient(Kind kind) {
        Twins twins = Twins.of(kind.layer(RNNFormat.NCW), RNNFormat.NCW, DataType.DOUBLE);
        twins.input(twins.sequence(8));
        INDArray output = twins.ours().activate(true, NONE);
        INDArray epsilon = twins.epsilon(output, 9);
        INDArray all = twins.ours().backpropGradient(epsilon, NONE).getSecond();
        INDArray some = ((RecurrentLayer) twins.ours())
                .tbpttBackpropGradient(epsilon, 2, NONE)
                .getSecond();
        for (int t = 0; t < TIME; t++) {
            INDArray expected = all.slice(t, 2);
            assertClose(t < TIME - 2 ? expected.like() : expected, some.slice(t, 2), DataType.DOUBLE);
        }
    }

    @Test
    void no_memory_for_a_weight_gradient_is_ever_given_to_the_wrapped_layer() {
        Twins twins = Twins.of(Kind.LSTM_TANH.layer(RNNFormat.NCW), RNNFormat.NCW, DataType.DOUBLE);
        twins.input(twins.sequence(1));
        INDArray output = twins.ours().activate(true, NONE);
        twins.ours().backpropGradient(output, NONE);
        assertNull(((FrozenState) twins.ours()).recurrent().getGradientsViewArray());
    }

    @Test
    void what_cannot_be_differentiated_element_by_element_stays_with_deeplearning4j() {
        for (Layer layer : List.of(
                lstm(RNNFormat.NCW, Activation.SOFTMAX, Activation.SIGMOID),
                lstm(RNNFormat.NCW, Activation.TANH, Activation.RRELU),
                new SimpleRnn.Builder().nIn(INPUTS).nOut(3).hasLayerNorm(true).build())) {
            NeuralNetConfiguration conf =
                    new NeuralNetConfiguration.Builder().layer(layer).build();
            INDArray parameters =
                    Nd4j.create(DataType.DOUBLE, 1, layer.initializer().numParams(conf));
            assertTrue(MadeSequences.of(conf, parameters, DataType.DOUBLE).isEmpty());
        }
    }
}
