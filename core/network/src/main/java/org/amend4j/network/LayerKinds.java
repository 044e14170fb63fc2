/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The layer kinds that are known in this process. Safe for use by several threads. */
public final class LayerKinds {

    private static final Map<Class<?>, LayerKind<?>> KINDS = new ConcurrentHashMap<>();

    static {
        ServiceLoader.load(LayerKind.class, LayerKind.class.getClassLoader()).forEach(LayerKinds::add);
    }

    private LayerKinds() {}

    /**
     * Makes a kind known, as services of type {@link LayerKind} are from the start. Where no class path is searched for services
     * (in a notebook), this is the way.
     *
     * @throws IllegalArgumentException if there is another kind for this configuration
     */
    public static void add(LayerKind<?> kind) {
        LayerKind<?> before = KINDS.putIfAbsent(kind.configuration(), kind);
        if (before != null && before.getClass() != kind.getClass()) {
            throw new IllegalArgumentException("a kind of layer must be described once, got "
                    + before.getClass().getName() + " and " + kind.getClass().getName() + " for "
                    + kind.configuration().getName());
        }
    }

    /** What is known of a layer, without anything that is wrapped around it. */
    public static Optional<Known<?>> of(Layer layer) {
        LayerKind<?> kind = KINDS.get(layer.getClass());
        return kind == null ? Optional.empty() : Optional.of(known(kind, layer));
    }

    private static <L extends Layer> Known<L> known(LayerKind<L> kind, Layer layer) {
        return new Known<>(kind, kind.configuration().cast(layer));
    }

    /** The weight an adapter on a layer adds to, if it can have one. */
    public static Optional<WeightMatrix> weight(Layer layer) {
        return of(layer).flatMap(Known::weight);
    }

    /** What bounds of a layer's derivatives rest on, if they are known. */
    public static Optional<DenseForm> denseForm(Layer layer) {
        return of(layer).flatMap(Known::denseForm);
    }

    /** Which of PyTorch's layers has the parameters of a layer. */
    public static TorchLayer torch(Layer layer) {
        return of(layer).map(known -> known.kind().torch()).orElse(TorchLayer.OTHER);
    }

    /** A layer and its kind. */
    public record Known<L extends Layer>(LayerKind<L> kind, L layer) {

        /** As {@link LayerKind#runsOnBase}. */
        public boolean runsOnBase() {
            return kind.runsOnBase(layer);
        }

        /** As {@link LayerKind#onBase}. */
        public org.deeplearning4j.nn.api.Layer onBase(
                NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
            return kind.onBase(layer, conf, weights, type);
        }

        /** As {@link LayerKind#weight}. */
        public Optional<WeightMatrix> weight() {
            return kind.weight(layer);
        }

        /** As {@link LayerKind#denseForm}. */
        public Optional<DenseForm> denseForm() {
            return kind.denseForm(layer);
        }
    }
}
