/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.amend4j.graph.GraphObjectiveTest.dot;
import static org.amend4j.graph.GraphObjectiveTest.moved;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.LongStream;
import org.amend4j.numeric.ExtremeEigenvalues;
import org.amend4j.numeric.Lanczos;
import org.amend4j.objective.HessianVector;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.RandomGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.eigen.Eigen;
import org.nd4j.linalg.factory.Nd4j;

/** Hessian-vector products and extreme eigenvalues of random graphs, plain and adapted. */
@OneIn(5)
class CurvatureOfGraphsTest {

    /** Second difference with step 1e-3: 1e-6/12 of a fourth derivative, and 4u·J/1e-6 of rounding, about 1e-9. */
    private static final double STEP = 1e-3;

    /** Two orders above, for fourth derivatives of order 100. */
    private static final double DIFFERENCE = 1e-4;

    /** Products by differences of the gradient are wrong by about 1e-10 of the gradient's size; a few dozen columns. */
    private static final double PRODUCTS = 1e-6;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 200);
    }

    private static GraphObjective objective(long seed) {
        RandomGraph random = RandomGraph.of(seed);
        return GraphObjective.of(random.graph(), Records.of(random.data())).withWeightDecay(seed % 3 == 0 ? 0.1 : 0);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void a_product_agrees_with_second_differences_of_the_value(long seed) {
        GraphObjective objective = objective(seed);
        double[] at = objective.parameters();
        double[] direction = new Random(seed).doubles(at.length, -1, 1).toArray();
        double norm = Math.sqrt(dot(direction, direction));
        for (int i = 0; i < direction.length; i++) {
            direction[i] /= norm;
        }
        double[] product = new double[at.length];
        HessianVector.at(objective, at).apply(direction, product);
        double above = objective.value(moved(at, direction, STEP));
        double below = objective.value(moved(at, direction, -STEP));
        double numerical = (above - 2 * objective.value(at) + below) / (STEP * STEP);
        double analytic = dot(direction, product);
        assertEquals(analytic, numerical, DIFFERENCE * (1 + Math.abs(analytic)));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @OneIn(20)
    void lanczos_agrees_with_the_dense_hessians_eigenvalues(long seed) {
        GraphObjective objective = objective(seed);
        int d = objective.dimension();
        HessianVector hessian = HessianVector.at(objective, objective.parameters());
        INDArray dense = Nd4j.create(DataType.DOUBLE, d, d);
        double[] unit = new double[d];
        double[] column = new double[d];
        for (int i = 0; i < d; i++) {
            unit[i] = 1;
            hessian.apply(unit, column);
            unit[i] = 0;
            dense.putColumn(i, Nd4j.createFromArray(column));
        }
        INDArray symmetric = dense.add(dense.transpose()).muli(0.5);
        INDArray eigenvalues = d == 1 ? symmetric : Eigen.symmetricGeneralizedEigenvalues(symmetric);
        double largest = eigenvalues.maxNumber().doubleValue();
        double smallest = eigenvalues.minNumber().doubleValue();
        double scale = 1 + Math.max(Math.abs(largest), Math.abs(smallest));

        ExtremeEigenvalues found = new Lanczos(d, 1e-8, seed).of(hessian, Lanczos.Ends.BOTH);
        assertTrue(found.largest().value() <= largest + PRODUCTS * scale, "a Ritz value lies inside of the spectrum");
        assertTrue(found.smallest().value() >= smallest - PRODUCTS * scale);
        assertEquals(largest, found.largest().value(), PRODUCTS * scale);
        assertEquals(smallest, found.smallest().value(), PRODUCTS * scale);
    }
}
