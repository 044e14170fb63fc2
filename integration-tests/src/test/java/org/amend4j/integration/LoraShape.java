/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

/**
 * The shape of a dense network with adapters: {@code depth} ReLU layers {@code width}→{@code width}, each with a rank
 * {@code rank} adapter, and a softmax output layer {@code width}→{@code classes} without one.
 *
 * @param depth number of adapted layers, at least 1
 * @param width inputs and outputs of every adapted layer, at least 1
 * @param classes outputs of the last layer, at least 2
 * @param rank rank of every adapter, between 1 and {@code width}
 * @param alpha numerator of the scale {@code alpha / rank}, positive
 * @param batch rows of the one batch, at least 1
 * @param trainsOutput whether the output layer trains in full (otherwise it is frozen)
 * @param dora whether adapters have magnitudes, under norms that count as constants
 */
public record LoraShape(
        int depth, int width, int classes, int rank, double alpha, int batch, boolean trainsOutput, boolean dora) {

    public LoraShape {
        atLeast(1, depth, "depth");
        atLeast(1, width, "width");
        atLeast(2, classes, "classes");
        atLeast(1, rank, "rank");
        atLeast(1, batch, "batch");
        if (rank > width) {
            throw new IllegalArgumentException("rank must be <= width, got " + rank + " > " + width);
        }
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha must be > 0, got " + alpha);
        }
    }

    /** Plain adapters. */
    public LoraShape(int depth, int width, int classes, int rank, double alpha, int batch, boolean trainsOutput) {
        this(depth, width, classes, rank, alpha, batch, trainsOutput, false);
    }

    /** The same with magnitudes. */
    public LoraShape withDora() {
        return new LoraShape(depth, width, classes, rank, alpha, batch, trainsOutput, true);
    }

    /** The scale {@code s = alpha / rank} of the adapters' product. */
    public double scale() {
        return alpha / rank;
    }

    /** Number of values in all adapters. */
    public long adapterParameters() {
        return 2L * depth * width * rank + (dora ? (long) depth * width : 0);
    }

    /** Number of values that train: the adapters, and the output layer where it trains. */
    public long trainableParameters() {
        return adapterParameters() + (trainsOutput ? (long) width * classes + classes : 0);
    }

    /** The name of adapted layer {@code layer}, counted from 0. */
    public static String layerName(int layer) {
        return "dense_" + layer;
    }

    private static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be >= " + least + ", got " + value);
        }
    }
}
