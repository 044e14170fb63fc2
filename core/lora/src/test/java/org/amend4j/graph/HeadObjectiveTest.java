/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.amend4j.testkit.Refusals.sentence;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.numeric.Summation;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.Objective;
import org.amend4j.objective.RecordIds;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Linear heads in plain Java. u is the unit roundoff, 2^-53. */
class HeadObjectiveTest {

    private static final double UNIT = 0x1p-53;

    /** Sums of a few thousand terms of order 1. */
    private static final double ROUNDING = 1e-12;

    /** Random rows of norm 1 at most, and labels: every third soft, the others hard. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Data(double[][] features, double[][] labels) {

        /** @param outputs 1 for a logistic head */
        static Data random(int rows, int inputs, int outputs, long seed) {
            Random random = new Random(seed);
            double[][] features = new double[rows][];
            double[][] labels = new double[rows][];
            for (int r = 0; r < rows; r++) {
                double[] x = random.doubles(inputs, -1, 1).toArray();
                Vectors.divide(x, Vectors.norm(x) / random.nextDouble());
                features[r] = x;
                labels[r] = outputs == 1
                        ? new double[] {r % 3 == 0 ? random.nextDouble() : random.nextInt(2)}
                        : distribution(outputs, r % 3 == 0, random);
            }
            return new Data(features, labels);
        }

        private static double[] distribution(int classes, boolean soft, Random random) {
            double[] t = new double[classes];
            t[random.nextInt(classes)] = 1;
            if (soft) {
                t = random.doubles(classes, 0, 1).toArray();
                Vectors.divide(t, Arrays.stream(t).sum());
            }
            return t;
        }

        HeadObjective objective() {
            return labels[0].length == 1
                    ? HeadObjective.logistic(
                            features,
                            Arrays.stream(labels).mapToDouble(t -> t[0]).toArray())
                    : HeadObjective.softmax(features, labels);
        }

        Data rows(RecordIds wanted) {
            return new Data(
                    wanted.stream().mapToObj(r -> features[(int) r]).toArray(double[][]::new),
                    wanted.stream().mapToObj(r -> labels[(int) r]).toArray(double[][]::new));
        }
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 60);
    }

    /** Every other one logistic. */
    private static Data data(long seed) {
        Random random = new Random(seed);
        return Data.random(1 + random.nextInt(40), 1 + random.nextInt(9), seed % 2 == 0 ? 1 : 2 + (int) seed % 5, seed);
    }

    private static double[] vector(int length, double size, Random random) {
        return random.doubles(length, -size, size).toArray();
    }

    private static double[] gradient(Objective objective, double[] theta) {
        double[] gradient = new double[objective.dimension()];
        objective.valueAndGradient(theta, gradient);
        return gradient;
    }

    private static double[] difference(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
    }

    /** Central differences: h²/6·f''' + 2u·f/h is about 1e-10 with h = 1e-5 and f of order 10. */
    @ParameterizedTest
    @MethodSource("seeds")
    void the_gradient_agrees_with_differences_of_the_value(long seed) {
        HeadObjective objective = data(seed).objective().withWeightDecay(seed % 3 == 0 ? 0.1 : 0);
        Random random = new Random(-seed);
        double[] theta = vector(objective.dimension(), 3, random);
        double[] gradient = new double[objective.dimension()];
        double value = objective.valueAndGradient(theta, gradient);
        assertEquals(value, objective.value(theta));
        double[] direction = vector(objective.dimension(), 1, random);
        double h = 1e-5;
        double numerical = (objective.value(GraphObjectiveTest.moved(theta, direction, h))
                        - objective.value(GraphObjectiveTest.moved(theta, direction, -h)))
                / (2 * h);
        assertEquals(Vectors.dot(gradient, direction), numerical, 1e-8);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void the_loss_is_convex_and_the_gradient_as_smooth_and_short_as_the_radius_says(long seed) {
        HeadObjective all = data(seed).objective();
        Random random = new Random(-seed);
        boolean logistic = all.outputs() == 1;
        double longest = logistic ? 1 : Math.sqrt(2);
        double curvature = logistic ? 0.25 : 0.5;
        for (long id : all.records().stream().toArray()) {
            HeadObjective one = all.restrictedTo(RecordIds.of(id));
            double radius = one.largestFeatureNorm();
            double[] a = vector(one.dimension(), 10, random);
            double[] b = vector(one.dimension(), 10, random);
            double[] change = difference(gradient(one, a), gradient(one, b));
            double[] way = difference(a, b);
            assertTrue(Vectors.norm(gradient(one, a)) <= longest * radius * (1 + ROUNDING));
            assertTrue(Vectors.norm(change) <= curvature * radius * radius * Vectors.norm(way) + ROUNDING);
            assertTrue(Vectors.dot(change, way) >= -ROUNDING);
            double[] middle = GraphObjectiveTest.moved(b, way, 0.5);
            assertTrue(one.value(middle) <= (one.value(a) + one.value(b)) / 2 + ROUNDING);
        }
    }

    /** Else the bounds above would say little: a softmax of two classes reaches both constants, ½ where p = ½. */
    @Test
    void the_constants_are_reached() {
        double[][] x = {{1}};
        HeadObjective logistic = HeadObjective.logistic(x, new double[] {0});
        assertEquals(1, gradient(logistic, new double[] {40})[0], 4 * UNIT);
        HeadObjective softmax = HeadObjective.softmax(x, new int[] {0}, 2);
        assertEquals(Math.sqrt(2), Vectors.norm(gradient(softmax, new double[] {-40, 40})), 4 * UNIT);
        double h = 1e-4;
        double slope = (gradient(logistic, new double[] {h})[0] - gradient(logistic, new double[] {-h})[0]) / (2 * h);
        assertEquals(0.25, slope, h);
        double[] across = {h / Math.sqrt(2), -h / Math.sqrt(2)};
        double[] back = {-across[0], -across[1]};
        assertEquals(0.5, Vectors.norm(difference(gradient(softmax, across), gradient(softmax, back))) / (2 * h), h);
    }

    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("seeds")
    void a_subset_is_those_rows_alone_bit_for_bit(long seed) {
        Data data = Data.random(700, 4, seed % 2 == 0 ? 1 : 3, seed);
        Random random = new Random(seed);
        double share = random.nextDouble();
        long[] some = LongStream.range(0, 700)
                .filter(id -> id == 13 || random.nextDouble() < share)
                .toArray();
        RecordIds subset = RecordIds.of(some);
        HeadObjective whole = data.objective().withWeightDecay(0.01);
        whole = seed % 3 == 0 ? whole.withNormaliser(1024) : whole;
        HeadObjective part = whole.restrictedTo(RecordIds.firstN(700)).restrictedTo(subset);
        HeadObjective alone =
                data.rows(subset).objective().withWeightDecay(0.01).withIds(some);
        alone = seed % 3 == 0 ? alone.withNormaliser(1024) : alone;
        double[] theta = vector(whole.dimension(), 2, random);
        assertArrayEquals(gradient(alone, theta), gradient(part, theta));
        assertEquals(alone.value(theta), part.value(theta));
        assertEquals(alone.fingerprint(), part.fingerprint());
        assertEquals(subset, part.records());
    }

    /** The definition, without blocks and leaves. */
    private static double[] byHalves(HeadObjective objective, double[] theta, int from, int to) {
        if (to - from == 1) {
            return gradient(
                    objective.restrictedTo(RecordIds.of(objective.records().get(from))), theta);
        }
        int middle = from + (to - from) / 2;
        double[] sum = byHalves(objective, theta, from, middle);
        Vectors.add(1, byHalves(objective, theta, middle, to), sum);
        return sum;
    }

    @Tag("kernels")
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 31, 255, 256, 257, 300, 511, 513, 1031})
    void records_are_added_by_halves_bit_for_bit(int rows) {
        for (int outputs : new int[] {1, 3}) {
            HeadObjective objective =
                    Data.random(rows, 3, outputs, rows).objective().withNormaliser(1);
            double[] theta = vector(objective.dimension(), 2, new Random(rows));
            assertArrayEquals(byHalves(objective, theta, 0, rows), gradient(objective, theta));
        }
        assertEquals(Summation.PAIRWISE, Data.random(rows, 1, 1, 1).objective().summation());
    }

    /**
     * Against exact sums of the computed terms, all positive. Equal terms are the bad case of adding one after the other: the
     * rounding of thousands of additions has the same sign.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_sum_keeps_the_bound_of_pairwise_summation_which_one_after_the_other_breaks(boolean equal) {
        int n = 5_000;
        double[] theta = {0.3};
        double[][] x = new double[n][];
        Random random = new Random(5);
        for (int r = 0; r < n; r++) {
            x[r] = new double[] {equal ? 0.7 : 0.5 + random.nextDouble() / 2};
        }
        HeadObjective all = HeadObjective.logistic(x, new double[n]).withNormaliser(1);
        BigDecimal exact = BigDecimal.ZERO;
        double naive = 0;
        for (int r = 0; r < n; r++) {
            double term = gradient(all.restrictedTo(RecordIds.of(r)), theta)[0];
            exact = exact.add(new BigDecimal(term));
            naive += term;
        }
        double bound = Summation.PAIRWISE.relativeError(n) * exact.doubleValue();
        assertTrue(error(exact, gradient(all, theta)[0]) <= bound);
        assertTrue(!equal || error(exact, naive) > bound, "the order matters here");
    }

    private static double error(BigDecimal exact, double computed) {
        return new BigDecimal(computed).subtract(exact).abs().doubleValue();
    }

    private static ComputationGraph graph(int inputs, int outputs) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .seed(3)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(outputs == 1 ? LossFunction.XENT : LossFunction.MCXENT)
                                .nIn(inputs)
                                .nOut(outputs)
                                .hasBias(false)
                                .activation(outputs == 1 ? Activation.SIGMOID : Activation.SOFTMAX)
                                .build(),
                        "in")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void parameters_value_and_gradient_are_those_of_an_output_layer_without_bias(int outputs) {
        Data data = Data.random(300, 7, outputs, outputs);
        HeadObjective head = data.objective().withNormaliser(512).withWeightDecay(0.01);
        ComputationGraph graph = graph(7, outputs);
        GraphObjective expected = GraphObjective.of(
                        graph, Records.of(new DataSet(Nd4j.create(data.features()), Nd4j.create(data.labels()))))
                .withNormaliser(512)
                .withWeightDecay(0.01);
        double[] theta = vector(head.dimension(), 3, new Random(8));
        double[] wanted = new double[theta.length];
        double[] got = new double[theta.length];
        assertEquals(expected.valueAndGradient(theta, wanted), head.valueAndGradient(theta, got), ROUNDING);
        assertArrayEquals(wanted, got, ROUNDING);

        ParameterVectors.copyInto(graph, theta);
        for (int i = 0; i < 7; i++) {
            for (int k = 0; k < outputs; k++) {
                assertEquals(theta[k * 7 + i], graph.getParam("out_W").getDouble(i, k));
            }
        }
        assertEquals(expected.fixedNormaliser(), head.fixedNormaliser());
        assertEquals(expected.weightDecay(), head.weightDecay());
        ClippedObjective clipped = expected.clipped(Clipping.perRecord(1));
        assertEquals(OptionalDouble.of(512), clipped.fixedNormaliser());
        assertEquals(0.01, clipped.weightDecay());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void a_bias_is_a_feature_that_is_one_at_the_end_of_the_parameters(int outputs) {
        Data data = Data.random(1001, 6, outputs, outputs + 70);
        HeadObjective biased = data.objective().withBias().withWeightDecay(0.02);
        double[][] wider = new double[data.features().length][];
        for (int r = 0; r < wider.length; r++) {
            wider[r] = Arrays.copyOf(data.features()[r], 7);
            wider[r][6] = 1;
        }
        HeadObjective constant = new Data(wider, data.labels()).objective().withWeightDecay(0.02);
        assertEquals(7 * outputs, biased.dimension());
        double[] theta = vector(biased.dimension(), 2, new Random(9));
        double[] columns = new double[theta.length];
        for (int k = 0; k < outputs; k++) {
            System.arraycopy(theta, 6 * k, columns, 7 * k, 6);
            columns[7 * k + 6] = theta[6 * outputs + k];
        }
        double[] wanted = new double[theta.length];
        double[] got = new double[theta.length];
        assertEquals(constant.valueAndGradient(columns, wanted), biased.valueAndGradient(theta, got), ROUNDING);
        for (int k = 0; k < outputs; k++) {
            assertEquals(wanted[7 * k + 6], got[6 * outputs + k], ROUNDING);
            assertArrayEquals(
                    Arrays.copyOfRange(wanted, 7 * k, 7 * k + 6), Arrays.copyOfRange(got, 6 * k, 6 * k + 6), ROUNDING);
        }
        assertNotEquals(
                data.objective().withBias().settingsFingerprint(),
                data.objective().settingsFingerprint());
    }

    @Test
    void losses_neither_overflow_nor_lose_their_digits() {
        HeadObjective logistic = HeadObjective.logistic(new double[][] {{1}}, new double[] {1});
        assertEquals(Math.exp(-50), logistic.value(new double[] {50}), 1e-14 * Math.exp(-50));
        assertEquals(5000, logistic.value(new double[] {-5000}));
        assertArrayEquals(new double[] {-1}, gradient(logistic, new double[] {-5000}));
        HeadObjective softmax = HeadObjective.softmax(new double[][] {{1}}, new int[] {1}, 3);
        assertEquals(2 * Math.exp(-50), softmax.value(new double[] {-50, 0, -50}), 1e-14 * Math.exp(-50));
        assertEquals(5000, softmax.value(new double[] {5000, 0, -5000}));
    }

    @Test
    void without_a_fixed_normaliser_it_is_the_mean_of_its_records() {
        HeadObjective all = Data.random(50, 3, 1, 4).objective();
        assertEquals(OptionalDouble.empty(), all.fixedNormaliser());
        double[] theta = {1, -2, 0.5};
        double mean = LongStream.range(0, 50)
                .mapToDouble(id -> all.restrictedTo(RecordIds.of(id)).value(theta))
                .average()
                .orElseThrow();
        assertEquals(mean, all.value(theta), 60 * UNIT * mean);
        assertEquals(all.value(theta) * 50 / 64, all.withNormaliser(64).value(theta), 4 * UNIT * mean);
    }

    @Test
    void the_fingerprint_names_everything_the_values_depend_on() {
        Data data = Data.random(10, 3, 1, 1);
        HeadObjective objective = data.objective();
        String print = objective.fingerprint();
        assertEquals(print, Data.random(10, 3, 1, 1).objective().fingerprint());
        assertEquals(64, print.length());
        assertNotEquals(print, objective.withNormaliser(10).fingerprint());
        assertNotEquals(print, objective.withWeightDecay(0.1).fingerprint());
        assertNotEquals(print, objective.restrictedTo(RecordIds.firstN(9)).fingerprint());
        assertNotEquals(
                print,
                objective.withIds(LongStream.rangeClosed(1, 10).toArray()).fingerprint());
        data.features()[4][2] = Math.nextUp(data.features()[4][2]);
        assertNotEquals(print, data.objective().fingerprint());
        assertEquals(print, objective.fingerprint(), "the rows are copied");
    }

    @Test
    void the_largest_norm_is_never_below_a_row() {
        HeadObjective objective = HeadObjective.logistic(new double[][] {{3, 4}, {1, 1}, {6, 8}}, new double[3]);
        assertEquals(10, objective.largestFeatureNorm(), 100 * UNIT);
        assertTrue(objective.largestFeatureNorm() >= 10);
        assertEquals(5, objective.restrictedTo(RecordIds.firstN(2)).largestFeatureNorm(), 50 * UNIT);
    }

    private static String refused(Executable action) {
        return sentence(assertThrows(IllegalArgumentException.class, action));
    }

    @Test
    void bad_data_is_refused_with_its_place() {
        double[][] x = {{1, 2}, {3, 4}};
        assertEquals(
                "features must be finite, got NaN in row 1, column 0",
                refused(() -> HeadObjective.logistic(new double[][] {{1, 2}, {Double.NaN, 4}}, new double[2])));
        assertEquals(
                "features must be 2 as in row 0, got 1 in row 1",
                refused(() -> HeadObjective.logistic(new double[][] {{1, 2}, {3}}, new double[2])));
        assertEquals(
                "labels must be 2, one per feature row, got 3",
                refused(() -> HeadObjective.logistic(x, new double[3])));
        assertEquals(
                "labels must be in [0, 1], got 1.5 in row 1, column 0",
                refused(() -> HeadObjective.logistic(x, new double[] {0, 1.5})));
        assertEquals(
                "labels must be in [0, 1], got NaN in row 0, column 0",
                refused(() -> HeadObjective.logistic(x, new double[] {Double.NaN, 1})));
        assertEquals(
                "labels must sum to 1, got 0.75 in row 1",
                refused(() -> HeadObjective.softmax(x, new double[][] {{0, 1}, {0.25, 0.5}})));
        assertEquals(
                "labels must be 2 as in row 0, got 3 in row 1",
                refused(() -> HeadObjective.softmax(x, new double[][] {{0, 1}, {0, 1, 0}})));
        assertEquals(
                "a softmax head must have >= 2 classes, got 1",
                refused(() -> HeadObjective.softmax(x, new double[][] {{1}, {1}})));
        assertEquals(
                "the label of row 1 must be in [0, 2], got 3",
                refused(() -> HeadObjective.softmax(x, new int[] {0, 3}, 3)));
        assertEquals(
                "an objective must have records, got none",
                refused(() -> HeadObjective.logistic(new double[0][], new double[0])));
        assertEquals(
                "a feature row must have >= 1 features, got 0",
                refused(() -> HeadObjective.logistic(new double[1][0], new double[1])));
    }

    @Test
    void bad_settings_are_refused() {
        HeadObjective objective = Data.random(4, 2, 1, 1).objective();
        assertEquals("the normaliser must be > 0 and finite, got 0.0", refused(() -> objective.withNormaliser(0)));
        assertEquals("weight decay must be >= 0 and finite, got -1.0", refused(() -> objective.withWeightDecay(-1)));
        assertEquals(
                "an objective must have records, got an empty subset",
                refused(() -> objective.restrictedTo(RecordIds.of())));
        assertEquals(
                "record ids must be known, got 1 unknown: [7]",
                refused(() -> objective.restrictedTo(RecordIds.of(1, 7))));
        assertEquals("ids must be 4, one per record, got 2", refused(() -> objective.withIds(1, 2)));
        assertEquals("record ids must ascend", refused(() -> objective.withIds(1, 2, 4, 3)));
        HeadObjective part = objective.restrictedTo(RecordIds.firstN(2));
        assertThrows(IllegalStateException.class, () -> part.withIds(5, 6));
        assertEquals("the parameter vector must have 2 elements, got 3", refused(() -> objective.value(new double[3])));
        assertEquals(
                "the gradient must have 2 elements, got 1",
                refused(() -> objective.valueAndGradient(new double[2], new double[1])));
    }
}
