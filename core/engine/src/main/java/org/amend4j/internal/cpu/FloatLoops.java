/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;
import org.amend4j.internal.network.Activation;

/** Loops over float[]. */
final class FloatLoops extends VectorLoops<float[]> {

    static final FloatLoops ONLY = new FloatLoops();

    private FloatLoops() {}

    @Override
    int bytes() {
        return Float.BYTES;
    }

    @Override
    double unit() {
        return 0x1p-24;
    }

    @Override
    float[] make(int length) {
        return new float[length];
    }

    @Override
    int length(float[] array) {
        return array.length;
    }

    @Override
    double get(float[] x, int at) {
        return x[at];
    }

    @Override
    void set(float[] x, int at, double value) {
        x[at] = (float) value;
    }

    @Override
    void load(long from, float[] to, int offset, int n) {
        RawMemory.read(from, to, RawMemory.FLOATS + (long) offset * Float.BYTES, (long) n * Float.BYTES);
    }

    @Override
    void store(float[] from, int offset, long to, int n) {
        RawMemory.write(from, RawMemory.FLOATS + (long) offset * Float.BYTES, to, (long) n * Float.BYTES);
    }

    @Override
    void fill(float[] x, int from, int to, double value) {
        Arrays.fill(x, from, to, (float) value);
    }

    @Override
    void copy(float[] from, int fromAt, float[] to, int toAt, int n) {
        System.arraycopy(from, fromAt, to, toAt, n);
    }

    @Override
    void transpose(float[] from, float[] to, int rows, int columns) {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                to[column * rows + row] = from[row * columns + column];
            }
        }
    }

    @Override
    void add(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] += y[i];
        }
    }

    @Override
    void add(float[] x, float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] += y[i];
        }
    }

    @Override
    void multiplyAdd(float[] x, float[] y, float[] z, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] += y[i] * z[i];
        }
    }

    @Override
    void multiplyAdd3(float[] x, float[] a, float[] u, float[] b, float[] v, float[] c, float[] w, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] = x[i] + a[i] * u[i] + b[i] * v[i] + c[i] * w[i];
        }
    }

    @Override
    void divide(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] /= y[i];
        }
    }

    @Override
    void gather(float[] from, int fromAt, int[] places, float[] to, int toAt, int n) {
        for (int i = 0; i < n; i++) {
            to[toAt + i] = from[fromAt + places[i]];
        }
    }

    @Override
    void scatterAdd(float[] from, int fromAt, int[] places, float[] to, int toAt, int n) {
        for (int i = 0; i < n; i++) {
            to[toAt + places[i]] += from[fromAt + i];
        }
    }

    @Override
    Maxima<float[]> maxima(int... own) {
        return new Maxima.OfFloats(own);
    }

    @Override
    void addScaled(float[] x, double factor, float[] y, int n) {
        float f = (float) factor;
        for (int i = 0; i < n; i++) {
            x[i] += f * y[i];
        }
    }

    @Override
    void every(float[] from, int at, int stride, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            to[i] = from[at + i * stride];
        }
    }

    @Override
    void addFour(float[] x, float[] f, int at, float[] p, float[] q, float[] r, float[] s, int n) {
        float a = f[at];
        float b = f[at + 1];
        float c = f[at + 2];
        float d = f[at + 3];
        for (int i = 0; i < n; i++) {
            x[i] = x[i] + a * p[i] + b * q[i] + c * r[i] + d * s[i];
        }
    }

    @Override
    void dots(float[] one, int oneAt, float[] many, int manyAt, int k, float[] to, int toAt, int stride, int n) {
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            float a = 0;
            float b = 0;
            float c = 0;
            float d = 0;
            int at = manyAt + i * k;
            for (int j = 0; j < k; j++) {
                float factor = one[oneAt + j];
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
            float sum = 0;
            for (int j = 0; j < k; j++) {
                sum += one[oneAt + j] * many[manyAt + i * k + j];
            }
            to[toAt + i * stride] = sum;
        }
    }

    @Override
    void combine(float[] x, double alpha, float[] y, double beta, int n) {
        float a = (float) alpha;
        float b = (float) beta;
        for (int i = 0; i < n; i++) {
            x[i] = a * x[i] + b * y[i];
        }
    }

    @Override
    void shift(float[] x, double shift, int n) {
        float s = (float) shift;
        for (int i = 0; i < n; i++) {
            x[i] += s;
        }
    }

    @Override
    void accumulate(float[] x, double factor, float[] high, float[] low, int n) {
        float f = (float) factor;
        FloatMath.addTo(x, f, (float) (factor - f), high, low, n);
    }

    @Override
    void scale(float[] x, double factor, int n) {
        float f = (float) factor;
        for (int i = 0; i < n; i++) {
            x[i] *= f;
        }
    }

    @Override
    void keep(float[] x, int[] kept, int n) {
        FloatMath.keep(x, kept, n);
    }

    @Override
    void multiply(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= y[i];
        }
    }

    @Override
    void multiplyAdd(float[] x, float[] y, float[] z, int n) {
        for (int i = 0; i < n; i++) {
            x[i] += y[i] * z[i];
        }
    }

    @Override
    void maximum(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = Math.max(x[i], y[i]);
        }
    }

    @Override
    void toTheGreater(float[] d, float[] a, float[] b, float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = a[i] < b[i] ? 0 : d[i];
            y[i] = a[i] >= b[i] ? 0 : d[i];
        }
    }

    @Override
    void rotate(float[] x, float[] y, float[] cos, float[] sin, int n) {
        for (int i = 0; i < n; i++) {
            float turned = x[i] * cos[i] - y[i] * sin[i];
            y[i] = y[i] * cos[i] + x[i] * sin[i];
            x[i] = turned;
        }
    }

    @Override
    void expOfDifference(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] -= y[i];
        }
        FloatMath.exp(x, n);
    }

    @Override
    void rowSums(float[] x, int columns, float[] to, int n) {
        for (int i = 0; i < n; i++) {
            int at = i * columns;
            float a = 0;
            float b = 0;
            float c = 0;
            float d = 0;
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
    void exp(float[] x, double shift, int n) {
        float s = (float) shift;
        for (int i = 0; i < n; i++) {
            x[i] -= s;
        }
        FloatMath.exp(x, n);
    }

    @Override
    double greatest(float[] x, int from, int n) {
        float most = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + n; i++) {
            if (x[i] > most) {
                most = x[i];
            }
        }
        return most;
    }

    @Override
    double sum(float[] x, int from, int n) {
        double sum = 0;
        for (int i = from; i < from + n; i++) {
            sum += x[i];
        }
        return sum;
    }

    @Override
    double dot(float[] x, int fromX, float[] y, int fromY, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += (double) x[fromX + i] * y[fromY + i];
        }
        return sum;
    }

    @Override
    double quickSum(float[] x, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        return a + b + (c + d) + sum(x, i, n - i);
    }

    @Override
    double quickDot(float[] x, float[] y, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            a += (double) x[i] * y[i];
            b += (double) x[i + 1] * y[i + 1];
            c += (double) x[i + 2] * y[i + 2];
            d += (double) x[i + 3] * y[i + 3];
        }
        return a + b + (c + d) + dot(x, i, y, i, n - i);
    }

    @Override
    void activate(Activation activation, float[] x, int n) {
        switch (activation.kind()) {
            case IDENTITY -> {}
            case RELU -> FloatMath.rectify(x, Float.POSITIVE_INFINITY, n);
            case RELU6 -> FloatMath.rectify(x, 6, n);
            case LEAKY_RELU -> FloatMath.leaky(x, (float) activation.slope(), n);
            case HARD_TANH -> FloatMath.clamp(x, 1, n);
            case HARD_SIGMOID -> {
                line(x, 0.2f, 0.5f, n);
                FloatMath.rectify(x, 1, n);
            }
            case SIGMOID -> FloatMath.sigmoid(x, n);
            case TANH -> FloatMath.tanh(x, n);
            case SOFTSIGN -> softsign(x, n);
            case SWISH -> FloatMath.timesSigmoid(x, 1, n);
            case GELU -> FloatMath.timesSigmoid(x, Functions.GELU, n);
            case GELU_EXACT -> FloatGelu.exact(x, n);
            case GELU_TANH -> FloatGelu.tanh(x, n);
            case ELU, SELU, SOFTPLUS -> {
                for (int i = 0; i < n; i++) {
                    x[i] = (float) Functions.value(activation, x[i]);
                }
            }
        }
    }

    @Override
    void differentiate(Activation activation, float[] d, float[] z, int n) {
        switch (activation.kind()) {
            case IDENTITY -> {}
            case RELU -> FloatMath.timesStep(d, z, 0, n);
            case RELU6 -> FloatMath.timesWithin(d, z, 0, 6, 1, 0, n);
            case LEAKY_RELU -> FloatMath.timesStep(d, z, (float) activation.slope(), n);
            case HARD_TANH -> FloatMath.timesWithin(d, z, -1, 1, 1, 0, n);
            case HARD_SIGMOID -> FloatMath.timesWithin(d, z, -2.5f, 2.5f, 0.2f, 0, n);
            case SOFTPLUS -> {
                FloatMath.sigmoid(z, n);
                multiply(d, z, n);
            }
            case TANH -> {
                FloatMath.tanh(z, n);
                timesOneMinusSquare(d, z, n);
            }
            case SIGMOID -> {
                FloatMath.sigmoid(z, n);
                timesLogistic(d, z, n);
            }
            case SWISH -> FloatMath.timesSwishDerivative(d, z, 1, n);
            case GELU -> FloatMath.timesSwishDerivative(d, z, Functions.GELU, n);
            case SOFTSIGN -> overSquareOfMore(d, z, n);
            case GELU_EXACT -> FloatGelu.timesExactDerivative(d, z, n);
            case GELU_TANH -> FloatGelu.timesTanhDerivative(d, z, n);
            case ELU, SELU -> {
                for (int i = 0; i < n; i++) {
                    d[i] *= (float) Functions.derivative(activation, z[i]);
                }
            }
        }
    }

    @Override
    void descend(float[] p, float[] g, double factor, double rate, int n) {
        float f = (float) factor;
        float r = (float) rate;
        for (int i = 0; i < n; i++) {
            p[i] -= r * (f * g[i]);
        }
    }

    @Override
    void adam(float[] p, float[] g, float[] m, float[] v, AdamStep step, int n) {
        float f = (float) step.factor();
        float r = (float) step.rate();
        float b1 = (float) step.beta1();
        float c1 = (float) (1 - step.beta1());
        float b2 = (float) step.beta2();
        float c2 = (float) (1 - step.beta2());
        float e = (float) step.epsilon();
        for (int i = 0; i < n; i++) {
            float scaled = f * g[i];
            m[i] = b1 * m[i] + c1 * scaled;
            v[i] = b2 * v[i] + c2 * (scaled * scaled);
        }
        for (int i = 0; i < n; i++) {
            p[i] -= r * (m[i] / ((float) Math.sqrt(v[i]) + e));
        }
    }

    private static void line(float[] x, float slope, float shift, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = slope * x[i] + shift;
        }
    }

    private static void softsign(float[] x, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = x[i] / (1 + Math.abs(x[i]));
        }
    }

    private static void overSquareOfMore(float[] d, float[] z, int n) {
        for (int i = 0; i < n; i++) {
            float more = 1 + Math.abs(z[i]);
            d[i] /= more * more;
        }
    }

    private static void timesOneMinusSquare(float[] d, float[] t, int n) {
        for (int i = 0; i < n; i++) {
            d[i] *= 1 - t[i] * t[i];
        }
    }

    private static void timesLogistic(float[] d, float[] s, int n) {
        for (int i = 0; i < n; i++) {
            d[i] *= s[i] * (1 - s[i]);
        }
    }
}
