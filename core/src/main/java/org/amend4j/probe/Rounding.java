package org.amend4j.probe;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How far two computations of one vertex from the same values may be apart. The sums may be in another order, so n terms
 * err by about √n, at worst n units of rounding; {@link #UNITS} of the vertex's largest value is far above what sums of
 * real layers do, and far below what a lost property does.
 */
final class Rounding {

    /** Units of rounding allowed, in proportion to the largest value. */
    private static final double UNITS = 1024;

    /** Types of few digits get no more than this part of the largest value. */
    private static final double MOST = 1.0 / 16;

    /** How far a perturbation of the inputs by some units of rounding may be amplified by what is still rounding. */
    static final double AMPLIFIED = 16;

    private Rounding() {}

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
    record Gap(double difference, int index, double expected, double actual, double magnitude, boolean finite) {}

    static Gap between(INDArray expected, INDArray actual) {
        double[] first = values(expected);
        double[] second = values(actual);
        int widest = 0;
        double difference = 0;
        double magnitude = 0;
        boolean finite = true;
        for (int i = 0; i < first.length; i++) {
            if (Double.isFinite(first[i])) {
                magnitude = Math.max(magnitude, Math.abs(first[i]));
            } else {
                finite = false;
            }
            double apart = apart(first[i], second[i]);
            if (apart > difference) {
                difference = apart;
                widest = i;
            }
        }
        return first.length == 0
                ? new Gap(0, 0, 0, 0, 0, true)
                : new Gap(difference, widest, first[widest], second[widest], magnitude, finite);
    }

    private static double apart(double first, double second) {
        if (first == second || (Double.isNaN(first) && Double.isNaN(second))) {
            return 0;
        }
        double apart = Math.abs(first - second);
        return Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart;
    }

    /** In C order. */
    static double[] values(INDArray array) {
        if (array.isEmpty()) {
            return new double[0];
        }
        return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }

    /** Where an element is, by its index in C order, such as [0, 3, 1]. */
    static String place(long[] shape, int index) {
        long[] place = new long[shape.length];
        long rest = index;
        for (int d = shape.length - 1; d >= 0; d--) {
            place[d] = rest % shape[d];
            rest /= shape[d];
        }
        return Arrays.toString(place);
    }
}
