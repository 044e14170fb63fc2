/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import static org.amend4j.internal.lora.init.StartCase.matrix;
import static org.amend4j.internal.lora.init.StartCase.squares;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.lora.config.LoraGaConfig;
import org.amend4j.numeric.Matrices;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** LoRA-GA: how the first step of gradient descent relates to the full gradient G. */
class LoraGaTest {

    private static final double ETA = 0.25;

    static Stream<StartCase> cases() {
        return StartCase.all().filter(test -> 2 * test.rank() <= Math.min(test.inputs(), test.outputs()));
    }

    private static INDArray gradient(StartCase test) {
        return TestNetworks.normal(test.type(), new Random(test.seed() + 9), test.inputs(), test.outputs());
    }

    /** s·(A₊·B₊ - A₀·B₀) of a step η with gA = s·G·B₀ᵀ and gB = s·A₀ᵀ·G. */
    private static double[][] step(StartCase test, StartFactors start, double[][] g, double eta) {
        double[][] a = matrix(start.a());
        double[][] b = matrix(start.b());
        double[][] nextA = Matrices.plus(a, -eta * test.scaling(), Matrices.multiply(g, Matrices.transpose(b)));
        double[][] nextB = Matrices.plus(b, -eta * test.scaling(), Matrices.multiply(Matrices.transpose(a), g));
        double[][] change = StartCase.difference(Matrices.multiply(nextA, nextB), Matrices.multiply(a, b));
        return Matrices.plus(new double[test.inputs()][test.outputs()], test.scaling(), change);
    }

    /** η²·s·gA·gB, what a step has beyond its first order. */
    private static double[][] secondOrder(StartCase test, StartFactors start, double[][] g, double eta) {
        double[][] gradientA = Matrices.multiply(g, Matrices.transpose(matrix(start.b())));
        double[][] gradientB = Matrices.multiply(Matrices.transpose(matrix(start.a())), g);
        return Matrices.plus(
                new double[test.inputs()][test.outputs()],
                eta * eta * Math.pow(test.scaling(), 3),
                Matrices.multiply(gradientA, gradientB));
    }

    /**
     * {@code -η·s²·c²·G_{2r} + η²·s·gA·gB}. The factors' rounding is 2u of c each, and each first-order term has two; G_{2r} is
     * computed to 1e-13 over the gap.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void the_first_step_is_along_the_best_approximation_of_twice_the_rank(StartCase test) {
        double[][] g = matrix(gradient(test));
        for (LoraGaConfig.Scale scale : LoraGaConfig.Scale.values()) {
            LoraGa start = new LoraGa(new LoraGaConfig(scale, 16, false));
            StartFactors factors = start.of(test.site(), gradient(test));
            double sc = test.scaling() * start.factor(test.site());
            double[][] best = StartCase.bestOfRank(g, 2 * test.rank());
            double[][] expected = Matrices.plus(secondOrder(test, factors, g, ETA), -ETA * sc * sc, best);
            double[][] error = StartCase.difference(expected, step(test, factors, g, ETA));
            double rounded = 8 * test.unit() * Math.sqrt(2 * test.rank());
            double sizes = ETA * sc * sc * (1 + ETA * sc * sc) * (1 + squares(g));
            assertTrue(Math.sqrt(squares(error)) <= (rounded + 1e-10) * sizes * 4, scale::name);
        }
    }

    /** {@code -η·s²·c²·(Σ_{k≤r} σ_k u_k v_kᵀ + Σ_{r<k≤2r} σ_k³ u_k v_kᵀ)} and the second order. */
    @ParameterizedTest
    @MethodSource("cases")
    void weighted_the_lower_half_of_the_first_step_grows_with_the_squares_of_singular_values(StartCase test) {
        double[][] g = matrix(gradient(test));
        LoraGa start = new LoraGa(new LoraGaConfig(LoraGaConfig.Scale.UNIT, 16, true));
        StartFactors factors = start.of(test.site(), gradient(test));
        double[][] upper = StartCase.bestOfRank(g, test.rank());
        double[][] lower = StartCase.difference(StartCase.bestOfRank(g, 2 * test.rank()), upper);
        double[][] cubes = Matrices.multiply(Matrices.multiply(lower, Matrices.transpose(lower)), lower);
        double es2 = ETA * test.scaling() * test.scaling();
        double[][] expected =
                Matrices.plus(Matrices.plus(secondOrder(test, factors, g, ETA), -es2, upper), -es2, cubes);
        double[][] error = StartCase.difference(expected, step(test, factors, g, ETA));
        double size = Math.sqrt(squares(g));
        double sizes = es2 * (1 + es2) * Math.pow(1 + size, 4);
        assertTrue(Math.sqrt(squares(error)) <= (8 * test.unit() + 1e-10) * sizes);
    }

    /** The cosine with G of a matrix of rank 2r is at most ‖G_2r‖/‖G‖. A step so small that its second order vanishes has it. */
    @ParameterizedTest
    @MethodSource("cases")
    void no_start_follows_the_gradient_more_closely(StartCase test) {
        double[][] g = matrix(gradient(test));
        double best = Math.sqrt(squares(StartCase.bestOfRank(g, 2 * test.rank())) / squares(g));
        double eta = 1e-9;
        StartFactors unweighted = new LoraGa(LoraGaConfig.paper()).of(test.site(), gradient(test));
        double tolerance =
                1e-5; // the second order by 1e-9 of the first, and differences of numbers 1e9 as large, in double
        assertEquals(best, -cosine(step(test, unweighted, g, eta), g), tolerance);
        for (StartFactors other : StartLawsTest.factors(test)) {
            if (squares(step(test, other, g, eta)) > 0) {
                assertTrue(-cosine(step(test, other, g, eta), g) <= best + tolerance);
            }
        }
    }

    /** The twin: a random start is far from it. */
    @Test
    void a_random_start_follows_the_gradient_less() {
        StartCase test = new StartCase(DataType.DOUBLE, 40, 30, 8, 2, 7);
        double[][] g = matrix(gradient(test));
        double best = Math.sqrt(squares(StartCase.bestOfRank(g, 16)) / squares(g));
        double random = -cosine(step(test, new EmbeddingStart().of(test.site()), g, 1e-6), g);
        assertTrue(random < 0.8 * best);
    }

    private static double cosine(double[][] a, double[][] b) {
        return Matrices.traceOfProduct(a, Matrices.transpose(b)) / Math.sqrt(squares(a) * squares(b));
    }

    /** c = nOut^¼/√γ: the columns of A have this length. */
    @ParameterizedTest
    @MethodSource("cases")
    void stable_scales_by_the_fourth_root_of_the_outputs(StartCase test) {
        double[][] a = matrix(
                new LoraGa(LoraGaConfig.peft()).of(test.site(), gradient(test)).a());
        double c = Math.sqrt(Math.sqrt(test.outputs()) / 16);
        assertEquals(test.rank() * c * c, squares(a), test.rank() * c * c * (4 * test.unit() + 1e-14));
    }
}
