/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Rows that some tokens have of their own, in place of a table's. What it takes grows with the tokens looked up, not with the table. */
public final class OwnRows {

    private final Map<Integer, Integer> positions = new HashMap<>();

    /** @param tokens in the order of their rows */
    public OwnRows(List<Integer> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            positions.put(tokens.get(i), i);
        }
    }

    /**
     * Looks rows up.
     *
     * @param table [numbers, width], only read
     * @param own [tokens, width], only read
     * @param into [looked up, width], overwritten
     */
    void pull(INDArray table, INDArray own, int[] tokens, INDArray into) {
        int[] places = places(tokens);
        if (places.length == 0) {
            Nd4j.pullRows(table, into, 1, tokens);
            return;
        }
        // All from the table, behind them those of our own; then each from where it belongs.
        int all = tokens.length;
        INDArray both = Nd4j.createUninitialized(into.dataType(), new long[] {all + places.length, into.size(1)}, 'c');
        Nd4j.pullRows(table, both.get(NDArrayIndex.interval(0, all), NDArrayIndex.all()), 1, tokens);
        Nd4j.pullRows(
                own,
                both.get(NDArrayIndex.interval(all, all + places.length), NDArrayIndex.all()),
                1,
                Arrays.stream(places).map(place -> row(tokens[place])).toArray());
        int[] from = IntStream.range(0, all).toArray();
        for (int i = 0; i < places.length; i++) {
            from[places[i]] = all + i;
        }
        Nd4j.pullRows(both, into, 1, from);
    }

    /**
     * Puts rows that tokens have of their own in place of the table's.
     *
     * @param own [tokens, width], only read
     * @param into [looked up, width]
     */
    public void putInto(INDArray own, int[] tokens, INDArray into) {
        for (int place : places(tokens)) {
            into.getRow(place).assign(own.getRow(row(tokens[place])));
        }
    }

    /** The row of a token that has one. */
    private int row(int token) {
        return Objects.requireNonNull(positions.get(token));
    }

    /** Where these tokens are. */
    private int[] places(int[] tokens) {
        return IntStream.range(0, tokens.length)
                .filter(i -> positions.containsKey(tokens[i]))
                .toArray();
    }

    /**
     * Adds rows of gradients up by token, in double and in the order of the tokens, so that the bytes are always the same.
     *
     * @param gradients [looked up, width]
     * @param into [tokens, width], overwritten
     */
    public void addUp(INDArray gradients, int[] tokens, INDArray into) {
        into.assign(0);
        int[] places = places(tokens);
        if (places.length == 0) {
            return;
        }
        int width = (int) gradients.size(1);
        INDArray rows = Nd4j.createUninitialized(gradients.dataType(), new long[] {places.length, width}, 'c');
        double[] values = Nd4j.pullRows(gradients, rows, 1, places).data().asDouble();
        double[] sums = new double[positions.size() * width];
        for (int i = 0; i < places.length; i++) {
            int at = row(tokens[places[i]]) * width;
            for (int k = 0; k < width; k++) {
                sums[at + k] += values[i * width + k];
            }
        }
        into.assign(Nd4j.createFromArray(sums).reshape('c', new long[] {positions.size(), width}));
    }
}
