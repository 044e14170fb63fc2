/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;

/** Turns the part of a graph below some vertices into nodes: which vertices go together, which are left to DL4J. */
final class PrefixCompiler {

    private final ComputationGraph network;
    private final Set<String> outputs;
    private final Set<String> needed;
    private final Map<String, Integer> readers = new HashMap<>();
    private final Map<String, Draft> drafts = new HashMap<>();
    private final Set<Draft> order = new LinkedHashSet<>();
    private final boolean fast;

    /**
     * @param fast whether fast steps may be used; if not, every vertex is left to DL4J
     */
    PrefixCompiler(ComputationGraph network, List<String> outputs, boolean fast) {
        this.network = network;
        this.outputs = new HashSet<>(outputs);
        this.fast = fast;
        this.needed = ancestors(outputs);
        for (String name : needed) {
            inputsOf(name).forEach(input -> readers.merge(input, 1, Integer::sum));
        }
    }

    /** The nodes, each after its inputs, the network's inputs first. */
    List<ProgramNode> compile() {
        for (String input : network.getConfiguration().getNetworkInputs()) {
            add(input, Draft.input());
        }
        DraftReader reader = new DraftReader(this, network);
        for (int index : network.topologicalSortOrder()) {
            GraphVertex vertex = network.getVertices()[index];
            String name = vertex.getVertexName();
            if (needed.contains(name) && !drafts.containsKey(name)) {
                List<Draft> inputs = inputsOf(name).stream().map(this::draft).toList();
                add(name, fast ? reader.read(vertex, inputs) : Draft.stock(vertex, inputs));
            }
        }
        return link();
    }

    /** Whether the vertex has exactly one reader, so that the reader may absorb it. */
    boolean isPrivate(GraphVertex vertex) {
        String name = vertex.getVertexName();
        return !outputs.contains(name) && readers.getOrDefault(name, 0) == 1;
    }

    /** The node index of a vertex, after {@link #compile()}. */
    int nodeOf(String vertex) {
        return new ArrayList<>(order).indexOf(draft(vertex));
    }

    private void add(String name, Draft draft) {
        drafts.put(name, draft);
        draft.inputs().stream().filter(d -> !order.contains(d)).forEach(order::add);
        order.add(draft);
    }

    private Draft draft(String name) {
        Draft draft = drafts.get(name);
        if (draft == null) {
            throw new IllegalStateException("vertex '" + name + "' comes before its input in DL4J's order");
        }
        return draft;
    }

    private List<String> inputsOf(String name) {
        return network.getConfiguration().getVertexInputs().getOrDefault(name, List.of());
    }

    private Set<String> ancestors(List<String> names) {
        Set<String> found = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(names);
        while (!open.isEmpty()) {
            String name = open.pop();
            if (found.add(name)) {
                open.addAll(inputsOf(name));
            }
        }
        return found;
    }

    /** Drafts that were taken in are gone from the graph; the others become nodes. */
    private List<ProgramNode> link() {
        order.retainAll(live());
        List<Draft> all = List.copyOf(order);
        List<Optional<RowOperation>> steps = all.stream().map(Draft::step).toList();
        List<ProgramNode> nodes = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Draft draft = all.get(i);
            int[] readBy = IntStream.range(0, all.size())
                    .flatMap(k -> IntStream.generate(() -> k)
                            .limit(all.get(k).inputs().stream()
                                    .filter(input -> input == draft)
                                    .count()))
                    .toArray();
            boolean kept = outputs.stream().anyMatch(name -> draft(name) == draft);
            boolean defers = !kept
                    && readBy.length == 1
                    && steps.get(readBy[0]).filter(RowOperation::readsPending).isPresent();
            nodes.add(new ProgramNode(
                    draft.chain().stream().map(GraphVertex::getVertexName).toList(),
                    draft.inputs().stream().map(all::indexOf).toList(),
                    steps.get(i),
                    new Stock(network, draft.chain()),
                    readBy.length + (kept ? 1 : 0),
                    defers));
        }
        return nodes;
    }

    private Set<Draft> live() {
        Set<Draft> live = new HashSet<>();
        Deque<Draft> open = new ArrayDeque<>();
        outputs.forEach(name -> open.add(draft(name)));
        network.getConfiguration().getNetworkInputs().forEach(name -> live.add(draft(name)));
        while (!open.isEmpty()) {
            Draft draft = open.pop();
            if (live.add(draft)) {
                open.addAll(draft.inputs());
            }
        }
        return live;
    }
}
