/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.numeric.Lu;
import org.amend4j.numeric.Matrices;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Laws of preconditioned gradients. */
class FactorPreconditionerTest {

    /** Factors and gradients with shape and type; what is in {@link #toString} makes them again. */
    record Case(DataType type, int inputs, int rank, int outputs, double scaling, long seed) {

        INDArray[] arrays() {
            Random random = new Random(seed);
            return new INDArray[] {
                TestNetworks.normal(type, random, inputs, rank).dup('f'),
                TestNetworks.normal(type, random, rank, outputs).dup('f'),
                TestNetworks.normal(type, random, inputs, rank).dup('f'),
                TestNetworks.normal(type, random, rank, outputs).dup('f')
            };
        }

        double unit() {
            return type == DataType.FLOAT ? 0x1p-24 : 0x1p-53;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(DataType.FLOAT, DataType.DOUBLE)
                .flatMap(type -> Stream.of(
                        new Case(type, 9, 2, 5, 2, 1),
                        new Case(type, 4, 3, 11, 0.5, 2),
                        new Case(type, 7, 1, 6, 16, 3),
                        new Case(type, 40, 8, 30, 1, 4)));
    }

    private static double[][] matrix(INDArray array) {
        return array.castTo(DataType.DOUBLE).toDoubleMatrix();
    }

    private static double[][] gram(double[][] factor, double damping) {
        double[][] gram = Matrices.multiply(Matrices.transpose(factor), factor);
        return Matrices.plus(gram, damping, Matrices.identity(gram.length));
    }

    private static double[][] inverse(double[][] matrix) {
        return Lu.of(matrix).solve(Matrices.identity(matrix.length));
    }

    /** Rounded once, and solved in double: 1e-15 times the condition, which the random Gram matrices have below 1e5. */
    private static void requireClose(Case test, double[][] expected, INDArray actual) {
        double size = Matrices.size(expected);
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], matrix(actual)[i], (test.unit() + 1e-10) * size);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void riemannian_is_its_formula_solved_by_elimination(Case test) {
        for (double damping : new double[] {1e-2, 1}) {
            INDArray[] x = test.arrays();
            double[][] a = matrix(x[0]);
            double[][] b = matrix(x[1]);
            double[][] expectedA = Matrices.multiply(matrix(x[2]), inverse(gram(Matrices.transpose(b), damping)));
            double[][] expectedB = Lu.of(gram(a, damping)).solve(matrix(x[3]));
            new Riemannian(damping).preconditionInPlace(x[0], x[1], x[2], x[3], test.scaling());
            requireClose(test, expectedA, x[2]);
            requireClose(test, expectedB, x[3]);
            assertArrayEquals(a, matrix(x[0]));
            assertArrayEquals(b, matrix(x[1]));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_frozen_a_is_its_formula_solved_by_elimination(Case test) {
        INDArray[] x = test.arrays();
        double[][] solved = Lu.of(gram(matrix(x[0]), 1e-8)).solve(matrix(x[3]));
        double[][] expected =
                Matrices.plus(new double[test.rank()][test.outputs()], 1 / (test.scaling() * test.scaling()), solved);
        FrozenA.standard().preconditionInPlace(x[0], x[1], x[2], x[3], test.scaling());
        requireClose(test, expected, x[3]);
        assertEquals(0, x[2].norm2Number().doubleValue(), 0);
    }

    /** The product after a step of the gradients of s·A·B under G, with A·M and M⁻¹·B for A and B. */
    private static double[][] product(Case test, double[][] m, boolean preconditioned) {
        INDArray[] x = test.arrays();
        double[][] g =
                matrix(TestNetworks.normal(test.type(), new Random(test.seed() + 1), test.inputs(), test.outputs()));
        double[][] a = Matrices.multiply(matrix(x[0]), m);
        double[][] b = Lu.of(m).solve(matrix(x[1]));
        INDArray gradientA = Nd4j.createFromArray(Matrices.multiply(g, Matrices.transpose(b)));
        INDArray gradientB = Nd4j.createFromArray(Matrices.multiply(Matrices.transpose(a), g));
        if (preconditioned) {
            new Riemannian(0)
                    .preconditionInPlace(
                            Nd4j.createFromArray(a), Nd4j.createFromArray(b), gradientA, gradientB, test.scaling());
        }
        return Matrices.multiply(
                Matrices.plus(a, -0.125, matrix(gradientA)), Matrices.plus(b, -0.125, matrix(gradientB)));
    }

    /** All in double; the condition of M, squared by the Gram matrices, stays below 1e5. */
    @ParameterizedTest
    @MethodSource("cases")
    void without_damping_a_riemannian_step_does_not_depend_on_the_factorisation_and_a_plain_one_does(Case test) {
        double[][] m = Matrices.plus(
                Matrices.identity(test.rank()),
                0.5,
                matrix(TestNetworks.normal(DataType.DOUBLE, new Random(test.seed() + 2), test.rank(), test.rank())));
        m = Matrices.plus(m, 1, Matrices.identity(test.rank()));
        double[][] one = Matrices.identity(test.rank());
        double[][] expected = product(test, one, true);
        double size = Matrices.size(expected);
        assertEquals(0, Matrices.size(Matrices.plus(expected, -1, product(test, m, true))), 1e-9 * size);
        double[][] plain = product(test, one, false);
        double moved = Matrices.size(Matrices.plus(plain, -1, product(test, m, false)));
        assertTrue(moved > 1e-2 * Matrices.size(plain), "the twin");
    }

    /** With gB = s·AᵀG a step moves s·A·B by -η·P·G, P the projection onto A's columns: PP = P and (1-P)A = 0. */
    @ParameterizedTest
    @MethodSource("cases")
    void with_a_frozen_a_a_step_is_the_full_gradient_projected_on_its_columns(Case test) {
        INDArray[] x = test.arrays();
        double[][] a = matrix(x[0]);
        double[][] g = matrix(TestNetworks.normal(DataType.DOUBLE, new Random(7), test.inputs(), test.outputs()));
        double[][] gradientB = Matrices.plus(
                new double[test.rank()][test.outputs()], test.scaling(), Matrices.multiply(Matrices.transpose(a), g));
        INDArray gB = Nd4j.createFromArray(gradientB);
        new FrozenA(0).preconditionInPlace(Nd4j.createFromArray(a), x[1], x[2], gB, test.scaling());
        double[][] moved = Matrices.plus(
                new double[test.inputs()][test.outputs()], test.scaling(), Matrices.multiply(a, matrix(gB)));
        double[][] rest = Matrices.multiply(Matrices.transpose(a), Matrices.plus(g, -1, moved));
        assertEquals(0, Matrices.size(rest), 1e-10 * Matrices.size(gradientB) * (1 + Matrices.size(a)));
    }

    /** (FᵀF + λI)⁻¹ is symmetric and positive definite: ⟨g, Pg⟩ > 0, and ⟨h, Pg⟩ = ⟨Ph, g⟩. */
    @ParameterizedTest
    @MethodSource("cases")
    void preconditioned_gradients_still_descend(Case test) {
        FactorPreconditioner[] all = {Riemannian.standard(), new Riemannian(10), FrozenA.standard()};
        for (FactorPreconditioner preconditioner : all) {
            INDArray[] g = test.arrays();
            INDArray[] h = new Case(test.type(), test.inputs(), test.rank(), test.outputs(), 1, 99).arrays();
            INDArray gA = g[2].dup('c');
            INDArray gB = g[3].dup('c');
            INDArray hA = h[2].dup('c');
            INDArray hB = h[3].dup('c');
            preconditioner.preconditionInPlace(g[0], g[1], gA, gB, test.scaling());
            preconditioner.preconditionInPlace(g[0], g[1], hA, hB, test.scaling());
            assertTrue(dot(g[3], gB) > 0);
            assertEquals(dot(h[3], gB), dot(hB, g[3]), symmetric(test, h[3], gB));
            if (preconditioner.trainsA()) {
                assertTrue(dot(g[2], gA) > 0);
                assertEquals(dot(h[2], gA), dot(hA, g[2]), symmetric(test, h[2], gA));
            }
        }
    }

    private static double dot(INDArray x, INDArray y) {
        return Matrices.traceOfProduct(matrix(x), Matrices.transpose(matrix(y)));
    }

    private static double symmetric(Case test, INDArray x, INDArray y) {
        return (4 * test.unit() + 1e-10) * 10 * Math.sqrt(dot(x, x) * dot(y, y));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void gradients_may_be_views_and_nothing_beside_them_changes(DataType type) {
        Case test = new Case(type, 6, 3, 4, 2, 5);
        INDArray[] plain = test.arrays();
        INDArray[] viewed = test.arrays();
        INDArray flat = Nd4j.ones(type, 1 + 18 + 12 + 1);
        INDArray gA = flat.get(NDArrayIndex.interval(1, 19)).reshape('f', 6, 3);
        INDArray gB = flat.get(NDArrayIndex.interval(19, 31)).reshape('f', 3, 4);
        gA.assign(viewed[2]);
        gB.assign(viewed[3]);
        Riemannian.standard().preconditionInPlace(plain[0], plain[1], plain[2], plain[3], 2);
        Riemannian.standard().preconditionInPlace(viewed[0], viewed[1], gA, gB, 2);
        assertArrayEquals(matrix(plain[2]), matrix(gA));
        assertArrayEquals(matrix(plain[3]), matrix(gB));
        assertEquals(1, flat.getDouble(0), 0);
        assertEquals(1, flat.getDouble(31), 0);
        assertArrayEquals(
                plain[2].dup('f').data().asDouble(),
                flat.get(NDArrayIndex.interval(1, 19)).dup().data().asDouble());
    }

    @Test
    void what_does_not_fit_is_refused_with_the_rule_and_the_value() {
        INDArray[] x = new Case(DataType.DOUBLE, 6, 3, 4, 2, 5).arrays();
        String shapes = assertThrows(
                        IllegalArgumentException.class,
                        () -> Riemannian.standard().preconditionInPlace(x[0], x[1], x[3], x[2], 2))
                .getMessage();
        assertTrue(shapes.contains("[3, 4], [6, 3]"), shapes);
        String scaling = assertThrows(
                        IllegalArgumentException.class,
                        () -> FrozenA.standard().preconditionInPlace(x[0], x[1], x[2], x[3], 0))
                .getMessage();
        assertTrue(scaling.contains("scaling must be > 0"), scaling);
        assertThrows(IllegalArgumentException.class, () -> new Riemannian(-1));
        assertThrows(IllegalArgumentException.class, () -> new FrozenA(Double.NaN));
    }

    @Test
    void a_factor_of_zeros_needs_damping_and_then_is_no_obstacle() {
        INDArray[] x = new Case(DataType.DOUBLE, 6, 3, 4, 2, 5).arrays();
        x[1].assign(0);
        double[][] gradientA = matrix(x[2]);
        String message = assertThrows(
                        ArithmeticException.class,
                        () -> new Riemannian(0).preconditionInPlace(x[0], x[1], x[2], x[3], 2))
                .getMessage();
        assertTrue(message.contains("Gram matrix of B") && message.contains("damping 0.0"), message);
        assertArrayEquals(gradientA, matrix(x[2]), "nothing is half done");
        Riemannian.standard().preconditionInPlace(x[0], x[1], x[2], x[3], 2);
        for (int i = 0; i < gradientA.length; i++) {
            for (int k = 0; k < gradientA[i].length; k++) {
                assertEquals(100 * gradientA[i][k], x[2].getDouble(i, k), 1e-12 * 100);
            }
        }
    }
}
