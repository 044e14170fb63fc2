/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.frozen.ResampleStep.Line;
import org.amend4j.network.Axis;
import org.amend4j.network.ChannelAffine;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.layers.DropoutLayer;
import org.deeplearning4j.nn.layers.convolution.Cropping2DLayer;
import org.deeplearning4j.nn.layers.convolution.DepthwiseConvolution2DLayer;
import org.deeplearning4j.nn.layers.convolution.SeparableConvolution2DLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Recognises vertices. Only DL4J's own classes are, by their exact class: a subclass may do anything, so it is left to
 * itself, and so is a layer with weight noise or with a preprocessor.
 */
final class DraftReader {

    private static final String WEIGHT = SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY;

    private final PrefixCompiler compiler;
    private final ComputationGraph network;

    DraftReader(PrefixCompiler compiler, ComputationGraph network) {
        this.compiler = compiler;
        this.network = network;
    }

    /** The draft that gives the vertex's output: a new one, or an input's that has taken the vertex in. */
    Draft read(GraphVertex vertex, List<Draft> inputs) {
        Optional<Draft> known =
                vertex instanceof LayerVertex layer ? layer(layer, inputs.get(0)) : joint(vertex, inputs);
        return known.orElseGet(() -> Draft.stock(vertex, inputs));
    }

    private Optional<Draft> joint(GraphVertex vertex, List<Draft> inputs) {
        Object conf = network.getConfiguration().getVertices().get(vertex.getVertexName());
        if (conf instanceof ElementWiseVertex sum
                && sum.getOp() == ElementWiseVertex.Op.Add
                && vertex.getClass() == org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex.class) {
            Fold fold = new Fold(new double[0]);
            return Optional.of(
                    Draft.linear(List.of(vertex), inputs, commonLayout(inputs), fold, () -> new AddStep(fold.whole())));
        }
        if (conf instanceof MergeVertex merge
                && vertex.getClass() == org.deeplearning4j.nn.graph.vertex.impl.MergeVertex.class) {
            RowOperation step = new MergeStep(merge.getMergeAxis());
            return Optional.of(Draft.closed(vertex, inputs, commonLayout(inputs), step));
        }
        return Optional.empty();
    }

    private Optional<Draft> layer(LayerVertex vertex, Draft input) {
        Layer layer = Layers.inner(vertex.getLayer());
        Object conf = layer.conf().getLayer();
        boolean noisy = conf instanceof BaseLayer base && base.getWeightNoise() != null;
        if (vertex.getLayerPreProcessor() != null || noisy) {
            return Optional.empty();
        }
        Class<?> kind = layer.getClass();
        if (kind == org.deeplearning4j.nn.layers.convolution.ConvolutionLayer.class) {
            return convolution(vertex, layer, input);
        }
        if (kind == DepthwiseConvolution2DLayer.class && conf instanceof DepthwiseConvolution2D depthwise) {
            return depthwise(vertex, layer, depthwise, input);
        }
        if (kind == SeparableConvolution2DLayer.class && conf instanceof SeparableConvolution2D separable) {
            return separable(vertex, layer, separable, input);
        }
        if (kind == org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer.class
                && conf instanceof DenseLayer dense) {
            return dense(vertex, layer, dense, input);
        }
        if (layer instanceof BatchNormalization norm
                && kind == BatchNormalization.class
                && conf instanceof org.deeplearning4j.nn.conf.layers.BatchNormalization batchNorm) {
            return batchNorm(vertex, norm, batchNorm, input);
        }
        if (kind == ActivationLayer.class && conf instanceof org.deeplearning4j.nn.conf.layers.ActivationLayer act) {
            return RowActivation.of(act.getActivationFn()).flatMap(a -> activation(vertex, a, input));
        }
        if (kind == DropoutLayer.class) {
            return activation(vertex, new RowActivation.Identity(), input);
        }
        return shaped(vertex, conf, kind, input);
    }

    private Optional<Draft> shaped(LayerVertex vertex, Object conf, Class<?> kind, Draft input) {
        if (kind == org.deeplearning4j.nn.layers.convolution.ZeroPaddingLayer.class
                && conf instanceof ZeroPaddingLayer padding) {
            return Optional.of(Draft.padding(vertex, input, padding));
        }
        if (kind == org.deeplearning4j.nn.layers.pooling.GlobalPoolingLayer.class
                && conf instanceof GlobalPoolingLayer pooling) {
            return pooling(vertex, pooling, input);
        }
        if (kind == org.deeplearning4j.nn.layers.convolution.upsampling.Upsampling2D.class
                && conf instanceof Upsampling2D upsampling) {
            int[] factors = upsampling.getSize();
            return resampled(
                    vertex, upsampling.getFormat(), input, new Line(factors[0], 0, 0), new Line(factors[1], 0, 0));
        }
        if (kind == Cropping2DLayer.class && conf instanceof Cropping2D cropping) {
            int[] edges = cropping.getCropping();
            return resampled(
                    vertex,
                    cropping.getDataFormat(),
                    input,
                    new Line(1, edges[0], edges[1]),
                    new Line(1, edges[2], edges[3]));
        }
        return Optional.empty();
    }

    private static Optional<Draft> resampled(
            LayerVertex vertex, CNN2DFormat format, Draft input, Line height, Line width) {
        RowShape.Layout layout = Layers.layout(format);
        return Optional.of(
                Draft.closed(vertex, List.of(input), Optional.of(layout), new ResampleStep(layout, height, width)));
    }

    private Optional<Draft> convolution(LayerVertex vertex, Layer layer, Draft input) {
        Object any = layer.conf().getLayer();
        boolean known = any.getClass() == ConvolutionLayer.class || any.getClass() == Convolution2D.class;
        if (!known || !(any instanceof ConvolutionLayer conf) || !Layers.isPlain(conf)) {
            return Optional.empty();
        }
        RowShape.Layout layout = Layers.layout(conf.getCnn2dDataFormat());
        Window window = window(conf, layout, input);
        INDArray weights = layer.getParam(WEIGHT);
        Fold fold = new Fold(Layers.bias(layer, conf.hasBias()));
        int channels = Math.toIntExact(weights.size(1));
        return finished(vertex, window, layout, fold, conf.getActivationFn(), () -> {
            INDArray matrix = Layers.convolutionWeights(weights, fold.scale());
            Epilogue epilogue = fold.withoutScale();
            return window.isTrivial()
                    ? new ProductStep(layout, matrix, epilogue)
                    : new ConvolutionStep(layout, window.height, window.width, channels, matrix, epilogue);
        });
    }

    private Optional<Draft> depthwise(LayerVertex vertex, Layer layer, DepthwiseConvolution2D conf, Draft input) {
        if (!Layers.isPlain(conf)) {
            return Optional.empty();
        }
        RowShape.Layout layout = Layers.layout(conf.getCnn2dDataFormat());
        Window window = window(conf, layout, input);
        Fold fold = new Fold(Layers.bias(layer, conf.hasBias()));
        INDArray weights = layer.getParam(WEIGHT);
        return finished(
                vertex,
                window,
                layout,
                fold,
                conf.getActivationFn(),
                () -> depthwiseStep(layout, window, weights, fold.scale(), fold.withoutScale()));
    }

    /** A depthwise convolution without bias or activation, then a 1×1 convolution. */
    private Optional<Draft> separable(LayerVertex vertex, Layer layer, SeparableConvolution2D conf, Draft input) {
        Optional<RowActivation> activation = RowActivation.of(conf.getActivationFn());
        if (!Layers.isPlain(conf) || activation.isEmpty()) {
            return Optional.empty();
        }
        RowShape.Layout layout = Layers.layout(conf.getCnn2dDataFormat());
        Window window = new Window(Axis.of(conf, 0), Axis.of(conf, 1), input, List.of());
        INDArray weights = layer.getParam(WEIGHT).permute(2, 3, 1, 0).dup('c');
        Draft first = Draft.linear(
                List.of(),
                List.of(input),
                Optional.of(layout),
                new Fold(new double[0]),
                () -> depthwiseStep(layout, window, weights, new double[0], Frame.NOTHING));
        Fold fold = new Fold(Layers.bias(layer, conf.hasBias()));
        fold.activation(activation.get());
        INDArray points = layer.getParam(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY);
        return Optional.of(Draft.linear(
                List.of(vertex),
                List.of(first),
                Optional.of(layout),
                fold,
                () -> new ProductStep(layout, Layers.convolutionWeights(points, fold.scale()), fold.withoutScale())));
    }

    private static RowOperation depthwiseStep(
            RowShape.Layout layout, Window window, INDArray weights, double[] scale, Epilogue epilogue) {
        return new DepthwiseStep(
                layout,
                window.height,
                window.width,
                Math.toIntExact(weights.size(2)),
                Math.toIntExact(weights.size(3)),
                Layers.depthwiseWeights(weights, scale),
                epilogue);
    }

    private static Optional<Draft> finished(
            LayerVertex vertex,
            Window window,
            RowShape.Layout layout,
            Fold fold,
            IActivation function,
            Supplier<RowOperation> step) {
        return RowActivation.of(function).map(activation -> {
            fold.activation(activation);
            Draft draft = Draft.linear(window.chain, List.of(window.input), Optional.of(layout), fold, step);
            draft.takes(vertex);
            return draft;
        });
    }

    private Optional<Draft> dense(LayerVertex vertex, Layer layer, DenseLayer conf, Draft input) {
        Optional<RowActivation> activation = RowActivation.of(conf.getActivationFn());
        if (conf.hasLayerNorm() || activation.isEmpty()) {
            return Optional.empty();
        }
        Fold fold = new Fold(Layers.bias(layer, conf.hasBias()));
        fold.activation(activation.get());
        return Optional.of(Draft.linear(
                List.of(vertex),
                List.of(input),
                Optional.of(RowShape.Layout.FEATURES),
                fold,
                () -> new ProductStep(RowShape.Layout.FEATURES, Layers.denseWeights(layer), fold.whole())));
    }

    private Optional<Draft> batchNorm(
            LayerVertex vertex,
            BatchNormalization layer,
            org.deeplearning4j.nn.conf.layers.BatchNormalization conf,
            Draft input) {
        RowShape.Layout layout = Layers.layout(conf.getCnn2DFormat());
        return ChannelAffine.of(conf, layer.paramTable()).map(Fold::affine).map(affine -> {
            Optional<Fold> open = mayTake(input) ? input.openFor(layout) : Optional.empty();
            if (open.isPresent()) {
                open.get().follow(affine);
                input.takes(vertex);
                return input;
            }
            return Draft.linear(
                    List.of(vertex),
                    List.of(input),
                    input.layout().or(() -> Optional.of(layout)),
                    affine,
                    () -> new AffineStep(layout, affine.channels(), affine.whole()));
        });
    }

    private Optional<Draft> activation(LayerVertex vertex, RowActivation activation, Draft input) {
        Optional<Fold> open = mayTake(input) ? input.open() : Optional.empty();
        if (open.isPresent()) {
            open.get().activation(activation);
            input.takes(vertex);
            return Optional.of(input);
        }
        Fold fold = new Fold(new double[0]);
        fold.activation(activation);
        return Optional.of(Draft.linear(
                List.of(vertex),
                List.of(input),
                input.layout(),
                fold,
                () -> new AffineStep(input.layout().orElse(RowShape.Layout.NHWC), 0, fold.whole())));
    }

    private static Optional<Draft> pooling(LayerVertex vertex, GlobalPoolingLayer conf, Draft input) {
        int[] given = conf.getPoolingDimensions();
        List<Integer> dimensions =
                given == null ? List.of(2, 3) : Arrays.stream(given).boxed().toList();
        boolean nhwc = dimensions.equals(List.of(1, 2));
        if (!conf.isCollapseDimensions()
                || conf.getPoolingType() == PoolingType.PNORM
                || !(nhwc || dimensions.equals(List.of(2, 3)))) {
            return Optional.empty();
        }
        RowOperation step = new PoolStep(conf.getPoolingType(), nhwc ? RowShape.Layout.NHWC : RowShape.Layout.NCHW);
        return Optional.of(Draft.closed(vertex, List.of(input), Optional.of(RowShape.Layout.FEATURES), step));
    }

    private boolean mayTake(Draft input) {
        List<GraphVertex> chain = input.chain();
        return !chain.isEmpty() && compiler.isPrivate(chain.get(chain.size() - 1));
    }

    /** The window of a convolution, with the zero padding before it folded in if nothing else reads it. */
    private Window window(ConvolutionLayer conf, RowShape.Layout layout, Draft input) {
        Axis height = Axis.of(conf, 0);
        Axis width = Axis.of(conf, 1);
        Optional<ZeroPaddingLayer> padding =
                input.padding().filter(p -> mayTake(input) && Layers.layout(p.getDataFormat()) == layout);
        return padding.map(p -> new Window(
                        height.padded(p.getPadding()[0], p.getPadding()[1]),
                        width.padded(p.getPadding()[2], p.getPadding()[3]),
                        input.inputs().get(0),
                        input.chain()))
                .orElseGet(() -> new Window(height, width, input, List.of()));
    }

    private static Optional<RowShape.Layout> commonLayout(List<Draft> inputs) {
        Optional<RowShape.Layout> first = inputs.get(0).layout();
        return inputs.stream().allMatch(d -> d.layout().equals(first)) ? first : Optional.empty();
    }

    /** Both axes, the real input, and the vertices before the convolution that it stands for. */
    private record Window(Axis height, Axis width, Draft input, List<GraphVertex> chain) {
        boolean isTrivial() {
            return height.isTrivial() && width.isTrivial();
        }
    }
}
