/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.numeric.CompensatedSum;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.CancellingRecords;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.RandomImageGraph;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Gradients with subjects' shares clipped are the CPU's, and no subject's share is above the bound. */
class SubjectClippingTest {

    /** At most four records of a subject go together with others', so that larger subjects have passes of their own. */
    private static final PlanSettings SMALL_CHUNKS = PlanSettings.DEFAULT.withChunk(4);

    /**
     * S = Σ‖x_t‖‖y_t‖ by the sum of the norms of the subject's records: rows of a record cancel to a 15th in these networks ({@link
     * PlannedClippedObjectiveTest}), and records among each other by what is measured.
     */
    private static final double ROWS_CANCEL = 15;

    /** 512 rows to a share, more than there are: what sums of floats err by, relative to S. */
    private static final double OF_SUMS = 516 * 0x1p-24;

    /**
     * One subject.
     *
     * @param norm of its gradient
     * @param sizes the sum of the norms of its records' gradients
     */
    private record Subject(double norm, double sizes) {

        double share(double bound) {
            return Math.min(norm, bound);
        }

        /**
         * What two shares in double may differ by: both weights by 1e-12, sums by 1e-12·S, and n² by roundings of S²: the reference allows
         * for 1e-12 of it, a plan has at most 128² + 1000 roundings.
         */
        double toleranceInDouble(double bound) {
            double s = ROWS_CANCEL * sizes;
            double tooLong = Math.hypot(norm, Math.sqrt(3e-12) * s) - norm;
            return share(bound) * 3e-12 + share(bound) / norm * (tooLong + 1e-12 * s);
        }

        /** In floats: 13 roundings of inner products, redone in double where they are more than a 64th, and those of sums. */
        double toleranceInFloats(double bound, double largest) {
            double s = ROWS_CANCEL * sizes;
            double tooLong = Math.min(norm / 128, 13 * 0x1p-25 * s * s / norm) + 2 * OF_SUMS * s;
            double rounding = Agreement.SINGLE * sizes + 5e-7 * largest;
            return share(bound) / norm * (tooLong + rounding);
        }
    }

    private static List<Subject> subjects(GraphObjective plain, Records records, double[] theta) {
        double[] gradient = new double[theta.length];
        List<Subject> result = new ArrayList<>();
        for (long subject : distinctSubjects(records)) {
            RecordIds own = records.ownedByAnyOf(subject);
            plain.restrictedTo(own).withNormaliser(1).valueAndGradient(theta, gradient);
            double norm = Agreement.norm(gradient);
            double sizes = own.stream()
                    .mapToDouble(id -> {
                        plain.restrictedTo(RecordIds.of(id)).withNormaliser(1).valueAndGradient(theta, gradient);
                        return Agreement.norm(gradient);
                    })
                    .sum();
            result.add(new Subject(norm, sizes));
        }
        return result;
    }

    private static long[] distinctSubjects(Records records) {
        return IntStream.range(0, records.size())
                .mapToLong(records::subject)
                .distinct()
                .toArray();
    }

    /** Subjects of one record up to about half of them, in no order. */
    private static Records owned(MultiDataSet data, long seed) {
        int n = (int) data.getFeatures(0).size(0);
        return Records.of(data)
                .ownedBy(new Random(seed)
                        .longs(n, 0, Math.max(1, n / 3))
                        .map(owner -> 7 - owner)
                        .toArray());
    }

    private static double distance(RecordObjective one, RecordObjective other, double[] theta) {
        double[] first = new double[theta.length];
        double[] second = new double[theta.length];
        one.valueAndGradient(theta, first);
        other.valueAndGradient(theta, second);
        Arrays.setAll(first, k -> first[k] - second[k]);
        return Agreement.norm(first);
    }

    /** On this machine in this type, with bounds that clip nobody, some, and everybody. */
    private static void assertReferences(
            Machine machine, ComputationGraph graph, Records records, PlanSettings settings, String where) {
        boolean wide = settings.arithmetic().type() == ElementType.DOUBLE;
        GraphObjective reference = GraphObjective.of(graph, records);
        double[] theta = reference.parameters();
        List<Subject> subjects = subjects(reference, records, theta);
        double[] norms = subjects.stream().mapToDouble(Subject::norm).sorted().toArray();
        double most = norms[norms.length - 1];
        try (PlannedObjective objective = PlannedObjective.of(machine, graph, records, settings)) {
            double apart = wide ? apart(reference, objective, records, theta) : 0;
            for (double bound :
                    new double[] {2 * most, 0.99 * norms[norms.length / 2], Math.max(norms[0], most / 1e3) / 2}) {
                Clipping clipping = Clipping.perSubject(bound);
                double ofShares = subjects.stream()
                        .mapToDouble(subject ->
                                wide ? subject.toleranceInDouble(bound) : subject.toleranceInFloats(bound, most))
                        .sum();
                double tolerance = (apart + ofShares) / records.size();
                double error = distance(
                        ClippedByDefinition.of(reference, records, clipping), objective.clipped(clipping), theta);
                assertTrue(error <= tolerance, where + ", bound " + bound + ": " + error + " > " + tolerance);
            }
        }
    }

    /** Over subjects, how far the two gradients are apart before they are clipped: clipping takes nothing further apart. */
    private static double apart(GraphObjective reference, PlannedObjective objective, Records records, double[] theta) {
        return Arrays.stream(distinctSubjects(records))
                .mapToObj(records::ownedByAnyOf)
                .mapToDouble(own -> distance(
                        reference.restrictedTo(own).withNormaliser(1),
                        objective.restrictedTo(own).withNormaliser(1),
                        theta))
                .sum();
    }

    private static List<PlanSettings> settings(Machine machine) {
        List<PlanSettings> result = new ArrayList<>(List.of(PlanSettings.DEFAULT, SMALL_CHUNKS));
        if (machine.computesIn(ElementType.DOUBLE)) {
            result.add(PlanSettings.DEFAULT.withArithmetic(Arithmetic.DOUBLE));
            result.add(SMALL_CHUNKS.withArithmetic(Arithmetic.DOUBLE));
        }
        return result;
    }

    /** A graph and what its records are. */
    private record Example(String name, ComputationGraph graph, Records records) {

        static Example dense(long seed) {
            RandomGraph random = RandomGraph.of(seed);
            return new Example("seed " + seed, random.graph(), owned(random.data(), seed));
        }

        static Example image(long seed) {
            RandomImageGraph random = RandomImageGraph.of(seed);
            return new Example("image seed " + seed, random.graph(), owned(random.data(), seed));
        }

        static Example words() {
            MultiDataSet data = ImageObjectiveTest.wordData(14, 6, 5);
            return new Example("words", ImageObjectiveTest.words(), owned(data, 4));
        }
    }

    static Stream<Example> examples() {
        return Stream.of(
                        LongStream.range(0, Exhaustive.times(5, 30)).mapToObj(Example::dense),
                        LongStream.range(0, Exhaustive.times(4, 20)).mapToObj(Example::image),
                        Stream.of(Example.words()))
                .flatMap(some -> some);
    }

    @Test
    void clippingNoneSomeOrAllSubjectsIsTheReferences() {
        try (Machine machine = LawMachines.plain()) {
            examples()
                    .forEach(example -> settings(machine)
                            .forEach(settings -> assertReferences(
                                    machine,
                                    example.graph(),
                                    example.records(),
                                    settings,
                                    example.name() + ", " + settings)));
        }
    }

    /** The twin: with every record clipped instead, the law above fails. */
    @Test
    void clippingTheirRecordsInsteadIsNoticed() {
        RandomGraph random = RandomGraph.of(5);
        Records records = owned(random.data(), 5);
        GraphObjective reference = GraphObjective.of(random.graph(), records);
        double[] theta = reference.parameters();
        List<Subject> subjects = subjects(reference, records, theta);
        double bound = subjects.stream().mapToDouble(Subject::norm).min().orElseThrow() / 2;
        try (Machine machine = LawMachines.plain();
                PlannedObjective objective =
                        PlannedObjective.of(machine, random.graph(), records, PlanSettings.DEFAULT)) {
            double tolerance = subjects.stream()
                            .mapToDouble(subject -> subject.toleranceInFloats(bound, subject.norm()))
                            .sum()
                    / records.size();
            double error = distance(
                    ClippedByDefinition.of(reference, records, Clipping.perSubject(bound)),
                    objective.clipped(Clipping.perRecord(bound)),
                    theta);
            assertTrue(error > 10 * tolerance, error + " against " + tolerance);
        }
    }

    /** Measured with an error far below the millionth by which weights are rounded down. */
    private static double norm(double[] vector) {
        CompensatedSum squares = new CompensatedSum();
        for (double element : vector) {
            squares.add(element * element);
        }
        return Math.sqrt(squares.value());
    }

    private static void assertSharesBelow(
            PlannedObjective objective, Records records, double[] theta, double bound, String where) {
        double[] gradient = new double[theta.length];
        for (long subject : distinctSubjects(records)) {
            objective
                    .restrictedTo(records.ownedByAnyOf(subject))
                    .withNormaliser(1)
                    .clipped(Clipping.perSubject(bound))
                    .valueAndGradient(theta, gradient);
            double share = norm(gradient);
            assertTrue(share <= bound, where + ", subject " + subject + ": " + share + " > " + bound);
        }
    }

    private static List<PlanSettings> allPrecisions(Machine machine) {
        List<PlanSettings> result = new ArrayList<>();
        for (PlanSettings each : settings(machine)) {
            if (each.arithmetic().type() == ElementType.DOUBLE) {
                result.add(each);
            } else {
                for (ProductPrecision precision : machine.precisions()) {
                    result.add(each.withArithmetic(Arithmetic.single(precision)));
                }
            }
        }
        return result;
    }

    @Test
    void noSubjectsShareIsAboveTheBound() {
        try (Machine machine = LawMachines.plain()) {
            for (Example example : examples().toList()) {
                for (PlanSettings settings : allPrecisions(machine)) {
                    try (PlannedObjective objective =
                            PlannedObjective.of(machine, example.graph(), example.records(), settings)) {
                        String where = example.name() + ", " + settings;
                        assertSharesBelow(objective, example.records(), objective.parameters(), 0.05, where);
                    }
                }
            }
        }
    }

    /**
     * All of them on the host; on other machines, where each takes long, one in turn, so that every one meets every noise and every
     * arithmetic.
     */
    private static List<Double> bounds(double noise, int turn, Double... all) {
        if (LawMachines.isHost()) {
            return Exhaustive.oneIn(3, List.of(all));
        }
        return List.of(all[Math.floorMod(turn - Math.round(Math.log10(noise)), all.length)]);
    }

    /** 16 records are less work by Gram matrices, 48 by the product, which has 64 columns on both sides. */
    @OneIn(5)
    @ParameterizedTest(name = "noise {0}")
    @ValueSource(doubles = {1e-3, 1e-2, 1e-4, 1e-6, 1e-9})
    void noSubjectsShareIsAboveTheBoundWhereRecordsCancel(double noise) {
        for (int rows : new int[] {16, 48}) {
            CancellingRecords cancelling = CancellingRecords.of(DataType.DOUBLE, rows, noise);
            try (Machine machine = LawMachines.plain()) {
                int turn = rows / 32;
                for (PlanSettings settings : allPrecisions(machine)) {
                    turn++;
                    try (PlannedObjective objective =
                            PlannedObjective.of(machine, cancelling.graph(), cancelling.records(), settings)) {
                        double[] theta = objective.parameters();
                        double[] gradient = new double[theta.length];
                        objective.withNormaliser(1).valueAndGradient(theta, gradient);
                        double whole = norm(gradient);
                        for (double bound : bounds(noise, turn, 0.7 * whole, 0.99 * whole, 1e-3 * whole)) {
                            assertSharesBelow(
                                    objective,
                                    cancelling.records(),
                                    theta,
                                    bound,
                                    rows + " records, noise " + noise + ", " + settings);
                        }
                    }
                }
            }
        }
    }

    @Test
    void subjectsOfOneRecordAreClippedAsTheirRecordsToTheByte() {
        for (long seed : new long[] {2, 3}) {
            RandomGraph random = RandomGraph.of(seed);
            Records records = Records.of(random.data());
            long[] backwards = LongStream.range(0, records.size()).map(k -> -k).toArray();
            try (Machine machine = LawMachines.plain();
                    PlannedObjective objective = PlannedObjective.of(machine, random.graph(), records, SMALL_CHUNKS);
                    PlannedObjective turned =
                            PlannedObjective.of(machine, random.graph(), records.ownedBy(backwards), SMALL_CHUNKS)) {
                double[] theta = objective.parameters();
                double[] ofRecords = new double[theta.length];
                double[] ofSubjects = new double[theta.length];
                objective.clipped(Clipping.perRecord(0.05)).valueAndGradient(theta, ofRecords);
                objective.clipped(Clipping.perSubject(0.05)).valueAndGradient(theta, ofSubjects);
                assertArrayEquals(ofRecords, ofSubjects);
                // in another order they are in other blocks
                turned.clipped(Clipping.perSubject(0.05)).valueAndGradient(theta, ofSubjects);
                assertTrue(Agreement.error(ofRecords, ofSubjects) <= Agreement.SINGLE);
            }
        }
    }

    /** g·min(1, C/‖g‖), with a weight that is up to a millionth smaller and a few roundings of floats. */
    @Test
    void oneSubjectsClippedMeanIsTheWholeGradientClipped() {
        for (long seed = 0; seed < 8; seed++) {
            RandomGraph random = RandomGraph.of(seed);
            Records records = Records.of(random.data());
            Records one = records.ownedBy(new long[records.size()]);
            try (Machine machine = LawMachines.plain();
                    PlannedObjective objective =
                            PlannedObjective.of(machine, random.graph(), one, PlanSettings.DEFAULT.withChunk(2))) {
                double[] theta = objective.parameters();
                double[] whole = new double[theta.length];
                objective.withNormaliser(1).valueAndGradient(theta, whole);
                double bound = 0.3 * Agreement.norm(whole);
                double[] clipped = new double[theta.length];
                objective.withNormaliser(1).clipped(Clipping.perSubject(bound)).valueAndGradient(theta, clipped);
                double[] expected = Arrays.stream(whole).map(g -> 0.3 * g).toArray();
                // alone, as a sum that is there: no bound of rows that cancel
                assertTrue(Agreement.error(expected, clipped) <= 1e-5, "seed " + seed);
                objective
                        .withNormaliser(1)
                        .clipped(Clipping.perSubject(4 * bound))
                        .valueAndGradient(theta, clipped);
                assertArrayEquals(whole, clipped, "nothing is clipped");
            }
        }
    }

    /** Both kinds of shares, in blocks side by side. */
    @Test
    void noNumberOfThreadsChangesAByte() {
        for (long seed : new long[] {4, 7}) {
            RandomImageGraph random = RandomImageGraph.of(seed);
            Records records = owned(random.data(), seed);
            List<double[]> results = new ArrayList<>();
            for (int threads = 1; threads <= 3; threads++) {
                try (Machine machine = HostMachine.open(threads);
                        PlannedObjective objective = PlannedObjective.of(
                                machine, random.graph(), records, PlanSettings.DEFAULT.withChunk(2))) {
                    double[] gradient = new double[objective.dimension()];
                    objective.clipped(Clipping.perSubject(0.05)).valueAndGradient(objective.parameters(), gradient);
                    results.add(gradient);
                }
            }
            assertArrayEquals(results.get(0), results.get(1));
            assertArrayEquals(results.get(0), results.get(2));
        }
    }

    /** Subjects have the records that are left to them. */
    @Test
    void aSubsetIsThatSubsetAlone() {
        RandomGraph random = RandomGraph.of(9);
        Records records = owned(random.data(), 9);
        RecordIds subset =
                RecordIds.of(records.ids().stream().filter(id -> id % 3 != 1).toArray());
        try (Machine machine = LawMachines.plain();
                PlannedObjective objective = PlannedObjective.of(machine, random.graph(), records, SMALL_CHUNKS)) {
            double[] theta = objective.parameters();
            Clipping clipping = Clipping.perSubject(0.1);
            PlannedClippedObjective of = objective.clipped(clipping).restrictedTo(subset);
            assertEquals(0, distance(of, objective.restrictedTo(subset).clipped(clipping), theta), "in whatever order");
            RecordObjective reference = ClippedByDefinition.of(
                            GraphObjective.of(random.graph(), records), records, clipping)
                    .restrictedTo(subset);
            assertTrue(distance(reference, of, theta) <= 1e-4 * 0.1);
            assertFalse(of.hasTrueGradient());
            assertEquals(
                    objective.restrictedTo(subset).value(theta),
                    of.valueAndGradient(theta, new double[theta.length]),
                    1e-6,
                    "the plain mean loss");
        }
    }

    @Test
    void whoseSharesAreClippedIsInTheFingerprints() {
        RandomGraph random = RandomGraph.of(3);
        Records records = Records.of(random.data());
        try (Machine machine = LawMachines.plain();
                PlannedObjective objective =
                        PlannedObjective.of(machine, random.graph(), records, PlanSettings.DEFAULT)) {
            PlannedClippedObjective ofRecords = objective.clipped(Clipping.perRecord(1));
            PlannedClippedObjective ofSubjects = objective.clipped(Clipping.perSubject(1));
            assertNotEquals(ofRecords.fingerprint(), ofSubjects.fingerprint());
            assertNotEquals(ofRecords.settingsFingerprint(), ofSubjects.settingsFingerprint());
        }
    }

    @Test
    void aBoundNearTheSmallestNormalNumberIsRefused() {
        RandomGraph random = RandomGraph.of(4);
        try (Machine machine = LawMachines.plain();
                PlannedObjective objective =
                        PlannedObjective.of(machine, random.graph(), Records.of(random.data()), PlanSettings.DEFAULT)) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> objective.clipped(Clipping.perSubject(1e-30)));
            assertTrue(refused.getMessage().contains("must be >= 8.67"), refused.getMessage());
        }
    }

    /** Whether the subject has a pass of its own or not; nothing is left over of it. */
    @Test
    void aGradientThatIsNotFiniteIsRefusedWithItsSubject() {
        ComputationGraph graph = TestNetworks.dense(DataType.DOUBLE, 1);
        MultiDataSet data = TestCase.DENSE.data(DataType.DOUBLE, 6, 1);
        // finite in double, infinite in single precision
        data.getFeatures(0).putScalar(2, 0, 1e200);
        Records records = Records.of(data).ownedBy(5, 5, 8, 5, 8, 8);
        double[] theta = graph.params().toDoubleVector();
        double[] gradient = new double[theta.length];
        Clipping clipping = Clipping.perSubject(1);
        try (Machine machine = LawMachines.plain()) {
            for (int chunk : new int[] {1, 6}) {
                try (PlannedObjective objective =
                        PlannedObjective.of(machine, graph, records, PlanSettings.DEFAULT.withChunk(chunk))) {
                    ArithmeticException refusal = assertThrows(
                            ArithmeticException.class,
                            () -> objective.clipped(clipping).valueAndGradient(theta, gradient));
                    assertTrue(refusal.getMessage().contains("(subject 8)"), refusal.getMessage());
                    objective
                            .restrictedTo(records.ownedByAnyOf(5))
                            .clipped(clipping)
                            .valueAndGradient(theta, gradient);
                    assertTrue(Double.isFinite(Agreement.norm(gradient)), "the others can still be clipped");
                }
            }
        }
    }
}
