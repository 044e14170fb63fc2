/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.amend4j.network.Values.Constant;

/** Cosines and sines of the angles by which rotary positions turn. */
final class Rotations {

    private Rotations() {}

    /** At so many positions from 0 on: p·f_j, row after row. */
    static Operation.Angles of(List<Double> frequencies, int positions) {
        return new Operation.Angles(
                constant("cosines of positions", frequencies, positions, Math::cos),
                constant("sines of positions", frequencies, positions, Math::sin),
                positions);
    }

    private static Constant constant(
            String owner, List<Double> frequencies, int positions, DoubleUnaryOperator function) {
        int half = frequencies.size();
        return Constant.computed(owner, (long) positions * half, () -> {
            double[] values = new double[Math.multiplyExact(positions, half)];
            for (int k = 0; k < values.length; k++) {
                int position = k / half;
                values[k] = function.applyAsDouble(position * frequencies.get(k % half));
            }
            return values;
        });
    }
}
