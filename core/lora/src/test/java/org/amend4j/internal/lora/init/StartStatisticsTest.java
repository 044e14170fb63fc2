/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Means and spreads of starts that draw, within five standard deviations of the estimates (a right start is rejected with
 * probability 1e-6; the seed is fixed), and bounds. Each check has a twin that rejects a wrong start.
 */
@SuppressWarnings("ImmutableEnumChecker")
class StartStatisticsTest {

    private static final int INPUTS = 500;
    private static final int OUTPUTS = 400;
    private static final int RANK = 40;

    private static StartFactors start(WeightStart start, DataType type) {
        return start.of(new StartSite("dense", Nd4j.ones(type, INPUTS, OUTPUTS), RANK, 1, 20));
    }

    /** The factors of an adapter that was just attached to a dense layer of this size. */
    private static Map<String, INDArray> attached(AdapterInit init, DataType type) {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(20)
                .dataType(type)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder().nIn(INPUTS).nOut(OUTPUTS).build(),
                        "in")
                .addLayer("out", new OutputLayer.Builder().nIn(OUTPUTS).nOut(2).build(), "dense")
                .setOutputs("out")
                .build());
        network.init();
        return AdaptedModel.attach(
                        BaseModel.of(network),
                        LoraConfig.of(RANK, RANK).withTargets("dense").withInit(init),
                        FineTuneConfiguration.builder().seed(20).build(),
                        Probe.none())
                .graph()
                .getLayer("dense")
                .paramTable();
    }

    private static double[] values(INDArray array) {
        return Dense.of(array).values();
    }

    /** Whether draws have mean 0 and this second moment, where the fourth is {@code kurtosis} times its square. */
    private static boolean plausible(double[] draws, double second, double kurtosis) {
        double mean = Arrays.stream(draws).average().orElseThrow();
        double square = Arrays.stream(draws).map(x -> x * x).average().orElseThrow();
        return Math.abs(mean) <= 5 * Math.sqrt(second / draws.length)
                && Math.abs(square - second) <= 5 * second * Math.sqrt((kurtosis - 1) / draws.length);
    }

    private static double[] times(double[] draws, double factor) {
        return Arrays.stream(draws).map(x -> factor * x).toArray();
    }

    private static double[] plus(double[] draws, double shift) {
        return Arrays.stream(draws).map(x -> x + shift).toArray();
    }

    private static void requireMoments(double[] draws, double deviation, double kurtosis) {
        double second = deviation * deviation;
        assertTrue(plausible(draws, second, kurtosis));
        assertFalse(plausible(times(draws, 1.1), second, kurtosis));
        assertFalse(plausible(plus(draws, 0.1 * deviation), second, kurtosis));
    }

    /** Uniform in ±b: variance b²/3, kurtosis 9/5. The wrong bound √(6/nIn), of Kaiming with slope 0, is rejected. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void the_default_is_uniform_within_one_over_the_root_of_the_inputs(DataType type) {
        Map<String, INDArray> start = attached(AdapterInit.DEFAULT, type);
        double bound = 1 / Math.sqrt(INPUTS);
        double[] a = values(start.get("A"));
        requireMoments(a, bound / Math.sqrt(3), 1.8);
        assertFalse(plausible(times(a, Math.sqrt(6)), bound * bound / 3, 1.8));
        double largest = Arrays.stream(a).map(Math::abs).max().orElseThrow();
        assertTrue(largest <= bound * (1 + 0x1p-24));
        assertTrue(largest >= 0.999 * bound, "missed with probability 0.999^20000 = 2e-9");
        assertEquals(0, start.get("B").amaxNumber().doubleValue(), 0);
    }

    /** Kurtosis 3. Half of all draws are within 0.6745 deviations: a uniform of the same variance has 0.389 there. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void gaussian_is_normal_with_one_over_the_rank(DataType type) {
        Map<String, INDArray> start = attached(AdapterInit.GAUSSIAN, type);
        double[] a = values(start.get("A"));
        requireMoments(a, 1.0 / RANK, 3);
        assertTrue(halfWithin(a, 0.67449 / RANK));
        double[] uniform = values(attached(AdapterInit.DEFAULT, type).get("A"));
        assertFalse(halfWithin(uniform, 0.67449 / Math.sqrt(3.0 * INPUTS)));
        assertEquals(0, start.get("B").amaxNumber().doubleValue(), 0);
    }

    private static boolean halfWithin(double[] draws, double size) {
        double share =
                (double) Arrays.stream(draws).filter(x -> Math.abs(x) <= size).count() / draws.length;
        return Math.abs(share - 0.5) <= 5 * 0.5 / Math.sqrt(draws.length);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void an_embeddings_a_is_zero_and_its_b_standard_normal(DataType type) {
        StartFactors start = start(new EmbeddingStart(), type);
        double[] b = values(start.b());
        requireMoments(b, 1, 3);
        assertTrue(halfWithin(b, 0.67449));
        assertEquals(0, start.a().norm2Number().doubleValue(), 0);
    }

    /** 100·‖A‖² is the squared length of nIn·r/2 standard normals, 100·‖B‖² of nOut·r/2. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void the_orthogonal_starts_factors_have_variance_one_in_two_hundred(DataType type) {
        StartFactors start = start(new OrthogonalStart(), type);
        for (INDArray factor : new INDArray[] {start.a(), start.b()}) {
            double freedom = factor.length() / 2.0;
            double length = 100 * Arrays.stream(values(factor)).map(x -> x * x).sum();
            assertEquals(freedom, length, 5 * Math.sqrt(2 * freedom));
            assertTrue(Math.abs(1.21 * length - freedom) > 5 * Math.sqrt(2 * freedom), "a factor 1.1 is detected");
        }
    }
}
