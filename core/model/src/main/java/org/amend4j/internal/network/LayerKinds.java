/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The layer kinds that are known in this process. Thread-safe. */
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

    /**
     * What is known of a layer's class, or else of the nearest one that it extends: enough to guess with and to refuse, not to
     * compute with.
     */
    public static Optional<Known<?>> resembling(Layer layer) {
        for (Class<?> type = layer.getClass(); type != null; type = type.getSuperclass()) {
            LayerKind<?> kind = KINDS.get(type);
            if (kind != null) {
                return Optional.of(known(kind, layer));
            }
        }
        return Optional.empty();
    }

    private static <L extends Layer> Known<L> known(LayerKind<L> kind, Layer layer) {
        return new Known<>(kind, kind.configuration().cast(layer));
    }

    /** The weight of a layer whose adapter works on its input, as {@link LayerKind#weight}. */
    public static Optional<WeightMatrix> weight(Layer layer) {
        return of(layer).flatMap(Known::weight);
    }

    /** The weights that adapters on a layer can add to, by key; none if it can have no adapter. */
    public static Map<String, WeightMatrix> weights(Layer layer) {
        return of(layer).map(Known::weights).orElse(Map.of());
    }

    /** The products that one example takes in a layer, if they are known. */
    public static Optional<ExampleProducts> products(Layer layer, InputType from, InputType to) {
        return of(layer).flatMap(known -> known.products(from, to));
    }

    /** What a layer puts out of an example, of which Deeplearning4j infers {@code inferred}. */
    public static InputType output(Layer layer, InputType from, InputType inferred) {
        return of(layer).map(known -> known.output(from, inferred)).orElse(inferred);
    }

    /** Keys of the biases that adapters may train too. */
    public static List<String> biases(Layer layer) {
        return of(layer).map(Known::biases).orElseGet(() -> layer.initializer().biasKeys(layer));
    }

    /** What bounds of a layer's derivatives rest on, if they are known. */
    public static Optional<DenseForm> denseForm(Layer layer) {
        return of(layer).flatMap(Known::denseForm);
    }

    /** Which of PyTorch's layers has the parameters of a layer. */
    public static TorchLayer torch(Layer layer) {
        return of(layer).map(Known::torch).orElse(TorchLayer.OTHER);
    }

    /** A layer's activation function, if it has one. */
    public static Optional<IActivation> activation(Layer layer) {
        return layer instanceof BaseLayer base
                ? Optional.ofNullable(base.getActivationFn())
                : resembling(layer).flatMap(Known::activation);
    }

    /** Features that a layer was built to read, or 0 if it does not say. */
    public static long width(Layer layer) {
        return layer instanceof FeedForwardLayer plain
                ? Math.max(0, plain.getNIn())
                : resembling(layer).map(Known::width).orElse(0L);
    }

    /** Whether a layer reads rows of features, each by itself, as far as is known. */
    public static boolean readsRows(Layer layer) {
        return resembling(layer).filter(known -> known.kind().readsRows()).isPresent();
    }

    /** Whether a layer reads sequences, as far as is known. */
    public static boolean readsSequences(Layer layer) {
        return layer instanceof BaseRecurrentLayer
                || resembling(layer)
                        .filter(known -> known.kind().readsSequences())
                        .isPresent();
    }

    /** Whether a layer is known to go through sequences step by step. */
    public static boolean isStepwise(Layer layer) {
        return of(layer).filter(Known::isStepwise).isPresent();
    }

    /** The one order of dimensions that a layer's sequences may have, if there is one. */
    public static Optional<RNNFormat> sequenceOrder(Layer layer) {
        return layer instanceof BaseRecurrentLayer recurrent
                ? Optional.ofNullable(recurrent.getRnnDataFormat())
                : resembling(layer).flatMap(Known::sequenceOrder);
    }

    /** Whether a layer has images with channels before height and width; empty if it says nothing about images. */
    public static Optional<Boolean> channelsFirst(Layer layer) {
        return resembling(layer).flatMap(Known::channelsFirst);
    }

    /** The table that a layer looks rows up in. */
    public static Optional<Table> table(Layer layer) {
        return resembling(layer).flatMap(Known::table);
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

        /** As {@link LayerKind#weights}. */
        public Map<String, WeightMatrix> weights() {
            return kind.weights(layer);
        }

        /** As {@link LayerKind#products}. */
        Optional<ExampleProducts> products(InputType from, InputType to) {
            return kind.products(layer, from, to);
        }

        /** As {@link LayerKind#output}. */
        InputType output(InputType from, InputType inferred) {
            return kind.output(layer, from, inferred);
        }

        /** As {@link LayerKind#biases}. */
        public List<String> biases() {
            return kind.biases(layer);
        }

        /** As {@link LayerKind#torch}. */
        TorchLayer torch() {
            return kind.torch(layer);
        }

        /** As {@link LayerKind#denseForm}. */
        public Optional<DenseForm> denseForm() {
            return kind.denseForm(layer);
        }

        /** As {@link LayerKind#isStepwise}. */
        public boolean isStepwise() {
            return kind.isStepwise(layer);
        }

        /** As {@link LayerKind#table}. */
        public Optional<Table> table() {
            return kind.table(layer);
        }

        /** As {@link LayerKind#width}. */
        public long width() {
            return kind.width(layer);
        }

        /** As {@link LayerKind#sequenceOrder}. */
        public Optional<RNNFormat> sequenceOrder() {
            return kind.sequenceOrder(layer);
        }

        /** As {@link LayerKind#channelsFirst}. */
        public Optional<Boolean> channelsFirst() {
            return kind.channelsFirst(layer);
        }

        /** As {@link LayerKind#activation}. */
        public Optional<IActivation> activation() {
            return kind.activation(layer);
        }

        /** As {@link LayerKind#labelFault}. */
        public Optional<String> labelFault() {
            return kind.labelFault(layer);
        }

        /** As {@link LayerKind#onSharedInput}. */
        public org.deeplearning4j.nn.api.Layer onSharedInput(NeuralNetConfiguration conf, DataType type) {
            return kind.onSharedInput(layer, conf, type);
        }

        /** As {@link LayerKind#runsAsFrozenSequence}. */
        public boolean runsAsFrozenSequence() {
            return kind.runsAsFrozenSequence(layer);
        }

        /** As {@link LayerKind#frozenSequence}. */
        public org.deeplearning4j.nn.api.Layer frozenSequence(FrozenSequences sequences, INDArray parameters) {
            return kind.frozenSequence(layer, sequences, parameters);
        }
    }
}
