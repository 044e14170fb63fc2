/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockSums;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.objective.blocks.LocalBlocks;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.testkit.PlacedBlocks;
import org.junit.jupiter.api.Test;

/** Records in blocks are forgotten as records are: whoever computes the blocks, with the bits of a training that never had them. */
class RewindsOfBlocksTest {

    private static final int RECORDS = 60;
    private static final int INPUTS = 4;
    private static final RecordIds ALL = RecordIds.firstN(RECORDS);

    /** A whole block of seven, and some of others. */
    private static final RecordIds GONE = RecordIds.of(0, 14, 15, 16, 17, 18, 19, 20, 33, 59);

    private static final List<BatchSchedule> BATCHES =
            List.of(new WholeSet(), new KeyedBatches("a key of sixteen".getBytes(StandardCharsets.US_ASCII), 1, 0.1));

    private static LocalBlocks blocks(RecordIds ids) {
        Random random = new Random(4);
        double[][] x = new double[RECORDS][];
        double[] labels = new double[RECORDS];
        for (int r = 0; r < RECORDS; r++) {
            x[r] = random.doubles(INPUTS, -0.5, 0.5).toArray();
            labels[r] = random.nextInt(2);
        }
        return LocalBlocks.of(RecordBlocks.byId(new BlockRule.Ranges(7), ids), block -> {
            int[] rows = block.ids().stream().mapToInt(Math::toIntExact).toArray();
            return HeadObjective.logistic(
                            Arrays.stream(rows).mapToObj(r -> x[r]).toArray(double[][]::new),
                            Arrays.stream(rows).mapToDouble(r -> labels[r]).toArray())
                    .withIds(block.ids().stream().toArray())
                    .withNormaliser(1);
        });
    }

    private static RewindToDelete run(BlockSums sums, BatchSchedule batches) {
        BlockedObjective objective =
                BlockedObjective.of(sums, batches.rate() * 64).withWeightDecay(0.01);
        return new RewindToDelete(
                objective, Recipe.fullBatch(24, 0.5).withBatches(batches).withCheckpoints(CheckpointSchedule.every(4)));
    }

    private static double[] unlearned(BatchSchedule batches, UnaryOperator<BlockSums> placed) throws Exception {
        RewindToDelete run = run(placed.apply(blocks(ALL)), batches);
        try (MemoryVault vault = new MemoryVault(INPUTS)) {
            run.learn(new double[INPUTS], RecordIds.of(), vault, StepListener.NONE);
            return run.rewind(0, GONE, vault, StepListener.NONE);
        }
    }

    @Test
    void a_rewind_has_the_bits_of_blocks_that_never_had_the_records_wherever_they_are_computed() throws Exception {
        for (BatchSchedule batches : BATCHES) {
            double[] never = run(blocks(ALL.without(GONE)), batches).run(new double[INPUTS], 24, RecordIds.of());
            assertArrayEquals(never, unlearned(batches, sums -> sums));
            for (int groups : new int[] {1, 2, 3, 7}) {
                assertArrayEquals(never, unlearned(batches, sums -> PlacedBlocks.addingNodes(sums, groups, groups)));
            }
        }
    }

    @Test
    void groups_that_add_up_first_forget_to_other_bits() throws Exception {
        BatchSchedule whole = BATCHES.get(0);
        double[] byGroup = unlearned(whole, sums -> PlacedBlocks.reducedByGroup(sums, 3, 1));
        assertFalse(Arrays.equals(unlearned(whole, sums -> sums), byGroup));
    }
}
