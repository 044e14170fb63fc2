/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import org.amend4j.internal.network.Nodes.Result;
import org.amend4j.internal.text.Article;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;

/** The kinds of vertices without a layer that are known in this process. Thread-safe. */
public final class VertexKinds {

    private static final Map<Class<?>, VertexKind<?>> KINDS = new ConcurrentHashMap<>();

    static {
        ServiceLoader.load(VertexKind.class, VertexKind.class.getClassLoader()).forEach(VertexKinds::add);
    }

    private VertexKinds() {}

    /**
     * Makes a kind known, as services of type {@link VertexKind} are from the start.
     *
     * @throws IllegalArgumentException if there is another kind for this configuration
     */
    public static void add(VertexKind<?> kind) {
        VertexKind<?> before = KINDS.putIfAbsent(kind.configuration(), kind);
        if (before != null && before.getClass() != kind.getClass()) {
            throw new IllegalArgumentException("a kind of vertex must be described once, got "
                    + before.getClass().getName() + " and " + kind.getClass().getName());
        }
    }

    /**
     * What a vertex computes, as {@link VertexKind#read}.
     *
     * @throws UnsupportedNetworkException if nothing is known about it
     */
    static Result read(VertexReading<GraphVertex> reading) {
        VertexKind<?> kind = KINDS.get(reading.configuration().getClass());
        if (kind == null) {
            throw reading.unsupported(
                    "is " + Article.before(reading.configuration().getClass().getSimpleName()));
        }
        return read(kind, reading);
    }

    private static <V extends GraphVertex> Result read(VertexKind<V> kind, VertexReading<GraphVertex> reading) {
        VertexReading<V> typed = reading.of(kind.configuration());
        return typed.result(kind.read(typed));
    }

    /** The weights that adapters on a vertex can add to, by key; none if it can have no adapter. */
    public static Map<String, WeightMatrix> weights(GraphVertex vertex) {
        VertexKind<?> kind = KINDS.get(vertex.getClass());
        return kind == null ? Map.of() : weights(kind, vertex);
    }

    private static <V extends GraphVertex> Map<String, WeightMatrix> weights(VertexKind<V> kind, GraphVertex vertex) {
        return kind.weights(kind.configuration().cast(vertex));
    }

    /** The products that one example takes in a vertex, if they are known. */
    public static Optional<ExampleProducts> products(GraphVertex vertex, List<InputType> from) {
        VertexKind<?> kind = KINDS.get(vertex.getClass());
        return kind == null ? Optional.empty() : products(kind, vertex, from);
    }

    private static <V extends GraphVertex> Optional<ExampleProducts> products(
            VertexKind<V> kind, GraphVertex vertex, List<InputType> from) {
        return kind.products(kind.configuration().cast(vertex), from);
    }

    /** Whether a vertex has one of its own on a base, as {@link VertexKind#runsOnBase}. */
    public static boolean runsOnBase(GraphVertex vertex) {
        VertexKind<?> kind = KINDS.get(vertex.getClass());
        return kind != null && runsOnBase(kind, vertex);
    }

    private static <V extends GraphVertex> boolean runsOnBase(VertexKind<V> kind, GraphVertex vertex) {
        return kind.runsOnBase(kind.configuration().cast(vertex));
    }

    /** A vertex of its own on a base, as {@link VertexKind#onBase}; empty if there is none. */
    public static Optional<org.deeplearning4j.nn.graph.vertex.GraphVertex> onBase(
            GraphVertex vertex, org.deeplearning4j.nn.graph.vertex.GraphVertex stock, DataType type) {
        return runsOnBase(vertex)
                ? Optional.of(onBase(Objects.requireNonNull(KINDS.get(vertex.getClass())), vertex, stock, type))
                : Optional.empty();
    }

    private static <V extends GraphVertex> org.deeplearning4j.nn.graph.vertex.GraphVertex onBase(
            VertexKind<V> kind,
            GraphVertex vertex,
            org.deeplearning4j.nn.graph.vertex.GraphVertex stock,
            DataType type) {
        return kind.onBase(kind.configuration().cast(vertex), stock, type);
    }
}
