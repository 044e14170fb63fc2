package org.amend4j.lora;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.lora.TargetResolver.Candidate;
import org.amend4j.model.BaseModel;
import org.amend4j.model.Configurations;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Which running layer serves which of Deeplearning4j's layer configurations. */
final class FrozenLayers {

    /** The layer kinds with a path of their own. Exact classes: a subclass may compute something else. */
    enum Kind {
        DENSE,
        OUTPUT,
        CONVOLUTION,
        BATCH_NORM,
        ACTIVATION,
        STOCK
    }

    private FrozenLayers() {}

    static Kind kind(Layer layer) {
        Class<?> type = layer.getClass();
        if (type == DenseLayer.class && !((DenseLayer) layer).hasLayerNorm()) {
            return Kind.DENSE;
        }
        if (type == OutputLayer.class || type == RnnOutputLayer.class) {
            return Kind.OUTPUT;
        }
        if (type == ConvolutionLayer.class || type == Convolution1DLayer.class) {
            return Kind.CONVOLUTION;
        }
        if (type == BatchNormalization.class) {
            return Kind.BATCH_NORM;
        }
        return type == ActivationLayer.class ? Kind.ACTIVATION : Kind.STOCK;
    }

    /** What an adapter on this layer would stand on, if its kind can have one. */
    static Optional<Candidate> candidate(String name, Layer layer, boolean networkOutput) {
        Kind kind = kind(layer);
        if (kind != Kind.DENSE && kind != Kind.OUTPUT && kind != Kind.CONVOLUTION) {
            return Optional.empty();
        }
        FeedForwardLayer sized = (FeedForwardLayer) layer;
        boolean linear = kind != Kind.CONVOLUTION;
        long kernel = linear ? 1 : ConvolutionRows.kernelSize((ConvolutionLayer) layer);
        return Optional.of(new Candidate(name, linear, networkOutput, sized.getNIn() * kernel, sized.getNOut()));
    }

    static org.deeplearning4j.nn.api.Layer create(
            FrozenBaseLayer layer, NeuralNetConfiguration conf, BaseModel base, DataType type) {
        String name = layer.getLayerName();
        return switch (kind(layer.getLayer())) {
            case DENSE -> new LoraDense(conf, base.parameters(name, type), type);
            case OUTPUT -> new LoraOutput(conf, base.parameters(name, type), type);
            case CONVOLUTION -> new LoraConvolution(conf, base.parameters(name, type), type);
            case BATCH_NORM -> new FrozenBatchNorm(conf, base.parameters(name, type), type);
            case ACTIVATION -> new FrozenActivation(conf, type);
            case STOCK -> stock(layer, conf, base, type);
        };
    }

    private static org.deeplearning4j.nn.api.Layer stock(
            FrozenBaseLayer layer, NeuralNetConfiguration conf, BaseModel base, DataType type) {
        if (layer.getLayer() instanceof BaseOutputLayer) {
            throw new IllegalArgumentException("an output layer of type "
                    + layer.getLayer().getClass().getSimpleName()
                    + " cannot be frozen: train it in full (layer '" + layer.getLayerName() + "')");
        }
        NeuralNetConfiguration inner = Configurations.copy(conf);
        inner.setLayer(layer.getLayer());
        inner.clearVariables();
        INDArray parameters = base.flatParameters(layer.getLayerName(), type);
        Optional<FrozenStock> ours =
                layer.isInputFrozen() ? Optional.empty() : FrozenRecurrences.of(inner, parameters, type);
        if (ours.isPresent()) {
            return ours.get();
        }
        org.deeplearning4j.nn.api.Layer stock = layer.getLayer().instantiate(inner, null, 0, parameters, false, type);
        return stock instanceof RecurrentLayer recurrent
                ? new FrozenRecurrent(recurrent, layer.isInputFrozen())
                : new FrozenStock(stock, layer.isInputFrozen());
    }

    /**
     * A weight as the matrix [rows, columns] an adapter adds to. Dense weights and 2D kernels are views of the base's
     * memory; a 1D kernel is stored as [k, nIn, nOut] whatever its shape says, and is copied unless k = 1.
     */
    static INDArray matrix(Layer layer, INDArray weight) {
        return kind(layer) == Kind.CONVOLUTION
                ? ConvolutionRows.kernelMatrix((ConvolutionLayer) layer, weight)
                : weight;
    }

    /** The inverse of {@link #matrix}: a matrix in the shape and memory layout of the base's weight. */
    static INDArray asWeight(Layer layer, INDArray matrix, long[] shape) {
        return kind(layer) == Kind.CONVOLUTION
                ? ConvolutionRows.matrixAsKernel((ConvolutionLayer) layer, matrix, shape)
                : matrix;
    }

    static INDArray require(Map<String, INDArray> parameters, String key) {
        return Objects.requireNonNull(parameters.get(key), key);
    }
}
