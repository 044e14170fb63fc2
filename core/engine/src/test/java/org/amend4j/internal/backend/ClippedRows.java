/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Rows whose products' norms are asked for: x [examples · steps, IN], y [examples · steps, OUT]. */
public final class ClippedRows {

    static final int IN = 37;
    static final int OUT = 21;

    private final String name;
    private final int examples;
    private final int steps;
    private final float[] x;
    private final float[] y;
    private final Map<Integer, BigDecimal> exact = new HashMap<>();

    /** @param name what is hard about them */
    private ClippedRows(String name, int examples, int steps, float[] x, float[] y) {
        this.name = name;
        this.examples = examples;
        this.steps = steps;
        this.x = x;
        this.y = y;
    }

    int examples() {
        return examples;
    }

    int steps() {
        return steps;
    }

    float[] x() {
        return x;
    }

    float[] y() {
        return y;
    }

    /** Nothing is hard about them. */
    public static ClippedRows random(int examples, int steps, long seed) {
        Random random = new Random(seed);
        int rows = examples * steps;
        return new ClippedRows("random", examples, steps, normal(rows * IN, random), normal(rows * OUT, random));
    }

    /**
     * Pictures of one colour but for noise, and derivatives that add up to nothing over each: terms of order 1 cancel to that of
     * the noise.
     */
    static ClippedRows plain(int examples, int steps, double noise, long seed) {
        ClippedRows rows = random(examples, steps, seed);
        for (int e = 0; e < examples; e++) {
            for (int c = 0; c < IN; c++) {
                int first = e * steps * IN + c;
                float colour = 0.5f + Math.abs(rows.x[first]);
                for (int t = 0; t < steps; t++) {
                    rows.x[first + t * IN] = (float) (colour + noise * rows.x[first + t * IN]);
                }
            }
            for (int c = 0; c < OUT; c++) {
                int first = e * steps * OUT + c;
                double mean = 0;
                for (int t = 0; t < steps; t++) {
                    mean += rows.y[first + t * OUT] / (double) steps;
                }
                for (int t = 0; t < steps; t++) {
                    rows.y[first + t * OUT] = (float) (rows.y[first + t * OUT] - mean);
                }
            }
        }
        return rows.named("plain but for " + noise);
    }

    /** Finite gradients, though squares over- or underflow in single precision. */
    static ClippedRows scaled(int examples, int steps, double factorX, double factorY, long seed) {
        ClippedRows rows = random(examples, steps, seed);
        rows.scale(0, examples * steps, factorX, factorY);
        return rows.named("x times " + factorX + ", y times " + factorY);
    }

    /** The first row of an example has ordinary factors, the others' squares underflow on one side only; all products alike. */
    static ClippedRows mixed(int examples, int steps, long seed) {
        ClippedRows rows = random(examples, steps, seed);
        for (int e = 0; e < examples; e++) {
            rows.scale(e * steps, e * steps + 1, 1e-3, 1e-3);
            rows.scale(e * steps + 1, (e + 1) * steps, 1e-24, 1e18);
        }
        return rows.named("mixed sizes");
    }

    private ClippedRows named(String newName) {
        return new ClippedRows(newName, examples, steps, x, y);
    }

    private void scale(int from, int to, double factorX, double factorY) {
        for (int i = from * IN; i < to * IN; i++) {
            x[i] = (float) (x[i] * factorX);
        }
        for (int i = from * OUT; i < to * OUT; i++) {
            y[i] = (float) (y[i] * factorY);
        }
    }

    private static float[] normal(int length, Random random) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    int rows() {
        return examples * steps;
    }

    /** ‖Σ_t x_t y_tᵀ‖ of an example. */
    double normOfProduct(int example) {
        double[] matrix = new double[IN * OUT];
        for (int t = example * steps; t < (example + 1) * steps; t++) {
            for (int i = 0; i < IN; i++) {
                for (int j = 0; j < OUT; j++) {
                    matrix[i * OUT + j] += (double) x[t * IN + i] * y[t * OUT + j];
                }
            }
        }
        return norm(matrix, 0, matrix.length);
    }

    /** ‖Σ_t y_t‖ of an example. */
    double normOfSum(int example) {
        return normOfTable(example, new int[rows()], 1);
    }

    /** Σ_k ‖Σ_{t: token k} y_t‖² of an example, its root. */
    double normOfTable(int example, int[] tokens, int vocabulary) {
        double[] table = new double[vocabulary * OUT];
        for (int t = example * steps; t < (example + 1) * steps; t++) {
            for (int j = 0; j < OUT; j++) {
                table[tokens[t] * OUT + j] += y[t * OUT + j];
            }
        }
        return norm(table, 0, table.length);
    }

    /** ‖Σ_t x_t y_tᵀ‖² of an example, exactly. */
    BigDecimal squaresOfProduct(int example) {
        return exact.computeIfAbsent(example, this::exactSquares);
    }

    private BigDecimal exactSquares(int example) {
        BigDecimal squares = BigDecimal.ZERO;
        for (int i = 0; i < IN; i++) {
            for (int j = 0; j < OUT; j++) {
                BigDecimal sum = BigDecimal.ZERO;
                for (int t = example * steps; t < (example + 1) * steps; t++) {
                    sum = sum.add(new BigDecimal((double) x[t * IN + i] * y[t * OUT + j])); // 48 bits: no rounding
                }
                squares = squares.add(sum.pow(2));
            }
        }
        return squares;
    }

    /** Σ_k ‖Σ_{t: token k} y_t‖² of an example, exactly. */
    BigDecimal squaresOfTable(int example, int[] tokens, int vocabulary) {
        BigDecimal[] table = new BigDecimal[vocabulary * OUT];
        Arrays.fill(table, BigDecimal.ZERO);
        for (int t = example * steps; t < (example + 1) * steps; t++) {
            for (int j = 0; j < OUT; j++) {
                table[tokens[t] * OUT + j] = table[tokens[t] * OUT + j].add(new BigDecimal(y[t * OUT + j]));
            }
        }
        return Arrays.stream(table).map(sum -> sum.pow(2)).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** Σ_t ‖x_t‖‖y_t‖ of an example. */
    double sizeOfProduct(int example) {
        double sum = 0;
        for (int t = example * steps; t < (example + 1) * steps; t++) {
            sum += norm(x, t * IN, IN) * norm(y, t * OUT, OUT);
        }
        return sum;
    }

    /** Σ_t ‖y_t‖ of an example. */
    double sizeOfSum(int example) {
        double sum = 0;
        for (int t = example * steps; t < (example + 1) * steps; t++) {
            sum += norm(y, t * OUT, OUT);
        }
        return sum;
    }

    private static double norm(float[] values, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += (double) values[i] * values[i];
        }
        return Math.sqrt(sum);
    }

    private static double norm(double[] values, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += values[i] * values[i];
        }
        return Math.sqrt(sum);
    }

    @Override
    public String toString() {
        return name + ", " + examples + " examples of " + steps + " rows";
    }
}
