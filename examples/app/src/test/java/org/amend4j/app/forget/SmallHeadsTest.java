/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.amend4j.objective.HeadObjective;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Heads on the digits and the breast cancer table: the test figures an independent implementation (NumPy) gave. */
class SmallHeadsTest {

    private static final int STEPS = 400;

    private static final double[] CENTRE = {
        14, 19, 92, 650, 0.096, 0.1, 0.089, 0.049, 0.18, 0.063, 0.41, 1.2, 2.9, 40, 0.007, 0.025, 0.032, 0.012, 0.021,
        0.0038, 16, 26, 110, 880, 0.13, 0.25, 0.27, 0.11, 0.29, 0.084
    };
    private static final double[] SCALE = {
        4, 4, 20, 400, 0.01, 0.05, 0.08, 0.04, 0.03, 0.007, 0.3, 0.6, 2, 50, 0.003, 0.02, 0.03, 0.006, 0.008, 0.003, 5,
        6, 30, 600, 0.02, 0.2, 0.2, 0.07, 0.06, 0.02
    };

    /** Rows with their features, the constant one included, and the label in a column of its own. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Table(double[][] features, int[] labels) {

        Table rows(int[] wanted) {
            return new Table(
                    IntStream.of(wanted).mapToObj(row -> features[row]).toArray(double[][]::new),
                    IntStream.of(wanted).map(row -> labels[row]).toArray());
        }

        Table part(String split, boolean test) {
            return rows(IntStream.range(0, labels.length)
                    .filter(row -> (hash(split + "-split-0-" + row) % 5 == 0) == test)
                    .toArray());
        }
    }

    private static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return Integer.toUnsignedLong(ByteBuffer.wrap(digest).getInt());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static List<double[]> numbers(String name, int skipped) throws IOException {
        try (InputStream raw = SmallHeadsTest.class.getResourceAsStream("/org/amend4j/app/uci/" + name);
                InputStream plain = name.endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                BufferedReader lines = new BufferedReader(new InputStreamReader(plain, StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .skip(skipped)
                    .map(line -> Arrays.stream(line.split(",", -1))
                            .mapToDouble(Double::parseDouble)
                            .toArray())
                    .toList();
        }
    }

    private static Table digits() throws IOException {
        List<double[]> rows = numbers("digits.csv.gz", 0);
        double[][] features = rows.stream()
                .map(row -> {
                    double[] x = Arrays.stream(row).map(pixel -> pixel / 16 / 5).toArray();
                    x[x.length - 1] = 1.0 / 5;
                    return x;
                })
                .toArray(double[][]::new);
        return new Table(features, labels(rows));
    }

    private static Table breastCancer() throws IOException {
        List<double[]> rows = numbers("breast_cancer.csv", 1);
        double[][] features = rows.stream()
                .map(row -> {
                    double[] z = row.clone();
                    for (int i = 0; i < CENTRE.length; i++) {
                        z[i] = (row[i] - CENTRE[i]) / SCALE[i];
                    }
                    z[CENTRE.length] = 1;
                    double factor = Math.min(1, 6 / Math.sqrt(Ranks.dot(z, z))) / 6;
                    return Arrays.stream(z).map(value -> value * factor).toArray();
                })
                .toArray(double[][]::new);
        return new Table(features, labels(rows));
    }

    private static int[] labels(List<double[]> rows) {
        return rows.stream().mapToInt(row -> (int) row[row.length - 1]).toArray();
    }

    /** The figures are printed to three digits or four. */
    @ParameterizedTest
    @CsvSource({"1e-4, 0.924", "1e-3, 0.9185", "3e-3, 0.897", "1e-2, 0.870"})
    @OneIn(2)
    void softmax_on_digits_reaches_the_reference_accuracy(double decay, double accuracy) throws IOException {
        Table training = digits().part("digits", false);
        Table test = digits().part("digits", true);
        assertEquals(1_429, training.labels().length);
        assertEquals(368, test.labels().length);
        HeadObjective objective = HeadObjective.softmax(training.features(), training.labels(), 10)
                .withNormaliser(2_048)
                .withWeightDecay(decay);
        assertTrue(objective.largestFeatureNorm() <= 0.982);

        double[] theta = Descent.run(objective, new double[objective.dimension()], 1 / (0.5 + decay), STEPS);

        int inputs = objective.inputs();
        double right = 0;
        for (int row = 0; row < test.labels().length; row++) {
            double[] x = test.features()[row];
            double[] z = IntStream.range(0, 10)
                    .mapToDouble(k -> Ranks.dot(Arrays.copyOfRange(theta, k * inputs, (k + 1) * inputs), x))
                    .toArray();
            int best = 0;
            for (int k = 1; k < z.length; k++) {
                best = z[k] > z[best] ? k : best;
            }
            right += best == test.labels()[row] ? 1 : 0;
        }
        assertEquals(accuracy, right / test.labels().length, 5.1e-4);
    }

    @ParameterizedTest
    @CsvSource({"1e-3, 0.986", "1e-2, 0.984", "3e-2, 0.981"})
    void logistic_regression_on_breast_cancer_reaches_the_reference_auc(double decay, double auc) throws IOException {
        Table training = breastCancer().part("breast", false);
        Table test = breastCancer().part("breast", true);
        assertEquals(454, training.labels().length);
        assertEquals(115, test.labels().length);
        HeadObjective objective = HeadObjective.logistic(
                        training.features(),
                        IntStream.of(training.labels()).asDoubleStream().toArray())
                .withNormaliser(512)
                .withWeightDecay(decay);

        double[] theta = Descent.run(objective, new double[objective.dimension()], 1 / (0.25 + decay), STEPS);

        double[] scores = Arrays.stream(test.features())
                .mapToDouble(x -> Ranks.dot(theta, x))
                .toArray();
        double[] labels = IntStream.of(test.labels()).asDoubleStream().toArray();
        assertEquals(auc, Ranks.auc(scores, labels), 5.1e-4);
    }
}
