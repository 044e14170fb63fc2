/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.cpu.HostArrays;
import org.amend4j.random.SplitMix64;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A matrix in double, column after column, as LAPACK wants it. Shapes are not checked.
 *
 * @param values [rows · columns]; not to be changed once others have the matrix
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, and too large to copy at each access
public record Dense(int rows, int columns, double[] values) {

    public static Dense zero(int rows, int columns) {
        return new Dense(rows, columns, new double[Math.multiplyExact(rows, columns)]);
    }

    /** Standard normal elements, column after column. */
    static Dense normal(int rows, int columns, SplitMix64 random) {
        Dense result = zero(rows, columns);
        Arrays.setAll(result.values, i -> random.nextGaussian());
        return result;
    }

    public static Dense of(INDArray matrix) {
        double[] values = matrix.castTo(DataType.DOUBLE).dup('f').data().asDouble();
        return new Dense(Math.toIntExact(matrix.size(0)), Math.toIntExact(matrix.size(1)), values);
    }

    /** Rounded once, in Fortran order. */
    public INDArray array(DataType type) {
        return Nd4j.createFromArray(values).castTo(type).reshape('f', rows, columns);
    }

    public boolean isFinite() {
        return Arrays.stream(values).allMatch(Double::isFinite);
    }

    public double at(int row, int column) {
        return values[column * rows + row];
    }

    public double squares() {
        return Arrays.stream(values).map(value -> value * value).sum();
    }

    public Dense transposed() {
        Dense result = zero(columns, rows);
        for (int j = 0; j < columns; j++) {
            for (int i = 0; i < rows; i++) {
                result.values[i * columns + j] = values[j * rows + i];
            }
        }
        return result;
    }

    public Dense times(Dense other) {
        Dense result = zero(rows, other.columns);
        return result.plusInPlace(1, this, false, other, false);
    }

    /** This matrix' transpose times another one. */
    public Dense transposedTimes(Dense other) {
        return zero(columns, other.columns).plusInPlace(1, this, true, other, false);
    }

    /** This ← this + factor·left·right, each transposed or not; gives itself. */
    public Dense plusInPlace(double factor, Dense left, boolean turnLeft, Dense right, boolean turnRight) {
        int inner = turnLeft ? left.rows : left.columns;
        Gemm product = Gemm.contiguous(MatrixOrder.COLUMNS, turnLeft, turnRight, rows, columns, inner);
        HostArrays.multiply(product.withFactors(factor, 1), left.values, right.values, values);
        return this;
    }

    /** Columns {@code from} to {@code to - 1}. */
    public Dense columns(int from, int to) {
        return new Dense(rows, to - from, Arrays.copyOfRange(values, from * rows, to * rows));
    }

    /** The k-th column times {@code factor(k)}. */
    public Dense scaled(IntToDoubleFunction factor) {
        Dense result = zero(rows, columns);
        for (int j = 0; j < columns; j++) {
            double scale = factor.applyAsDouble(j);
            for (int i = 0; i < rows; i++) {
                result.values[j * rows + i] = scale * values[j * rows + i];
            }
        }
        return result;
    }
}
