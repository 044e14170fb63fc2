/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockSum.Wanted;
import org.amend4j.objective.blocks.RecordBlocks.Block;

/** Blocks computed in this process, one after the other. Each block is an objective; the objectives may share what they compute with. */
public final class LocalBlocks implements BlockSums {

    private final RecordBlocks blocks;
    private final List<RecordObjective> objectives;
    private final RecordObjective any;

    private LocalBlocks(RecordBlocks blocks, List<RecordObjective> objectives) {
        this.blocks = blocks;
        this.objectives = objectives;
        this.any = objectives.get(0);
    }

    /**
     * An objective for each block.
     *
     * @param objective of a block: the plain sum over its records
     * @throws IllegalArgumentException if there are no blocks, an objective is no plain sum, has other records than its block, or
     *     differs from another in more than its records
     */
    public static LocalBlocks of(RecordBlocks blocks, Function<Block, ? extends RecordObjective> objective) {
        if (blocks.blocks().isEmpty()) {
            throw new IllegalArgumentException("an objective must have records, got blocks without any");
        }
        List<RecordObjective> objectives = new ArrayList<>();
        for (Block block : blocks.blocks()) {
            RecordObjective sum = objective.apply(block);
            BlockSum.requirePlain(sum);
            if (!sum.records().equals(block.ids())) {
                throw new IllegalArgumentException(
                        "an objective must have its block's records, got others (block " + block.number() + ")");
            }
            objectives.add(sum);
        }
        LocalBlocks sums = new LocalBlocks(blocks, objectives);
        sums.requireOneFunction();
        return sums;
    }

    private void requireOneFunction() {
        for (int place = 0; place < objectives.size(); place++) {
            if (!objectives.get(place).settingsFingerprint().equals(any.settingsFingerprint())) {
                throw new IllegalArgumentException(
                        "blocks must differ in their records only, got other settings (block "
                                + blocks.blocks().get(place).number() + ")");
            }
        }
    }

    @Override
    public RecordBlocks blocks() {
        return blocks;
    }

    @Override
    public int dimension() {
        return any.dimension();
    }

    @Override
    public Precision precision() {
        return any.precision();
    }

    @Override
    public List<AdapterBlock> adapters() {
        return any instanceof LowRankObjective lowRank ? lowRank.adapters() : List.of();
    }

    @Override
    public boolean hasTrueGradient() {
        return any.hasTrueGradient();
    }

    @Override
    public String settingsFingerprint() {
        return any.settingsFingerprint();
    }

    @Override
    public List<String> fingerprints() {
        return objectives.stream().map(RecordObjective::fingerprint).toList();
    }

    @Override
    public void evaluate(double[] theta, Wanted wanted, Receiver receiver) {
        for (int place = 0; place < objectives.size(); place++) {
            receiver.take(place, place + 1, BlockSum.of(objectives.get(place), theta, wanted));
        }
    }

    @Override
    public LocalBlocks restrictedTo(RecordIds subset) {
        RecordBlocks some = blocks.restrictedTo(subset);
        if (some.blocks().isEmpty()) {
            throw new IllegalArgumentException("an objective must have records, got an empty subset");
        }
        List<RecordObjective> restricted = new ArrayList<>();
        for (int place = 0; restricted.size() < some.blocks().size(); place++) {
            Block left = some.blocks().get(restricted.size());
            if (blocks.blocks().get(place).number() == left.number()) {
                RecordObjective whole = objectives.get(place);
                restricted.add(left.ids().equals(whole.records()) ? whole : whole.restrictedTo(left.ids()));
            }
        }
        return new LocalBlocks(some, restricted);
    }
}
