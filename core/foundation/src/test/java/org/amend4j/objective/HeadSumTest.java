/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.numeric.Vectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums over records are the same bytes whichever threads make them, and with the losses or without. */
class HeadSumTest {

    @ParameterizedTest
    @CsvSource({
        "1, 3, 1",
        "1, 3000, 100",
        "20, 784, 300",
        "28, 140000, 1",
        "30, 1400, 100",
        "257, 5, 1",
        "20001, 40, 1",
        "9973, 30, 3"
    })
    void threads_and_left_out_losses_change_no_byte(int records, int inputs, int outputs) {
        Random random = new Random(records);
        double[][] x = new double[records][];
        int[] classes = new int[records];
        for (int r = 0; r < records; r++) {
            x[r] = random.doubles(inputs, -1, 1).toArray();
            classes[r] = random.nextInt(Math.max(2, outputs));
        }
        HeadObjective head = outputs == 1
                ? HeadObjective.logistic(
                        x, IntStream.of(classes).mapToDouble(c -> c).toArray())
                : HeadObjective.softmax(x, classes, outputs);
        double[] theta = random.doubles(head.dimension(), -2, 2).toArray();

        double[] withLosses = new double[theta.length];
        double loss = head.valueAndGradient(theta, withLosses);
        double[] alone = new double[theta.length];
        head.gradient(theta, alone);
        double[] oneThread = new double[theta.length];
        double sum = head.sum(theta).lossAndGradient(0, records, oneThread);
        for (int i = 0; i < oneThread.length; i++) {
            oneThread[i] /= records;
        }
        assertArrayEquals(oneThread, withLosses);
        assertArrayEquals(oneThread, alone);
        assertEquals(sum / records, loss);
        assertEquals(loss, head.value(theta));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gradients_are_the_bytes_of_a_plain_sum_by_halves(boolean bias) {
        Random random = new Random(17);
        for (int records = 1; records < 330; records += records < 45 ? 1 : 19) {
            int inputs = 1 + random.nextInt(40);
            double[][] x = new double[records][];
            double[] labels = new double[records];
            for (int r = 0; r < records; r++) {
                x[r] = random.doubles(inputs, -1, 1).toArray();
                x[r][random.nextInt(inputs)] = random.nextBoolean() ? 0.0 : -0.0;
                labels[r] = random.nextInt(2);
            }
            HeadObjective plain = HeadObjective.logistic(x, labels);
            HeadObjective head = bias ? plain.withBias() : plain;
            double[] theta = random.doubles(head.dimension(), -2, 2).toArray();
            double[] gradient = new double[theta.length];
            head.sum(theta).lossAndGradient(0, records, gradient);
            assertArrayEquals(byHalves(x, labels, theta, 0, records), gradient, records + " × " + inputs);
        }
    }

    /** {@code Σ (p - t)·(x, 1)} as one would write it down. */
    private static double[] byHalves(double[][] x, double[] labels, double[] theta, int from, int to) {
        int inputs = x[0].length;
        double[] sum = new double[theta.length];
        if (to - from == 1) {
            double residual = residual(x[from], labels[from], theta);
            for (int i = 0; i < inputs; i++) {
                sum[i] = residual * x[from][i];
            }
        } else {
            int middle = from + (to - from) / 2;
            double[] left = byHalves(x, labels, theta, from, middle);
            double[] right = byHalves(x, labels, theta, middle, to);
            for (int i = 0; i < sum.length; i++) {
                sum[i] = left[i] + right[i];
            }
        }
        if (theta.length > inputs && to - from <= HeadLeaf.MOST) {
            // the factors of a bias, all 1, are left out, and a leaf's residuals are added in pairs
            double[] five = new double[HeadLeaf.MOST];
            for (int r = from; r < to; r++) {
                five[r - from] = residual(x[r], labels[r], theta);
            }
            sum[inputs] = (five[0] + five[1]) + ((five[2] + five[3]) + five[4]);
        }
        return sum;
    }

    private static double residual(double[] row, double label, double[] theta) {
        double bias = theta.length > row.length ? theta[row.length] : 0;
        double z = Vectors.dot(Arrays.copyOf(theta, row.length), row) + bias;
        double e = StrictMath.exp(-Math.abs(z));
        return (z >= 0 ? 1 : e) / (1 + e) - label;
    }
}
