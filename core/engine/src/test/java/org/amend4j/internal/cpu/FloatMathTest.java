/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.amend4j.internal.network.Activation;
import org.junit.jupiter.api.Test;

/** Functions of many floats against those of doubles: the errors that are promised, and limits. */
class FloatMathTest {

    private static final int POINTS = 200_001;

    /** What is done with many floats, in place. */
    private interface Many {
        void compute(float[] x, int n);
    }

    /** The largest relative error on [-most, most] and, a thousand times finer, around 0. */
    private static double error(Many many, DoubleUnaryOperator exact, double most) {
        double largest = 0;
        for (double reach : new double[] {most, most / 1000}) {
            float[] x = new float[POINTS];
            IntStream.range(0, POINTS).forEach(k -> x[k] = (float) ((2.0 * k / (POINTS - 1) - 1) * reach));
            float[] y = x.clone();
            many.compute(y, y.length);
            for (int k = 0; k < y.length; k++) {
                double right = exact.applyAsDouble(x[k]);
                largest = Math.max(largest, Math.abs(y[k] - right) / Math.max(Math.abs(right), Float.MIN_NORMAL));
            }
        }
        return largest;
    }

    /** Subnormal numbers cost a hundred times as much in everything that follows. */
    @Test
    void aSigmoidIsNeverSoSmallThatProductsWithItAreSubnormal() {
        float[] x = {-69, -70, -88, -1000};
        FloatMath.sigmoid(x, x.length);
        assertTrue(x[0] > 0x1p-100, "at -69: " + x[0]);
        assertArrayEquals(new float[] {0, 0, 0}, Arrays.copyOfRange(x, 1, 4));
    }

    @Test
    void errorsAreBelowThosePromised() {
        double exp = error(FloatMath::exp, Math::exp, 87);
        double tanh = error(FloatMath::tanh, Math::tanh, 12);
        double sigmoid = error(FloatMath::sigmoid, Functions::sigmoid, 69);
        assertTrue(exp < 2e-7, "exp " + exp);
        assertTrue(tanh < 1e-6, "tanh " + tanh);
        assertTrue(sigmoid < 5e-7, "sigmoid " + sigmoid);
    }

    /** An absolute error for |x| ≤ 1: the exact form's Φ errs by a few roundings of a half, far below relatively. */
    @Test
    void bothFormsOfGeluErrByLessThanPromisedAndVanishOnTheLeft() {
        float[] x = new float[POINTS];
        IntStream.range(0, POINTS).forEach(k -> x[k] = (float) (20.0 * k / (POINTS - 1) - 10));
        float[] exact = x.clone();
        float[] tanh = x.clone();
        FloatGelu.exact(exact, POINTS);
        FloatGelu.tanh(tanh, POINTS);
        for (int k = 0; k < POINTS; k++) {
            double tolerance = 4e-7 * Math.max(1, Math.abs(x[k]));
            assertEquals(Functions.value(Activation.of(Activation.Kind.GELU_EXACT), x[k]), exact[k], tolerance);
            assertEquals(Functions.value(Activation.of(Activation.Kind.GELU_TANH), x[k]), tanh[k], tolerance);
        }
        float[] far = {-1e10f, 1e10f, Float.NaN};
        for (boolean isExact : new boolean[] {true, false}) {
            float[] y = far.clone();
            float[] d = {1, 1, 1};
            float[] z = far.clone();
            if (isExact) {
                FloatGelu.exact(y, 3);
                FloatGelu.timesExactDerivative(d, z, 3);
            } else {
                FloatGelu.tanh(y, 3);
                FloatGelu.timesTanhDerivative(d, z, 3);
            }
            assertArrayEquals(new float[] {-0.0f, 1e10f, Float.NaN}, y);
            assertArrayEquals(new float[] {0, 1, Float.NaN}, d);
        }
    }

    @Test
    void limitsAndWhatIsNoNumber() {
        float[] x = {Float.NEGATIVE_INFINITY, -1000, 0, 1000, Float.POSITIVE_INFINITY, Float.NaN};
        float[] tanh = x.clone();
        FloatMath.tanh(tanh, tanh.length);
        float[] sigmoid = x.clone();
        FloatMath.sigmoid(sigmoid, sigmoid.length);
        float[] exp = x.clone();
        FloatMath.exp(exp, exp.length);
        for (int k = 0; k < 5; k++) {
            assertEquals(Math.tanh(x[k]), tanh[k], 1e-6, "tanh " + x[k]);
            assertEquals(Functions.sigmoid(x[k]), sigmoid[k], 1e-6, "sigmoid " + x[k]);
        }
        assertEquals(0, exp[0]);
        assertEquals(0, exp[1]);
        assertEquals(1, exp[2]);
        assertTrue(exp[3] > 1e38, "exp 1000: " + exp[3]);
        assertTrue(Float.isNaN(tanh[5]) && Float.isNaN(sigmoid[5]) && Float.isNaN(exp[5]));
    }
}
