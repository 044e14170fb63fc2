package org.amend4j.network;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.frozen.ChannelAffine;
import org.amend4j.lora.FrozenBaseLayer;
import org.amend4j.lora.LoraLayer;
import org.amend4j.lora.WrappedLayer;
import org.amend4j.model.BaseModel;
import org.amend4j.network.Operation.LossKind;
import org.amend4j.network.Operation.Product;
import org.amend4j.network.Values.Constant;
import org.amend4j.network.Values.Slice;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** Reads layers, and finds out where their parameters are: in the trained vector, in a base model, or in a frozen layer. */
final class LayerReader {

    private static final String WEIGHT = "W";
    private static final String BIAS = "b";

    private final NetworkReader network;
    private final ComputationGraph graph;
    private final boolean trained;

    LayerReader(NetworkReader network, ComputationGraph graph, boolean trained) {
        this.network = network;
        this.graph = graph;
        this.trained = trained;
    }

    /** The stock configuration inside of wrappers. */
    static Layer inner(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return inner(frozen.getLayer());
        }
        return layer instanceof WrappedLayer wrapped ? wrapped.getLayer() : layer;
    }

    /** Appends a layer's nodes, and returns the last. */
    int read(String name, Layer conf, int input) {
        Layer layer = inner(conf);
        Class<?> kind = layer.getClass();
        if (kind == DenseLayer.class) {
            return dense(name, conf, (DenseLayer) layer, input);
        }
        if (kind == OutputLayer.class) {
            return output(name, conf, (OutputLayer) layer, input);
        }
        if (kind == LossLayer.class) {
            LossLayer end = (LossLayer) layer;
            return end(name, end.getLossFn(), end.getActivationFn(), act -> elementwise(name, act, input));
        }
        if (kind == CnnLossLayer.class) {
            CnnLossLayer end = (CnnLossLayer) layer;
            return end(name, end.getLossFn(), end.getActivationFn(), act -> elementwise(name, act, input));
        }
        if (kind == ConvolutionLayer.class || kind == Convolution2D.class) {
            return convolution(name, conf, (ConvolutionLayer) layer, input);
        }
        if (kind == DepthwiseConvolution2D.class) {
            return depthwise(name, conf, (DepthwiseConvolution2D) layer, input);
        }
        if (kind == BatchNormalization.class) {
            return batchNorm(name, conf, (BatchNormalization) layer, input);
        }
        if (kind == EmbeddingLayer.class) {
            return embedding(name, conf, (EmbeddingLayer) layer, input);
        }
        return withoutParameters(name, layer, input);
    }

    private int withoutParameters(String name, Layer layer, int input) {
        Class<?> kind = layer.getClass();
        if (kind == ActivationLayer.class) {
            return activated(name, ((ActivationLayer) layer).getActivationFn(), input);
        }
        if (kind == DropoutLayer.class) {
            return input;
        }
        if (kind == SubsamplingLayer.class) {
            return pooling(name, (SubsamplingLayer) layer, input);
        }
        if (kind == GlobalPoolingLayer.class) {
            return globalPooling(name, (GlobalPoolingLayer) layer, input);
        }
        if (kind == ZeroPaddingLayer.class) {
            Window window = Windows.padding((ZeroPaddingLayer) layer, network.shapeOf(input));
            Shape shape = Windows.after(window, network.shapeOf(input).channels());
            return network.add(name, new Operation.AveragePool(window, true), List.of(input), shape);
        }
        if (kind == Upsampling2D.class) {
            return upsampling(name, (Upsampling2D) layer, input);
        }
        if (kind == Cropping2D.class) {
            return cropping(name, (Cropping2D) layer, input);
        }
        throw UnsupportedNetworkException.vertex(name, "is a " + kind.getSimpleName());
    }

    private int upsampling(String name, Upsampling2D layer, int input) {
        Shape from = network.shapeOf(input);
        int[] factors = layer.getSize();
        Shape to = new Shape(
                Math.multiplyExact(from.height(), factors[0]),
                Math.multiplyExact(from.width(), factors[1]),
                from.channels());
        return network.add(name, new Operation.Upsample(factors[0], factors[1]), List.of(input), to);
    }

    private int cropping(String name, Cropping2D layer, int input) {
        Shape from = network.shapeOf(input);
        int[] edges = layer.getCropping();
        int height = from.height() - edges[0] - edges[1];
        int width = from.width() - edges[2] - edges[3];
        if (height < 1 || width < 1) {
            throw UnsupportedNetworkException.vertex(
                    name, "crops " + Arrays.toString(edges) + ", which leaves nothing of " + from);
        }
        return network.add(
                name,
                new Operation.Crop(edges[0], edges[2]),
                List.of(input),
                new Shape(height, width, from.channels()));
    }

    private int dense(String name, Layer conf, DenseLayer layer, int input) {
        requireNoNoise(name, layer);
        boolean normed = layer.hasLayerNorm();
        int sums = product(name, conf, layer, layer.hasBias() && !normed, Activation.IDENTITY, input);
        return activated(name, layer.getActivationFn(), normed ? layerNorm(name, conf, layer, sums) : sums);
    }

    private int layerNorm(String name, Layer conf, DenseLayer layer, int sums) {
        LayerParameters parameters = parameters(name, conf);
        Operation norm = new Operation.LayerNorm(
                parameters.inOrder(DefaultParamInitializer.GAIN_KEY), parameters.vector(BIAS, layer.hasBias()));
        return network.add(name, norm, List.of(sums), network.shapeOf(sums));
    }

    private int output(String name, Layer conf, OutputLayer layer, int input) {
        requireNoNoise(name, layer);
        return end(
                name,
                layer.getLossFn(),
                layer.getActivationFn(),
                activation -> product(name, conf, layer, layer.hasBias(), activation, input));
    }

    @FunctionalInterface
    private interface Last {
        int with(Activation activation);
    }

    /** The end of a network: with its loss when it is trained, with its activation when it is used. */
    private int end(String name, ILossFunction loss, IActivation function, Last last) {
        boolean softmax = function.getClass() == ActivationSoftmax.class;
        if (!trained) {
            int result = last.with(softmax ? Activation.IDENTITY : ActivationReader.read(name, function));
            Shape shape = network.shapeOf(result);
            return softmax ? network.add(name, new Operation.Softmax(), List.of(result), shape) : result;
        }
        if (network.output(name) < 0) {
            throw UnsupportedNetworkException.vertex(name, "is an output layer inside of the network");
        }
        LossKind kind = LossReader.read(name, loss, function);
        boolean fused = kind == LossKind.SOFTMAX_CROSS_ENTROPY || kind == LossKind.SIGMOID_CROSS_ENTROPY;
        int result = last.with(fused ? Activation.IDENTITY : ActivationReader.read(name, function));
        boolean channelsFirst = network.shapeOf(result).pixels() > 1 && network.channelsFirst();
        return network.add(
                name,
                new Operation.Loss(kind, network.output(name), channelsFirst),
                List.of(result),
                Shape.features(1));
    }

    private int product(
            String name, Layer conf, FeedForwardLayer layer, boolean hasBias, Activation activation, int input) {
        Shape from = network.shapeOf(input);
        if (from.pixels() != 1 || from.channels() != layer.getNIn() || network.isTokens(input)) {
            throw UnsupportedNetworkException.vertex(name, "reads " + layer.getNIn() + " features, got " + from);
        }
        LayerParameters parameters = parameters(name, conf);
        Product product = new Product(
                parameters.transposed(WEIGHT),
                parameters.vector(BIAS, hasBias),
                Optional.empty(),
                adapter(name, conf),
                activation);
        return network.add(name, product, List.of(input), Shape.features(Math.toIntExact(layer.getNOut())));
    }

    private int convolution(String name, Layer conf, ConvolutionLayer layer, int input) {
        Shape from = image(name, layer, input);
        requireNoNoise(name, layer);
        Window window = Windows.of(name, layer, from);
        LayerParameters parameters = parameters(name, conf);
        Product product = new Product(
                parameters.inOrder(WEIGHT),
                parameters.vector(BIAS, layer.hasBias()),
                Windows.isTrivial(window, from) ? Optional.empty() : Optional.of(window),
                adapter(name, conf),
                ActivationReader.read(name, layer.getActivationFn()));
        return network.add(name, product, List.of(input), Windows.after(window, Math.toIntExact(layer.getNOut())));
    }

    private int depthwise(String name, Layer conf, DepthwiseConvolution2D layer, int input) {
        Shape from = image(name, layer, input);
        requireNoNoise(name, layer);
        Window window = Windows.of(name, layer, from);
        LayerParameters parameters = parameters(name, conf);
        INDArray weight = parameters.require(WEIGHT);
        int channels = Math.toIntExact(weight.size(2) * weight.size(3));
        Optional<Constant> bias = layer.hasBias() ? Optional.of(parameters.constant(BIAS)) : Optional.empty();
        int result = network.add(
                name,
                new Operation.Depthwise(parameters.constant(WEIGHT), bias, window, Activation.IDENTITY),
                List.of(input),
                Windows.after(window, channels));
        return activated(name, layer.getActivationFn(), result);
    }

    private Shape image(String name, ConvolutionLayer layer, int input) {
        Shape from = network.shapeOf(input);
        if (layer.getNIn() != from.channels() || network.isTokens(input) || layer.getKernelSize().length != 2) {
            throw UnsupportedNetworkException.vertex(
                    name, "reads images of " + layer.getNIn() + " channels, got " + from);
        }
        return from;
    }

    private int batchNorm(String name, Layer conf, BatchNormalization layer, int input) {
        LayerParameters parameters = parameters(name, conf);
        if (parameters.trained()) {
            throw UnsupportedNetworkException.vertex(
                    name, "normalises with the batch's statistics: freeze it as part of a base model");
        }
        ChannelAffine affine = ChannelAffine.of(layer, parameters.arrays())
                .orElseThrow(
                        () -> UnsupportedNetworkException.vertex(name, "is a batch norm with a locked gamma or beta"));
        Shape shape = network.shapeOf(input);
        float[] factor = floats(affine.factor());
        float[] shift = floats(affine.shift());
        if (factor.length != shape.channels()) {
            throw UnsupportedNetworkException.vertex(name, "normalises " + factor.length + " channels, got " + shape);
        }
        Operation operation = new Operation.Affine(
                new Constant(name + ".factor", factor.length, factor::clone),
                new Constant(name + ".shift", shift.length, shift::clone));
        return network.add(name, operation, List.of(input), shape);
    }

    private static float[] floats(double[] values) {
        float[] result = new float[values.length];
        for (int k = 0; k < values.length; k++) {
            result[k] = (float) values[k];
        }
        return result;
    }

    private int embedding(String name, Layer conf, EmbeddingLayer layer, int input) {
        if (!network.isTokens(input)) {
            throw UnsupportedNetworkException.vertex(name, "is an embedding of something else than a network input");
        }
        LayerParameters parameters = parameters(name, conf);
        Operation operation = new Operation.Gather(
                parameters.transposed(WEIGHT),
                Math.toIntExact(layer.getNIn()),
                parameters.vector(BIAS, layer.isHasBias()),
                ActivationReader.read(name, layer.getActivationFn()));
        return network.add(name, operation, List.of(input), Shape.features(Math.toIntExact(layer.getNOut())));
    }

    private int pooling(String name, SubsamplingLayer layer, int input) {
        Shape from = network.shapeOf(input);
        Window window = Windows.of(name, layer, from);
        Operation operation = switch (layer.getPoolingType()) {
            case MAX -> new Operation.MaxPool(window);
            case AVG -> new Operation.AveragePool(window, layer.isAvgPoolIncludePadInDivisor());
            default -> throw UnsupportedNetworkException.vertex(name, "pools by " + layer.getPoolingType());
        };
        return network.add(name, operation, List.of(input), Windows.after(window, from.channels()));
    }

    private int globalPooling(String name, GlobalPoolingLayer layer, int input) {
        Shape from = network.shapeOf(input);
        int[] given = layer.getPoolingDimensions();
        int[] images = network.channelsFirst() ? new int[] {2, 3} : new int[] {1, 2};
        boolean known = layer.getPoolingType() == PoolingType.AVG || layer.getPoolingType() == PoolingType.MAX;
        boolean fits = given == null ? network.channelsFirst() : Arrays.equals(given, images);
        if (!known || !fits || !layer.isCollapseDimensions()) {
            throw UnsupportedNetworkException.vertex(
                    name,
                    "pools by " + layer.getPoolingType() + " over the dimensions " + Arrays.toString(given)
                            + "; averages and maxima of whole images are known");
        }
        Window whole = Window.whole(from.height(), from.width());
        Operation operation = layer.getPoolingType() == PoolingType.MAX
                ? new Operation.MaxPool(whole)
                : new Operation.AveragePool(whole, false);
        return network.add(name, operation, List.of(input), Shape.features(from.channels()));
    }

    private int activated(String name, IActivation function, int input) {
        if (!trained && function.getClass() == ActivationSoftmax.class) {
            return network.add(name, new Operation.Softmax(), List.of(input), network.shapeOf(input));
        }
        return elementwise(name, ActivationReader.read(name, function), input);
    }

    private int elementwise(String name, Activation activation, int input) {
        return activation.kind() == Activation.Kind.IDENTITY
                ? input
                : network.add(name, new Operation.Elementwise(activation), List.of(input), network.shapeOf(input));
    }

    private static void requireNoNoise(String name, BaseLayer layer) {
        if (layer.getWeightNoise() != null) {
            throw UnsupportedNetworkException.vertex(name, "has weight noise");
        }
    }

    private LayerParameters parameters(String name, Layer conf) {
        Layer layer = conf instanceof FrozenLayer frozen ? frozen.getLayer() : conf;
        if (layer instanceof FrozenBaseLayer frozen) {
            return new LayerParameters(
                    name, BaseModel.require(frozen.base(), name).parameters(name), false);
        }
        return new LayerParameters(name, running(name).paramTable(), trained && !(conf instanceof FrozenLayer));
    }

    private Optional<LowRank> adapter(String name, @Nullable Layer conf) {
        if (!(conf instanceof LoraLayer lora)) {
            return Optional.empty();
        }
        Map<String, INDArray> factors = running(name).paramTable();
        if (!trained) {
            throw UnsupportedNetworkException.vertex(name, "has an adapter: merge it before the network is only used");
        }
        LayerParameters parameters = new LayerParameters(name, factors, true);
        return Optional.of(new LowRank(
                (Slice) parameters.transposed("A"),
                (Slice) parameters.transposed("B"),
                lora.adapter().rank(),
                lora.adapter().scaling()));
    }

    private org.deeplearning4j.nn.api.Layer running(String name) {
        return Objects.requireNonNull(graph.getLayer(name), name);
    }
}
