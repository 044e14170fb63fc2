/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Tokens of examples as the array that a transformer's graph takes, as long as the longest of them. */
public final class TokenArrays {

    private TokenArrays() {}

    /**
     * Ids and masks.
     *
     * @param ids of each example, at least one
     * @return [examples, 2, time]; padding is behind
     * @throws IllegalArgumentException if there is no example, or one without tokens
     */
    public static INDArray of(DataType type, List<int[]> ids) {
        return of(type, ids, List.of());
    }

    /**
     * Ids, masks and types.
     *
     * @param ids of each example, at least one
     * @param types of each example's tokens; empty for none
     * @return [examples, 3, time], without types [examples, 2, time]; padding is behind
     * @throws IllegalArgumentException if there is no example, one without tokens, or one with other types than tokens
     */
    public static INDArray of(DataType type, List<int[]> ids, List<int[]> types) {
        return of(type, ids, types, 1);
    }

    /**
     * As {@link #of(DataType, List, List)}, of one length whatever the examples are.
     *
     * @param least time of the array, unless an example is longer
     */
    public static INDArray of(DataType type, List<int[]> ids, List<int[]> types, int least) {
        int time = ids.stream().mapToInt(some -> some.length).max().orElse(0);
        time = Math.max(time, least);
        int features = types.isEmpty() ? 2 : 3;
        float[] values = new float[Math.multiplyExact(Math.multiplyExact(ids.size(), features), time)];
        for (int example = 0; example < ids.size(); example++) {
            int[] tokens = ids.get(example);
            if (tokens.length == 0) {
                throw new IllegalArgumentException("an example must have a token, got none in example " + example);
            }
            int at = example * features * time;
            for (int step = 0; step < tokens.length; step++) {
                values[at + step] = tokens[step];
                values[at + time + step] = 1;
            }
            if (features > 2) {
                putTypes(values, at + 2 * time, tokens.length, types.get(example));
            }
        }
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("there must be an example, got none");
        }
        return Nd4j.create(values, new long[] {ids.size(), features, time}, 'c').castTo(type);
    }

    private static void putTypes(float[] values, int at, int tokens, int... types) {
        if (types.length != tokens) {
            throw new IllegalArgumentException(
                    "an example must have a type for each of its " + tokens + " tokens, got " + types.length);
        }
        for (int step = 0; step < tokens; step++) {
            values[at + step] = types[step];
        }
    }
}
