package org.amend4j.descent;

import org.amend4j.objective.AdapterBlock;

/** Norms of parts of a parameter vector. */
final class Norms {

    private static final double UNIT = 0x1p-53;

    private Norms() {}

    /** The sum of squares of {@code x[from]} to {@code x[to - 1]}, by compensated summation: off by a few units. */
    static double squares(double[] x, int from, int to) {
        double sum = 0;
        double lost = 0;
        for (int i = from; i < to; i++) {
            double term = x[i] * x[i] - lost;
            double next = sum + term;
            lost = (next - sum) - term;
            sum = next;
        }
        // an overflow leaves ∞ - ∞ behind
        return Double.isNaN(sum) && !hasNaN(x, from, to) ? Double.POSITIVE_INFINITY : sum;
    }

    static double norm(double[] x) {
        return Math.sqrt(squares(x, 0, x.length));
    }

    /** {@code ‖A‖_F² + ‖B‖_F²}, Frobenius. */
    static double frobeniusSquares(double[] theta, AdapterBlock block) {
        return squares(theta, block.offsetA(), block.offsetA() + block.sizeA())
                + squares(theta, block.offsetB(), block.offsetB() + block.sizeB());
    }

    /** An upper bound, tight but for rounding, of {@code √(‖A‖₂² + ‖B‖₂²)}, spectral norms. */
    static double spectral(double[] theta, AdapterBlock block) {
        double a = largestOfGram(gramOfA(theta, block), block.rank(), block.rows());
        double b = largestOfGram(gramOfB(theta, block), block.rank(), block.columns());
        return Math.nextUp(Math.sqrt(Math.nextUp(a + b)));
    }

    /** An upper bound, tight but for rounding, of ‖A‖₂. */
    static double spectralOfA(double[] theta, AdapterBlock block) {
        return Math.nextUp(Math.sqrt(Math.max(0, largestOfGram(gramOfA(theta, block), block.rank(), block.rows()))));
    }

    /**
     * Bounds the largest eigenvalue of a Gram matrix whose elements are sums of {@code terms} products. They are off by at
     * most γ·(|A|ᵀ|A|)_jk with γ = (terms + 1)u, hence the matrix by at most γ·‖A‖_F² = γ·trace in norm.
     */
    private static double largestOfGram(double[] gram, int rank, int terms) {
        double trace = 0;
        for (int j = 0; j < rank; j++) {
            trace += gram[j * rank + j];
        }
        return SymmetricEigenvalues.largest(gram, rank) + (terms + (double) rank + 1) * UNIT * trace;
    }

    /** AᵀA, [rank, rank]. */
    private static double[] gramOfA(double[] theta, AdapterBlock block) {
        int rank = block.rank();
        double[] gram = new double[rank * rank];
        for (int j = 0; j < rank; j++) {
            for (int k = 0; k <= j; k++) {
                int columnJ = block.offsetA() + j * block.rows();
                int columnK = block.offsetA() + k * block.rows();
                double sum = 0;
                for (int i = 0; i < block.rows(); i++) {
                    sum += theta[columnJ + i] * theta[columnK + i];
                }
                gram[j * rank + k] = sum;
                gram[k * rank + j] = sum;
            }
        }
        return gram;
    }

    /** BBᵀ, [rank, rank]. */
    private static double[] gramOfB(double[] theta, AdapterBlock block) {
        int rank = block.rank();
        double[] gram = new double[rank * rank];
        for (int column = 0; column < block.columns(); column++) {
            int start = block.offsetB() + column * rank;
            for (int j = 0; j < rank; j++) {
                for (int k = 0; k < rank; k++) {
                    gram[j * rank + k] += theta[start + j] * theta[start + k];
                }
            }
        }
        return gram;
    }

    private static boolean hasNaN(double[] x, int from, int to) {
        for (int i = from; i < to; i++) {
            if (Double.isNaN(x[i])) {
                return true;
            }
        }
        return false;
    }
}
