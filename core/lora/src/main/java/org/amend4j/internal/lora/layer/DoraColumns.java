/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Objects;
import org.amend4j.internal.lora.layer.Trained.Adapter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The columns of DoRA's direction {@code V = W + s·A·B} and by what each is scaled: m/c, with m the magnitudes and c the columns'
 * norms (Liu et al., arXiv 2402.09353, eq. 5). V is never formed: {@code c_j² = ‖W_j‖² + 2s·(WᵀA)_j·B_j + s²·B_jᵀ(AᵀA)B_j}, which takes
 * one product with the weight as wide as the rank. The rest is added up in double.
 *
 * <p>Where factors take away most of a column, the sum would have little left but its rounding: such columns are formed. The error of
 * c_j² is then at most that of its products, relative to their parts, over {@link #LEFT}.
 *
 * <p>Not thread-safe.
 */
final class DoraColumns {

    /** Share of its parts' squares below which a column's square is not trusted. */
    private static final double LEFT = 1.0 / 64;

    private final INDArray weight;
    private final Adapter adapter;
    private final INDArray magnitude;
    private final double[] squaresOfWeight;
    private @Nullable State state;

    /**
     * What the factors of a moment make; arrays are used again.
     *
     * @param a copy of A
     * @param b copy of B
     * @param low {@code AᵀW}, [rank, columns]
     * @param gram {@code AᵀA}, [rank, rank]
     * @param reciprocals 1/c, 0 where c is, [1, columns]
     */
    private record State(INDArray a, INDArray b, INDArray low, INDArray gram, INDArray reciprocals) {

        static State of(INDArray weight, Adapter adapter) {
            return new State(
                    adapter.a().ulike(),
                    adapter.b().ulike(),
                    adapter.b().ulike(),
                    Nd4j.createUninitialized(
                            weight.dataType(),
                            new long[] {adapter.b().size(0), adapter.b().size(0)},
                            'f'),
                    Nd4j.createUninitialized(weight.dataType(), 1, weight.size(1)));
        }

        boolean isOf(Adapter adapter) {
            return adapter.a().eq(a).all() && adapter.b().eq(b).all();
        }
    }

    /**
     * @param weight W, [rows, columns]
     * @param magnitude m, [1, columns]
     */
    DoraColumns(INDArray weight, Adapter adapter, INDArray magnitude) {
        this.weight = weight;
        this.adapter = adapter;
        this.magnitude = magnitude;
        this.squaresOfWeight = RowNorms.squared(weight.transpose());
    }

    /** @param changed whether factors are known to have changed since; otherwise it is looked */
    void refresh(boolean changed) {
        State now = state;
        if (!changed && now != null && now.isOf(adapter)) {
            return;
        }
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            now = now == null ? State.of(weight, adapter) : now;
            now.a().assign(adapter.a());
            now.b().assign(adapter.b());
            Nd4j.gemm(now.a(), weight, now.low(), true, false, 1, 0);
            Nd4j.gemm(now.a(), now.a(), now.gram(), true, false, 1, 0);
            now.reciprocals()
                    .assign(Nd4j.createFromArray(reciprocalNorms(now))
                            .reshape(now.reciprocals().shape()));
            state = now;
        }
    }

    private double[] reciprocalNorms(State of) {
        double s = adapter.scaling();
        double[] allOfB = Lines.values(of.b());
        double[] allOfLow = Lines.values(of.low());
        int rank = (int) of.b().size(0);
        double[] b = new double[rank];
        double[][] gram = of.gram().castTo(DataType.DOUBLE).toDoubleMatrix();
        double[] reciprocals = new double[squaresOfWeight.length];
        for (int j = 0; j < reciprocals.length; j++) {
            System.arraycopy(allOfB, j * rank, b, 0, rank);
            double parts = squaresOfWeight[j] + s * s * square(b, gram);
            double square = parts + 2 * s * dot(allOfLow, j * rank, b);
            double norm = square > LEFT * parts ? Math.sqrt(square) : norm(j);
            reciprocals[j] = norm == 0 ? 0 : 1 / norm;
        }
        return reciprocals;
    }

    /** {@code bᵀ(AᵀA)b}. */
    private static double square(double[] b, double[][] gram) {
        double sum = 0;
        for (int k = 0; k < b.length; k++) {
            sum += b[k] * dot(gram[k], 0, b);
        }
        return sum;
    }

    private static double dot(double[] x, int from, double[] y) {
        double sum = 0;
        for (int k = 0; k < y.length; k++) {
            sum += x[from + k] * y[k];
        }
        return sum;
    }

    /** The norm of a column that is formed. */
    private double norm(int j) {
        INDArray column = column(weight, j);
        Nd4j.gemm(adapter.a(), column(adapter.b(), j), column, false, false, adapter.scaling(), 1);
        return column.castTo(DataType.DOUBLE).norm2Number().doubleValue();
    }

    private static INDArray column(INDArray matrix, int j) {
        return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(j, j + 1)).dup('f');
    }

    private State state() {
        return Objects.requireNonNull(state, "refresh comes first");
    }

    /** m/c, [1, columns]. */
    INDArray scale() {
        return magnitude.mul(state().reciprocals());
    }

    /** 1/c, 0 where c is, [1, columns]. */
    INDArray reciprocalNorms() {
        return state().reciprocals();
    }

    /**
     * Takes out of the factors' gradients what they would have along their columns if the norms were constants: the gradient of V's column
     * j, {@code (m_j/c_j)·G_j}, becomes {@code (m_j/c_j)·(G_j - V_j·(V_j·G_j)/c_j²)}.
     *
     * @param along {@code V_j·G_j/c_j}, [1, columns]
     */
    void subtractAlong(INDArray along, INDArray gradA, INDArray gradB) {
        State now = state();
        double s = adapter.scaling();
        INDArray w = scale().muli(along).muli(now.reciprocals());
        INDArray weighted = adapter.b().mulRowVector(w); // B·diag(w)
        Nd4j.gemm(weight, weighted, gradA, false, true, -s, 1);
        INDArray square =
                Nd4j.createUninitialized(weighted.dataType(), new long[] {weighted.size(0), weighted.size(0)}, 'f');
        Nd4j.gemm(weighted, adapter.b(), square, false, true, 1, 0);
        Nd4j.gemm(adapter.a(), square, gradA, false, false, -s * s, 1);
        gradB.subi(now.low().mulRowVector(w).muli(s));
        Nd4j.gemm(now.gram(), weighted, gradB, false, false, -s * s, 1);
    }
}
