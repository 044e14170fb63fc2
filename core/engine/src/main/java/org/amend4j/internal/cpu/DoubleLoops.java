/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;
import org.amend4j.internal.network.Activation;

/** Loops over double[]. */
final class DoubleLoops extends VectorLoops<double[]> {

    static final DoubleLoops ONLY = new DoubleLoops();

    /** From here on tanh rounds to 1. */
    private static final double SATURATED = 20;

    private DoubleLoops() {}

    @Override
    int bytes() {
        return Double.BYTES;
    }

    @Override
    double unit() {
        return 0x1p-53;
    }

    @Override
    double[] make(int length) {
        return new double[length];
    }

    @Override
    int length(double[] array) {
        return array.length;
    }

    @Override
    double get(double[] x, int at) {
        return x[at];
    }

    @Override
    void set(double[] x, int at, double value) {
        x[at] = value;
    }

    @Override
    void load(long from, double[] to, int offset, int n) {
        RawMemory.read(from, to, RawMemory.DOUBLES + (long) offset * Double.BYTES, (long) n * Double.BYTES);
    }

    @Override
    void store(double[] from, int offset, long to, int n) {
        RawMemory.write(from, RawMemory.DOUBLES + (long) offset * Double.BYTES, to, (long) n * Double.BYTES);
    }

    @Override
    void fill(double[] x, int from, int to, double value) {
        Arrays.fill(x, from, to, value);
    }

    @Override
    void copy(double[] from, int fromAt, double[] to, int toAt, int n) {
        System.arraycopy(from, fromAt, to, toAt, n);
    }

    @Override
    void transpose(double[] from, double[] to, int rows, int columns) {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                to[column * rows + row] = from[row * columns + column];
            }
        }
    }

    @Override
    void add(double[] x, double[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] += y[i];
        }
    }

    @Override
    void add(double[] x, double[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] += y[i];
        }
    }

    @Override
    void multiplyAdd(double[] x, double[] y, double[] z, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] += y[i] * z[i];
        }
    }

    @Override
    void multiplyAdd3(
            double[] x, double[] a, double[] u, double[] b, double[] v, double[] c, double[] w, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] = x[i] + a[i] * u[i] + b[i] * v[i] + c[i] * w[i];
        }
    }

    @Override
    void divide(double[] x, double[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] /= y[i];
        }
    }

    @Override
    void gather(double[] from, int fromAt, int[] places, double[] to, int toAt, int n) {
        for (int i = 0; i < n; i++) {
            to[toAt + i] = from[fromAt + places[i]];
        }
    }

    @Override
    void scatterAdd(double[] from, int fromAt, int[] places, double[] to, int toAt, int n) {
        for (int i = 0; i < n; i++) {
            to[toAt + places[i]] += from[fromAt + i];
        }
    }

    @Override
    Maxima<double[]> maxima(int... own) {
        return new Maxima.OfDoubles(own);
    }

    @Override
    void addScaled(double[] x, double factor, double[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] += factor * y[i];
        }
    }

    @Override
    void every(double[] from, int at, int stride, double[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = from[at + i * stride];
        }
    }

    @Override
    void addFour(double[] x, double[] f, int at, double[] p, double[] q, double[] r, double[] s, int n) {
        double a = f[at];
        double b = f[at + 1];
        double c = f[at + 2];
        double d = f[at + 3];
        for (int i = 0; i < n; i++) {
            x[i] = x[i] + a * p[i] + b * q[i] + c * r[i] + d * s[i];
        }
    }

    @Override
    void dots(double[] one, int oneAt, double[] many, int manyAt, int k, double[] to, int toAt, int stride, int n) {
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            int at = manyAt + i * k;
            for (int j = 0; j < k; j++) {
                double factor = one[oneAt + j];
                a += factor * many[at + j];
                b += factor * many[at + k + j];
                c += factor * many[at + 2 * k + j];
                d += factor * many[at + 3 * k + j];
            }
            int place = toAt + i * stride;
            to[place] = a;
            to[place + stride] = b;
            to[place + 2 * stride] = c;
            to[place + 3 * stride] = d;
        }
        for (; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < k; j++) {
                sum += one[oneAt + j] * many[manyAt + i * k + j];
            }
            to[toAt + i * stride] = sum;
        }
    }

    @Override
    void combine(double[] x, double alpha, double[] y, double beta, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = alpha * x[i] + beta * y[i];
        }
    }

    @Override
    void shift(double[] x, double shift, int n) {
        double s = shift;
        for (int i = 0; i < n; i++) {
            x[i] += s;
        }
    }

    @Override
    void accumulate(double[] x, double factor, double[] high, double[] low, int n) {
        for (int i = 0; i < n; i++) {
            double term = factor * x[i];
            double sum = high[i] + term;
            double rest = low[i] + (lost(high[i], term, sum) + Math.fma(factor, x[i], -term));
            high[i] = sum + rest;
            low[i] = lost(sum, rest, high[i]);
        }
    }

    /** TwoSum: what rounding took from a + b. */
    private static double lost(double a, double b, double sum) {
        double added = sum - a;
        return (a - (sum - added)) + (b - added);
    }

    @Override
    void scale(double[] x, double factor, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= factor;
        }
    }

    @Override
    void keep(double[] x, int[] kept, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = kept[i] == 0 ? 0 : x[i];
        }
    }

    @Override
    void multiply(double[] x, double[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= y[i];
        }
    }

    @Override
    void multiplyAdd(double[] x, double[] y, double[] z, int n) {
        for (int i = 0; i < n; i++) {
            x[i] += y[i] * z[i];
        }
    }

    @Override
    void maximum(double[] x, double[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.max(x[i], y[i]);
        }
    }

    @Override
    void toTheGreater(double[] d, double[] a, double[] b, double[] x, double[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = a[i] < b[i] ? 0 : d[i];
            y[i] = a[i] >= b[i] ? 0 : d[i];
        }
    }

    @Override
    void rotate(double[] x, double[] y, double[] cos, double[] sin, int n) {
        for (int i = 0; i < n; i++) {
            double turned = x[i] * cos[i] - y[i] * sin[i];
            y[i] = y[i] * cos[i] + x[i] * sin[i];
            x[i] = turned;
        }
    }

    @Override
    void expOfDifference(double[] x, double[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.exp(x[i] - y[i]);
        }
    }

    @Override
    void rowSums(double[] x, int columns, double[] to, int n) {
        for (int i = 0; i < n; i++) {
            int at = i * columns;
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            int k = at;
            for (; k + 4 <= at + columns; k += 4) {
                a += x[k];
                b += x[k + 1];
                c += x[k + 2];
                d += x[k + 3];
            }
            for (; k < at + columns; k++) {
                a += x[k];
            }
            to[i] = (a + b) + (c + d);
        }
    }

    @Override
    void exp(double[] x, double shift, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.exp(x[i] - shift);
        }
    }

    @Override
    double greatest(double[] x, int from, int n) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + n; i++) {
            if (x[i] > most) {
                most = x[i];
            }
        }
        return most;
    }

    @Override
    double sum(double[] x, int from, int n) {
        double sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += x[i];
        }
        return sum;
    }

    @Override
    double dot(double[] x, int fromX, double[] y, int fromY, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x[fromX + i] * y[fromY + i];
        }
        return sum;
    }

    @Override
    void activate(Activation activation, double[] x, int n) {
        switch (activation.kind()) {
            case IDENTITY -> {}
            case TANH -> tanh(x, n);
            default -> {
                for (int i = 0; i < n; i++) {
                    x[i] = Functions.value(activation, x[i]);
                }
            }
        }
    }

    @Override
    void differentiate(Activation activation, double[] d, double[] z, int n) {
        switch (activation.kind()) {
            case IDENTITY -> {}
            case TANH -> {
                tanh(z, n);
                timesOneMinusSquare(d, z, n);
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    d[i] *= Functions.derivative(activation, z[i]);
                }
            }
        }
    }

    @Override
    void descend(double[] p, double[] g, double factor, double rate, int n) {
        for (int i = 0; i < n; i++) {
            p[i] -= rate * (factor * g[i]);
        }
    }

    @Override
    void adam(double[] p, double[] g, double[] m, double[] v, AdamStep step, int n) {
        double f = step.factor();
        double c1 = 1 - step.beta1();
        double c2 = 1 - step.beta2();
        for (int i = 0; i < n; i++) {
            double scaled = f * g[i];
            m[i] = step.beta1() * m[i] + c1 * scaled;
            v[i] = step.beta2() * v[i] + c2 * (scaled * scaled);
        }
        for (int i = 0; i < n; i++) {
            p[i] -= step.rate() * (m[i] / (Math.sqrt(v[i]) + step.epsilon()));
        }
    }

    private static void timesOneMinusSquare(double[] d, double[] t, int n) {
        for (int i = 0; i < n; i++) {
            d[i] *= 1 - t[i] * t[i];
        }
    }

    /**
     * x = tanh x with a relative error below 2e-15, an infinite x gives NaN; as {@link FloatMath#tanh}. The excess over 20 is taken
     * off by a factor that is exactly 1 where there is none: {@code Math.min} would keep HotSpot from vectorising.
     */
    private static void tanh(double[] x, int n) {
        for (int i = 0; i < n; i++) {
            double over = Math.abs(x[i]) - SATURATED;
            double excess = 0.5 * (over + Math.abs(over));
            double u = x[i] * (SATURATED / (SATURATED + excess)) / 8;
            double s = u * u;
            double p = u * (1 + s * (17325.0 / 135135 + s * (378.0 / 135135 + s * (1.0 / 135135))));
            double q = 1 + s * (62370.0 / 135135 + s * (3150.0 / 135135 + s * (28.0 / 135135)));
            double p2 = 2 * p * q;
            double q2 = p * p + q * q;
            double p4 = 2 * p2 * q2;
            double q4 = p2 * p2 + q2 * q2;
            x[i] = 2 * p4 * q4 / (p4 * p4 + q4 * q4);
        }
    }
}
