/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.graph.BlockPlace;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Records;
import org.amend4j.numeric.Summation;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.objective.blocks.RecordBlocks.AssignedBy;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.PlacedBlocks;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.CheckpointNoise;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.KeyedBatches;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.RoundingModel;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.WholeSet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;

/** Provable problems whose gradients are added up in blocks. */
class ProvableBlocksTest {

    private static final int RECORDS = 24;
    private static final int STEPS = 20;
    private static final double NORMALISER = 32;
    private static final RecordIds NONE = RecordIds.of();

    /** All of the second block of five, and some of others. */
    private static final RecordIds GONE = RecordIds.of(0, 5, 6, 7, 8, 9, 17, 23);

    private static final ProvableOptions PLAIN = ProvableOptions.defaults()
            .withFeatureRadius(1)
            .withNormaliser(NORMALISER)
            .withWeightDecay(0.05)
            .withGradients(GradientMethod.BY_GRAPH);

    @TempDir
    private Path temp;

    /** Problems of every kind. */
    enum Subject {
        SOFTMAX(PLAIN),
        CLIPPED_SOFTMAX(PLAIN.withClipping(Clipping.perRecord(0.5))),
        SOFTMAX_CLIPPED_BY_OWNER(PLAIN.withClipping(Clipping.perSubject(0.5))),
        FROZEN_A(PLAIN),
        BOTH_FACTORS(PLAIN.withFactors(TrainedFactors.BOTH).withParameterRadius(0.4)),
        CLIPPED_FACTORS(BOTH_FACTORS.options.withClipping(Clipping.perSubject(0.1))),
        ADAPTED_NETWORK(BOTH_FACTORS.options),
        SMOOTH_NETWORK(PLAIN.withLayerRadii(1, 0.5)),
        CLIPPED_NETWORK(PLAIN.withLayerRadii(1, 0.5).withClipping(Clipping.perRecord(0.2))),
        ANYTHING_CLIPPED(PLAIN.withClipping(Clipping.perRecord(0.3))),
        ANYTHING_CLIPPED_BY_OWNER(PLAIN.withClipping(Clipping.perSubject(0.3)).withParameterRadius(2));

        private final ProvableOptions options;

        Subject(ProvableOptions options) {
            this.options = options;
        }

        private boolean byOwner() {
            return options.gradients()
                    .clipping()
                    .filter(clip -> clip.unit() == Clipping.Unit.OWNER)
                    .isPresent();
        }

        /** Adapters' factors start at a point where none of them is zero. */
        private ProvableProblem problem(Records records, UnaryOperator<ProvableOptions> change) {
            ProvableOptions changed = change.apply(options);
            return switch (this) {
                case SOFTMAX, CLIPPED_SOFTMAX, SOFTMAX_CLIPPED_BY_OWNER ->
                    ProvableGraphs.of(Graphs.head(Graphs.softmax(3, 3).build()), records, changed);
                case FROZEN_A, BOTH_FACTORS, CLIPPED_FACTORS ->
                    ProvableGraphs.of(
                            Graphs.adapted(Graphs.withBody(0.8), config -> config.withTargets("out")),
                            records,
                            changed);
                case ADAPTED_NETWORK ->
                    ProvableGraphs.of(
                            Graphs.adapted(network(Activation.TANH), config -> config.withTargets("hidden", "out")),
                            records,
                            changed);
                case SMOOTH_NETWORK, CLIPPED_NETWORK -> ProvableGraphs.of(network(Activation.TANH), records, changed);
                case ANYTHING_CLIPPED, ANYTHING_CLIPPED_BY_OWNER ->
                    ProvableGraphs.of(network(Activation.RELU), records, changed);
            };
        }

        private BlockRule rule() {
            return byOwner() ? new BlockRule.Hashed(4) : new BlockRule.Ranges(5);
        }

        private RecordIds gone() {
            return byOwner() ? records().ownedByAnyOf(1, 4) : GONE;
        }
    }

    private static ComputationGraph network(Activation activation) {
        return Graphs.graph(Graphs.builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", Graphs.dense(3, 5, activation), "in")
                .addLayer("out", Graphs.softmax(5, 3).build(), "hidden"));
    }

    /** Three records each of eight people. */
    private static Records records() {
        return Graphs.softmaxRecords(RECORDS, 3, 3, 1)
                .ownedBy(LongStream.range(0, RECORDS).map(id -> id % 8).toArray());
    }

    private static ProvableProblem inBlocks(Subject subject, Records records, BlockPlace place) {
        return subject.problem(records, options -> options.withBlocks(new GradientBlocks(subject.rule(), 3, place)));
    }

    /** Groups of blocks by chance, each of which another process could compute. */
    private static BlockPlace scattered(int groups) {
        return (graph, settings, records) ->
                PlacedBlocks.of(BlockPlace.HERE.sums(graph, settings, records), groups, groups);
    }

    private static double[] random(int length) {
        return new Random(7).doubles(length, -0.2, 0.2).toArray();
    }

    @ParameterizedTest
    @EnumSource(Subject.class)
    void whatIsProvedOfAProblemIsProvedOfItsBlocks(Subject subject) {
        ProvableProblem whole = subject.problem(records(), options -> options);
        ProvableProblem blocks = inBlocks(subject, records(), BlockPlace.HERE);
        assertEquals(whole.kind(), blocks.kind());
        assertEquals(whole.bounds(), blocks.bounds());
        assertEquals(whole.balls(), blocks.balls());
        assertEquals(whole.unit(), blocks.unit());
        assertEquals(whole.rounding(), blocks.rounding());
        assertEquals(whole.notes(), blocks.notes());
        assertArrayEquals(whole.start(), blocks.start());
        assertEquals(whole.objective().fixedNormaliser(), blocks.objective().fixedNormaliser());
        assertEquals(whole.objective().weightDecay(), blocks.objective().weightDecay());
        assertEquals(whole.objective().records(), blocks.objective().records());
        double[] theta = random(whole.objective().dimension());
        double[] expected = new double[theta.length];
        double[] got = new double[theta.length];
        // 24 terms below 2, added in another order
        assertEquals(
                whole.objective().valueAndGradient(theta, expected),
                blocks.objective().valueAndGradient(theta, got),
                1e-13);
        assertArrayEquals(expected, got, 1e-13);
    }

    @ParameterizedTest
    @EnumSource(Subject.class)
    void oneBlockHasTheBitsOfTheProblemWithoutBlocks(Subject subject) {
        RecordObjective whole = subject.problem(records(), options -> options).objective();
        RecordObjective block = subject.problem(
                        records(),
                        options -> options.withBlocks(GradientBlocks.here(new BlockRule.Ranges(1000), RECORDS)))
                .objective();
        double[] theta = random(whole.dimension());
        for (RecordIds gone : List.of(NONE, subject.gone())) {
            RecordObjective here = whole.restrictedTo(whole.records().without(gone));
            RecordObjective there = block.restrictedTo(block.records().without(gone));
            double[] expected = new double[theta.length];
            double[] got = new double[theta.length];
            assertEquals(here.valueAndGradient(theta, expected), there.valueAndGradient(theta, got));
            assertArrayEquals(expected, got);
        }
    }

    @OneIn(12)
    @ParameterizedTest
    @EnumSource(Subject.class)
    void aRewindHasTheBitsOfARetrainingOnTheBlocksThatAreLeftWhereverTheyAre(Subject subject) throws Exception {
        RecordIds gone = subject.gone();
        Records left = records().only(records().ids().without(gone));
        for (BatchSchedule batches : List.of(
                new WholeSet(), new KeyedBatches("a key of sixteen".getBytes(StandardCharsets.US_ASCII), 1, 0.2))) {
            ProvableProblem never = inBlocks(subject, left, BlockPlace.HERE);
            double[] retrained = run(never, batches).run(never.start(), STEPS, NONE);
            for (int groups : Exhaustive.oneIn(3, List.of(2, 1, 3))) {
                ProvableProblem problem = inBlocks(subject, records(), scattered(groups));
                RewindToDelete run = run(problem, batches);
                try (CheckpointVault vault = SealedVault.open(
                        temp.resolve(batches.facts().first() + groups),
                        "blocks",
                        problem.objective().dimension(),
                        new byte[32])) {
                    run.learn(problem.start(), NONE, vault, StepListener.NONE);
                    assertArrayEquals(retrained, run.rewind(0, gone, vault, StepListener.NONE));
                }
            }
        }
    }

    private static RewindToDelete run(ProvableProblem problem, BatchSchedule batches) {
        return new RewindToDelete(
                problem.objective(),
                Recipe.fullBatch(STEPS, 0.5)
                        .withBatches(batches)
                        .withBalls(problem.balls())
                        .withCheckpoints(CheckpointSchedule.every(4)));
    }

    @Test
    void stepsAfterNoiseHaveTheBitsOfBlocksThatNeverHadTheRecords() throws Exception {
        Subject subject = Subject.SOFTMAX;
        CheckpointNoise noise = new CheckpointNoise(8, GaussianGrid.of(0.01, 100));
        ProvableProblem problem = inBlocks(subject, records(), scattered(2));
        ProvableProblem never = inBlocks(subject, records().only(records().ids().without(GONE)), BlockPlace.HERE);
        Recipe recipe = run(problem, new WholeSet()).recipe().withNoise(noise);
        RewindToDelete run = new RewindToDelete(problem.objective(), recipe);
        int dimension = problem.objective().dimension();
        try (MemoryVault vault = new MemoryVault(dimension);
                MemoryVault other = new MemoryVault(dimension)) {
            run.learn(problem.start(), NONE, vault, StepListener.NONE);
            other.keep(8, vault.read(8));
            assertArrayEquals(
                    new RewindToDelete(never.objective(), recipe).resume(NONE, other, StepListener.NONE),
                    run.rewind(8, GONE, vault, StepListener.NONE));
        }
    }

    @OneIn(12)
    @ParameterizedTest
    @EnumSource(Subject.class)
    void whatIsUnlearnedInBlocksIsNoFurtherFromRetrainedThanTheCertificateSays(Subject subject) throws Exception {
        ProvableProblem problem = inBlocks(subject, records(), BlockPlace.HERE);
        RewindToDelete run = run(problem, new WholeSet());
        // of owners' gradients the constants are about owners: each has a unit
        RecordIds gone = subject.byOwner() ? records().ownedByAnyOf(3) : RecordIds.of(2, 11, 14);
        RecordIds units = subject.byOwner() ? RecordIds.of(gone.get(0)) : gone;
        int dimension = problem.objective().dimension();
        double[] retrained = run.run(problem.start(), STEPS, gone);
        try (MemoryVault vault = new MemoryVault(dimension)) {
            run.learn(problem.start(), NONE, vault, StepListener.NONE);
            // from the last on: a rewind leaves what was kept before it
            for (int checkpoint = STEPS - 4; checkpoint >= 0; checkpoint -= 4) {
                ContaminationLedger ledger = problem.guarantee(run).ledger();
                run.note(ledger, List.of(0, 4, 8, 12, 16));
                ledger.delete(units);
                double delta = ledger.ifRewoundTo(checkpoint).sensitivity().delta();
                double[] unlearned = run.rewind(checkpoint, gone, vault, StepListener.NONE);
                double distance = Math.sqrt(IntStream.range(0, dimension)
                        .mapToDouble(i -> Math.pow(unlearned[i] - retrained[i], 2))
                        .sum());
                assertTrue(distance <= delta, () -> distance + " > " + delta);
                assertTrue(checkpoint == 0 || distance > 0);
            }
        }
    }

    @Test
    void a_narrow_head_in_blocks_is_the_graphs_and_allows_for_any_order_of_its_sums() {
        Records records = Graphs.sigmoidRecords(RECORDS, 5, 1, 1);
        ComputationGraph graph = Graphs.head(Graphs.sigmoid(5, 1).build());
        ProvableOptions options = PLAIN.withGradients(GradientMethod.BY_ROW);
        ProvableProblem byRow = ProvableGraphs.of(graph, records, options);
        ProvableProblem blocks =
                ProvableGraphs.of(graph, records, options.withBlocks(GradientBlocks.here(new BlockRule.Ranges(2), 2)));
        assertInstanceOf(BlockedObjective.class, blocks.objective());
        assertEquals(Summation.NAIVE, ((RoundingModel.Head) blocks.rounding().orElseThrow()).summation());
        // each is within its own bound of the exact step
        double[] theta = random(6);
        double[] a = run(byRow, new WholeSet()).run(theta, 1, NONE);
        double[] b = run(blocks, new WholeSet()).run(theta, 1, NONE);
        double allowed = rounding(byRow) + rounding(blocks);
        double distance = Math.sqrt(
                IntStream.range(0, 6).mapToDouble(i -> Math.pow(a[i] - b[i], 2)).sum());
        assertTrue(distance <= allowed, () -> distance + " > " + allowed);
    }

    private static double rounding(ProvableProblem problem) {
        RewindToDelete run = run(problem, new WholeSet());
        ContaminationLedger ledger = problem.guarantee(run).ledger();
        run.note(ledger, List.of());
        return problem.rounding().orElseThrow().ofStep(ledger.step(0), 1);
    }

    @Test
    void subjectsThatAreClippedAreInOneBlockWithAllOfTheirRecords() {
        BlockedObjective byOwner =
                (BlockedObjective) inBlocks(Subject.SOFTMAX_CLIPPED_BY_OWNER, records(), BlockPlace.HERE)
                        .objective();
        assertEquals(AssignedBy.SUBJECT, byOwner.blocks().key());
        for (long owner = 0; owner < 8; owner++) {
            RecordIds theirs = records().ownedByAnyOf(owner);
            assertEquals(
                    1,
                    byOwner.blocks().blocks().stream()
                            .filter(block -> theirs.stream().anyMatch(block.ids()::contains))
                            .count());
        }
        BlockedObjective byRecord = (BlockedObjective)
                inBlocks(Subject.CLIPPED_SOFTMAX, records(), BlockPlace.HERE).objective();
        assertEquals(AssignedBy.RECORD, byRecord.blocks().key());
    }

    @Test
    void a_place_is_asked_once_for_a_problem_and_not_for_one_that_is_refused() {
        AtomicInteger asked = new AtomicInteger();
        BlockPlace counting = (graph, settings, records) -> {
            asked.incrementAndGet();
            return BlockPlace.HERE.sums(graph, settings, records);
        };
        for (Subject subject : Subject.values()) {
            asked.set(0);
            inBlocks(subject, records(), counting);
            assertEquals(1, asked.get(), subject.name());
        }
        asked.set(0);
        ProvableOptions options = PLAIN.withBlocks(new GradientBlocks(new BlockRule.Ranges(5), 3, counting));
        assertThrows(
                NotProvedException.class,
                () -> ProvableGraphs.of(network(Activation.RELU), records(), options.withLayerRadii(1, 1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> ProvableGraphs.of(
                        Graphs.head(Graphs.softmax(3, 3).build()), records(), options.withFeatureRadius(0.5)));
        assertEquals(0, asked.get());
    }

    @Test
    void blocksWithoutAFixedNormaliserOrByAnotherMethodAreRefusedInOneSentence() {
        ProvableOptions mean = ProvableOptions.defaults()
                .withFeatureRadius(1)
                .withBlocks(GradientBlocks.here(new BlockRule.Ranges(5), 3));
        assertEquals(
                "gradients in blocks must be divided by a fixed number, chosen without looking at the records: give the"
                        + " normaliser",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ProvableGraphs.of(
                                        Graphs.head(Graphs.softmax(3, 3).build()), records(), mean))
                        .getMessage());
        assertEquals(
                "blocks are computed BY_GRAPH, got AS_FITTED",
                assertThrows(IllegalArgumentException.class, () -> mean.withGradients(GradientMethod.AS_FITTED))
                        .getMessage());
        assertEquals(
                "a chunk of a block's records must be >= 1, got 0",
                assertThrows(IllegalArgumentException.class, () -> GradientBlocks.here(new BlockRule.Ranges(5), 0))
                        .getMessage());
    }
}
