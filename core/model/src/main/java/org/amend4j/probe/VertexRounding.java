/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * How far two computations of one vertex from the same values may be apart. The sums may be in another order, so n terms
 * err by about √n, at worst n units of rounding; {@link #UNITS} of the vertex's largest value is far above what sums of
 * real layers do, and far below what a lost property does.
 */
final class VertexRounding {

    /** Units of rounding allowed, in proportion to the largest value. */
    private static final double UNITS = 1024;

    /** Types of few digits get no more than this part of the largest value. */
    private static final double MOST = 1.0 / 16;

    /** Elements that are looked at together: activations of pictures are larger than what Java has memory for. */
    private static final long PIECE = 1 << 18;

    /** How far a perturbation of the inputs by some units of rounding may be amplified by what is still rounding. */
    static final double AMPLIFIED = 16;

    private VertexRounding() {}

    /** Unit of rounding, half the distance of 1 to the next number; 0 for types that do not round. */
    static double unit(DataType type) {
        return switch (type) {
            case DOUBLE -> 0x1p-53;
            case FLOAT -> 0x1p-24;
            case HALF -> 0x1p-11;
            case BFLOAT16 -> 0x1p-8;
            default -> 0;
        };
    }

    /** What a difference may be where the largest value of a vertex is {@code magnitude}. */
    static double allowed(DataType type, double magnitude) {
        return Math.min(UNITS * unit(type), MOST) * magnitude;
    }

    /**
     * Two arrays of one shape, element by element.
     *
     * @param difference the largest, infinite where one is finite and the other is not, or they are different infinities
     * @param index of the largest difference in C order
     * @param magnitude the largest finite |expected|
     * @param finite whether all expected values are
     */
    record Gap(double difference, long index, double expected, double actual, double magnitude, boolean finite) {

        /** This and what is further on. */
        private Gap and(long begin, double[] first, double[] second) {
            Gap gap = this;
            double largest = magnitude;
            boolean all = finite;
            for (int i = 0; i < first.length; i++) {
                if (Double.isFinite(first[i])) {
                    largest = Math.max(largest, Math.abs(first[i]));
                } else {
                    all = false;
                }
                double apart = apart(first[i], second[i]);
                if (apart > gap.difference) {
                    gap = new Gap(apart, begin + i, first[i], second[i], 0, true);
                }
            }
            return new Gap(gap.difference, gap.index, gap.expected, gap.actual, largest, all);
        }
    }

    static Gap between(INDArray expected, INDArray actual) {
        Gap gap = new Gap(0, 0, 0, 0, 0, true);
        if (expected.isEmpty()) {
            return gap;
        }
        INDArray first = expected.dup('c').ravel();
        INDArray second = actual.dup('c').ravel();
        for (long begin = 0; begin < first.length(); begin += PIECE) {
            INDArrayIndex piece = NDArrayIndex.interval(begin, Math.min(begin + PIECE, first.length()));
            gap = gap.and(begin, values(first.get(piece)), values(second.get(piece)));
        }
        return gap;
    }

    private static double apart(double first, double second) {
        if (first == second || (Double.isNaN(first) && Double.isNaN(second))) {
            return 0;
        }
        double apart = Math.abs(first - second);
        return Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart;
    }

    private static double[] values(INDArray row) {
        return row.castTo(DataType.DOUBLE).toDoubleVector();
    }

    /** Where an element is, by its index in C order, such as [0, 3, 1]. */
    static String place(long[] shape, long index) {
        long[] place = new long[shape.length];
        long rest = index;
        for (int d = shape.length - 1; d >= 0; d--) {
            place[d] = rest % shape[d];
            rest /= shape[d];
        }
        return Arrays.toString(place);
    }
}
