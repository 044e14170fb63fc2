/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The nodes read so far. Their results are rows, pixels of channels; where they are wanted in another order, a node turns them. */
final class Nodes {

    private final List<Node> nodes = new ArrayList<>();
    private final Formats formats;
    private final Map<Integer, Integer> arrays = new HashMap<>();
    private final Map<Integer, Integer> rows = new HashMap<>();

    Nodes(Formats formats) {
        this.formats = formats;
    }

    /**
     * What a vertex computes.
     *
     * @param shape of an example, in rows
     * @param inArrayOrder whether the node's numbers are in the order of Deeplearning4j's arrays, where that differs
     */
    record Result(int node, Shape shape, Layout layout, boolean inArrayOrder) {}

    List<Node> all() {
        return nodes;
    }

    int add(String vertex, Operation operation, List<Integer> inputs, Shape shape) {
        nodes.add(new Node(vertex, operation, inputs, shape));
        return nodes.size() - 1;
    }

    Shape shapeOf(int node) {
        return nodes.get(node).shape();
    }

    boolean isWords(int node) {
        return nodes.get(node).operation() instanceof Operation.Words;
    }

    /** How many there are. */
    int size() {
        return nodes.size();
    }

    /** Drops all nodes but the first ones. */
    void dropFrom(int size) {
        nodes.subList(size, nodes.size()).clear();
        arrays.values().removeIf(node -> node >= size);
        rows.values().removeIf(node -> node >= size);
    }

    /** A node's rows. */
    Result ofRows(int node, Layout layout) {
        return new Result(node, shapeOf(node), layout, false);
    }

    /** Appends an operation that gives arrays. */
    Result ofArrays(String vertex, Operation operation, List<Integer> inputs, ArrayForm form) {
        Shape shape = formats.shape(form);
        boolean differs = differs(shape, form.layout());
        int node = add(vertex, operation, inputs, differs ? Shape.features(shape.size()) : shape);
        return new Result(node, shape, form.layout(), differs);
    }

    /** Whether rows and arrays of a layout have another order. */
    private boolean differs(Shape shape, Layout layout) {
        return formats.channelsFirst(layout) && shape.pixels() > 1 && shape.channels() > 1;
    }

    /** The node of a result's rows. */
    int rows(String vertex, Result result) {
        return result.inArrayOrder()
                ? rows.computeIfAbsent(result.node(), from -> {
                    int to = add(vertex, new Operation.Reorder(false), List.of(from), result.shape());
                    arrays.put(to, from);
                    return to;
                })
                : result.node();
    }

    /** The node of a result's numbers in the order of Deeplearning4j's arrays. */
    int array(String vertex, Result result) {
        if (result.inArrayOrder() || !differs(result.shape(), result.layout())) {
            return result.node();
        }
        return arrays.computeIfAbsent(
                result.node(),
                from -> add(
                        vertex,
                        new Operation.Reorder(true),
                        List.of(from),
                        Shape.features(result.shape().size())));
    }
}
