/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.amend4j.frozen.ResampleStep.Line;
import org.amend4j.model.Thawed;
import org.amend4j.network.Axis;
import org.amend4j.network.FrozenForm;
import org.amend4j.network.LayerKinds;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.LayerVertex;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Says what is done for a vertex: for a layer by the {@link FrozenForm} that its kind gives it, so that a kind is known to its
 * descriptor alone. A layer with weight noise or with a preprocessor, and whatever has no form, is left to DL4J.
 */
final class DraftReader {

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
        Optional<Layer> layer = Layers.configuration(network, vertex);
        boolean noisy = layer.filter(conf -> conf instanceof BaseLayer base && base.getWeightNoise() != null)
                .isPresent();
        if (vertex.getLayerPreProcessor() != null || noisy) {
            return Optional.empty();
        }
        return layer.flatMap(LayerKinds::of)
                .flatMap(known ->
                        known.frozenForm(Thawed.running(vertex.getLayer()).paramTable()))
                .flatMap(form -> draft(vertex, form, input));
    }

    private Optional<Draft> draft(LayerVertex vertex, FrozenForm form, Draft input) {
        if (form instanceof FrozenForm.Convolution convolution) {
            return convolution(vertex, convolution, input);
        }
        if (form instanceof FrozenForm.Depthwise depthwise) {
            return depthwise(vertex, depthwise, input);
        }
        if (form instanceof FrozenForm.Separable separable) {
            return separable(vertex, separable, input);
        }
        if (form instanceof FrozenForm.Dense dense) {
            return dense(vertex, dense, input);
        }
        if (form instanceof FrozenForm.PerChannel affine) {
            return Optional.of(perChannel(vertex, affine, input));
        }
        if (form instanceof FrozenForm.Elementwise act) {
            return RowActivation.of(act.activation()).map(activation -> activation(vertex, activation, input));
        }
        return Optional.of(shaped(vertex, form, input));
    }

    private static Draft shaped(LayerVertex vertex, FrozenForm form, Draft input) {
        if (form instanceof FrozenForm.ZeroPadding padding) {
            return Draft.padding(vertex, input, padding);
        }
        if (form instanceof FrozenForm.GlobalPooling pooling) {
            RowOperation step = new PoolStep(pooling.type(), Layers.layout(pooling.order()));
            return Draft.closed(vertex, List.of(input), Optional.of(RowShape.Layout.FEATURES), step);
        }
        if (form instanceof FrozenForm.Upsample larger) {
            Line height = new Line(larger.factorY(), 0, 0);
            return resampled(vertex, larger.order(), input, height, new Line(larger.factorX(), 0, 0));
        }
        if (form instanceof FrozenForm.Crop crop) {
            Line height = new Line(1, crop.top(), crop.bottom());
            return resampled(vertex, crop.order(), input, height, new Line(1, crop.left(), crop.right()));
        }
        throw new IllegalStateException("no step is known for " + form);
    }

    private static Draft resampled(LayerVertex vertex, CNN2DFormat format, Draft input, Line height, Line width) {
        RowShape.Layout layout = Layers.layout(format);
        return Draft.closed(vertex, List.of(input), Optional.of(layout), new ResampleStep(layout, height, width));
    }

    private Optional<Draft> convolution(LayerVertex vertex, FrozenForm.Convolution form, Draft input) {
        RowShape.Layout layout = Layers.layout(form.grid().order());
        Window window = window(form.grid(), layout, input);
        Fold fold = new Fold(Layers.bias(form.bias()));
        int channels = Math.toIntExact(form.kernel().size(1));
        return finished(vertex, window, layout, fold, form.activation(), () -> {
            INDArray matrix = Layers.convolutionWeights(form.kernel(), fold.scale());
            Epilogue epilogue = fold.withoutScale();
            return window.isTrivial()
                    ? new ProductStep(layout, matrix, epilogue)
                    : new ConvolutionStep(layout, window.height, window.width, channels, matrix, epilogue);
        });
    }

    private Optional<Draft> depthwise(LayerVertex vertex, FrozenForm.Depthwise form, Draft input) {
        RowShape.Layout layout = Layers.layout(form.grid().order());
        Window window = window(form.grid(), layout, input);
        Fold fold = new Fold(Layers.bias(form.bias()));
        return finished(
                vertex,
                window,
                layout,
                fold,
                form.activation(),
                () -> depthwiseStep(layout, window, form.kernel(), fold.scale(), fold.withoutScale()));
    }

    /** A depthwise convolution without bias or activation, then a 1×1 convolution. */
    private static Optional<Draft> separable(LayerVertex vertex, FrozenForm.Separable form, Draft input) {
        return RowActivation.of(form.activation()).map(activation -> {
            RowShape.Layout layout = Layers.layout(form.grid().order());
            Window window = new Window(form.grid().height(), form.grid().width(), input, List.of());
            Draft first = Draft.linear(
                    List.of(),
                    List.of(input),
                    Optional.of(layout),
                    new Fold(new double[0]),
                    () -> depthwiseStep(layout, window, form.depthwise(), new double[0], Frame.NOTHING));
            Fold fold = new Fold(Layers.bias(form.bias()));
            fold.activation(activation);
            return Draft.linear(
                    List.of(vertex),
                    List.of(first),
                    Optional.of(layout),
                    fold,
                    () -> new ProductStep(
                            layout, Layers.convolutionWeights(form.pointwise(), fold.scale()), fold.withoutScale()));
        });
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

    private static Optional<Draft> dense(LayerVertex vertex, FrozenForm.Dense form, Draft input) {
        return RowActivation.of(form.activation()).map(activation -> {
            Fold fold = new Fold(Layers.bias(form.bias()));
            fold.activation(activation);
            return Draft.linear(
                    List.of(vertex),
                    List.of(input),
                    Optional.of(RowShape.Layout.FEATURES),
                    fold,
                    () -> new ProductStep(RowShape.Layout.FEATURES, Layers.denseWeights(form.weight()), fold.whole()));
        });
    }

    private Draft perChannel(LayerVertex vertex, FrozenForm.PerChannel form, Draft input) {
        RowShape.Layout layout = Layers.layout(form.order());
        Fold affine = Fold.affine(form.affine());
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
    }

    private Draft activation(LayerVertex vertex, RowActivation activation, Draft input) {
        Optional<Fold> open = mayTake(input) ? input.open() : Optional.empty();
        if (open.isPresent()) {
            open.get().activation(activation);
            input.takes(vertex);
            return input;
        }
        Fold fold = new Fold(new double[0]);
        fold.activation(activation);
        return Draft.linear(
                List.of(vertex),
                List.of(input),
                input.layout(),
                fold,
                () -> new AffineStep(input.layout().orElse(RowShape.Layout.NHWC), 0, fold.whole()));
    }

    private boolean mayTake(Draft input) {
        List<GraphVertex> chain = input.chain();
        return !chain.isEmpty() && compiler.isPrivate(chain.get(chain.size() - 1));
    }

    /** The window of a convolution, with the zero padding before it folded in if nothing else reads it. */
    private Window window(FrozenForm.Grid grid, RowShape.Layout layout, Draft input) {
        Optional<FrozenForm.ZeroPadding> padding =
                input.padding().filter(p -> mayTake(input) && Layers.layout(p.order()) == layout);
        return padding.map(p -> new Window(
                        grid.height().padded(p.top(), p.bottom()),
                        grid.width().padded(p.left(), p.right()),
                        input.inputs().get(0),
                        input.chain()))
                .orElseGet(() -> new Window(grid.height(), grid.width(), input, List.of()));
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
