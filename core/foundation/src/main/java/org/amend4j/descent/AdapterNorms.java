/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import org.amend4j.numeric.LargestEigenvalue;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;

/** Norms of adapters in a parameter vector. */
final class AdapterNorms {

    private AdapterNorms() {}

    /** {@code ‖A‖_F² + ‖B‖_F²}, Frobenius. */
    static double frobeniusSquares(double[] theta, AdapterBlock block) {
        return Vectors.squares(theta, block.offsetA(), block.offsetA() + block.sizeA())
                + Vectors.squares(theta, block.offsetB(), block.offsetB() + block.sizeB());
    }

    /** An upper bound, tight but for rounding, of {@code √(‖A‖₂² + ‖B‖₂²)}, spectral norms. */
    static double spectral(double[] theta, AdapterBlock block) {
        double a = largestOfGram(gramOfA(theta, block), block.rows());
        double b = largestOfGram(gramOfB(theta, block), block.columns());
        return Math.nextUp(Math.sqrt(Math.nextUp(a + b)));
    }

    /** An upper bound, tight but for rounding, of ‖A‖₂. */
    static double spectralOfA(double[] theta, AdapterBlock block) {
        return Math.nextUp(Math.sqrt(Math.max(0, largestOfGram(gramOfA(theta, block), block.rows()))));
    }

    /**
     * Bounds the largest eigenvalue of a Gram matrix. Its elements are sums of {@code terms} products and are off by at
     * most γ·(|A|ᵀ|A|)_jk with γ = (terms + 1)u, hence the matrix by at most γ·‖A‖_F² = γ·trace in norm.
     */
    private static double largestOfGram(double[][] gram, int terms) {
        double trace = 0;
        for (int j = 0; j < gram.length; j++) {
            trace += gram[j][j];
        }
        return LargestEigenvalue.boundInPlace(gram) + (terms + (double) gram.length + 1) * Summation.UNIT * trace;
    }

    /** AᵀA, [rank, rank]. */
    private static double[][] gramOfA(double[] theta, AdapterBlock block) {
        int rank = block.rank();
        double[][] gram = new double[rank][rank];
        for (int j = 0; j < rank; j++) {
            for (int k = 0; k <= j; k++) {
                int columnJ = block.offsetA() + j * block.rows();
                int columnK = block.offsetA() + k * block.rows();
                double sum = 0;
                for (int i = 0; i < block.rows(); i++) {
                    sum += theta[columnJ + i] * theta[columnK + i];
                }
                gram[j][k] = sum;
                gram[k][j] = sum;
            }
        }
        return gram;
    }

    /** BBᵀ, [rank, rank]. */
    private static double[][] gramOfB(double[] theta, AdapterBlock block) {
        int rank = block.rank();
        double[][] gram = new double[rank][rank];
        for (int column = 0; column < block.columns(); column++) {
            int start = block.offsetB() + column * rank;
            for (int j = 0; j < rank; j++) {
                for (int k = 0; k < rank; k++) {
                    gram[j][k] += theta[start + j] * theta[start + k];
                }
            }
        }
        return gram;
    }
}
