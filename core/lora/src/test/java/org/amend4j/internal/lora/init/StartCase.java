/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.testkit.TestNetworks;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A random weight and where its adapter starts; what is in {@link #toString} makes it again. */
record StartCase(DataType type, int inputs, int outputs, int rank, double scaling, long seed) {

    /** Tall, wide, square; rank 1, in between, and of the smaller side; both types. */
    static Stream<StartCase> all() {
        List<StartCase> cases = new ArrayList<>();
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            cases.add(new StartCase(type, 9, 5, 2, 2, 1));
            cases.add(new StartCase(type, 4, 11, 2, 0.5, 2));
            cases.add(new StartCase(type, 8, 8, 4, 1, 3));
            cases.add(new StartCase(type, 6, 4, 4, 0.125, 4));
            cases.add(new StartCase(type, 4, 7, 4, 3, 5));
            cases.add(new StartCase(type, 7, 2, 1, 16, 6));
            cases.add(new StartCase(type, 40, 30, 8, 2, 7));
        }
        return cases.stream();
    }

    INDArray weight() {
        return TestNetworks.normal(type, new Random(seed), inputs, outputs);
    }

    StartSite site() {
        return new StartSite("dense", weight(), rank, scaling, seed);
    }

    /** The unit roundoff of the type. */
    double unit() {
        return type == DataType.FLOAT ? 0x1p-24 : 0x1p-53;
    }

    static double[][] matrix(INDArray array) {
        return array.castTo(DataType.DOUBLE).toDoubleMatrix();
    }

    /** s·A·B in double. */
    double[][] product(StartFactors factors) {
        double[][] product = Matrices.multiply(matrix(factors.a()), matrix(factors.b()));
        return Matrices.plus(new double[inputs][outputs], scaling, product);
    }

    static double squares(double[][] matrix) {
        return Matrices.traceOfProduct(matrix, Matrices.transpose(matrix));
    }

    /** Descending squares of the singular values, min(rows, columns), by rotations and not by LAPACK. */
    static double[] squaredSingularValues(double[][] matrix) {
        double[][] turned = Matrices.transpose(matrix);
        double[][] gram =
                matrix.length < turned.length ? Matrices.multiply(matrix, turned) : Matrices.multiply(turned, matrix);
        double[] ascending = SymmetricSpectrum.of(gram).values();
        double[] squares = new double[ascending.length];
        for (int i = 0; i < squares.length; i++) {
            squares[i] = Math.max(0, ascending[ascending.length - 1 - i]);
        }
        return squares;
    }

    /** The best approximation of a rank, from the eigenvectors of MMᵀ. */
    static double[][] bestOfRank(double[][] matrix, int rank) {
        double[][] vectors = SymmetricSpectrum.of(Matrices.multiply(matrix, Matrices.transpose(matrix)))
                .vectors();
        double[][] projection = new double[matrix.length][matrix.length];
        for (int k = vectors.length - 1; k >= vectors.length - rank; k--) {
            for (int i = 0; i < matrix.length; i++) {
                Matrices.add(vectors[k][i], vectors[k], projection[i]);
            }
        }
        return Matrices.multiply(projection, matrix);
    }

    static double[][] difference(double[][] a, double[][] b) {
        return Matrices.plus(a, -1, b);
    }

    static double[][] normal(Random random, int rows, int columns) {
        return matrix(TestNetworks.normal(DataType.DOUBLE, random, rows, columns));
    }
}
