/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import java.util.List;

/**
 * One layer of {@link DenseApproximator}: its weights in both orders, and the loops over rows. Every product is a sum of
 * scaled rows, the form that C2 makes vector code of without changing the order of a sum.
 */
final class DenseStage {

    /** Rows worked on together, so that what they read stays in the processor's nearest cache. */
    private static final int BLOCK = 64;

    /** Below this many numbers, a loop along a row is too short for vector code. */
    private static final int NARROW = 8;

    private final int inputs;
    private final int outputs;
    private final DenseActivation activation;
    private final List<DenseBlock> blocks;
    private final double[] byOutput;
    private final double[] byInput;
    private final double[] biases;
    private final double[] weightGradient;
    private final double[] biasGradient;

    DenseStage(int inputs, DenseActivation activation, List<DenseBlock> blocks) {
        this.inputs = inputs;
        this.outputs = blocks.stream().mapToInt(DenseBlock::outputs).sum();
        this.activation = activation;
        this.blocks = List.copyOf(blocks);
        this.byOutput = new double[inputs * outputs];
        this.byInput = new double[inputs * outputs];
        this.biases = new double[outputs];
        this.weightGradient = new double[inputs * outputs];
        this.biasGradient = new double[outputs];
    }

    int inputs() {
        return inputs;
    }

    int outputs() {
        return outputs;
    }

    DenseActivation activation() {
        return activation;
    }

    List<DenseBlock> blocks() {
        return blocks;
    }

    boolean trains() {
        return blocks.stream().anyMatch(DenseBlock::trains);
    }

    void load(double[] theta) {
        int first = 0;
        for (DenseBlock block : blocks) {
            block.load(theta, byOutput, first * inputs, biases, first);
            first += block.outputs();
        }
        transpose(byOutput, outputs, inputs, byInput);
    }

    /**
     * y = f(xW + b).
     *
     * @param x [rows, inputs]
     * @param y overwritten, [rows, outputs]
     */
    void forward(double[] x, double[] y, int rows) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(biases, 0, y, row * outputs, outputs);
            if (outputs < NARROW) {
                addProducts(x, row * inputs, y, row * outputs);
            } else {
                addScaledRows(x, row * inputs, 1, inputs, byInput, 0, outputs, y, row * outputs);
            }
        }
        activation.applyInPlace(y, rows * outputs);
    }

    private void addProducts(double[] x, int xAt, double[] y, int yAt) {
        for (int output = 0; output < outputs; output++) {
            y[yAt + output] += dot(x, xAt, byOutput, output * inputs, inputs);
        }
    }

    /** Turns derivatives with respect to y into those with respect to xW + b. */
    void throughActivationInPlace(double[] d, double[] y, int rows) {
        activation.multiplyByDerivativeInPlace(d, y, rows * outputs);
    }

    /**
     * dx = dWᵀ.
     *
     * @param d derivatives with respect to xW + b, [rows, outputs]
     * @param dx overwritten, [rows, inputs]
     */
    void inputDerivatives(double[] d, double[] dx, int rows) {
        Arrays.fill(dx, 0, rows * inputs, 0);
        for (int row = 0; row < rows; row++) {
            addScaledRows(d, row * outputs, 1, outputs, byOutput, 0, inputs, dx, row * inputs);
        }
    }

    /** Keeps xᵀd and Σ_rows d for {@link #addGradient}. */
    void computeGradient(double[] x, double[] d, int rows) {
        Arrays.fill(biasGradient, 0);
        for (int row = 0; row < rows; row++) {
            add(d, row * outputs, biasGradient, 0, outputs);
        }
        if (inputs < NARROW && inputs < outputs) {
            double[] transposed = new double[inputs * outputs];
            addOuter(x, inputs, d, outputs, rows, transposed);
            transpose(transposed, inputs, outputs, weightGradient);
        } else {
            Arrays.fill(weightGradient, 0);
            addOuter(d, outputs, x, inputs, rows, weightGradient);
        }
    }

    void addGradient(double[] theta, double[] gradient) {
        int first = 0;
        for (DenseBlock block : blocks) {
            block.addGradient(theta, weightGradient, first * inputs, biasGradient, first, gradient);
            first += block.outputs();
        }
    }

    /** sum += aᵀb, of a [rows, n] and b [rows, m]. */
    private static void addOuter(double[] a, int n, double[] b, int m, int rows, double[] sum) {
        for (int begin = 0; begin < rows; begin += BLOCK) {
            int count = Math.min(BLOCK, rows - begin);
            for (int i = 0; i < n; i++) {
                addScaledRows(a, begin * n + i, n, count, b, begin * m, m, sum, i * m);
            }
        }
    }

    /** {@code into += Σ_{k < n} scale_k row_k}, of rows [n, width]; scales are {@code stride} apart. */
    static void addScaledRows(
            double[] scales, int at, int stride, int n, double[] rows, int rowsAt, int width, double[] into, int to) {
        int k = 0;
        for (; k + 4 <= n; k += 4) {
            int s = at + k * stride;
            int r = rowsAt + k * width;
            addFour(
                    scales[s],
                    scales[s + stride],
                    scales[s + 2 * stride],
                    scales[s + 3 * stride],
                    rows,
                    r,
                    width,
                    into,
                    to);
        }
        for (; k < n; k++) {
            addOne(scales[at + k * stride], rows, rowsAt + k * width, width, into, to);
        }
    }

    private static void addFour(
            double a, double b, double c, double d, double[] rows, int at, int width, double[] into, int to) {
        for (int i = 0; i < width; i++) {
            into[to + i] = into[to + i]
                    + a * rows[at + i]
                    + b * rows[at + width + i]
                    + c * rows[at + 2 * width + i]
                    + d * rows[at + 3 * width + i];
        }
    }

    private static void addOne(double a, double[] rows, int at, int width, double[] into, int to) {
        for (int i = 0; i < width; i++) {
            into[to + i] += a * rows[at + i];
        }
    }

    static double dot(double[] a, int aAt, double[] b, int bAt, int n) {
        double even = 0;
        double odd = 0;
        int i = 0;
        for (; i + 2 <= n; i += 2) {
            even += a[aAt + i] * b[bAt + i];
            odd += a[aAt + i + 1] * b[bAt + i + 1];
        }
        return i < n ? even + odd + a[aAt + i] * b[bAt + i] : even + odd;
    }

    /** into += from. */
    static void add(double[] from, int at, double[] into, int to, int n) {
        for (int i = 0; i < n; i++) {
            into[to + i] += from[at + i];
        }
    }

    private static void transpose(double[] from, int rows, int columns, double[] into) {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                into[column * rows + row] = from[row * columns + column];
            }
        }
    }
}
