/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Upward;
import org.junit.jupiter.api.Test;

/** How far the computed gradient of an adapter is from the exact one, against 50 digits: docs/privacy.md, (10). */
class RoundingOfAdapterTest {

    private static final int PROBLEMS = 500;

    /** The gradient in B of {@code z = x·W + b + s·(x·A)·B}, one logit, as plain loops make it. */
    private static final class Adapted {
        private final double[][] x;
        private final double[] labels;
        private final double[] base;
        private final double shift;
        private final double[][] a;
        private final double scale;
        private final double decay;

        Adapted(Random random, int records, int inputs, int rank) {
            x = new double[records][];
            labels = random.doubles(records).toArray();
            for (int r = 0; r < records; r++) {
                x[r] = random.doubles(inputs, -1, 1).toArray();
            }
            base = random.doubles(inputs, -3, 3).toArray();
            shift = random.nextDouble();
            a = new double[rank][];
            for (int j = 0; j < rank; j++) {
                a[j] = random.doubles(inputs, -1, 1).toArray();
            }
            scale = 2 * random.nextDouble();
            decay = random.nextDouble();
        }

        double[] gradient(double[] b) {
            double[] sum = new double[b.length];
            for (int r = 0; r < x.length; r++) {
                double[] inner = new double[b.length];
                double z = 0;
                for (int j = 0; j < b.length; j++) {
                    inner[j] = scale * dot(x[r], a[j]);
                    z += inner[j] * b[j];
                }
                z += dot(x[r], base) + shift;
                double residual = 1 / (1 + StrictMath.exp(-z)) - labels[r];
                for (int j = 0; j < b.length; j++) {
                    sum[j] += residual * inner[j];
                }
            }
            for (int j = 0; j < b.length; j++) {
                sum[j] = sum[j] / x.length + decay * b[j];
            }
            return sum;
        }

        private static double dot(double[] x, double[] y) {
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                sum += x[i] * y[i];
            }
            return sum;
        }

        BigDecimal[] exactGradient(double[] b) {
            BigDecimal[] sum = new BigDecimal[b.length];
            Arrays.fill(sum, BigDecimal.ZERO);
            for (int r = 0; r < x.length; r++) {
                BigDecimal[] inner = new BigDecimal[b.length];
                BigDecimal z = exactDot(x[r], base).add(new BigDecimal(shift));
                for (int j = 0; j < b.length; j++) {
                    inner[j] = new BigDecimal(scale).multiply(exactDot(x[r], a[j]));
                    z = z.add(inner[j].multiply(new BigDecimal(b[j])), ExactHead.DIGITS);
                }
                BigDecimal odds = ExactHead.exp(z.negate());
                BigDecimal residual = BigDecimal.ONE
                        .divide(BigDecimal.ONE.add(odds), ExactHead.DIGITS)
                        .subtract(new BigDecimal(labels[r]));
                for (int j = 0; j < b.length; j++) {
                    sum[j] = sum[j].add(residual.multiply(inner[j]), ExactHead.DIGITS);
                }
            }
            for (int j = 0; j < b.length; j++) {
                sum[j] = sum[j].divide(BigDecimal.valueOf(x.length), ExactHead.DIGITS)
                        .add(new BigDecimal(decay).multiply(new BigDecimal(b[j])));
            }
            return sum;
        }

        private static BigDecimal exactDot(double[] x, double[] y) {
            BigDecimal sum = BigDecimal.ZERO;
            for (int i = 0; i < x.length; i++) {
                sum = sum.add(new BigDecimal(x[i]).multiply(new BigDecimal(y[i])));
            }
            return sum;
        }

        RoundingModel rounding() {
            double radius = Arrays.stream(x).mapToDouble(Upward::norm).max().orElseThrow();
            double slope = scale
                    * Upward.norm(
                            Arrays.stream(a).flatMapToDouble(Arrays::stream).toArray());
            double[] all = Arrays.copyOf(base, base.length + 1);
            all[base.length] = shift;
            return new RoundingModel.AdaptedHead(
                    Summation.NAIVE, 1, radius, slope * (1 + 1e-15), Upward.norm(all), base.length, a.length, 1);
        }
    }

    /** The twin: a tenth of the bound is too small. */
    @Test
    void aGradientOfAnAdapterIsWithinItsBoundAndNotWithinATenthOfIt() {
        Random random = new Random(16);
        double largest = 0;
        for (int i = 0; i < PROBLEMS; i++) {
            int rank = 1 + random.nextInt(4);
            Adapted head = new Adapted(random, 1 + random.nextInt(10), 1 + random.nextInt(8), rank);
            double size = Math.pow(10, 4 * random.nextDouble() - 2);
            double[] b = random.doubles(rank, -size, size).toArray();
            double bound = head.rounding().ofGradient(head.x.length, head.x.length, head.decay, Upward.norm(b));
            BigDecimal error = ExactHead.distance(head.exactGradient(b), ExactHead.exactly(head.gradient(b)));
            largest = Math.max(
                    largest,
                    error.divide(new BigDecimal(bound), ExactHead.DIGITS).doubleValue());
        }
        double share = largest;
        assertTrue(share <= 1, () -> share + " of the bound");
        assertTrue(share > 0.1, () -> "no more than " + share + " of the bound");
    }
}
