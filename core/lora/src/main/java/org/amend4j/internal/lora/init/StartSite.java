/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where an adapter starts.
 *
 * @param target name of the adapted weight, for messages
 * @param weight W, [nIn, nOut], matricised, of FLOAT or DOUBLE in any order, only read; elements must be finite where a start
 *     reads them
 * @param rank r, in [1, min(nIn, nOut)]
 * @param scaling s, the factor on A·B, > 0 and finite
 * @param seed of what is drawn; every seed is allowed, and each weight should have its own
 */
public record StartSite(String target, INDArray weight, int rank, double scaling, long seed) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public StartSite {
        Checks.name("the target of a start", target);
        Checks.present("weight", weight);
        if (weight.rank() != 2 || !isReal(weight.dataType())) {
            throw new IllegalArgumentException(
                    "weight must be a matrix of FLOAT or DOUBLE, got " + weight.shapeInfoToString() + place(target));
        }
        int side = Math.toIntExact(Math.min(weight.size(0), weight.size(1)));
        if (rank < 1 || rank > side) {
            throw new IllegalArgumentException("rank must be in [1, " + side + "], the smaller side of the "
                    + weight.size(0) + " x " + weight.size(1) + " weight, got " + rank + place(target));
        }
        if (!(scaling > 0) || Double.isInfinite(scaling)) {
            throw new IllegalArgumentException("scaling must be > 0 and finite, got " + scaling + place(target));
        }
    }

    private static boolean isReal(DataType type) {
        return type == DataType.FLOAT || type == DataType.DOUBLE;
    }

    private static String place(String target) {
        return " (target '" + target + "')";
    }

    /** The end of a message: where this is. */
    public String place() {
        return place(target);
    }

    public int inputs() {
        return Math.toIntExact(weight.size(0));
    }

    public int outputs() {
        return Math.toIntExact(weight.size(1));
    }

    /** W in double. */
    public Dense dense() {
        return dense("weight", weight);
    }

    /** A matrix of this weight's shape in double, such as its gradient. */
    public Dense dense(String what, INDArray matrix) {
        if (matrix.rank() != 2 || matrix.size(0) != inputs() || matrix.size(1) != outputs()) {
            throw new IllegalArgumentException(what + " must be [" + inputs() + ", " + outputs() + "], got "
                    + matrix.shapeInfoToString() + place());
        }
        Dense result = Dense.of(matrix);
        if (!result.isFinite()) {
            throw new IllegalArgumentException(what + " must be finite" + place());
        }
        return result;
    }

    /** Factors of the weight's type from A [nIn, r] and B [r, nOut]; the base keeps W. */
    public StartFactors beside(Dense a, Dense b) {
        return factors(a, b, false);
    }

    /** Factors that take their part s·A·B out of the base. */
    public StartFactors movedOut(Dense a, Dense b) {
        return factors(a, b, true);
    }

    private StartFactors factors(Dense a, Dense b, boolean movesWeight) {
        INDArray ofA = a.array(weight.dataType());
        INDArray ofB = b.array(weight.dataType());
        if (!Dense.of(ofA).isFinite() || !Dense.of(ofB).isFinite()) {
            throw new ArithmeticException(
                    "the first factors must be finite in " + weight.dataType() + ", got an overflow" + place());
        }
        return new StartFactors(ofA, ofB, movesWeight);
    }
}
