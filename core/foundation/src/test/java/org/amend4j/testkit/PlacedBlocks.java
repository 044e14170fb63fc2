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
import org.amend4j.objective.blocks.TreeSum;
import org.amend4j.objective.blocks.TreeSum.Node;

/** Blocks dealt out to groups, each of which computes its own; sums arrive in another order every time, as from a cluster. */
public final class PlacedBlocks implements BlockSums {

    /** What a group sends. */
    private enum Sends {
        /** Each block's sum. */
        BLOCKS,
        /** The sums of the nodes of the tree that it has as a whole. */
        NODES,
        /** One sum, in its own order. */
        ONE
    }

    private final BlockSums whole;
    private final int groups;
    private final Sends sends;
    private final Random random;
    private final List<List<Integer>> places = new ArrayList<>();
    private final List<BlockSums> parts = new ArrayList<>();

    private PlacedBlocks(BlockSums whole, int groups, Sends sends, Random random) {
        this.whole = whole;
        this.groups = groups;
        this.sends = sends;
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
        return new PlacedBlocks(whole, groups, Sends.BLOCKS, new Random(seed));
    }

    /** Groups by chance; a group adds up what it may. */
    public static PlacedBlocks addingNodes(BlockSums whole, int groups, long seed) {
        return new PlacedBlocks(whole, groups, Sends.NODES, new Random(seed));
    }

    /** What must not be done: a group adds all of its blocks up first, as {@code treeReduce} would. */
    public static PlacedBlocks reducedByGroup(BlockSums whole, int groups, long seed) {
        return new PlacedBlocks(whole, groups, Sends.ONE, new Random(seed));
    }

    @Override
    public void evaluate(double[] theta, Wanted wanted, Receiver receiver) {
        List<Node> arrivals = new ArrayList<>();
        for (int g = 0; g < parts.size(); g++) {
            List<Integer> group = places.get(g);
            List<Node> sums = new ArrayList<>();
            parts.get(g)
                    .evaluate(
                            theta,
                            wanted,
                            (from, to, sum) -> sums.add(new Node(group.get(from), group.get(from) + 1, sum)));
            arrivals.addAll(sent(sums, wanted));
        }
        Collections.shuffle(arrivals, random);
        arrivals.forEach(node -> receiver.take(node.from(), node.to(), node.sum()));
    }

    private List<Node> sent(List<Node> sums, Wanted wanted) {
        if (sends == Sends.NODES) {
            TreeSum added = new TreeSum(blocks().tree());
            Collections.shuffle(sums, random);
            sums.forEach(node -> added.take(node.from(), node.to(), node.sum()));
            return added.nodes();
        }
        if (sends == Sends.ONE) {
            BlockSum zero = zero(wanted);
            BlockSum together = sums.stream().map(Node::sum).reduce(zero, PlacedBlocks::plus);
            // the first block stands for all: the others are zero
            int first = sums.get(0).from();
            sums.replaceAll(node -> new Node(node.from(), node.to(), node.from() == first ? together : zero(wanted)));
        }
        return sums;
    }

    private BlockSum zero(Wanted wanted) {
        return new BlockSum(
                0,
                new double[wanted == Wanted.VALUE ? 0 : whole.dimension()],
                new double[wanted == Wanted.WEIGHT_GRADIENT_NORMS ? adapters().size() : 0]);
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
        return new PlacedBlocks(whole.restrictedTo(subset), groups, sends, random);
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
