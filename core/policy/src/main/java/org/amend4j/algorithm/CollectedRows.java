/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.Arrays;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;

/** Parts of what was collected. */
final class CollectedRows {

    private CollectedRows() {}

    /** Some rows, each a sequence of its own. */
    static Decisions of(Decisions all, int[] rows) {
        int[] lengths = new int[rows.length];
        Arrays.fill(lengths, 1);
        return new Decisions(
                rows.length,
                numbers(all.inputs(), all.rows(), rows),
                numbers(all.actions(), all.rows(), rows),
                flags(all.allowed(), all.rows(), rows),
                lengths);
    }

    /** Some rows of a column. */
    static double[] of(double[] column, int[] rows) {
        return numbers(column, column.length, rows);
    }

    private static double[] numbers(double[] all, int allRows, int[] rows) {
        int size = all.length / allRows;
        double[] result = new double[rows.length * size];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(all, rows[i] * size, result, i * size, size);
        }
        return result;
    }

    private static boolean[] flags(boolean[] all, int allRows, int[] rows) {
        int size = all.length / allRows;
        boolean[] result = new boolean[rows.length * size];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(all, rows[i] * size, result, i * size, size);
        }
        return result;
    }

    /** A segment's part of a column. */
    static double[] slice(double[] column, Segment segment) {
        return Arrays.copyOfRange(column, segment.begin(), segment.end());
    }

    /** The rewards of a segment. */
    static double[] rewards(TakenSteps steps, Segment segment) {
        return slice(steps.rewards(), segment);
    }

    /** A column of numbers that are all the same. */
    static double[] constant(int rows, double value) {
        double[] column = new double[rows];
        Arrays.fill(column, value);
        return column;
    }

    static double[] scaled(double[] column, double factor) {
        return Arrays.stream(column).map(number -> factor * number).toArray();
    }

    static double mean(double[] column) {
        return Arrays.stream(column).sum() / column.length;
    }

    /** V of the state after each segment, [segments]; for policies without memory. */
    static double[] successorValues(Policy policy, TakenSteps steps) {
        int size = policy.encoder().size();
        int count = steps.segments().size();
        double[] inputs = new double[count * size];
        for (int i = 0; i < count; i++) {
            System.arraycopy(steps.segments().get(i).successor(), 0, inputs, i * size, size);
        }
        int[] lengths = new int[count];
        Arrays.fill(lengths, 1);
        double[] outputs = policy.network().forward(inputs, lengths).outputs();
        int stride = policy.network().outputs();
        double[] values = new double[count];
        Arrays.setAll(values, i -> outputs[i * stride + stride - 1]);
        return values;
    }
}
