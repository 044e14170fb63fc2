/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.RotaryKernels.Angles;
import org.amend4j.internal.network.Rotations;

/** Rotary positions against complex numbers in double. */
public final class RotaryLaws {

    private static final int POSITIONS = 11;

    private RotaryLaws() {}

    private static double[] frequencies(int half) {
        double[] frequencies = new double[half];
        for (int j = 0; j < half; j++) {
            frequencies[j] = Math.pow(10_000, -j / (double) half);
        }
        return frequencies;
    }

    private static Angles angles(Values values, int half) {
        List<Double> frequencies = Arrays.stream(frequencies(half)).boxed().toList();
        return new Angles(
                MatrixView.of(values.in(Rotations.cosines(frequencies, POSITIONS)), POSITIONS, half),
                MatrixView.of(values.in(Rotations.sines(frequencies, POSITIONS)), POSITIONS, half));
    }

    /** Turned by the angle of the position and back, from one place to another and where it is. */
    public static void turned(
            Machine machine, RotaryKernels kernels, ElementType type, int rows, int heads, int half, int gap) {
        try (Values values = new Values(machine, type, 41)) {
            int columns = heads * 2 * half;
            float[] x = values.normal(rows * columns);
            int[] positions = values.random().ints(rows, 0, POSITIONS).toArray();
            MatrixView input = values.in(x, rows, columns, gap);
            MachineArray places = values.in(positions);
            MatrixView forth = values.fresh(rows, columns, gap);
            Angles angles = angles(values, half);
            kernels.turn(input, places, angles, forth, false);
            kernels.turn(input, places, angles, input, true);
            for (boolean back : new boolean[] {false, true}) {
                Expected expected = new Expected(x.length);
                for (int i = 0; i < x.length; i++) {
                    int within = i % columns % (2 * half);
                    int j = within % half;
                    double angle = positions[i / columns] * frequencies(half)[j] * (back ? -1 : 1);
                    double other = x[within < half ? i + half : i - half] * (within < half ? -1.0 : 1.0);
                    double size = Math.abs(x[i]) + Math.abs(other);
                    // a rounded cosine or sine, a product, a sum
                    expected.set(i, x[i] * Math.cos(angle) + other * Math.sin(angle), 4 * values.unit() * size);
                }
                expected.compare(back ? "turned back" : "turned", values.get(back ? input : forth));
            }
        }
    }

    /** NaN, and no access. */
    public static void unknownPosition(Machine machine, RotaryKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 42)) {
            MatrixView y = values.fresh(3, 4, 0);
            kernels.turn(
                    values.in(values.normal(12), 3, 4, 0),
                    values.in(new int[] {POSITIONS, POSITIONS - 1, -1}),
                    angles(values, 2),
                    y,
                    false);
            double[] got = values.get(y);
            for (int i = 0; i < got.length; i++) {
                assertEquals(i / 4 != 1, Double.isNaN(got[i]), "place " + i);
            }
        }
    }

    public static void refusals(Machine machine, RotaryKernels kernels, ElementType type) {
        try (Values values = new Values(machine, type, 43)) {
            MatrixView x = values.fresh(3, 6, 0);
            refused(
                    "rows that are turned must be heads of 4 columns, got 6",
                    () -> kernels.turn(x, values.in(new int[3]), angles(values, 2), x, false));
        }
    }
}
