/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import org.amend4j.internal.network.Nodes.Result;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.nd4j.linalg.activations.IActivation;

/**
 * A vertex without a layer that is being read: what a {@link VertexKind} may query about it, and where its operations are added.
 *
 * @param <V> the vertex's configuration
 */
public final class VertexReading<V extends GraphVertex> {

    private final NetworkReader network;
    private final String vertex;
    private final V configuration;
    private final List<Result> inputs;
    private Layout layout = Layout.TOKEN_ROWS;

    VertexReading(NetworkReader network, String vertex, V configuration, List<Result> inputs) {
        this.network = network;
        this.vertex = vertex;
        this.configuration = configuration;
        this.inputs = List.copyOf(inputs);
    }

    /** The same of the configuration's class. */
    <W extends GraphVertex> VertexReading<W> of(Class<W> type) {
        return new VertexReading<>(network, vertex, type.cast(configuration), inputs);
    }

    /** Its configuration. */
    public V configuration() {
        return configuration;
    }

    /** An input that has a row for every token. */
    public int tokenRows(int which) {
        return require(which, Layout.TOKEN_ROWS, "a row for every token");
    }

    /** An input that is made of tokens. */
    public int tokens(int which) {
        return require(which, Layout.TOKENS, "the graph's tokens");
    }

    private int require(int which, Layout wanted, String what) {
        if (inputs.get(which).layout() != wanted) {
            throw unsupported("reads something else than " + what);
        }
        return inputs.get(which).node();
    }

    /** Numbers of a row of a node. */
    public int width(int node) {
        return network.shapeOf(node).channels();
    }

    /** An activation function as an operation's part. */
    public Activation activation(IActivation function) {
        return ActivationReader.read(vertex, function);
    }

    /** Angles of rotary positions for the tokens of an example. */
    public Operation.Angles angles(List<Double> frequencies) {
        return network.angles(frequencies);
    }

    /** Appends an operation with a row for every token as its result, or for every example ({@link #leavesFeatures}). */
    public int add(Operation operation, List<Integer> of, int width) {
        return network.add(vertex, operation, of, Shape.features(width));
    }

    /** Says that arrays hold the result with rows for tokens that do not count, too. */
    public void leavesPositions() {
        layout = Layout.POSITIONS;
    }

    /** Says that the result has a row for every example. */
    public void leavesFeatures() {
        layout = Layout.FEATURES;
    }

    Result result(int node) {
        return network.ofRows(node, layout);
    }

    /** The refusal of this vertex; {@code what} is in the way, as in "reads images". */
    public UnsupportedNetworkException unsupported(String what) {
        return UnsupportedNetworkException.vertex(vertex, what);
    }
}
