/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
