/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.blocks.BlockSum;
import org.amend4j.objective.blocks.BlockSum.Wanted;
import org.amend4j.objective.blocks.BlockSums;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.objective.blocks.RecordBlocks.Block;

/** Blocks dealt out to groups, each of which computes its own; sums arrive in another order every time, as from a cluster. */
public final class PlacedBlocks implements BlockSums {

    private final BlockSums whole;
    private final int groups;
    private final boolean tree;
    private final Random random;
    private final List<List<Integer>> places = new ArrayList<>();
    private final List<BlockSums> parts = new ArrayList<>();

    private PlacedBlocks(BlockSums whole, int groups, boolean tree, Random random) {
        this.whole = whole;
        this.groups = groups;
        this.tree = tree;
        this.random = random;
        List<Block> blocks = whole.blocks().blocks();
        IntStream.range(0, groups).forEach(g -> places.add(new ArrayList<>()));
        IntStream.range(0, blocks.size())
                .forEach(place -> places.get(random.nextInt(groups)).add(place));
        places.removeIf(List::isEmpty);
        for (List<Integer> group : places) {
            parts.add(whole.restrictedTo(RecordIds.union(
                    group.stream().map(place -> blocks.get(place).ids()).toList())));
        }
    }

    /** Groups by chance; each block's sum arrives by itself. */
    public static PlacedBlocks of(BlockSums whole, int groups, long seed) {
        return new PlacedBlocks(whole, groups, false, new Random(seed));
    }

    /** What must not be done: a group adds its blocks up first, as {@code treeReduce} would. */
    public static PlacedBlocks reducedAsTree(BlockSums whole, int groups, long seed) {
        return new PlacedBlocks(whole, groups, true, new Random(seed));
    }

    @Override
    public void evaluate(double[] theta, Wanted wanted, Receiver receiver) {
        List<Runnable> arrivals = new ArrayList<>();
        int none = whole.dimension();
        double[] noNorms =
                new double[wanted == Wanted.WEIGHT_GRADIENT_NORMS ? adapters().size() : 0];
        for (int g = 0; g < parts.size(); g++) {
            List<Integer> group = places.get(g);
            List<BlockSum> sums = new ArrayList<>();
            parts.get(g).evaluate(theta, wanted, (place, sum) -> sums.add(sum));
            BlockSum zero = new BlockSum(0, new double[wanted == Wanted.VALUE ? 0 : none], noNorms);
            BlockSum together = sums.stream().reduce(zero, PlacedBlocks::plus);
            for (int k = 0; k < group.size(); k++) {
                int place = group.get(k);
                BlockSum sum = !tree ? sums.get(k) : k == 0 ? together : zero;
                arrivals.add(() -> receiver.take(place, sum));
            }
        }
        Collections.shuffle(arrivals, random);
        arrivals.forEach(Runnable::run);
    }

    private static BlockSum plus(BlockSum a, BlockSum b) {
        return new BlockSum(
                a.value() + b.value(),
                plus(a.gradient(), b.gradient()),
                plus(a.weightGradientNorms(), b.weightGradientNorms()));
    }

    private static double[] plus(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
    }

    @Override
    public PlacedBlocks restrictedTo(RecordIds subset) {
        return new PlacedBlocks(whole.restrictedTo(subset), groups, tree, random);
    }

    @Override
    public RecordBlocks blocks() {
        return whole.blocks();
    }

    @Override
    public int dimension() {
        return whole.dimension();
    }

    @Override
    public Precision precision() {
        return whole.precision();
    }

    @Override
    public List<AdapterBlock> adapters() {
        return whole.adapters();
    }

    @Override
    public boolean hasTrueGradient() {
        return whole.hasTrueGradient();
    }

    @Override
    public String settingsFingerprint() {
        return whole.settingsFingerprint();
    }

    @Override
    public List<String> fingerprints() {
        return whole.fingerprints();
    }
}
