/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.amend4j.graph.GraphObjectiveTest.adapted;
import static org.amend4j.graph.GraphObjectiveTest.dot;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.CancellingRecords;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.RandomSequenceGraph;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Clipped sums against what they are defined as: one gradient per record or subject, each clipped by itself. */
class ClippedObjectiveTest {

    /** Norms and sums of a few hundred products of order 1 in double. */
    private static final double ROUNDING = 1e-10;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 200);
    }

    static LongStream sequences() {
        return LongStream.range(0, 20);
    }

    /** The mean of clipped gradients, from one objective per unit. */
    private static double[] byDefinition(GraphObjective plain, double[] at, Clipping clipping, long[] subjects) {
        double[] sum = new double[plain.dimension()];
        long[] units = clipping.unit() == Clipping.Unit.RECORD
                ? plain.records().stream().toArray()
                : plain.records().stream()
                        .map(id -> subjects[(int) id])
                        .distinct()
                        .toArray();
        for (long unit : units) {
            RecordIds share = clipping.unit() == Clipping.Unit.RECORD
                    ? RecordIds.of(unit)
                    : RecordIds.of(plain.records().stream()
                            .filter(id -> subjects[(int) id] == unit)
                            .toArray());
            double[] gradient = new double[plain.dimension()];
            plain.restrictedTo(share).withNormaliser(1).valueAndGradient(at, gradient);
            double weight = Math.min(1, clipping.bound() / Math.sqrt(dot(gradient, gradient)));
            for (int i = 0; i < sum.length; i++) {
                sum[i] += weight * gradient[i] / plain.records().size();
            }
        }
        return sum;
    }

    private static void assertClippedAsDefined(GraphObjective plain, Clipping clipping, long[] subjects) {
        double[] at = plain.parameters();
        double[] expected = byDefinition(plain, at, clipping, subjects);
        double[] clipped = new double[plain.dimension()];
        double value = plain.clipped(clipping).valueAndGradient(at, clipped);
        assertEquals(plain.value(at), value, ROUNDING * (1 + Math.abs(value)), "the value is not clipped");
        assertArrayEquals(expected, clipped, ROUNDING * (1 + Math.sqrt(dot(expected, expected))));
    }

    private static long[] subjects(int n, long seed) {
        Random random = new Random(seed);
        return random.longs(n, 0, Math.max(1, n / 2)).toArray();
    }

    @OneIn(10)
    @ParameterizedTest
    @MethodSource("seeds")
    void a_random_graphs_clipped_mean_is_as_defined(long seed) {
        RandomGraph random = RandomGraph.of(seed);
        int n = (int) random.data().getFeatures(0).size(0);
        long[] subjects = subjects(n, seed);
        GraphObjective plain = GraphObjective.of(
                        random.graph(), Records.of(random.data()).ownedBy(subjects))
                .withChunk(4);
        // About the middle of the norms: some are clipped, some are not.
        double middle = norms(plain)[n / 2];
        assertClippedAsDefined(plain, Clipping.perRecord(middle), subjects);
        assertClippedAsDefined(plain, Clipping.perSubject(middle), subjects);
    }

    /** Among them dense layers on every time step, for which Deeplearning4j makes an example of each. */
    @OneIn(6)
    @ParameterizedTest
    @MethodSource("sequences")
    void aClippedMeanOverSequencesIsAsDefined(long seed) {
        RandomSequenceGraph random = RandomSequenceGraph.of(seed);
        int n = (int) random.data().getFeatures(0).size(0);
        GraphObjective plain =
                GraphObjective.of(random.graph(), Records.of(random.data())).withChunk(2);
        assertClippedAsDefined(plain, Clipping.perRecord(norms(plain)[n / 2]), subjects(n, seed));
    }

    /** Chunks are of two examples but for the last. */
    @OneIn(3)
    @ParameterizedTest
    @MethodSource("sequences")
    void theSizeOfChunksIsNothingToAMeanOverSequences(long seed) {
        RandomSequenceGraph random = RandomSequenceGraph.of(seed);
        GraphObjective whole = GraphObjective.of(random.graph(), Records.of(random.data()));
        GraphObjective chunks = whole.withChunk(2);
        double[] at = whole.parameters();
        double[] expected = new double[at.length];
        double[] found = new double[at.length];
        double value = whole.valueAndGradient(at, expected);
        assertEquals(value, chunks.value(at), ROUNDING * (1 + Math.abs(value)));
        assertEquals(value, chunks.valueAndGradient(at, found), ROUNDING * (1 + Math.abs(value)));
        assertArrayEquals(expected, found, ROUNDING * (1 + Math.sqrt(dot(expected, expected))));
    }

    private static double[] norms(GraphObjective plain) {
        double[] gradient = new double[plain.dimension()];
        return plain.records().stream()
                .mapToDouble(id -> {
                    plain.restrictedTo(RecordIds.of(id))
                            .withNormaliser(1)
                            .valueAndGradient(plain.parameters(), gradient);
                    return Math.sqrt(dot(gradient, gradient));
                })
                .sorted()
                .toArray();
    }

    /** Pixels, time steps, several inputs and outputs. */
    @ParameterizedTest
    @EnumSource(TestCase.class)
    void an_adapted_graphs_clipped_mean_is_as_defined(TestCase networks) {
        assertClippedAsDefined(networks, adapted(networks, DataType.DOUBLE, 7));
    }

    private static void assertClippedAsDefined(TestCase networks, ComputationGraph graph) {
        long[] subjects = subjects(7, 5);
        GraphObjective plain = GraphObjective.of(
                        graph, Records.of(networks.data(DataType.DOUBLE, 7, 8)).ownedBy(subjects))
                .withChunk(3);
        double middle = norms(plain)[3];
        assertClippedAsDefined(plain, Clipping.perRecord(middle), subjects);
        assertClippedAsDefined(plain, Clipping.perSubject(middle), subjects);
    }

    /** Biases show their rows beside those of factors. */
    @ParameterizedTest
    @EnumSource(
            value = TestCase.class,
            names = {"DENSE", "NHWC", "BRANCHING"})
    void clipped_means_with_trained_biases_are_as_defined(TestCase networks) {
        LoraConfig config = LoraConfig.of(2, 4).withTargets(networks.targets()).withBias(BiasMode.ALL);
        AdaptedModel model = SmallNetworks.adapted(networks.network(DataType.DOUBLE, 7), config);
        assertClippedAsDefined(networks, SmallNetworks.moved(model.graph(), new Random(9), 0.2));
    }

    @Test
    void magnitudes_are_refused_for_no_bound_of_steps_is_known() {
        LoraConfig config = LoraConfig.of(2, 4).withTargets("dense_0").withDora();
        ComputationGraph graph = SmallNetworks.adapted(TestCase.DENSE.network(DataType.DOUBLE, 7), config)
                .graph();
        Records records = Records.of(TestCase.DENSE.data(DataType.DOUBLE, 7, 8));
        UnsupportedNetworkException refused =
                assertThrows(UnsupportedNetworkException.class, () -> GraphObjective.of(graph, records));
        assertTrue(refused.getMessage().contains("'dense_0' has others"), refused.getMessage());
    }

    /** A convolution and an LSTM trained in full are not made of rows here: the slow path. */
    @Test
    void layers_without_rows_are_clipped_as_defined() {
        long[] subjects = subjects(5, 3);
        GraphObjective plain = GraphObjective.of(
                TestNetworks.recurrent(DataType.DOUBLE, ConvolutionMode.Same, 2),
                Records.of(TestCase.SEQUENCE.data(DataType.DOUBLE, 5, 8)).ownedBy(subjects));
        double middle = norms(plain)[2];
        assertClippedAsDefined(plain, Clipping.perRecord(middle), subjects);
        assertClippedAsDefined(plain, Clipping.perSubject(middle), subjects);
    }

    /** Dense layers within sequences take all time steps of all examples for examples; adapted or trained in full. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void dense_layers_on_every_time_step_are_clipped_as_defined(int layers) {
        ComputationGraph plain = denseWithinSequences(layers);
        ComputationGraph adapted = SmallNetworks.adapted(
                        plain, LoraConfig.of(2, 4).withTargets("dense_1").withTrainedInFull("out"))
                .graph();
        adapted.params().addi(0.1);
        Random random = new Random(3);
        DataSet data = new DataSet(
                TestNetworks.normal(DataType.DOUBLE, random, 6, 3, 5),
                TestNetworks.oneHot(DataType.DOUBLE, random, 6, 2, 5));
        long[] subjects = {1, 2, 1, 3, 1, 2};
        for (ComputationGraph graph : List.of(plain, adapted)) {
            GraphObjective objective =
                    GraphObjective.of(graph, Records.of(data).ownedBy(subjects)).withChunk(4);
            double middle = norms(objective)[3];
            assertClippedAsDefined(objective, Clipping.perRecord(middle), subjects);
            assertClippedAsDefined(objective, Clipping.perSubject(middle), subjects);
            double[] gradient = new double[objective.dimension()];
            double[] besideWeights = new double[objective.dimension()];
            objective.valueAndGradient(objective.parameters(), gradient);
            objective.valueAndGradient(
                    objective.parameters(),
                    besideWeights,
                    new double[objective.adapters().size()]);
            assertArrayEquals(gradient, besideWeights, ROUNDING, "with the norms of weights' gradients beside it");
        }
    }

    private static ComputationGraph denseWithinSequences(int layers) {
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(4)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.recurrent(3, 5));
        for (int k = 1; k <= layers; k++) {
            builder.addLayer(
                    "dense_" + k,
                    new DenseLayer.Builder().nOut(4).activation(Activation.TANH).build(),
                    k == 1 ? "in" : "dense_" + (k - 1));
        }
        RnnOutputLayer output = new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .build();
        return SmallNetworks.initialised(
                builder.addLayer("out", output, "dense_" + layers).setOutputs("out"));
    }

    @OneIn(10)
    @ParameterizedTest
    @MethodSource("seeds")
    void no_record_contributes_more_than_the_bound(long seed) {
        RandomGraph random = RandomGraph.of(seed);
        GraphObjective plain =
                GraphObjective.of(random.graph(), Records.of(random.data())).withNormaliser(1);
        double bound = norms(plain)[0] / 3;
        double[] gradient = new double[plain.dimension()];
        for (int k = 0; k < plain.records().size(); k++) {
            plain.restrictedTo(RecordIds.of(k))
                    .clipped(Clipping.perRecord(bound))
                    .valueAndGradient(plain.parameters(), gradient);
            assertTrue(Math.sqrt(dot(gradient, gradient)) <= bound, "record " + k);
        }
    }

    /** 16 records are less work by Gram matrices, whose products' sum has roundings as large as itself. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT,  1e-2", "FLOAT,  1e-3", "FLOAT,  1e-4", "FLOAT,  1e-6",
        "DOUBLE, 1e-2", "DOUBLE, 1e-5", "DOUBLE, 1e-7", "DOUBLE, 1e-9"
    })
    void rows_that_cancel_contribute_no_more_than_the_bound(DataType type, double noise) {
        CancellingRecords cancelling = CancellingRecords.of(type, 16, noise);
        GraphObjective plain =
                GraphObjective.of(cancelling.graph(), cancelling.records()).withNormaliser(1);
        double[] gradient = new double[plain.dimension()];
        plain.valueAndGradient(plain.parameters(), gradient);
        double bound = 0.7 * Math.sqrt(dot(gradient, gradient));
        plain.clipped(Clipping.perSubject(bound)).valueAndGradient(plain.parameters(), gradient);
        assertTrue(Math.sqrt(dot(gradient, gradient)) <= bound, Math.sqrt(dot(gradient, gradient)) / bound - 1 + "");
    }

    @Test
    void nothing_changes_below_the_bound() {
        RandomGraph random = RandomGraph.of(6);
        GraphObjective plain = GraphObjective.of(random.graph(), Records.of(random.data()));
        double[] expected = new double[plain.dimension()];
        double[] clipped = new double[plain.dimension()];
        double[] at = plain.parameters();
        plain.valueAndGradient(at, expected);
        plain.clipped(Clipping.perRecord(1e6)).valueAndGradient(at, clipped);
        assertArrayEquals(expected, clipped, ROUNDING);
    }

    @Test
    void a_gradient_that_is_not_finite_stops_with_the_records_id() {
        RandomGraph random = RandomGraph.of(2);
        GraphObjective plain = GraphObjective.of(random.graph(), Records.of(random.data()));
        double[] at = plain.parameters();
        Arrays.fill(at, Double.NaN);
        ArithmeticException failure = assertThrows(
                ArithmeticException.class,
                () -> plain.clipped(Clipping.perRecord(1)).valueAndGradient(at, new double[at.length]));
        assertTrue(failure.getMessage().contains("record 0"), failure.getMessage());
    }
}
