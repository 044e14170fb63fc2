/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.amend4j.internal.network.Operation.LossKind;
import org.amend4j.internal.text.Article;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A layer that is being read: what a {@link LayerKind} may query about it, and where its operations are added.
 *
 * @param <L> the layer's configuration
 */
public final class LayerReading<L extends Layer> {

    private final NetworkReader network;
    private final ParameterSource source;
    private final String vertex;
    private final Layer outer;
    private final L layer;
    private final int input;
    private final Layout layout;
    private Optional<Layout> leaves = Optional.empty();

    LayerReading(
            NetworkReader network,
            ParameterSource source,
            String vertex,
            Layer outer,
            L layer,
            int input,
            Layout layout) {
        this.network = network;
        this.source = source;
        this.vertex = vertex;
        this.outer = outer;
        this.layer = layer;
        this.input = input;
        this.layout = layout;
    }

    /** Its vertex's name. */
    public String vertex() {
        return vertex;
    }

    /** Its stock configuration. */
    public L layer() {
        return layer;
    }

    /** The node it reads. */
    public int input() {
        return input;
    }

    /** The shape of an example that it reads. */
    public Shape from() {
        return shapeOf(input);
    }

    /** The shape of a node's result. */
    public Shape shapeOf(int node) {
        return network.shapeOf(node);
    }

    /** Whether what it reads are rows of a table by their numbers. */
    public boolean readsWords() {
        return network.isWords(input);
    }

    /** Whether what it reads are tokens, with their words, masks and types. */
    public boolean readsTokens() {
        return layout == Layout.TOKENS;
    }

    /** Whether what it reads has a row for every position, also of tokens that do not count. */
    public boolean readsPositions() {
        return layout == Layout.POSITIONS;
    }

    /** Whether the graph is trained, and not only used. */
    public boolean isTrained() {
        return network.trained();
    }

    /** Which of the network's outputs, and so of the labels, it is; -1 if none. */
    public int output() {
        return network.output(vertex);
    }

    /** Whether what it reads are sequences, their steps as pixels. */
    public boolean readsSteps() {
        return layout.isOfSteps();
    }

    /** Whether the graph's images come as [channels, height, width], or its sequences, if it reads these, as [features, time]. */
    public boolean channelsFirst() {
        return readsSteps() ? network.formats().sequences() : network.formats().images();
    }

    /** Its parameters, wherever they are: in the trained vector, in a base model, or in a frozen layer. */
    public LayerParameters parameters() {
        return source.parameters(vertex, outer);
    }

    /** Whether its weight has an adapter. */
    public boolean hasAdapter() {
        return source.beside(vertex, outer).adapter().isPresent();
    }

    /**
     * The adapter of its weight, if it has one.
     *
     * @throws UnsupportedNetworkException if something else trains beside the weight, too
     */
    public Optional<LowRank> adapterAlone() {
        ProductParts parts = source.beside(vertex, outer);
        if (parts.magnitude().isPresent() || parts.bias().isPresent()) {
            throw unsupported("is " + Article.before(layer.getClass().getSimpleName()) + " with "
                    + (parts.magnitude().isPresent() ? "DoRA's magnitudes" : "a trained bias"));
        }
        return parts.adapter();
    }

    /** Appends an operation on the input. */
    public int add(Operation operation, Shape shape) {
        return add(operation, input, shape);
    }

    /** Appends an operation on the input that leaves features, whatever it reads. */
    public int addFeatures(Operation operation, int count) {
        leaves = Optional.of(Layout.FEATURES);
        return add(operation, Shape.features(count));
    }

    /** Appends an operation on the input that leaves a sequence, whatever it reads. */
    public int addSequence(Operation operation, int steps, int count) {
        leaves = Optional.of(Layout.SEQUENCES);
        return add(operation, new Shape(1, steps, count));
    }

    /** How Deeplearning4j's arrays hold what it computes. */
    Layout layoutOfResult() {
        return leaves.orElse(layout == Layout.TOKENS ? Layout.TOKEN_ROWS : layout);
    }

    /** Appends an operation on a node. */
    public int add(Operation operation, int on, Shape shape) {
        return network.add(vertex, operation, List.of(on), shape);
    }

    /**
     * A product of rows of features or of every step of a sequence, {@code act(x·W + s·(xA)B + b)} with the parameters W and b.
     *
     * @param nIn features it must be given
     */
    public int product(long nIn, long nOut, boolean hasBias, Activation activation) {
        Shape from = from();
        if ((from.pixels() != 1 && !readsSteps()) || from.channels() != nIn || readsWords()) {
            throw unsupported("reads " + nIn + " features, got " + from);
        }
        LayerParameters parameters = parameters();
        return product(
                parameters.transposed("W"),
                parameters.vector("b", hasBias),
                Optional.empty(),
                activation,
                new Shape(from.height(), from.width(), Math.toIntExact(nOut)));
    }

    /**
     * A product on the input with what trains beside its weight: an adapter, magnitudes, a copy of the bias.
     *
     * @param weight [outputs, inputs · kernel] row after row
     * @param bias the layer's own
     */
    public int product(
            Values weight,
            Optional<Values> bias,
            Optional<Operation.Patches> patches,
            Activation activation,
            Shape shape) {
        ProductParts parts = source.beside(vertex, outer);
        Optional<Values> added = parts.bias().or(() -> bias);
        if (parts.magnitude().isEmpty()) {
            return add(new Operation.Product(weight, added, patches, parts.adapter(), activation), shape);
        }
        Operation direction =
                new Operation.Product(weight, Optional.empty(), patches, parts.adapter(), Activation.IDENTITY);
        Operation magnitude = new Operation.Magnitude(
                ColumnNorms.of((Values.Constant) weight, parts.adapter().orElseThrow()),
                parts.magnitude().get(),
                parts.trueGradient(),
                added);
        return elementwise(activation, add(magnitude, add(direction, shape), shape));
    }

    /** The activation function as an operation's part. */
    public Activation activation(IActivation function) {
        return ActivationReader.read(vertex, function);
    }

    /** Appends an activation function on a node; the identity appends nothing. */
    public int activated(IActivation function, int on) {
        if (!network.trained() && function.getClass() == ActivationSoftmax.class) {
            return add(new Operation.Softmax(), on, shapeOf(on));
        }
        return elementwise(activation(function), on);
    }

    /** Appends a function of each element of a node; the identity appends nothing. */
    public int elementwise(Activation activation, int on) {
        return activation.kind() == Activation.Kind.IDENTITY
                ? on
                : add(new Operation.Elementwise(activation), on, shapeOf(on));
    }

    /**
     * Appends the end of a network: with its loss when it is trained, with its activation when it is used.
     *
     * @param last appends what comes before the loss, with an activation
     */
    public int end(ILossFunction loss, IActivation function, ToIntFunction<Activation> last) {
        boolean softmax = function.getClass() == ActivationSoftmax.class;
        if (!network.trained()) {
            int result = last.applyAsInt(softmax ? Activation.IDENTITY : activation(function));
            return softmax ? add(new Operation.Softmax(), result, shapeOf(result)) : result;
        }
        int label = network.output(vertex);
        if (label < 0) {
            throw unsupported("is an output layer inside of the network");
        }
        LossKind kind = LossReader.read(vertex, loss, function);
        boolean fused = kind == LossKind.SOFTMAX_CROSS_ENTROPY || kind == LossKind.SIGMOID_CROSS_ENTROPY;
        int result = last.applyAsInt(fused ? Activation.IDENTITY : activation(function));
        boolean images = shapeOf(result).pixels() > 1 && channelsFirst();
        return add(new Operation.Loss(kind, label, images), result, Shape.features(1));
    }

    /** Appends a dense layer with its loss, or with its activation. */
    public int denseEnd(BaseOutputLayer dense) {
        requireNoWeightNoise(dense);
        return end(
                dense.getLossFn(),
                dense.getActivationFn(),
                activation -> product(dense.getNIn(), dense.getNOut(), dense.hasBias(), activation));
    }

    /** Appends a loss on the input, or an activation. */
    public int lossEnd(ILossFunction loss, IActivation function) {
        return end(loss, function, activation -> elementwise(activation, input));
    }

    /** Refuses a layer whose weights are changed at random. */
    public void requireNoWeightNoise(BaseLayer weighted) {
        if (weighted.getWeightNoise() != null) {
            throw unsupported("has weight noise");
        }
    }

    /** The refusal of this layer; {@code what} is in the way, as in "pools by PNORM". */
    public UnsupportedNetworkException unsupported(String what) {
        return UnsupportedNetworkException.vertex(vertex, what);
    }
}
