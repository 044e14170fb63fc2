/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import static org.amend4j.internal.lora.init.StartCase.matrix;
import static org.amend4j.internal.lora.init.StartCase.squaredSingularValues;
import static org.amend4j.internal.lora.init.StartCase.squares;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.lora.config.CordaConfig;
import org.amend4j.numeric.Matrices;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** CorDA: the part of a weight that matters most, or least, for given inputs. */
class CordaTest {

    static Stream<StartCase> cases() {
        return StartCase.all();
    }

    /** Inputs with a covariance of condition 30 or so. */
    private static INDArray inputs(StartCase test) {
        double[][] x = StartCase.normal(new Random(test.seed() + 5), 6 * test.inputs(), test.inputs());
        for (double[] row : x) {
            for (int j = 0; j < row.length; j++) {
                row[j] *= 1 + (double) j / row.length;
            }
        }
        return Nd4j.createFromArray(x).castTo(test.type());
    }

    private static InputCovariance covariance(INDArray rows) {
        InputCovariance covariance = new InputCovariance("dense", (int) rows.size(1));
        covariance.addInPlace(rows);
        return covariance;
    }

    /** C + damping, by definition. */
    private static double[][] damped(INDArray rows, double damping) {
        double[][] x = matrix(rows);
        double[][] c = Matrices.multiply(Matrices.transpose(x), x);
        double mean = Matrices.trace(c) / c.length;
        for (int i = 0; i < c.length; i++) {
            c[i][i] += damping * mean;
            for (int j = 0; j < c.length; j++) {
                c[i][j] /= x.length;
            }
        }
        return c;
    }

    /** √n times each unit vector has the covariance I. Damped, C is a multiple of it, which cancels in the product. */
    @ParameterizedTest
    @MethodSource("cases")
    void with_the_identity_as_covariance_it_is_pissa(StartCase test) {
        INDArray units = Nd4j.eye(test.inputs()).castTo(DataType.DOUBLE).muli(Math.sqrt(test.inputs()));
        StartFactors pissa = new Pissa().of(test.site());
        StartFactors corda = new Corda(new CordaConfig(CordaConfig.Mode.IPM, 0)).of(test.site(), covariance(units));
        StartFactors damped = new Corda(CordaConfig.of(CordaConfig.Mode.IPM)).of(test.site(), covariance(units));
        double[] values = squaredSingularValues(matrix(test.weight()));
        double gap = Double.POSITIVE_INFINITY;
        for (int k = 0; k < test.rank(); k++) {
            double next = k + 1 < values.length ? Math.sqrt(values[k + 1]) : 0;
            gap = Math.min(gap, Math.sqrt(values[k]) - next);
        }
        // vectors turn by the error over the gap
        double largest = Math.sqrt(values[0]);
        double turned = 1e3 * 0x1p-53 * largest / gap;
        double size = Math.sqrt(largest / test.scaling());
        assertClose(matrix(pissa.a()), matrix(corda.a()), (2 * test.unit() + turned) * size);
        assertClose(matrix(pissa.b()), matrix(corda.b()), (2 * test.unit() + turned) * size);
        assertClose(test.product(pissa), test.product(damped), (8 * test.unit() * test.rank() + turned) * largest);
    }

    private static void assertClose(double[][] expected, double[][] actual, double tolerance) {
        assertTrue(Matrices.size(StartCase.difference(expected, actual)) <= tolerance);
    }

    /** What rounding of factors and residual to the type, and of LAPACK in double, does to C·residual. */
    private static double rounding(StartCase test, StartFactors start, double[][] c, double[][] residual) {
        double product = Math.sqrt(squares(matrix(start.a())) * squares(matrix(start.b()))) * test.scaling();
        double sizeOfC = Math.sqrt(squares(c));
        double lapack = 1e4 * 0x1p-53 * sizeOfC * Math.sqrt(squares(matrix(test.weight())));
        return sizeOfC * test.unit() * (3 * product + Math.sqrt(squares(residual))) + lapack;
    }

    /** IPM leaves the singular values of C·W but the largest, KPM but the smallest; by Weyl up to the norm of rounding. */
    @ParameterizedTest
    @MethodSource("cases")
    void the_base_keeps_the_other_singular_values_of_covariance_times_weight(StartCase test) {
        INDArray rows = inputs(test);
        for (double damping : new double[] {0, 0.01}) {
            double[][] c = damped(rows, damping);
            double[] before = squaredSingularValues(Matrices.multiply(c, matrix(test.weight())));
            for (CordaConfig.Mode mode : CordaConfig.Mode.values()) {
                StartFactors start = new Corda(new CordaConfig(mode, damping)).of(test.site(), covariance(rows));
                double[][] residual = matrix(start.residual(test.weight(), test.scaling()));
                double[] after = squaredSingularValues(Matrices.multiply(c, residual));
                double moved = rounding(test, start, c, residual);
                double tolerance = moved * (2 * Math.sqrt(before[0]) + moved) + 1e-13 * before[0];
                int kept = before.length - test.rank();
                int from = mode == CordaConfig.Mode.IPM ? test.rank() : 0;
                for (int i = 0; i < before.length; i++) {
                    assertEquals(i < kept ? before[i + from] : 0, after[i], tolerance, mode.name());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void no_factors_of_the_rank_are_nearer_to_the_weight_for_these_inputs(StartCase test) {
        INDArray rows = inputs(test);
        double[][] c = damped(rows, 0);
        double[][] w = matrix(test.weight());
        StartFactors start = new Corda(new CordaConfig(CordaConfig.Mode.IPM, 0)).of(test.site(), covariance(rows));
        double[][] residual = matrix(start.residual(test.weight(), test.scaling()));
        double left = squares(Matrices.multiply(c, residual));
        double slack = 2 * rounding(test, start, c, residual) * Math.sqrt(squares(Matrices.multiply(c, w)));
        Random random = new Random(test.seed());
        for (int trial = 0; trial < 30; trial++) {
            double size = Math.pow(10, -trial % 5.0);
            double[][] a = Matrices.plus(matrix(start.a()), size, StartCase.normal(random, test.inputs(), test.rank()));
            double[][] b =
                    Matrices.plus(matrix(start.b()), size, StartCase.normal(random, test.rank(), test.outputs()));
            double[][] other = Matrices.plus(w, -test.scaling(), Matrices.multiply(a, b));
            assertTrue(left <= squares(Matrices.multiply(c, other)) + slack);
        }
        double[][] pissas = matrix(new Pissa().of(test.site()).residual(test.weight(), test.scaling()));
        assertTrue(left <= squares(Matrices.multiply(c, pissas)) + slack);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void pieces_give_the_covariance_of_the_whole(StartCase test) {
        INDArray rows = TestNetworks.normal(test.type(), new Random(3), 17, test.inputs());
        InputCovariance pieces = new InputCovariance("dense", test.inputs());
        pieces.addInPlace(rows.get(NDArrayIndex.interval(0, 1), NDArrayIndex.all()));
        pieces.addInPlace(rows.get(NDArrayIndex.interval(1, 12), NDArrayIndex.all()));
        pieces.addInPlace(rows.get(NDArrayIndex.interval(12, 17), NDArrayIndex.all()));
        assertEquals(17, pieces.count());
        assertArrayEquals(covariance(rows).damped(0).values(), pieces.damped(0).values(), 20 * 0x1p-53 * 17);
    }
}
