/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a graph computes.
 *
 * @param nodes each after its inputs
 * @param parameters length of the trained parameter vector; 0 for a network that is only used
 * @param inputs of the network: how an example of each is stored
 * @param outputs of the network, in its order: the nodes whose results they are
 */
public record Network(List<Node> nodes, long parameters, List<InputFormat> inputs, List<Integer> outputs) {

    /**
     * How an input's arrays hold an example.
     *
     * @param channelsFirst whether they are [channels, height, width] or [features, time]
     */
    public record InputFormat(Shape shape, boolean channelsFirst, Content content) {}

    /** What an input's numbers are. */
    public enum Content {
        /** Quantities. */
        NUMBERS,
        /** One word an example: a row of a table. */
        WORDS,
        /** Sequences of tokens, [examples, 1 to 3, time]: of each its word, whether it counts, and its type. */
        TOKENS
    }

    public Network {
        nodes = List.copyOf(nodes);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        for (int k = 0; k < nodes.size(); k++) {
            int index = k;
            if (nodes.get(k).inputs().stream().anyMatch(input -> input < 0 || input >= index)) {
                throw new IllegalArgumentException("node " + k + " (vertex '"
                        + nodes.get(k).vertex() + "') must read earlier nodes only, got "
                        + nodes.get(k).inputs());
            }
        }
    }

    /**
     * An output with a loss.
     *
     * @param shape of an example's labels
     * @param channelsFirst whether their arrays are [channels, height, width] or [features, time]
     */
    public record Output(String vertex, Shape shape, boolean channelsFirst) {}

    /** The output that the labels of this number are compared with. */
    public Output output(int label) {
        Node loss = losses().stream()
                .filter(node -> node.operation() instanceof Operation.Loss some && some.label() == label)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no output has the labels " + label));
        return new Output(
                loss.vertex(),
                nodes.get(loss.inputs().get(0)).shape(),
                ((Operation.Loss) loss.operation()).channelsFirst());
    }

    /** The input that is made of tokens; -1 if none is. */
    public int tokens() {
        for (int k = 0; k < inputs.size(); k++) {
            if (inputs.get(k).content() == Content.TOKENS) {
                return k;
            }
        }
        return -1;
    }

    /** The most tokens of an example; 0 if no input is made of tokens. */
    public int mostTokens() {
        int input = tokens();
        return input < 0 ? 0 : inputs.get(input).shape().pixels();
    }

    /** For each node, whether its result has a row for every token, and not rows for every example. */
    public boolean[] ofTokens() {
        boolean[] found = new boolean[nodes.size()];
        for (int k = 0; k < found.length; k++) {
            Operation operation = nodes.get(k).operation();
            boolean reads = nodes.get(k).inputs().stream().anyMatch(input -> found[input]);
            boolean ofExamples = operation instanceof Operation.TokenLoss || operation instanceof Operation.PoolTokens;
            found[k] = operation instanceof Operation.Tokens || (reads && !ofExamples);
        }
        return found;
    }

    /** How many words an input may name: the rows of the smallest table that reads it. */
    public int vocabulary(int input) {
        return nodes.stream()
                .filter(node -> node.operation() instanceof Operation.Gather
                        && nodes.get(node.inputs().get(0)).operation() instanceof Operation.Words words
                        && words.index() == input)
                .mapToInt(node -> ((Operation.Gather) node.operation()).vocabulary())
                .min()
                .orElseThrow(() -> new IllegalArgumentException("no table reads the input " + input));
    }

    /**
     * The words of an input's examples.
     *
     * @throws IllegalArgumentException if one is no row of the tables that read it
     */
    public int[] words(int input, float... values) {
        int vocabulary = vocabulary(input);
        int each = inputs.get(input).shape().size();
        int[] words = new int[values.length];
        for (int k = 0; k < words.length; k++) {
            words[k] = (int) values[k];
            if (words[k] != values[k] || words[k] < 0 || words[k] >= vocabulary) {
                throw new IllegalArgumentException("a word must be a whole number in [0, " + vocabulary + "), got "
                        + values[k] + " in record " + k / each);
            }
        }
        return words;
    }

    /** The adapters of products, in the order of the nodes. */
    public List<LowRank> adapters() {
        return nodes.stream()
                .map(Node::operation)
                .filter(Operation.Product.class::isInstance)
                .flatMap(product -> ((Operation.Product) product).adapter().stream())
                .toList();
    }

    /** Whether the gradient of everything that trains is known example by example, and not only as the sum over those of a run. */
    public boolean hasGradientsOfExamples() {
        return nodes.stream().map(Node::operation).noneMatch(Network::isKnownAsSum);
    }

    private static boolean isKnownAsSum(Operation operation) {
        return (operation instanceof Operation.TokenEmbedding embedding
                        && embedding.adapter().isPresent())
                || (operation instanceof Operation.Opaque opaque
                        && opaque.parameters().isPresent())
                || (operation instanceof Operation.TokenLoss loss
                        && loss.adapter().isPresent());
    }

    /** The parts of the trained parameter vector that operations read. */
    public List<Values.Slice> slices() {
        return nodes.stream()
                .flatMap(node -> node.operation().values().stream())
                .filter(Values.Slice.class::isInstance)
                .map(Values.Slice.class::cast)
                .toList();
    }

    /** Whether some adapter drops inputs. */
    public boolean drops() {
        return Stream.concat(adapters().stream(), nodes.stream().flatMap(Network::ofHead))
                .anyMatch(LowRank::drops);
    }

    private static Stream<LowRank> ofHead(Node node) {
        return node.operation() instanceof Operation.TokenLoss loss ? loss.adapter().stream() : Stream.empty();
    }

    /** The nodes that Deeplearning4j computes. */
    public List<Node> opaque() {
        return nodes.stream()
                .filter(node -> node.operation() instanceof Operation.Opaque)
                .toList();
    }

    /** Which vertices Deeplearning4j computes, in a sentence without its full stop; empty if there are none. */
    public Optional<String> delegation() {
        String vertices = opaque().stream()
                .map(node -> "'" + node.vertex() + "' (" + ((Operation.Opaque) node.operation()).what() + ")")
                .distinct()
                .collect(Collectors.joining(", "));
        return vertices.isEmpty()
                ? Optional.empty()
                : Optional.of("Within the plan, Deeplearning4j computes " + vertices);
    }

    /** The losses at the end; none in a network that is only used. */
    public List<Node> losses() {
        return nodes.stream()
                .filter(node ->
                        node.operation() instanceof Operation.Loss || node.operation() instanceof Operation.TokenLoss)
                .toList();
    }

    /** The loss whose labels of this number are tokens; empty if they are quantities. */
    public Optional<Operation.TokenLoss> tokenLoss(int label) {
        return nodes.stream()
                .map(Node::operation)
                .filter(Operation.TokenLoss.class::isInstance)
                .map(Operation.TokenLoss.class::cast)
                .filter(loss -> loss.label() == label)
                .findFirst();
    }

    /** Embeddings of the tokens, which say what these may be. */
    public List<Operation.TokenEmbedding> tokenEmbeddings() {
        return nodes.stream()
                .map(Node::operation)
                .filter(Operation.TokenEmbedding.class::isInstance)
                .map(Operation.TokenEmbedding.class::cast)
                .toList();
    }
}
