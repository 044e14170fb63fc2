/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;

/** A run whose records and parameters are known: random bits, so that NaNs with payloads, infinities and -0.0 occur. */
final class ReferenceRun {
    static final String FINGERPRINT = "reference";
    private static final double[] SPECIAL = {
        -0.0,
        Double.longBitsToDouble(0x7ff0_0000_0000_0001L),
        Double.longBitsToDouble(0xfff8_1234_5678_9abcL),
        Double.MIN_VALUE,
        Double.NEGATIVE_INFINITY
    };

    private ReferenceRun() {}

    /** What step t did. */
    static StepRecord record(int step) {
        Random random = new Random(1_000 + step);
        return new StepRecord(
                step, bits(random), bits(random), bits(random), bits(random), bits(random), bits(random), step * 7);
    }

    /** θ_step and η_{step-1}. */
    static Checkpoint checkpoint(int step, int dimension) {
        Random random = new Random(2_000 + step);
        double[] theta = new double[dimension];
        for (int i = 0; i < dimension; i++) {
            theta[i] = bits(random);
        }
        return new Checkpoint(step, theta, bits(random));
    }

    private static double bits(Random random) {
        return random.nextInt(3) == 0
                ? SPECIAL[random.nextInt(SPECIAL.length)]
                : Double.longBitsToDouble(random.nextLong());
    }

    /** Makes the steps from what is next to {@code steps}, with a checkpoint before each and at the end. */
    static void go(TrajectoryStore store, int dimension, int from, int steps) throws IOException {
        for (int step = from; step < steps; step++) {
            store.keep(checkpoint(step, dimension));
            store.append(record(step));
        }
        store.keep(checkpoint(steps, dimension));
    }

    /** Everything in the store is what it was; returns the last step. */
    static int requireTrue(TrajectoryStore store, int dimension) throws IOException {
        for (int step : store.checkpoints()) {
            requireTrue(store.read(step), dimension);
            requireTrue(store.records(step), step);
        }
        int last = store.checkpoints().isEmpty() ? -1 : store.checkpoints().last();
        assertEquals(last >= 0, store.latest().isPresent());
        if (last >= 0) {
            requireTrue(store.latest().orElseThrow(), dimension);
            assertEquals(last, store.latest().orElseThrow().step());
        }
        return last;
    }

    static void requireTrue(Checkpoint found, int dimension) {
        same(checkpoint(found.step(), dimension), found);
    }

    static void requireTrue(List<StepRecord> found, int count) {
        assertEquals(count, found.size());
        for (int step = 0; step < count; step++) {
            assertArrayEquals(rawBits(record(step)), rawBits(found.get(step)), "record of step " + step);
        }
    }

    /** Bit for bit. */
    static void same(Checkpoint expected, Checkpoint found) {
        assertEquals(expected.step(), found.step());
        assertArrayEquals(rawBits(expected.theta()), rawBits(found.theta()), "step " + found.step());
        assertEquals(
                Double.doubleToRawLongBits(expected.previousStepSize()),
                Double.doubleToRawLongBits(found.previousStepSize()));
    }

    static void same(List<StepRecord> expected, List<StepRecord> found) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(rawBits(expected.get(i)), rawBits(found.get(i)), "record of step " + i);
        }
    }

    private static long[] rawBits(double[] values) {
        return DoubleStream.of(values).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    private static long[] rawBits(StepRecord record) {
        long[] bits = rawBits(new double[] {
            record.loss(),
            record.gradientNorm(),
            record.adapterNorm(),
            record.stepSize(),
            record.promisedDecrease(),
            record.nextLoss(),
            record.step(),
            record.evaluations()
        });
        assertTrue(record.evaluations() >= 0);
        return bits;
    }
}
