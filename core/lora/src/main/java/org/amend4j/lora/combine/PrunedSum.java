/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.util.Arrays;
import java.util.List;
import org.amend4j.random.SplitMix64;

/** Sums of pruned arrays, value by value. */
final class PrunedSum {

    private PrunedSum() {}

    /**
     * @param arrays of one length
     * @param weights one for each
     * @param random draws one number for each value of each array, in their order
     */
    static double[] of(Pruning pruning, List<double[]> arrays, double[] weights, SplitMix64 random) {
        List<double[]> left = arrays.stream()
                .map(array -> pruned(pruning.kept(), array, random))
                .toList();
        double[] sum = new double[arrays.get(0).length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = sum(pruning.signs(), left, weights, i);
        }
        return sum;
    }

    private static double[] pruned(Pruning.Kept kept, double[] array, SplitMix64 random) {
        if (kept.density() == 1) {
            return array;
        }
        return kept instanceof Pruning.Largest
                ? largest(array, (int) (kept.density() * array.length))
                : drawn(array, kept.density(), random);
    }

    private static double[] largest(double[] array, int count) {
        double[] left = new double[array.length];
        if (count == 0) {
            return left;
        }
        double[] magnitudes = Arrays.stream(array).map(Math::abs).sorted().toArray();
        double least = magnitudes[array.length - count];
        int above =
                (int) Arrays.stream(magnitudes).filter(value -> value > least).count();
        int room = count - above;
        for (int i = 0; i < array.length; i++) {
            double magnitude = Math.abs(array[i]);
            if (magnitude > least || (magnitude == least && room-- > 0)) {
                left[i] = array[i];
            }
        }
        return left;
    }

    private static double[] drawn(double[] array, double density, SplitMix64 random) {
        double[] left = new double[array.length];
        for (int i = 0; i < array.length; i++) {
            left[i] = random.nextDouble() < density ? array[i] / density : 0;
        }
        return left;
    }

    private static double sum(Pruning.Signs signs, List<double[]> arrays, double[] weights, int place) {
        double elected = elected(signs, arrays, place);
        double sum = 0;
        int count = 0;
        for (int i = 0; i < weights.length; i++) {
            double value = arrays.get(i)[place];
            if (signs == Pruning.Signs.ALL || Math.signum(value) == elected) {
                sum += weights[i] * value;
                count++;
            }
        }
        return signs == Pruning.Signs.ALL ? sum : sum / Math.max(1, count);
    }

    private static double elected(Pruning.Signs signs, List<double[]> arrays, int place) {
        double votes = 0;
        for (double[] array : arrays) {
            votes += signs == Pruning.Signs.TOTAL ? array[place] : Math.signum(array[place]);
        }
        return votes >= 0 ? 1 : -1;
    }
}
