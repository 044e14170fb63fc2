/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.amend4j.numeric.Vectors;

/**
 * Adds blocks one after the other in their order, in double, starting from zero, whichever order they come in. Those that come early
 * wait.
 */
final class OrderedSum implements BlockSums.Receiver {

    private final int blocks;
    private final double[] gradient;
    private final double[] norms;
    private final Map<Integer, BlockSum> waiting = new HashMap<>();
    private int added;
    private double value;

    /**
     * For so many blocks.
     *
     * @param gradient becomes the sum of gradients, [as long as each block's]
     * @param norms becomes the sum of norms, likewise
     */
    OrderedSum(int blocks, double[] gradient, double[] norms) {
        this.blocks = blocks;
        this.gradient = gradient;
        this.norms = norms;
        Arrays.fill(gradient, 0);
        Arrays.fill(norms, 0);
    }

    @Override
    public void take(int place, BlockSum sum) {
        Vectors.requireLength("a block's gradient", sum.gradient(), gradient.length);
        Vectors.requireLength("a block's norms", sum.weightGradientNorms(), norms.length);
        if (place < added || place >= blocks || waiting.putIfAbsent(place, sum) != null) {
            throw new IllegalStateException(
                    "each of " + blocks + " blocks must come once, got another at place " + place);
        }
        for (BlockSum next = waiting.remove(added); next != null; next = waiting.remove(added)) {
            value += next.value();
            add(next.gradient(), gradient);
            add(next.weightGradientNorms(), norms);
            added++;
        }
    }

    private static void add(double[] more, double[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
    }

    /**
     * The sum of values.
     *
     * @throws IllegalStateException if a block has not come
     */
    double value() {
        if (added < blocks) {
            throw new IllegalStateException("each of " + blocks + " blocks must come once, got " + added);
        }
        return value;
    }
}
