/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Arrays;
import org.amend4j.internal.network.TokenMask;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Which tokens of a batch become rows: those that the mask keeps, example after example. A token's position is how many of its example come
 * before it, wherever the padding is.
 */
public final class TokenRows {

    /** Features of a token: its number in the vocabulary, and whether it counts. */
    static final int ID = 0;

    static final int MASK = 1;

    private final int[] starts;
    private final int[] steps;

    private TokenRows(int[] starts, int[] steps) {
        this.starts = starts;
        this.steps = steps;
    }

    /**
     * Of an input.
     *
     * @param tokens [examples, features, time]: ids, masks of 1 and 0 if there are two features or more
     * @throws IllegalArgumentException if the shape or a mask is another, or an example has no token
     */
    public static TokenRows of(INDArray tokens) {
        if (tokens.rank() != 3 || tokens.size(1) < 1) {
            throw new IllegalArgumentException(
                    "tokens must be [examples, features, time] with ids and masks as features, got "
                            + Arrays.toString(tokens.shape()));
        }
        int examples = (int) tokens.size(0);
        int time = (int) tokens.size(2);
        int[] starts = new int[examples + 1];
        int[] steps = new int[examples * time];
        int rows = 0;
        double[] masks = masks(tokens);
        for (int example = 0; example < examples; example++) {
            int first = example * time;
            int[] kept = TokenMask.kept(example, time, step -> masks[first + step]);
            starts[example] = rows;
            System.arraycopy(kept, 0, steps, rows, kept.length);
            rows += kept.length;
        }
        starts[examples] = rows;
        return new TokenRows(starts, Arrays.copyOf(steps, rows));
    }

    /** Of all positions, one example after the other; all 1 if there are none. */
    private static double[] masks(INDArray tokens) {
        if (tokens.size(1) > MASK) {
            return feature(tokens, MASK);
        }
        double[] all = new double[(int) (tokens.size(0) * tokens.size(2))];
        Arrays.fill(all, 1);
        return all;
    }

    /** A feature of all positions, one example after the other. */
    static double[] feature(INDArray tokens, int feature) {
        return tokens.get(NDArrayIndex.all(), NDArrayIndex.point(feature), NDArrayIndex.all())
                .dup('c')
                .reshape(new long[] {tokens.size(0) * tokens.size(2)})
                .toDoubleVector();
    }

    /** The first row of each example, and the row behind all. */
    int[] starts() {
        return starts.clone();
    }

    /** The first row of an example. */
    public int start(int example) {
        return starts[example];
    }

    /** The row behind an example's last one. */
    public int end(int example) {
        return starts[example + 1];
    }

    /** Where in its example's time a row is. */
    public int step(int row) {
        return steps[row];
    }

    public int examples() {
        return starts.length - 1;
    }

    /** Rows of all examples. */
    int count() {
        return steps.length;
    }

    /** The position of each row in its example. */
    int[] positions() {
        int[] positions = new int[count()];
        for (int example = 0; example < examples(); example++) {
            for (int row = starts[example]; row < starts[example + 1]; row++) {
                positions[row] = row - starts[example];
            }
        }
        return positions;
    }

    /** The example of each row. */
    public int[] owners() {
        int[] owners = new int[count()];
        for (int example = 0; example < examples(); example++) {
            Arrays.fill(owners, starts[example], starts[example + 1], example);
        }
        return owners;
    }

    /** Refuses rows that are not these. */
    public void require(String what, INDArray rows) {
        if (rows.rank() != 2 || rows.size(0) != count()) {
            throw new IllegalArgumentException(
                    what + " must have a row for each of " + count() + " tokens, got " + Arrays.toString(rows.shape()));
        }
    }

    @Override
    public String toString() {
        return count() + " tokens of " + examples() + " examples";
    }
}
