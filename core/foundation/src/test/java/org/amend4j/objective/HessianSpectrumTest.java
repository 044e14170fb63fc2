/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.numeric.DenseSymmetric;
import org.amend4j.numeric.ExtremeEigenvalues;
import org.amend4j.numeric.Lanczos;
import org.amend4j.numeric.Lanczos.Ends;
import org.amend4j.numeric.Vectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Lanczos finds of a Hessian that is only known by differences of gradients. */
class HessianSpectrumTest {

    static IntStream seeds() {
        return IntStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void hessians_by_differences_have_the_spectrum_of_the_analytic_one(int seed) {
        Random random = new Random(seed);
        CosineSum objective = new CosineSum(1 + random.nextInt(15), 1 + random.nextInt(12), seed);
        int d = objective.dimension();
        double[] theta = Vectors.randomUnit(d, random);
        double[][] a = new double[d][];
        for (int i = 0; i < d; i++) {
            double[] e = new double[d];
            e[i] = 1;
            a[i] = objective.hessian(theta, e);
        }
        DenseSymmetric exact = new DenseSymmetric(a);
        double[] values = exact.eigenvalues();
        HessianVector hessian = HessianVector.at(objective, theta);
        ExtremeEigenvalues ends = new Lanczos(d, 0, seed).of(hessian, Ends.BOTH);
        // a perturbation moves eigenvalues by its norm at most, which d products bound (Weyl)
        double error = Math.sqrt(d) * objective.productBound(theta, hessian.step()) + exact.rounding();
        assertEquals(values[0], ends.smallest().value(), ends.smallest().residual() + error);
        assertEquals(values[d - 1], ends.largest().value(), ends.largest().residual() + error);
        assertTrue(ends.smallest().residual() <= 2 * error * Math.sqrt(d), "residual " + ends.smallest());
    }
}
