/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Rows that some tokens have of their own, in place of a table's. What it takes grows with the tokens looked up, not with the table. */
final class OwnRows {

    private final Map<Integer, Integer> positions = new HashMap<>();

    /** @param tokens in the order of their rows */
    OwnRows(List<Integer> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            positions.put(tokens.get(i), i);
        }
    }

    /**
     * Puts rows that tokens have of their own in place of the table's.
     *
     * @param own [tokens, width], only read
     * @param into [looked up, width]
     */
    void putInto(INDArray own, int[] tokens, INDArray into) {
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
    void addUp(INDArray gradients, int[] tokens, INDArray into) {
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
