/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

/** The divisor of the squared distances from the mean in a batch's standard deviation. */
public enum Spread {
    /** By n, as NumPy. */
    POPULATION {
        @Override
        int divisor(int n) {
            return n;
        }
    },
    /** By n - 1, as PyTorch; needs two numbers. */
    SAMPLE {
        @Override
        int divisor(int n) {
            return n - 1;
        }
    };

    abstract int divisor(int n);

    double of(double[] numbers, double mean) {
        if (divisor(numbers.length) < 1) {
            throw new IllegalArgumentException(
                    "a standard deviation of a sample needs at least 2 numbers, got " + numbers.length);
        }
        double sum = 0;
        for (double number : numbers) {
            sum += (number - mean) * (number - mean);
        }
        return Math.sqrt(sum / divisor(numbers.length));
    }
}
