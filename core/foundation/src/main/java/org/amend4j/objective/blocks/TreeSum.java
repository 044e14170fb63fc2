/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Adds blocks up along their {@link BlockTree}, in double, in whatever order they come, and whether or not parts of the tree are already
 * added up. What cannot be added yet waits: blocks that come in order leave at most one sum waiting for each height of the tree.
 */
public final class TreeSum implements BlockSums.Receiver {

    /**
     * The sum of a node of the tree.
     *
     * @param from the first of its places
     * @param to behind its last
     */
    public record Node(int from, int to, BlockSum sum) implements Serializable {}

    private final BlockTree tree;
    private final TreeMap<Integer, Node> waiting = new TreeMap<>();

    /** Of some of a tree's blocks, or all. */
    public TreeSum(BlockTree tree) {
        this.tree = tree;
    }

    /**
     * Takes the sum of a node and adds it to what it can be added to.
     *
     * @throws IllegalStateException if the range is no node, or some of it has come before
     */
    @Override
    public void take(int from, int to, BlockSum sum) {
        if (!tree.isNode(from, to) || !isFree(from, to)) {
            throw new IllegalStateException(
                    "each of " + tree.size() + " blocks must come once, in a node of their tree,"
                            + " got another from place " + from + " to " + to);
        }
        Node node = new Node(from, to, sum);
        for (Optional<Node> parent = parent(node); parent.isPresent(); parent = parent(node)) {
            node = parent.get();
        }
        waiting.put(node.from, node);
    }

    private boolean isFree(int from, int to) {
        Map.Entry<Integer, Node> before = waiting.lowerEntry(to);
        return before == null || before.getValue().to <= from;
    }

    /** The node together with its sibling, which waits no longer; nothing if that has not come. */
    private Optional<Node> parent(Node node) {
        Map.Entry<Integer, Node> before = waiting.lowerEntry(node.from);
        if (before != null && areSiblings(before.getValue(), node)) {
            waiting.remove(before.getKey());
            return Optional.of(plus(before.getValue(), node));
        }
        Node after = waiting.get(node.to);
        if (after != null && areSiblings(node, after)) {
            waiting.remove(node.to);
            return Optional.of(plus(node, after));
        }
        return Optional.empty();
    }

    private boolean areSiblings(Node left, Node right) {
        return left.to == right.from && tree.areSiblings(left.from, left.to, right.to);
    }

    private static Node plus(Node left, Node right) {
        return new Node(left.from, right.to, left.sum.plusInPlace(right.sum));
    }

    /** What has come, added up as far as it can be, by ascending places. */
    public List<Node> nodes() {
        return new ArrayList<>(waiting.values());
    }

    /**
     * The sum of all blocks.
     *
     * @throws IllegalStateException if one has not come
     */
    BlockSum whole() {
        Node first = waiting.isEmpty() ? null : waiting.firstEntry().getValue();
        if (first == null || first.from != 0 || first.to != tree.size()) {
            throw new IllegalStateException("each of " + tree.size() + " blocks must come once, got "
                    + waiting.values().stream()
                            .mapToInt(node -> node.to - node.from)
                            .sum());
        }
        return first.sum;
    }
}
