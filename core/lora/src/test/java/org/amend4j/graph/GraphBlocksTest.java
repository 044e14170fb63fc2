/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Objective;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockSums;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.objective.blocks.RecordBlocks.Block;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.PlacedBlocks;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Blocks of a graph's records, summed up as the records of one graph. */
class GraphBlocksTest {

    private static final int RECORDS = 23;
    private static final double NORMALISER = 30;
    private static final double DECAY = 0.2;
    private static final BlockSettings SETTINGS = BlockSettings.of(new BlockRule.Ranges(4), 3);

    private static Records records(TestCase networks, DataType type) {
        return Records.of(networks.data(type, RECORDS, 5))
                .ownedBy(LongStream.range(0, RECORDS).map(id -> id % 6).toArray());
    }

    private static ComputationGraph graph(TestCase networks, DataType type) {
        return GraphObjectiveTest.adapted(networks, type, 7);
    }

    private static BlockedObjective objective(BlockSums sums) {
        return BlockedObjective.of(sums, NORMALISER).withWeightDecay(DECAY);
    }

    private static double[] point(Objective objective) {
        return new Random(11).doubles(objective.dimension(), -0.5, 0.5).toArray();
    }

    /** Values, gradients and norms, of each way to ask for them: they differ by rounding from one another. */
    private static double[] all(RecordObjective objective) {
        double[] theta = point(objective);
        double[] gradient = new double[theta.length];
        double[] other = new double[theta.length];
        double[] norms = new double
                [objective instanceof LowRankObjective known ? known.adapters().size() : 0];
        DoubleStream values = DoubleStream.of(
                objective.value(theta),
                objective.valueAndGradient(theta, gradient),
                norms.length == 0 ? 0 : ((LowRankObjective) objective).valueAndGradient(theta, other, norms));
        return Stream.of(values, Arrays.stream(gradient), Arrays.stream(other), Arrays.stream(norms))
                .flatMapToDouble(numbers -> numbers)
                .toArray();
    }

    private static void assertSameBits(double[] expected, double[] actual) {
        assertArrayEquals(
                Arrays.stream(expected).mapToLong(Double::doubleToRawLongBits).toArray(),
                Arrays.stream(actual).mapToLong(Double::doubleToRawLongBits).toArray());
    }

    @ParameterizedTest
    @EnumSource(TestCase.class)
    @OneIn(6)
    void any_placement_gives_the_bits_of_blocks_one_after_the_other(TestCase networks) {
        for (DataType type : Exhaustive.oneIn(2, List.of(DataType.FLOAT, DataType.DOUBLE))) {
            GraphBlocks blocks = GraphBlocks.of(graph(networks, type), SETTINGS);
            BlockedObjective local = objective(blocks.local(records(networks, type)));
            RecordIds left = RecordIds.of(0, 2, 3, 9, 10, 11, 20, 21, 22);
            double[] expected = all(local);
            double[] expectedOfLeft = all(local.restrictedTo(left));
            for (int groups : Exhaustive.oneIn(2, List.of(3, 1, 7, 2))) {
                BlockedObjective placed =
                        objective(PlacedBlocks.of(blocks.local(records(networks, type)), groups, groups));
                assertSameBits(expected, all(placed));
                assertSameBits(expectedOfLeft, all(placed.restrictedTo(left)));
                assertEquals(local.fingerprint(), placed.fingerprint());
            }
        }
    }

    @Test
    void groups_that_add_up_first_give_other_bits() {
        GraphBlocks blocks = GraphBlocks.of(graph(TestCase.DENSE, DataType.DOUBLE), SETTINGS);
        Records records = records(TestCase.DENSE, DataType.DOUBLE);
        double[] inOrder = all(objective(blocks.local(records)));
        double[] byGroup = all(objective(PlacedBlocks.reducedByGroup(blocks.local(records), 3, 1)));
        assertArrayEquals(inOrder, byGroup, 1e-12);
        assertFalse(Arrays.equals(inOrder, byGroup));
    }

    @ParameterizedTest
    @EnumSource(TestCase.class)
    @OneIn(3)
    void a_subset_has_the_bits_of_blocks_that_never_had_the_others(TestCase networks) {
        GraphBlocks blocks = GraphBlocks.of(graph(networks, DataType.DOUBLE), SETTINGS);
        Records records = records(networks, DataType.DOUBLE);
        // the third block is emptied
        RecordIds left = records.ids().without(RecordIds.of(0, 5, 8, 9, 10, 11, 14, 22));
        BlockedObjective deleted = objective(blocks.local(records)).restrictedTo(left);
        assertSameBits(all(objective(blocks.local(records.only(left)))), all(deleted));
        assertEquals(
                List.of(0L, 1L, 3L, 4L, 5L),
                deleted.blocks().blocks().stream().map(Block::number).toList());
    }

    @ParameterizedTest
    @EnumSource(TestCase.class)
    @OneIn(2)
    void blocks_are_the_undivided_objective_but_for_the_rounding_of_sums(TestCase networks) {
        ComputationGraph graph = graph(networks, DataType.DOUBLE);
        Records records = records(networks, DataType.DOUBLE);
        GraphObjective undivided =
                GraphObjective.of(graph, records).withNormaliser(NORMALISER).withWeightDecay(DECAY);
        BlockedObjective blocked = objective(GraphBlocks.of(graph, SETTINGS).local(records));
        double[] theta = point(undivided);
        double[] expected = new double[theta.length];
        double[] actual = new double[theta.length];
        double value = undivided.valueAndGradient(theta, expected);
        double terms = DECAY * Vectors.norm(theta);
        for (int r = 0; r < RECORDS; r++) {
            double[] one = new double[theta.length];
            undivided.withWeightDecay(0).restrictedTo(RecordIds.of(r)).valueAndGradient(theta, one);
            terms += Vectors.norm(one);
        }
        assertEquals(value, blocked.valueAndGradient(theta, actual), rounding(undivided) * (1 + Math.abs(value)));
        for (int i = 0; i < theta.length; i++) {
            assertEquals(expected[i], actual[i], rounding(undivided) * terms, "number " + i);
        }
    }

    /**
     * γ of sums of n records twice, and of the products within a record, which BLAS adds up in another order in batches of another
     * size: fewer terms than parameters and activations, a thousand at most, in a few layers each of which passes on about what it gets.
     */
    private static double rounding(Objective objective) {
        return 2 * (RECORDS + 8 * (objective.dimension() + 1000.0)) * 0x1p-53;
    }

    @Tag("kernels")
    @Test
    void one_block_is_the_undivided_objective_bit_for_bit() {
        ComputationGraph graph = graph(TestCase.DENSE, DataType.FLOAT);
        Records records = records(TestCase.DENSE, DataType.FLOAT);
        GraphObjective undivided = GraphObjective.of(graph, records)
                .withChunk(3)
                .withNormaliser(NORMALISER)
                .withWeightDecay(DECAY);
        BlockSettings one = BlockSettings.of(new BlockRule.Ranges(100), 3);
        assertSameBits(all(undivided), all(objective(GraphBlocks.of(graph, one).local(records))));
    }

    @ParameterizedTest
    @EnumSource(TestCase.class)
    @OneIn(2)
    void the_gradient_agrees_with_differences_of_the_value(TestCase networks) {
        BlockedObjective objective = objective(
                GraphBlocks.of(graph(networks, DataType.DOUBLE), SETTINGS).local(records(networks, DataType.DOUBLE)));
        double[] theta = point(objective);
        double[] gradient = new double[theta.length];
        objective.valueAndGradient(theta, gradient);
        double[] direction = new Random(3).doubles(theta.length, -1, 1).toArray();
        double step = 1e-5;
        double numerical = (objective.value(GraphObjectiveTest.moved(theta, direction, step))
                        - objective.value(GraphObjectiveTest.moved(theta, direction, -step)))
                / (2 * step);
        double analytic = GraphObjectiveTest.dot(gradient, direction);
        // as in GraphObjectiveTest: about 1e-10, two orders above
        assertEquals(analytic, numerical, 1e-8 * (1 + Math.abs(analytic)));
    }

    @Test
    void norms_of_the_weights_gradients_are_never_below_those_of_the_sum() {
        ComputationGraph graph = graph(TestCase.DENSE, DataType.DOUBLE);
        Records records = records(TestCase.DENSE, DataType.DOUBLE);
        GraphObjective undivided = GraphObjective.of(graph, records).withNormaliser(NORMALISER);
        BlockedObjective blocked =
                BlockedObjective.of(GraphBlocks.of(graph, SETTINGS).local(records), NORMALISER);
        assertEquals(undivided.adapters(), blocked.adapters());
        double[] theta = point(undivided);
        double[] exact = new double[undivided.adapters().size()];
        double[] bounds = new double[exact.length];
        undivided.valueAndGradient(theta, new double[theta.length], exact);
        blocked.valueAndGradient(theta, new double[theta.length], bounds);
        for (int k = 0; k < exact.length; k++) {
            assertTrue(bounds[k] >= exact[k] && bounds[k] <= 6 * exact[k] + 1, exact[k] + " " + bounds[k]);
        }
    }

    @Test
    void clipped_shares_are_those_of_one_graph_by_record_and_by_subject() {
        ComputationGraph graph = graph(TestCase.DENSE, DataType.DOUBLE);
        Records records = records(TestCase.DENSE, DataType.DOUBLE);
        for (Clipping clipping : List.of(Clipping.perRecord(0.3), Clipping.perSubject(0.5))) {
            ClippedObjective undivided = GraphObjective.of(graph, records)
                    .withNormaliser(NORMALISER)
                    .withWeightDecay(DECAY)
                    .clipped(clipping);
            GraphBlocks blocks = GraphBlocks.of(graph, SETTINGS.clipped(clipping));
            BlockedObjective local = objective(blocks.local(records));
            assertFalse(local.hasTrueGradient());
            assertTrue(local.adapters().isEmpty());
            // shares of at most 0.5, as many as records, and the decay, all of order 1
            double[] theta = point(local);
            double[] expected = new double[theta.length];
            double[] actual = new double[theta.length];
            undivided.valueAndGradient(theta, expected);
            local.valueAndGradient(theta, actual);
            assertArrayEquals(expected, actual, rounding(undivided) * 20);
            assertSameBits(all(local), all(objective(PlacedBlocks.of(blocks.local(records), 3, 1))));
            RecordIds left = records.ids().without(records.ownedByAnyOf(2, 5));
            assertSameBits(all(objective(blocks.local(records.only(left)))), all(local.restrictedTo(left)));
        }
    }

    /** Why blocks of clipped subjects are by subject: a subject's share of a block may be as large as of the whole. */
    @Test
    void subjects_divided_among_blocks_would_be_clipped_in_parts() {
        Records records = records(TestCase.DENSE, DataType.DOUBLE);
        Clipping clipping = Clipping.perSubject(1e-3);
        BlockSettings settings = SETTINGS.clipped(clipping);
        GraphBlocks blocks = GraphBlocks.of(graph(TestCase.DENSE, DataType.DOUBLE), settings);
        double[] theta = point(blocks.local(records));
        assertTrue(gradientNorm(blocks, records.ownedBy(new long[RECORDS]), theta) <= 1e-3);
        Records divided = records.ownedBy(LongStream.range(0, RECORDS).toArray());
        assertTrue(gradientNorm(blocks, divided, theta) > 2e-3);
    }

    private static double[] point(BlockSums sums) {
        return point(BlockedObjective.of(sums, 1));
    }

    private static double gradientNorm(GraphBlocks blocks, Records records, double[] theta) {
        double[] gradient = new double[theta.length];
        BlockedObjective.of(blocks.local(records), 1).valueAndGradient(theta, gradient);
        return Vectors.norm(gradient);
    }

    @Test
    void a_block_of_some_records_is_the_same_whether_cut_from_others_or_made_by_itself() {
        Records records = records(TestCase.BRANCHING, DataType.FLOAT);
        GraphBlocks blocks = GraphBlocks.of(graph(TestCase.BRANCHING, DataType.FLOAT), SETTINGS);
        RecordIds some = RecordIds.of(4, 6, 7);
        Records cut = records.only(some);
        MultiDataSet copy = new MultiDataSet(
                Arrays.stream(cut.all().getFeatures()).map(INDArray::dup).toArray(INDArray[]::new),
                Arrays.stream(cut.all().getLabels()).map(INDArray::dup).toArray(INDArray[]::new));
        Records made = Records.of(copy).withIds(4, 6, 7).ownedBy(4, 0, 1);
        assertEquals(blocks.on(made).fingerprint(), blocks.on(cut).fingerprint());
        assertSameBits(all(blocks.on(made)), all(blocks.on(cut)));
    }

    @Test
    void what_is_known_before_there_are_records_is_what_objectives_know() {
        ComputationGraph graph = graph(TestCase.DENSE, DataType.FLOAT);
        GraphBlocks blocks = GraphBlocks.of(graph, SETTINGS);
        GraphObjective objective = GraphObjective.of(graph, records(TestCase.DENSE, DataType.FLOAT));
        assertEquals(objective.dimension(), blocks.dimension());
        assertEquals(Precision.FLOAT, blocks.precision());
        assertEquals(objective.adapters(), blocks.adapters());
        assertArrayEquals(objective.parameters(), blocks.parameters());
    }

    @Test
    void settings_are_in_the_fingerprint_and_checked() {
        Records records = records(TestCase.DENSE, DataType.DOUBLE);
        ComputationGraph graph = graph(TestCase.DENSE, DataType.DOUBLE);
        String plain = objective(GraphBlocks.of(graph, SETTINGS).local(records)).fingerprint();
        for (BlockSettings other : List.of(
                BlockSettings.of(new BlockRule.Ranges(4), 2),
                BlockSettings.of(new BlockRule.Hashed(4), 3),
                SETTINGS.clipped(Clipping.perRecord(1)),
                SETTINGS.clipped(Clipping.perSubject(1)))) {
            assertNotEquals(
                    plain,
                    objective(GraphBlocks.of(graph, other).local(records)).fingerprint(),
                    other.toString());
        }
        refused("a chunk of a block's records must be >= 1", () -> BlockSettings.of(new BlockRule.Ranges(4), 0));
        refused("got an empty subset", () -> records.only(RecordIds.of()));
        refused("record ids must be known", () -> records.only(RecordIds.of(77)));
    }
}
