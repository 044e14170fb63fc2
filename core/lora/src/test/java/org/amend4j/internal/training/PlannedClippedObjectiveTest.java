/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.RandomImageGraph;
import org.amend4j.testkit.RandomWordsGraph;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The mean of clipped gradients on a device is core's, and nobody's share is above the bound. */
class PlannedClippedObjectiveTest {

    /**
     * What single precision costs, and what bounds are above norms: 13 roundings of inner products cost 13·2⁻²⁵·(S/n)² of the norm
     * n, S = Σ‖x_t‖‖y_t‖, and S is up to 15 n in these networks.
     */
    private static final double CLIPPED = Agreement.SINGLE + 1e-4;

    /** 8u: what is left of a difference p − t of numbers of order 1, by the size of the largest gradient. */
    private static final double CANCELLED = 5e-7;

    private static final int SIDE = 4;
    private static final int COLOURS = 32;

    /** The norm of each record's gradient, ascending. */
    private static double[] norms(GraphObjective plain, double[] theta) {
        double[] gradient = new double[plain.dimension()];
        return plain.records().stream()
                .mapToDouble(id -> {
                    plain.restrictedTo(RecordIds.of(id)).withNormaliser(1).valueAndGradient(theta, gradient);
                    return Agreement.norm(gradient);
                })
                .sorted()
                .toArray();
    }

    private static void assertAgree(Machine device, ComputationGraph graph, MultiDataSet data, String where) {
        Records records = Records.of(data);
        GraphObjective reference = GraphObjective.of(graph, records);
        double[] theta = reference.parameters();
        double[] norms = norms(reference, theta);
        double least = norms[0];
        double middle = Math.max(norms[norms.length / 2], 1e-2 * norms[norms.length - 1]) * 0.99;
        double most = norms[norms.length - 1];
        try (PlannedObjective objective =
                PlannedObjective.of(device, graph, records, PlanSettings.DEFAULT.withChunk(4))) {
            for (double bound : new double[] {2 * most, middle, Math.max(least, 1e-3 * most) / 2}) {
                double[] expected = new double[theta.length];
                double[] actual = new double[theta.length];
                Clipping clipping = Clipping.perRecord(bound);
                double value =
                        ClippedByDefinition.of(reference, records, clipping).valueAndGradient(theta, expected);
                assertEquals(
                        value,
                        objective.clipped(clipping).valueAndGradient(theta, actual),
                        Agreement.SINGLE * Math.abs(value),
                        where);
                double error = Agreement.error(expected, actual) * Agreement.norm(expected);
                assertTrue(
                        error <= tolerance(norms, bound),
                        where + ", bound " + bound + " of norms " + Arrays.toString(norms) + ": " + error);
            }
        }
    }

    /** The mean over records of what each share may be wrong by: shares may cancel, their errors need not. */
    private static double tolerance(double[] norms, double bound) {
        double most = norms[norms.length - 1];
        return Arrays.stream(norms)
                .map(norm -> Math.min(1, bound / norm) * (CLIPPED * norm + CANCELLED * most))
                .average()
                .orElseThrow();
    }

    @Test
    void clippingNoneSomeOrAllIsTheReferences() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < Exhaustive.times(7, 40); seed++) {
                RandomGraph random = RandomGraph.of(seed);
                assertAgree(device, random.graph(), random.data(), "seed " + seed);
            }
        }
    }

    @Test
    void clippingImageNetworksIsTheReferences() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < Exhaustive.times(7, 40); seed++) {
                RandomImageGraph random = RandomImageGraph.of(seed);
                assertAgree(device, random.graph(), random.data(), "seed " + seed);
            }
        }
    }

    @Test
    void clipping_sequences_of_words_is_the_references() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < Exhaustive.times(12, 60); seed++) {
                RandomWordsGraph random = RandomWordsGraph.of(seed);
                assertAgree(device, random.graph(), random.data(), "seed " + seed);
            }
        }
    }

    @Test
    void nobodys_share_of_a_table_of_sequences_is_above_the_bound() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < Exhaustive.times(6, 30); seed++) {
                RandomWordsGraph random = RandomWordsGraph.of(seed);
                Records data = Records.of(random.data());
                for (ProductPrecision precision : device.precisions()) {
                    PlanSettings settings = PlanSettings.DEFAULT.withArithmetic(Arithmetic.single(precision));
                    try (PlannedObjective objective = PlannedObjective.of(device, random.graph(), data, settings)) {
                        assertSharesBelowTheirNorms(objective, "seed " + seed + ", " + precision);
                    }
                }
            }
        }
    }

    /**
     * As {@link #clippedSharesInDoublesReachTheBoundUpToTheRoundingsOfDoubles}, but rows of one word may cancel: with at most 5 rows a
     * table a norm errs upwards by (5 + 4)·2⁻⁵³·(S/n)², where the rows' norms add up to S, which is at most 20 n for these seeds.
     */
    @Test
    void clipped_shares_of_tables_of_sequences_in_doubles_reach_the_bound() {
        PlanSettings wide = PlanSettings.DEFAULT.withArithmetic(Arithmetic.DOUBLE);
        try (HostMachine host = HostMachine.open(1)) {
            for (long seed = 0; seed < Exhaustive.times(12, 60); seed++) {
                RandomWordsGraph random = RandomWordsGraph.of(seed);
                Records data = Records.of(random.data());
                try (PlannedObjective objective = PlannedObjective.of(host, random.graph(), data, wide)) {
                    assertTrue(objective.network().hasGradientsOfExamples());
                    double[] theta = objective.parameters();
                    double[] gradient = new double[theta.length];
                    for (long id : data.ids().stream().toArray()) {
                        PlannedObjective one =
                                objective.restrictedTo(RecordIds.of(id)).withNormaliser(1);
                        one.valueAndGradient(theta, gradient);
                        double bound = Agreement.norm(gradient) / 2;
                        one.clipped(Clipping.perRecord(bound)).valueAndGradient(theta, gradient);
                        double share = Agreement.norm(gradient);
                        assertTrue(
                                share <= bound && share >= bound * (1 - 1.5e-12),
                                seed + ", record " + id + ": " + share / bound);
                    }
                }
            }
        }
    }

    @Test
    void noOrderOfThreadsChangesAnything() {
        try (Machine device = LawMachines.checking()) {
            for (long seed = 50; seed < Exhaustive.times(52, 56); seed++) {
                RandomImageGraph random = RandomImageGraph.of(seed);
                assertAgree(device, random.graph(), random.data(), "seed " + seed);
            }
        }
    }

    /** In every precision, measured in double. */
    @Test
    void nobodysShareIsAboveTheBound() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < Exhaustive.times(5, 30); seed++) {
                RandomGraph random = RandomGraph.of(seed);
                Records data = Records.of(random.data());
                for (ProductPrecision precision : device.precisions()) {
                    try (PlannedObjective objective = PlannedObjective.of(
                            device,
                            random.graph(),
                            data,
                            PlanSettings.DEFAULT.withArithmetic(Arithmetic.single(precision)))) {
                        double[] theta = GraphObjective.of(random.graph(), data).parameters();
                        assertSharesBelow(objective, theta, 0.05, "seed " + seed + ", " + precision);
                    }
                }
            }
            for (long seed = 0; seed < Exhaustive.times(2, 12); seed++) {
                RandomImageGraph random = RandomImageGraph.of(seed);
                Records data = Records.of(random.data());
                for (ProductPrecision precision : device.precisions()) {
                    try (PlannedObjective objective = PlannedObjective.of(
                            device,
                            random.graph(),
                            data,
                            PlanSettings.DEFAULT.withArithmetic(Arithmetic.single(precision)))) {
                        double[] theta = GraphObjective.of(random.graph(), data).parameters();
                        assertSharesBelow(objective, theta, 0.05, "image seed " + seed + ", " + precision);
                    }
                }
            }
        }
    }

    private static void assertSharesBelow(PlannedObjective objective, double[] theta, double bound, String where) {
        double[] gradient = new double[theta.length];
        for (long id : objective.records().stream().toArray()) {
            objective
                    .restrictedTo(RecordIds.of(id))
                    .withNormaliser(1)
                    .clipped(Clipping.perRecord(bound))
                    .valueAndGradient(theta, gradient);
            double share = Agreement.norm(gradient);
            assertTrue(share <= bound, where + ", record " + id + ": " + share);
        }
    }

    /**
     * A convolution 1×1 on pictures of nearly one colour, read by weights that add up to nothing over a picture: the convolution's
     * gradients are differences of the noise, and squared norms by ⟨x_t,x_u⟩⟨y_t,y_u⟩ are differences of what is 1/noise² as large.
     *
     * @param noise of the pictures, whose colours are 0.5 to 1.5
     */
    @ParameterizedTest(name = "noise {0}")
    @ValueSource(doubles = {1e-2, 1e-3, 1e-4, 1e-5, 0})
    @OneIn(5)
    void nobodysShareIsAboveTheBoundWhereRowsCancel(double noise) {
        ComputationGraph graph = differences();
        Records data = Records.of(plainPictures(noise));
        try (Machine device = LawMachines.plain()) {
            for (ProductPrecision precision : device.precisions()) {
                try (PlannedObjective objective = PlannedObjective.of(
                        device, graph, data, PlanSettings.DEFAULT.withArithmetic(Arithmetic.single(precision)))) {
                    assertSharesBelowTheirNorms(objective, noise + ", " + precision);
                }
            }
        }
    }

    /** 16 rows an example: a Gram matrix is less work than the product [64, 16] x [16, 32]. */
    private static ComputationGraph differences() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(7)
                .updater(new Sgd(1))
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(SIDE, SIDE, COLOURS))
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(1, 1)
                                .nOut(64)
                                .hasBias(false)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .hasBias(false)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "conv")
                .setOutputs("out")
                .build());
        graph.init();
        INDArray weights = graph.getLayer("out").getParam("W").reshape('f', new long[] {SIDE * SIDE, 64, 2});
        weights.subi(weights.mean(true, 0).broadcast(weights.shape()));
        return AdaptedModel.attach(
                        BaseModel.of(graph),
                        LoraConfig.of(1, 1).withTrainedInFull("conv").withTargets(),
                        new FineTuneConfiguration.Builder().updater(new Sgd(1)).build())
                .graph();
    }

    private static DataSet plainPictures(double noise) {
        Random random = new Random(1);
        INDArray pictures = Nd4j.create(DataType.FLOAT, 4, COLOURS, SIDE, SIDE);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, 4, 2);
        for (int picture = 0; picture < 4; picture++) {
            labels.putScalar(picture, picture % 2, 1);
            for (int colour = 0; colour < COLOURS; colour++) {
                double value = random.nextDouble() + 0.5;
                for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
                    pictures.putScalar(
                            new int[] {picture, colour, pixel / SIDE, pixel % SIDE},
                            value + noise * random.nextGaussian());
                }
            }
        }
        return new DataSet(pictures, labels);
    }

    /** C is a bit less than each record's norm, and then much less. */
    private static void assertSharesBelowTheirNorms(PlannedObjective objective, String where) {
        double[] theta = objective.parameters();
        double[] gradient = new double[theta.length];
        for (long id : objective.records().stream().toArray()) {
            PlannedObjective one = objective.restrictedTo(RecordIds.of(id)).withNormaliser(1);
            one.valueAndGradient(theta, gradient);
            double norm = Agreement.norm(gradient);
            for (double bound : new double[] {0.99 * norm, 0.7 * norm, 1e-3 * norm}) {
                assertSharesBelow(one, theta, bound, where);
            }
        }
    }

    @Test
    void theValueIsThePlainMeanLoss() {
        RandomGraph random = RandomGraph.of(3);
        Records data = Records.of(random.data());
        double[] theta = GraphObjective.of(random.graph(), data).parameters();
        try (Machine device = LawMachines.plain();
                PlannedObjective objective = PlannedObjective.of(device, random.graph(), data, PlanSettings.DEFAULT)) {
            PlannedClippedObjective clipped = objective.clipped(Clipping.perRecord(1e-3));
            double value = objective.value(theta);
            assertEquals(value, clipped.value(theta));
            assertEquals(value, clipped.valueAndGradient(theta, new double[theta.length]));
            double[] first = new double[theta.length];
            double[] again = new double[theta.length];
            clipped.valueAndGradient(theta, first);
            objective.valueAndGradient(new double[theta.length], again);
            clipped.valueAndGradient(theta, again);
            assertArrayEquals(first, again, "a function of the parameters alone");
            assertEquals(
                    clipped.restrictedTo(RecordIds.of(1)).fingerprint(),
                    objective
                            .restrictedTo(RecordIds.of(1))
                            .clipped(Clipping.perRecord(1e-3))
                            .fingerprint());
        }
    }

    /**
     * Weights are made for a bound of C(1 − 1e-12), and norms of single rows of at most 64 columns err by less than 1e-13 upwards: a
     * share in doubles that is clipped has at least C(1 − 1.1e-12), where one with the margin of floats has C(1 − 1e-6).
     */
    @Test
    void clippedSharesInDoublesReachTheBoundUpToTheRoundingsOfDoubles() {
        ComputationGraph graph = TestNetworks.dense(DataType.DOUBLE, 1);
        Records data = Records.of(TestCase.DENSE.data(DataType.DOUBLE, 6, 1));
        PlanSettings wide = PlanSettings.DEFAULT.withArithmetic(Arithmetic.DOUBLE);
        GraphObjective plain = GraphObjective.of(graph, data);
        double[] theta = plain.parameters();
        double bound = norms(plain, theta)[0] / 2;
        double[] gradient = new double[theta.length];
        try (HostMachine host = HostMachine.open(1);
                PlannedObjective objective = PlannedObjective.of(host, graph, data, wide)) {
            for (Clipping clipping : List.of(Clipping.perRecord(bound), Clipping.perSubject(bound))) {
                for (long id : data.ids().stream().toArray()) {
                    objective
                            .restrictedTo(RecordIds.of(id))
                            .withNormaliser(1)
                            .clipped(clipping)
                            .valueAndGradient(theta, gradient);
                    double share = Agreement.norm(gradient);
                    assertTrue(share <= bound && share >= bound * (1 - 1.1e-12), id + ": " + share / bound);
                }
            }
        }
    }

    /** Nothing that was clipped is left over from a record that has no norm. */
    @Test
    void aGradientThatIsNotFiniteIsRefusedWithItsRecord() {
        ComputationGraph graph = TestNetworks.dense(DataType.DOUBLE, 1);
        MultiDataSet data = TestCase.DENSE.data(DataType.DOUBLE, 6, 1);
        // finite in double, infinite in single precision
        data.getFeatures(0).putScalar(2, 0, 1e200);
        Records records = Records.of(data).withIds(10, 20, 30, 40, 50, 60);
        double[] theta = graph.params().toDoubleVector();
        try (Machine device = LawMachines.plain();
                PlannedObjective objective = PlannedObjective.of(device, graph, records, PlanSettings.DEFAULT)) {
            PlannedClippedObjective clipped = objective.clipped(Clipping.perRecord(1));
            ArithmeticException refusal = assertThrows(
                    ArithmeticException.class, () -> clipped.valueAndGradient(theta, new double[theta.length]));
            assertTrue(refusal.getMessage().contains("(record 30)"), refusal.getMessage());
            double[] gradient = new double[theta.length];
            objective
                    .restrictedTo(RecordIds.of(10, 20, 40))
                    .clipped(Clipping.perRecord(1))
                    .valueAndGradient(theta, gradient);
            assertTrue(Double.isFinite(Agreement.norm(gradient)), "the others can still be clipped");
        }
    }

    @Test
    void aWrongLengthIsRefused() {
        RandomGraph random = RandomGraph.of(3);
        try (Machine device = LawMachines.plain();
                PlannedObjective objective =
                        PlannedObjective.of(device, random.graph(), Records.of(random.data()), PlanSettings.DEFAULT)) {
            PlannedClippedObjective clipped = objective.clipped(Clipping.perRecord(1));
            refused("the gradient", () -> clipped.valueAndGradient(new double[clipped.dimension()], new double[1]));
        }
    }
}
