package org.amend4j.cuda.objective;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.amend4j.cuda.Agreement;
import org.amend4j.cuda.LawDevices;
import org.amend4j.cuda.RandomImageGraph;
import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.ProductPrecision;
import org.amend4j.objective.Clipping;
import org.amend4j.objective.GraphObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.Records;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;

/** The mean of clipped gradients on a device is core's, and nobody's share is above the bound. */
class DeviceClippedObjectiveTest {

    /** Shares are clipped to 1e-5 less than the bound, on top of what single precision costs. */
    private static final double CLIPPED = Agreement.SINGLE + 1e-5;

    /** 8u: what is left of a difference p − t of numbers of order 1, by the size of the largest gradient. */
    private static final double CANCELLED = 5e-7;

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

    private static void assertAgree(Device device, ComputationGraph graph, MultiDataSet data, String where) {
        Records records = Records.of(data);
        GraphObjective reference = GraphObjective.of(graph, records);
        double[] theta = reference.parameters();
        double[] norms = norms(reference, theta);
        double least = norms[0];
        double middle = Math.max(norms[norms.length / 2], 1e-2 * norms[norms.length - 1]) * 0.99;
        double most = norms[norms.length - 1];
        try (DeviceObjective objective =
                DeviceObjective.of(device, graph, records, DeviceSettings.DEFAULT.withChunk(4))) {
            for (double bound : new double[] {2 * most, middle, Math.max(least, 1e-3 * most) / 2}) {
                double[] expected = new double[theta.length];
                double[] actual = new double[theta.length];
                Clipping clipping = Clipping.perRecord(bound);
                double value = reference.clipped(clipping).valueAndGradient(theta, expected);
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
        try (Device device = LawDevices.plain()) {
            for (long seed = 0; seed < 40; seed++) {
                RandomGraph random = RandomGraph.of(seed);
                assertAgree(device, random.graph(), random.data(), "seed " + seed);
            }
        }
    }

    @Test
    void clippingImageNetworksIsTheReferences() {
        try (Device device = LawDevices.plain()) {
            for (long seed = 0; seed < 40; seed++) {
                RandomImageGraph random = RandomImageGraph.of(seed);
                assertAgree(device, random.graph(), random.data(), "seed " + seed);
            }
        }
    }

    @Test
    void noOrderOfThreadsChangesAnything() {
        try (Device device = LawDevices.checking()) {
            for (long seed = 50; seed < 56; seed++) {
                RandomImageGraph random = RandomImageGraph.of(seed);
                assertAgree(device, random.graph(), random.data(), "seed " + seed);
            }
        }
    }

    /** In every precision, measured in double. */
    @Test
    void nobodysShareIsAboveTheBound() {
        try (Device device = LawDevices.plain()) {
            for (long seed = 0; seed < 30; seed++) {
                RandomGraph random = RandomGraph.of(seed);
                Records data = Records.of(random.data());
                for (ProductPrecision precision : ProductPrecision.values()) {
                    try (DeviceObjective objective =
                            DeviceObjective.of(device, random.graph(), data, DeviceSettings.DEFAULT.with(precision))) {
                        double[] theta = GraphObjective.of(random.graph(), data).parameters();
                        assertSharesBelow(objective, theta, 0.05, "seed " + seed + ", " + precision);
                    }
                }
            }
            for (long seed = 0; seed < 12; seed++) {
                RandomImageGraph random = RandomImageGraph.of(seed);
                Records data = Records.of(random.data());
                for (ProductPrecision precision : ProductPrecision.values()) {
                    try (DeviceObjective objective =
                            DeviceObjective.of(device, random.graph(), data, DeviceSettings.DEFAULT.with(precision))) {
                        double[] theta = GraphObjective.of(random.graph(), data).parameters();
                        assertSharesBelow(objective, theta, 0.05, "image seed " + seed + ", " + precision);
                    }
                }
            }
        }
    }

    private static void assertSharesBelow(DeviceObjective objective, double[] theta, double bound, String where) {
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

    @Test
    void theValueIsThePlainMeanLoss() {
        RandomGraph random = RandomGraph.of(3);
        Records data = Records.of(random.data());
        double[] theta = GraphObjective.of(random.graph(), data).parameters();
        try (Device device = LawDevices.plain();
                DeviceObjective objective = DeviceObjective.of(device, random.graph(), data, DeviceSettings.DEFAULT)) {
            DeviceClippedObjective clipped = objective.clipped(Clipping.perRecord(1e-3));
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

    /** Nothing that was clipped is left over from a record that has no norm. */
    @Test
    void aGradientThatIsNotFiniteIsRefusedWithItsRecord() {
        ComputationGraph graph = TestNetworks.dense(DataType.DOUBLE, 1);
        MultiDataSet data = TestCase.DENSE.data(DataType.DOUBLE, 6, 1);
        // finite in double, infinite in single precision
        data.getFeatures(0).putScalar(2, 0, 1e200);
        Records records = Records.of(data).withIds(10, 20, 30, 40, 50, 60);
        double[] theta = graph.params().toDoubleVector();
        try (Device device = LawDevices.plain();
                DeviceObjective objective = DeviceObjective.of(device, graph, records, DeviceSettings.DEFAULT)) {
            DeviceClippedObjective clipped = objective.clipped(Clipping.perRecord(1));
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
    void ownersAreRefused() {
        RandomGraph random = RandomGraph.of(3);
        try (Device device = LawDevices.plain();
                DeviceObjective objective =
                        DeviceObjective.of(device, random.graph(), Records.of(random.data()), DeviceSettings.DEFAULT)) {
            refused("a device clips records", () -> objective.clipped(Clipping.perOwner(1)));
        }
    }

    @Test
    void aWrongLengthIsRefused() {
        RandomGraph random = RandomGraph.of(3);
        try (Device device = LawDevices.plain();
                DeviceObjective objective =
                        DeviceObjective.of(device, random.graph(), Records.of(random.data()), DeviceSettings.DEFAULT)) {
            DeviceClippedObjective clipped = objective.clipped(Clipping.perRecord(1));
            refused("the gradient", () -> clipped.valueAndGradient(new double[clipped.dimension()], new double[1]));
        }
    }
}
