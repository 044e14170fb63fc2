/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.amend4j.graph.GraphAdapters;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.network.Activation;
import org.amend4j.network.LowRank;
import org.amend4j.network.Network;
import org.amend4j.network.NetworkReader;
import org.amend4j.network.Node;
import org.amend4j.network.Operation;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.network.Values;
import org.amend4j.objective.Precision;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Compiles a graph that consists of products on top of each other, trained, frozen or adapted, with all outputs of the network on
 * the last one below them.
 */
final class DenseChain {

    private final Network network;
    private final Precision precision;
    private final long start;

    private DenseChain(Network network, ComputationGraph graph) {
        this.network = network;
        this.precision = GraphParameters.precision(graph);
        this.start = graph.params().offset();
    }

    /**
     * The graph as a kernel whose parameters stay copied into the graph; empty if it is not such a chain.
     *
     * @param graph that can be a policy's network
     * @param inputs numbers in a row
     */
    static Optional<DenseApproximator> of(ComputationGraph graph, int inputs) {
        return network(graph, inputs)
                .flatMap(network -> new DenseChain(network, graph).stages())
                .map(stages -> new DenseApproximator(
                        stages,
                        GraphAdapters.of(graph),
                        ParameterVectors.of(graph),
                        GraphParameters.precision(graph),
                        theta -> ParameterVectors.copyInto(graph, theta)));
    }

    /**
     * The graph as operations, if every vertex is one of its own: runs on graphs with activations or dropout in vertices of their
     * own were never compiled, and go on to the same bits.
     */
    private static Optional<Network> network(ComputationGraph graph, int inputs) {
        try {
            Network network = NetworkReader.training(graph, List.of(new long[] {inputs}));
            int vertices = graph.getConfiguration().getVertices().size();
            return network.nodes().size() == 1 + vertices ? Optional.of(network) : Optional.empty();
        } catch (UnsupportedNetworkException onlyTheGraphCan) {
            return Optional.empty();
        }
    }

    private Optional<List<DenseStage>> stages() {
        List<DenseStage> stages = new ArrayList<>();
        List<Integer> outputs = network.outputs();
        int below = 0;
        int left = network.nodes().size() - 1;
        while (true) {
            List<Integer> readers = readers(below);
            boolean last = readers.size() == outputs.size() && readers.containsAll(outputs);
            Optional<DenseStage> stage =
                    last || readers.size() == 1 ? stage(last ? outputs : readers) : Optional.empty();
            if (stage.isEmpty()) {
                return Optional.empty();
            }
            stages.add(stage.get());
            left -= readers.size();
            if (last) {
                return left == 0 ? Optional.of(stages) : Optional.empty();
            }
            below = readers.get(0);
        }
    }

    private List<Integer> readers(int node) {
        return IntStream.range(0, network.nodes().size())
                .filter(reader -> network.nodes().get(reader).inputs().contains(node))
                .boxed()
                .toList();
    }

    /** Products of the same rows, side by side. */
    private Optional<DenseStage> stage(List<Integer> products) {
        Set<DenseActivation> activations = EnumSet.noneOf(DenseActivation.class);
        List<DenseBlock> blocks = new ArrayList<>();
        int inputs = 0;
        for (int index : products) {
            Node node = network.nodes().get(index);
            if (!(node.operation() instanceof Operation.Product product)
                    || node.shape().pixels() > 1) {
                return Optional.empty();
            }
            inputs = network.nodes().get(node.inputs().get(0)).shape().size();
            Optional<DenseActivation> activation = activation(product.activation());
            Optional<DenseBlock> block = block(product, inputs, node.shape().size());
            if (activation.isEmpty() || block.isEmpty()) {
                return Optional.empty();
            }
            activations.add(activation.get());
            blocks.add(block.get());
        }
        return activations.size() == 1
                ? Optional.of(new DenseStage(inputs, activations.iterator().next(), blocks))
                : Optional.empty();
    }

    private static Optional<DenseActivation> activation(Activation function) {
        return switch (function.kind()) {
            case IDENTITY -> Optional.of(DenseActivation.IDENTITY);
            case TANH -> Optional.of(DenseActivation.TANH);
            case SIGMOID -> Optional.of(DenseActivation.SIGMOID);
            case RELU -> Optional.of(DenseActivation.RELU);
            default -> Optional.empty();
        };
    }

    private Optional<DenseBlock> block(Operation.Product product, int inputs, int outputs) {
        if (product.patches().isPresent()) {
            return Optional.empty();
        }
        Optional<Values> bias = product.bias();
        if (product.weight() instanceof Values.Slice weight
                && product.adapter().isEmpty()
                && bias.stream().allMatch(Values.Slice.class::isInstance)) {
            OptionalInt biasAt = bias.map(Values.Slice.class::cast).stream()
                    .mapToInt(this::at)
                    .findFirst();
            return Optional.of(new DenseBlock.Free(inputs, outputs, at(weight), biasAt));
        }
        if (product.weight() instanceof Values.Constant weight
                && bias.stream().allMatch(Values.Constant.class::isInstance)) {
            DenseBlock.Frozen frozen = new DenseBlock.Frozen(
                    numbers(weight),
                    bias.map(Values.Constant.class::cast).map(this::numbers).orElseGet(() -> new double[outputs]));
            return Optional.of(product.adapter()
                    .<DenseBlock>map(adapter -> adapted(frozen, adapter))
                    .orElse(frozen));
        }
        return Optional.empty();
    }

    private DenseBlock adapted(DenseBlock.Frozen base, LowRank adapter) {
        return new DenseBlock.Adapted(base, adapter.rank(), adapter.scale(), at(adapter.a()), at(adapter.b()));
    }

    /** In the graph's type, as the graph itself has them. */
    private double[] numbers(Values.Constant values) {
        return GraphParameters.rounded(precision, values.exact().get());
    }

    private int at(Values.Slice slice) {
        return Math.toIntExact(slice.offset() - start);
    }
}
