/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.generate.Projections.Projected;

/**
 * The part of a layer in which rows meet: output(attention(projections of x)), over what the cache has and these rows.
 *
 * @param attention of a query over keys and values
 * @param window how many positions a query sees, its own included
 */
record SelfAttention(Projections projections, Attention attention, int window, Linear output) {

    /**
     * The result for all rows, whose keys and values go into the cache.
     *
     * @param layer whose cache it is
     */
    void apply(int layer, Row[] rows, float[][] x, float[][] to) {
        Projected projected = projections.apply(rows, x);
        for (int i = 0; i < rows.length; i++) {
            rows[i].sequence()
                    .cache(layer)
                    .put(
                            rows[i].position(),
                            projected.keys().get(i),
                            projected.values().get(i));
        }
        int width = output.matrix().inputs();
        float[][] attended = new float[rows.length][width];
        long seen = Arrays.stream(rows)
                .mapToLong(row -> Math.min(window, row.position() + 1))
                .sum();
        Loops.sideBySide(rows.length, 2 * seen * width, i -> {
            int position = rows[i].position();
            int first = Math.max(0, position + 1 - window);
            attention.apply(rows[i].sequence().cache(layer), projected.queries().get(i), first, position, attended[i]);
        });
        output.apply(rows, attended, to);
    }

    List<Linear> linears() {
        List<Linear> linears = new ArrayList<>(projections.linears());
        linears.add(output);
        return linears;
    }
}
