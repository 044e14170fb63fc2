/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.amend4j.internal.network.Values.Constant;

/** Cosines and sines of the angles p·f_j by which rotary positions turn, gapless [positions, frequencies], for the positions p from 0 on. */
public final class Rotations {

    private Rotations() {}

    /** cos(p·f_j). */
    public static double[] cosines(List<Double> frequencies, int positions) {
        return ofAngles(frequencies, positions, Math::cos);
    }

    /** sin(p·f_j). */
    public static double[] sines(List<Double> frequencies, int positions) {
        return ofAngles(frequencies, positions, Math::sin);
    }

    private static double[] ofAngles(List<Double> frequencies, int positions, DoubleUnaryOperator function) {
        int half = frequencies.size();
        double[] values = new double[Math.multiplyExact(positions, half)];
        for (int k = 0; k < values.length; k++) {
            int position = k / half;
            values[k] = function.applyAsDouble(position * frequencies.get(k % half));
        }
        return values;
    }

    /** Both, as an operation reads them. */
    static Operation.Angles of(List<Double> frequencies, int positions) {
        long length = (long) positions * frequencies.size();
        return new Operation.Angles(
                Constant.computed("cosines of positions", length, () -> cosines(frequencies, positions)),
                Constant.computed("sines of positions", length, () -> sines(frequencies, positions)),
                positions);
    }
}
