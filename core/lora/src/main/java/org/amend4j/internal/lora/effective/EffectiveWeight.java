/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import java.util.Optional;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.config.Dora;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a layer computes with in place of a weight: {@code W + s·A·B}, or with DoRA {@code V·diag(m/c)} with V that sum and c the
 * norms of its columns (Liu et al., arXiv 2402.09353, eq. 5); and the gradients of what it is made of. A column of zeros stays one.
 */
public final class EffectiveWeight {

    private final Dora dora;
    private final double scaling;
    private final WeightMatrix matrix;
    private final INDArray a;
    private final INDArray b;
    private final Optional<INDArray> magnitude;

    /**
     * @param scaling s
     * @param dora with norms that count as constants or not
     * @param a [rows, rank]
     * @param b [rank, columns]
     * @param magnitude m, [1, columns]
     */
    public EffectiveWeight(
            double scaling, Dora dora, WeightMatrix matrix, INDArray a, INDArray b, Optional<INDArray> magnitude) {
        this.scaling = scaling;
        this.dora = dora;
        this.matrix = matrix;
        this.a = a;
        this.b = b;
        this.magnitude = magnitude;
    }

    /** The norms of the columns of a weight as a matrix, [1, columns]: where DoRA's magnitudes start. */
    public static INDArray columnNorms(WeightMatrix matrix, INDArray weight) {
        return norms(matrix.matrix(weight));
    }

    private static INDArray norms(INDArray columns) {
        return columns.norm2(true, 0);
    }

    /**
     * Writes it.
     *
     * @param base W, only read
     * @param into overwritten, of W's shape
     */
    public void write(INDArray base, INDArray into) {
        into.assign(base);
        if (magnitude.isEmpty()) {
            addInPlace(matrix, a, b, scaling, into);
        } else {
            INDArray direction = direction(base);
            INDArray change = direction
                    .mulRowVector(magnitude.orElseThrow().mul(reciprocal(norms(direction))))
                    .subi(matrix.matrix(base));
            into.addi(matrix.asWeight(change, base.shape()));
        }
    }

    /**
     * Adds {@code s·A·B} to a weight.
     *
     * @param into a weight of the matrix's layer
     */
    public static void addInPlace(WeightMatrix matrix, INDArray a, INDArray b, double scaling, INDArray into) {
        if (matrix.isWeight()) {
            Nd4j.gemm(a, b, into, false, false, scaling, 1);
            return;
        }
        INDArray product = Nd4j.createUninitialized(a.dataType(), new long[] {a.size(0), b.size(1)}, 'f');
        Nd4j.gemm(a, b, product, false, false, scaling, 0);
        into.addi(matrix.asWeight(product, into.shape()));
    }

    /** V, a matrix of its own. */
    private INDArray direction(INDArray base) {
        INDArray direction = matrix.matrix(base).dup('f');
        return Nd4j.gemm(a, b, direction, false, false, scaling, 1);
    }

    /** 1/c; 0 where c is. */
    private static INDArray reciprocal(INDArray norms) {
        INDArray result = norms.dup();
        for (long j = 0; j < result.length(); j++) {
            double norm = result.getDouble(j);
            result.putScalar(j, norm == 0 ? 0 : 1 / norm);
        }
        return result;
    }

    /**
     * Where the gradients go.
     *
     * @param a [rows, rank]
     * @param b [rank, columns]
     * @param magnitude [1, columns], there if the adapter has one
     */
    record Gradients(INDArray a, INDArray b, Optional<INDArray> magnitude) {}

    /**
     * Writes the gradients.
     *
     * @param base W
     * @param gradient that of the effective weight as a matrix, [rows, columns]; only read
     */
    void gradients(INDArray base, INDArray gradient, Gradients into) {
        if (magnitude.isEmpty()) {
            FactorGradients.write(gradient, a, b, scaling, into.a(), into.b());
            return;
        }
        INDArray v = direction(base);
        INDArray reciprocal = reciprocal(norms(v));
        INDArray along = v.mul(gradient).sum(true, 0).muli(reciprocal); // V_j·G_j / c_j
        into.magnitude().orElseThrow().assign(along);
        INDArray ofDirection = gradient.dup('f');
        if (dora == Dora.TRUE_GRADIENT) {
            ofDirection.subi(v.muliRowVector(along.muli(reciprocal)));
        }
        ofDirection.muliRowVector(magnitude.orElseThrow().mul(reciprocal));
        FactorGradients.write(ofDirection, a, b, scaling, into.a(), into.b());
    }
}
