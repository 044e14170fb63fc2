/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.SplittableRandom;

/**
 * The numbers of one comparison: base weights, adapters and one batch, a pure function of shape and seed. All matrices
 * are row-major in Deeplearning4j's orientation ({@code y = xW + b}, W [nIn, nOut]); every call makes a new array.
 *
 * <p>Weights are uniform with He's variance, so activations keep their size through the layers. Both adapter factors
 * are non-zero, so both have a gradient and the adapter changes the output.
 *
 * @param shape the network
 * @param seed the seed of all numbers
 */
public record LoraProblem(LoraShape shape, long seed) {

    /** W [width, width] of adapted layer {@code layer}. */
    public float[] weight(int layer) {
        return uniform(10 + layer, shape.width() * shape.width(), Math.sqrt(6.0 / shape.width()));
    }

    /** b [width] of adapted layer {@code layer}. */
    public float[] bias(int layer) {
        return uniform(1_000 + layer, shape.width(), 0.1);
    }

    /** A [width, rank] of adapted layer {@code layer}. */
    public float[] adapterA(int layer) {
        return uniform(2_000 + layer, shape.width() * shape.rank(), 1 / Math.sqrt(shape.width()));
    }

    /** B [rank, width] of adapted layer {@code layer}. */
    public float[] adapterB(int layer) {
        return uniform(3_000 + layer, shape.rank() * shape.width(), 0.5 / Math.sqrt(shape.rank()));
    }

    /** m [width] of adapted layer {@code layer}, around the norms of the weight's columns. */
    public float[] magnitude(int layer) {
        float[] values = uniform(4_000 + layer, shape.width(), 0.3);
        for (int i = 0; i < values.length; i++) {
            values[i] += (float) Math.sqrt(2);
        }
        return values;
    }

    /** W [width, classes] of the output layer. */
    public float[] outputWeight() {
        return uniform(4, shape.width() * shape.classes(), Math.sqrt(3.0 / shape.width()));
    }

    /** b [classes] of the output layer. */
    public float[] outputBias() {
        return uniform(5, shape.classes(), 0.1);
    }

    /** The batch's rows [batch, width]. */
    public float[] features() {
        return uniform(6, shape.batch() * shape.width(), 1);
    }

    /** The batch's one-hot labels [batch, classes]. */
    public float[] labels() {
        SplittableRandom random = stream(7);
        float[] labels = new float[shape.batch() * shape.classes()];
        for (int row = 0; row < shape.batch(); row++) {
            labels[row * shape.classes() + random.nextInt(shape.classes())] = 1;
        }
        return labels;
    }

    private float[] uniform(int stream, int length, double bound) {
        SplittableRandom random = stream(stream);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return values;
    }

    private SplittableRandom stream(int stream) {
        return new SplittableRandom(seed * 1_000_003 + stream);
    }
}
