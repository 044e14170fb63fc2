/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.amend4j.numeric.Summation;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.Objective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockSum.Wanted;
import org.amend4j.objective.blocks.RecordBlocks.Block;
import org.amend4j.testkit.PlacedBlocks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of linear heads: what is true of the order of blocks needs no network. */
class BlockedObjectiveTest {

    private static final int RECORDS = 53;
    private static final int INPUTS = 4;
    private static final int CLASSES = 3;
    private static final double NORMALISER = 60;
    private static final double DECAY = 0.3;
    private static final BlockRule RULE = new BlockRule.Ranges(5);

    private static final double[][] X = normal(1);
    private static final double[][] LABELS = labels();

    private static double[][] normal(long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, RECORDS)
                .mapToObj(r -> IntStream.range(0, INPUTS)
                        .mapToDouble(i -> random.nextGaussian())
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double[][] labels() {
        double[][] labels = new double[RECORDS][CLASSES];
        IntStream.range(0, RECORDS).forEach(r -> labels[r][r % CLASSES] = 1);
        return labels;
    }

    /** The sum over a block's records, which knows of no others. */
    private static HeadObjective alone(Block block) {
        int[] rows = block.ids().stream().mapToInt(Math::toIntExact).toArray();
        return HeadObjective.softmax(rows(X, rows), rows(LABELS, rows))
                .withIds(block.ids().stream().toArray())
                .withNormaliser(1);
    }

    private static double[][] rows(double[][] all, int[] rows) {
        return Arrays.stream(rows).mapToObj(r -> all[r]).toArray(double[][]::new);
    }

    private static LocalBlocks local(RecordIds ids) {
        return LocalBlocks.of(RecordBlocks.byId(RULE, ids), BlockedObjectiveTest::alone);
    }

    private static BlockedObjective objective(BlockSums sums) {
        return BlockedObjective.of(sums, NORMALISER).withWeightDecay(DECAY);
    }

    private static final BlockedObjective ALL = objective(local(RecordIds.firstN(RECORDS)));
    private static final double[] THETA =
            new Random(3).doubles(ALL.dimension(), -1, 1).toArray();

    private static double[] all(Objective objective) {
        return all(objective, THETA);
    }

    /** The gradient, its value, and the value computed alone. */
    private static double[] all(Objective objective, double[] theta) {
        double[] result = new double[objective.dimension() + 2];
        double[] gradient = new double[objective.dimension()];
        result[gradient.length] = objective.valueAndGradient(theta, gradient);
        result[gradient.length + 1] = objective.value(theta);
        System.arraycopy(gradient, 0, result, 0, gradient.length);
        return result;
    }

    private static void assertSameBits(double[] expected, double[] actual) {
        assertArrayEquals(bits(expected), bits(actual));
    }

    private static long[] bits(double[] values) {
        return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 20})
    void any_placement_and_any_order_of_arrival_gives_the_same_bits(int groups) {
        for (long seed = 1; seed <= 20; seed++) {
            BlockedObjective placed = objective(PlacedBlocks.of(local(RecordIds.firstN(RECORDS)), groups, seed));
            assertSameBits(all(ALL), all(placed));
            assertEquals(ALL.fingerprint(), placed.fingerprint());
            RecordIds left = RecordIds.of(3, 4, 17, 18, 19, 44, 52);
            assertSameBits(all(ALL.restrictedTo(left)), all(placed.restrictedTo(left)));
            BlockedObjective adding =
                    objective(PlacedBlocks.addingNodes(local(RecordIds.firstN(RECORDS)), groups, seed));
            assertSameBits(all(ALL), all(adding));
            assertSameBits(all(ALL.restrictedTo(left)), all(adding.restrictedTo(left)));
        }
    }

    @Test
    void groups_that_add_up_first_give_other_bits() {
        int same = 0;
        for (long seed = 1; seed <= 20; seed++) {
            double[] byGroup = all(objective(PlacedBlocks.reducedByGroup(local(RecordIds.firstN(RECORDS)), 3, seed)));
            assertArrayEquals(all(ALL), byGroup, 1e-12);
            same += Arrays.equals(all(ALL), byGroup) ? 1 : 0;
        }
        assertEquals(0, same, "sums by group with the bits of the sum by the tree");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void a_subset_has_the_bits_and_the_fingerprint_of_blocks_that_never_had_the_others(long seed) {
        Random random = new Random(seed);
        RecordIds left = RecordIds.of(RecordIds.firstN(RECORDS).stream()
                .filter(id -> id / 5 != 2 && random.nextInt(4) > 0)
                .toArray());
        BlockedObjective never = objective(local(left));
        BlockedObjective deleted = ALL.restrictedTo(left);
        assertSameBits(all(never), all(deleted));
        assertEquals(never.fingerprint(), deleted.fingerprint());
        assertEquals(left, deleted.records());
        // in two steps as in one
        assertSameBits(
                all(deleted),
                all(ALL.restrictedTo(RecordIds.union(List.of(left, RecordIds.of(11))))
                        .restrictedTo(left)));
    }

    @Test
    void an_emptied_block_adds_zero_and_the_others_keep_their_bits() {
        RecordIds second = RecordIds.of(5, 6, 7, 8, 9);
        BlockedObjective without = ALL.restrictedTo(ALL.records().without(second));
        assertEquals(ALL.blocks().blocks().size() - 1, without.blocks().blocks().size());
        TreeSum sum = new TreeSum(ALL.blocks().tree());
        for (int place = 0; place < ALL.blocks().blocks().size(); place++) {
            BlockSum one = BlockSum.of(alone(ALL.blocks().blocks().get(place)), THETA, Wanted.GRADIENT);
            sum.take(place, place + 1, place == 1 ? new BlockSum(0, new double[THETA.length], new double[0]) : one);
        }
        double[] gradient = new double[ALL.dimension()];
        double value = without.withWeightDecay(0).valueAndGradient(THETA, gradient);
        assertSameBits(
                Arrays.stream(sum.whole().gradient())
                        .map(s -> s / NORMALISER + 0)
                        .toArray(),
                gradient);
        assertEquals(sum.whole().value() / NORMALISER, value);
    }

    @Test
    void one_block_is_the_undivided_objective_bit_for_bit() {
        RecordIds ids = RecordIds.firstN(RECORDS);
        LocalBlocks one =
                LocalBlocks.of(RecordBlocks.byId(new BlockRule.Ranges(1000), ids), BlockedObjectiveTest::alone);
        assertSameBits(all(undivided()), all(objective(one)));
    }

    private static RecordObjective undivided() {
        return HeadObjective.softmax(X, LABELS).withNormaliser(NORMALISER).withWeightDecay(DECAY);
    }

    @Test
    void many_blocks_are_the_undivided_objective_but_for_the_rounding_of_sums() {
        double[] expected = all(undivided());
        double[] actual = all(ALL);
        // the sums' terms: each record alone
        double[] magnitudes = new double[expected.length];
        for (int r = 0; r < RECORDS; r++) {
            double[] term = all(undivided().restrictedTo(RecordIds.of(r)));
            for (int i = 0; i < term.length; i++) {
                double decay = i < THETA.length
                        ? DECAY * THETA[i]
                        : DECAY / 2 * Arrays.stream(THETA).map(t -> t * t).sum();
                magnitudes[i] += Math.abs(term[i] - decay) + Math.abs(decay);
            }
        }
        // either sum within γ of the exact one, a few more roundings to divide and to add the decay
        double gamma = 2 * Summation.NAIVE.relativeError(RECORDS + 4);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], gamma * magnitudes[i], "number " + i);
        }
        assertFalse(Arrays.equals(expected, actual), "the law says nothing if no sum is rounded differently");
    }

    @Test
    void the_gradient_agrees_with_differences_of_the_value() {
        double step = 1e-5;
        double[] gradient = new double[ALL.dimension()];
        double value = ALL.valueAndGradient(THETA, gradient);
        assertEquals(ALL.value(THETA), value);
        for (int i = 0; i < gradient.length; i++) {
            double[] above = THETA.clone();
            double[] below = THETA.clone();
            above[i] += step;
            below[i] -= step;
            // h²/6·f''' and 2u·f/h are 1e-10; two orders above
            assertEquals((ALL.value(above) - ALL.value(below)) / (2 * step), gradient[i], 1e-8);
        }
    }

    @Test
    void the_fingerprint_names_records_blocks_normaliser_and_decay() {
        String all = ALL.fingerprint();
        RecordIds ids = RecordIds.firstN(RECORDS);
        assertEquals(all, objective(local(ids)).fingerprint());
        assertEquals(
                ALL.settingsFingerprint(), ALL.restrictedTo(RecordIds.of(1, 2)).settingsFingerprint());
        assertNotEquals(all, ALL.restrictedTo(ids.without(RecordIds.of(7))).fingerprint());
        assertNotEquals(all, ALL.withWeightDecay(0.4).fingerprint());
        assertNotEquals(
                all, BlockedObjective.of(local(ids), 61).withWeightDecay(DECAY).fingerprint());
        BlockedObjective wider =
                objective(LocalBlocks.of(RecordBlocks.byId(new BlockRule.Ranges(6), ids), BlockedObjectiveTest::alone));
        assertNotEquals(all, wider.fingerprint());
        assertNotEquals(ALL.settingsFingerprint(), wider.settingsFingerprint());
    }

    @Test
    void what_is_known_of_it() {
        assertEquals(OptionalDouble.of(NORMALISER), ALL.fixedNormaliser());
        assertEquals(DECAY, ALL.weightDecay());
        assertTrue(ALL.hasTrueGradient());
        assertTrue(ALL.adapters().isEmpty());
        assertEquals("BlockedObjective[53 records in 11 blocks, 12 parameters]", ALL.toString());
    }

    @Test
    void what_makes_no_sense_is_refused() {
        refused("the normaliser must be", () -> BlockedObjective.of(local(RecordIds.firstN(5)), 0));
        refused("got an empty subset", () -> ALL.restrictedTo(RecordIds.of()));
        refused("record ids must be known", () -> ALL.restrictedTo(RecordIds.of(1, 99)));
        refused("got blocks without any", () -> local(RecordIds.of()));
        refused("the parameter vector", () -> ALL.value(new double[5]));
        refused("a block must be a plain sum", () -> with(block -> alone(block).withNormaliser(2)));
        refused("a block must be a plain sum", () -> with(block -> alone(block).withWeightDecay(1)));
        refused("its block's records", () -> with(block -> alone(new Block(0, RecordIds.of(1)))));
        refused(
                "blocks must differ in their records only",
                () -> with(block -> block.number() == 1 ? alone(block).withBias() : alone(block)));
    }

    private static LocalBlocks with(Function<Block, RecordObjective> objective) {
        return LocalBlocks.of(RecordBlocks.byId(RULE, RecordIds.firstN(10)), objective);
    }
}
