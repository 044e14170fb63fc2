package org.amend4j.cuda.plan;

import static java.util.Optional.empty;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.kernel.Activation;
import org.amend4j.cuda.kernel.ActivationKernels;
import org.amend4j.cuda.kernel.DeviceMatrix;
import org.amend4j.cuda.kernel.LayerNormKernels;
import org.amend4j.cuda.kernel.Window;
import org.amend4j.cuda.network.LowRank;
import org.amend4j.cuda.network.Network;
import org.amend4j.cuda.network.Node;
import org.amend4j.cuda.network.Operation;
import org.amend4j.cuda.network.Operation.AveragePool;
import org.amend4j.cuda.network.Operation.Combine;
import org.amend4j.cuda.network.Operation.Gather;
import org.amend4j.cuda.network.Operation.Loss;
import org.amend4j.cuda.network.Operation.LossKind;
import org.amend4j.cuda.network.Operation.MaxPool;
import org.amend4j.cuda.network.Operation.Product;
import org.amend4j.cuda.network.Shape;
import org.amend4j.cuda.network.Values;
import org.amend4j.cuda.plan.Value.Buffer;

/** The forward pass, node by node. */
final class ForwardSteps {

    /** Up to this rank an adapter's second product rides in the epilogue; above, it is a product of its own. */
    private static final int MOST_FUSED_RANK = 64;

    /** Under the root: a row without variance is divided by 1e-12, as ND4J does. */
    private static final double LAYER_NORM_EPSILON = 1e-24;

    private final Network network;
    private final Liveness liveness;
    private final Steps steps;
    private final List<Trace> traces = new ArrayList<>();
    private final Map<Values, Value> transposed = new HashMap<>();
    private boolean lossesWritten;

    /**
     * What the backward pass needs of a node.
     *
     * @param pre the pre-activation, or what its derivative can be computed from
     * @param low xA of an adapter
     * @param places of maxima
     * @param gradient of a loss
     * @param moments of a layer norm
     */
    record Trace(
            Value out,
            Optional<Value> pre,
            Optional<Value> low,
            Optional<Value> places,
            Optional<Value> gradient,
            Optional<Moments> moments) {
        static Trace of(Value out) {
            return new Trace(out, empty(), empty(), empty(), empty(), empty());
        }

        static Trace of(Value out, Value pre) {
            return new Trace(out, Optional.of(pre), empty(), empty(), empty(), empty());
        }
    }

    /** Means and inverse deviations of rows. */
    record Moments(Value means, Value inverses) {}

    ForwardSteps(Network network, Liveness liveness, Steps steps) {
        this.network = network;
        this.liveness = liveness;
        this.steps = steps;
    }

    /** Appends the whole pass; one trace a node. */
    List<Trace> emit() {
        for (int k = 0; k < network.nodes().size(); k++) {
            traces.add(emit(k, network.nodes().get(k)));
        }
        return traces;
    }

    private Trace emit(int index, Node node) {
        Operation operation = node.operation();
        if (operation instanceof Operation.Input input) {
            return Trace.of(bound(new Buffer.Input(input.index()), node));
        } else if (operation instanceof Operation.Tokens tokens) {
            return Trace.of(bound(new Buffer.Input(tokens.index()), node));
        } else if (operation instanceof Product product) {
            return product(index, node, product);
        } else if (operation instanceof Operation.Depthwise depthwise) {
            return depthwise(node, depthwise);
        } else if (operation instanceof Operation.Affine affine) {
            return affine(node, affine);
        } else if (operation instanceof Operation.LayerNorm norm) {
            return layerNorm(index, node, norm);
        } else if (operation instanceof MaxPool pool) {
            return maxPool(node, pool);
        } else if (operation instanceof AveragePool pool) {
            return averagePool(node, pool);
        } else if (operation instanceof Operation.Elementwise elementwise) {
            return elementwise(index, node, elementwise.activation());
        } else if (operation instanceof Combine combine) {
            return combine(node, combine.kind());
        } else if (operation instanceof Operation.Merge) {
            return merge(node);
        } else if (operation instanceof Operation.Reshape) {
            return Trace.of(
                    input(node, 0).as(node.shape().pixels(), node.shape().channels()));
        } else if (operation instanceof Operation.Reorder reorder) {
            return reorder(node, reorder.toChannelsFirst());
        } else if (operation instanceof Gather gather) {
            return gather(index, node, gather);
        } else if (operation instanceof Operation.Softmax) {
            return softmax(node);
        } else if (operation instanceof Loss loss) {
            return loss(index, node, loss);
        }
        throw new AssertionError(operation);
    }

    private static Value bound(Buffer buffer, Node node) {
        return new Value(
                buffer, node.vertex(), node.shape().pixels(), node.shape().channels());
    }

    private Value input(Node node, int which) {
        return traces.get(node.inputs().get(which)).out();
    }

    private Shape inputShape(Node node) {
        return network.nodes().get(node.inputs().get(0)).shape();
    }

    private Value fresh(Node node) {
        return steps.perExample(
                node.vertex(), node.shape().pixels(), node.shape().channels());
    }

    /** A place for an elementwise result: the input's, if nobody needs that any more. */
    private Value elementwisePlace(Node node) {
        return liveness.mayOverwrite(node.inputs().get(0)) ? input(node, 0) : fresh(node);
    }

    private Trace product(int index, Node node, Product product) {
        Value rows = rows(steps, node, product.window(), input(node, 0), inputShape(node));
        Optional<Value> low = product.adapter().map(adapter -> project(node, adapter, rows));
        Value out = fresh(node);
        int outputs = node.shape().channels();
        int columns = rows.columns();
        steps.add(
                node.vertex(),
                "product " + shape(rows.rows(), columns) + " x " + shape(columns, outputs),
                List.of(rows),
                List.of(out),
                Work.product(rows.rows(), outputs, columns),
                b -> b.multiply(
                        b.array(rows),
                        false,
                        b.parameter(product.weight()),
                        true,
                        b.array(out),
                        b.examples() * rows.rows(),
                        outputs,
                        columns,
                        1,
                        0));
        return activated(index, node, product, out, low);
    }

    /** The rows a product works on: the input's pixels or the patches under its window. */
    static Value rows(Steps steps, Node node, Optional<Window> window, Value input, Shape image) {
        if (window.isEmpty()) {
            return input;
        }
        Window over = window.get();
        int taps = over.kernelHeight() * over.kernelWidth();
        Value patches =
                steps.perExample(node.vertex() + " patches", node.shape().pixels(), image.channels() * taps);
        steps.add(
                node.vertex(),
                "patches " + over.kernelHeight() + " x " + over.kernelWidth() + " of " + image,
                List.of(input),
                List.of(patches),
                Work.through(image.size() + (double) patches.rows() * patches.columns()),
                b -> b.kernels().convolution().patches(b.images(input, image), over, b.array(patches)));
        return patches;
    }

    private Value project(Node node, LowRank adapter, Value rows) {
        Value low = steps.perExample(node.vertex() + " xA", rows.rows(), adapter.rank());
        steps.add(
                node.vertex(),
                "product " + shape(rows.rows(), rows.columns()) + " x A " + shape(rows.columns(), adapter.rank()),
                List.of(rows),
                List.of(low),
                Work.product(rows.rows(), adapter.rank(), rows.columns()),
                b -> b.multiply(
                        b.array(rows),
                        false,
                        b.parameter(adapter.a()),
                        true,
                        b.array(low),
                        b.examples() * rows.rows(),
                        adapter.rank(),
                        rows.columns(),
                        1,
                        0));
        return low;
    }

    private Trace activated(int index, Node node, Product product, Value z, Optional<Value> low) {
        Activation activation = product.activation();
        boolean keepsPre = liveness.isLive(index) && !Derivatives.fromResult(activation);
        Value out = keepsPre ? fresh(node) : z;
        Optional<Value> pre = keepsPre ? Optional.of(z) : empty();
        boolean fused = product.adapter()
                .filter(adapter -> adapter.rank() <= MOST_FUSED_RANK)
                .isPresent();
        if (low.isPresent() && fused) {
            fusedEpilogue(node, product, z, low.get(), pre, out);
        } else {
            low.ifPresent(projected -> addLowRank(node, product.adapter().orElseThrow(), projected, z));
            if (product.bias().isPresent() || activation.kind() != Activation.Kind.IDENTITY) {
                biasActivation(node, product.bias(), activation, z, pre, out);
            }
        }
        return new Trace(out, Optional.of(keepsPre ? z : out), low, empty(), empty(), empty());
    }

    private void fusedEpilogue(Node node, Product product, Value z, Value low, Optional<Value> pre, Value out) {
        LowRank adapter = product.adapter().orElseThrow();
        int outputs = z.columns();
        Value up = transposed(node, adapter.b(), outputs, adapter.rank());
        steps.add(
                node.vertex(),
                "+ s·P·B + bias, " + name(product.activation()),
                List.of(z, low, up),
                written(pre, out),
                new Work(
                        2.0 * z.rows() * outputs * adapter.rank(),
                        2.0 * z.rows() * outputs + (double) z.rows() * adapter.rank(),
                        (double) outputs * adapter.rank()),
                b -> b.kernels()
                        .activation()
                        .adapterEpilogue(
                                b.matrix(z),
                                new ActivationKernels.LowRank(b.matrix(low), b.matrix(up), adapter.scale()),
                                product.bias().map(b::parameter),
                                pre.map(b::matrix),
                                b.matrix(out),
                                product.activation()));
    }

    private void addLowRank(Node node, LowRank adapter, Value low, Value z) {
        steps.add(
                node.vertex(),
                "+ s · product " + shape(low.rows(), low.columns()) + " x B " + shape(low.columns(), z.columns()),
                List.of(z, low),
                List.of(z),
                Work.product(z.rows(), z.columns(), adapter.rank()),
                b -> b.multiply(
                        b.array(low),
                        false,
                        b.parameter(adapter.b()),
                        true,
                        b.array(z),
                        b.examples() * z.rows(),
                        z.columns(),
                        adapter.rank(),
                        adapter.scale(),
                        1));
    }

    private void biasActivation(
            Node node,
            Optional<? extends Values> bias,
            Activation activation,
            Value z,
            Optional<Value> pre,
            Value out) {
        steps.add(
                node.vertex(),
                (bias.isPresent() ? "+ bias, " : "") + name(activation),
                List.of(z),
                written(pre, out),
                Work.through(2.0 * z.rows() * z.columns()),
                b -> b.kernels()
                        .activation()
                        .biasActivation(
                                b.matrix(z), bias.map(b::parameter), pre.map(b::matrix), b.matrix(out), activation));
    }

    private static List<Value> written(Optional<Value> pre, Value out) {
        return pre.map(value -> List.of(value, out)).orElse(List.of(out));
    }

    /** A trained matrix [rows, columns] as [columns, rows]; made once a run. */
    private Value transposed(Node node, Values matrix, int rows, int columns) {
        return transposed.computeIfAbsent(matrix, unused -> {
            Value result = steps.fixed(node.vertex() + " transposed", columns, rows);
            steps.add(
                    node.vertex(),
                    "transpose " + shape(rows, columns),
                    List.of(),
                    List.of(result),
                    new Work(0, 0, 2.0 * rows * columns),
                    b -> b.kernels().elementwise().transpose(b.parameter(matrix), b.array(result), 1, rows, columns));
            return result;
        });
    }

    private Trace depthwise(Node node, Operation.Depthwise depthwise) {
        Value in = input(node, 0);
        Value out = fresh(node);
        Shape from = inputShape(node);
        Window window = depthwise.window();
        double taps = (double) window.kernelHeight() * window.kernelWidth();
        steps.add(
                node.vertex(),
                "depthwise " + window.kernelHeight() + " x " + window.kernelWidth() + " of " + from,
                List.of(in),
                List.of(out),
                new Work(
                        2 * taps * node.shape().size(),
                        from.size() + (double) node.shape().size(),
                        0),
                b -> b.kernels()
                        .convolution()
                        .depthwise(
                                b.images(in, from),
                                b.parameter(depthwise.weight()),
                                depthwise.bias().map(b::parameter),
                                window,
                                b.images(out, node.shape())));
        return Trace.of(out);
    }

    private Trace affine(Node node, Operation.Affine affine) {
        Value in = input(node, 0);
        Value out = elementwisePlace(node);
        steps.add(
                node.vertex(),
                "scale and shift channels of " + node.shape(),
                List.of(in),
                List.of(out),
                Work.through(2.0 * node.shape().size()),
                b -> b.kernels()
                        .batchNorm()
                        .apply(
                                b.array(in),
                                b.parameter(affine.factor()),
                                Optional.of(b.parameter(affine.shift())),
                                b.array(out),
                                1));
        return Trace.of(out);
    }

    private Trace layerNorm(int index, Node node, Operation.LayerNorm norm) {
        Value in = input(node, 0);
        Value out = liveness.isLive(index) ? fresh(node) : elementwisePlace(node);
        Value means = steps.perExample(node.vertex() + " means", in.rows(), 1);
        Value inverses = steps.perExample(node.vertex() + " inverse deviations", in.rows(), 1);
        steps.add(
                node.vertex(),
                "layer norm of " + node.shape(),
                List.of(in),
                List.of(out, means, inverses),
                Work.through(3.0 * node.shape().size()),
                b -> b.kernels()
                        .layerNorm()
                        .forward(
                                b.matrix(in),
                                b.parameter(norm.gain()),
                                norm.bias().map(b::parameter),
                                b.matrix(out),
                                new LayerNormKernels.Statistics(b.array(means), b.array(inverses)),
                                LAYER_NORM_EPSILON));
        return new Trace(out, Optional.of(in), empty(), empty(), empty(), Optional.of(new Moments(means, inverses)));
    }

    private Trace maxPool(Node node, MaxPool pool) {
        Value in = input(node, 0);
        Value out = fresh(node);
        Value places = steps.integers(node.vertex() + " places", out.rows(), out.columns());
        Shape from = inputShape(node);
        steps.add(
                node.vertex(),
                "maximum of windows of " + from,
                List.of(in),
                List.of(out, places),
                Work.through(from.size() + 2.0 * node.shape().size()),
                b -> b.kernels()
                        .pooling()
                        .max(b.images(in, from), pool.window(), b.images(out, node.shape()), b.array(places)));
        return new Trace(out, empty(), empty(), Optional.of(places), empty(), empty());
    }

    private Trace averagePool(Node node, AveragePool pool) {
        Value in = input(node, 0);
        Value out = fresh(node);
        Shape from = inputShape(node);
        steps.add(
                node.vertex(),
                (pool.countPadding() ? "average (padding counted) of windows of " : "average of windows of ") + from,
                List.of(in),
                List.of(out),
                Work.through(from.size() + (double) node.shape().size()),
                b -> b.kernels()
                        .pooling()
                        .average(b.images(in, from), pool.window(), pool.countPadding(), b.images(out, node.shape())));
        return Trace.of(out);
    }

    private Trace elementwise(int index, Node node, Activation activation) {
        Value in = input(node, 0);
        boolean keepsInput = liveness.isLive(index) && !Derivatives.fromResult(activation);
        Value out = keepsInput ? fresh(node) : elementwisePlace(node);
        biasActivation(node, empty(), activation, in, empty(), out);
        return Trace.of(out, keepsInput ? in : out);
    }

    private Trace combine(Node node, Combine.Kind kind) {
        List<Value> inputs = IntStream.range(0, node.inputs().size())
                .mapToObj(k -> input(node, k))
                .toList();
        Value out = fresh(node);
        double share = kind == Combine.Kind.AVERAGE ? 1.0 / inputs.size() : 1;
        for (int k = 1; k < inputs.size(); k++) {
            Value left = k == 1 ? inputs.get(0) : out;
            Value right = inputs.get(k);
            double alpha = k == 1 ? share : 1;
            double beta = kind == Combine.Kind.DIFFERENCE ? -1 : share;
            steps.add(
                    node.vertex(),
                    words(kind) + " " + node.shape(),
                    List.of(left, right),
                    List.of(out),
                    Work.through(3.0 * node.shape().size()),
                    b -> combine(b, kind, b.array(left), alpha, b.array(right), beta, b.array(out)));
        }
        return Trace.of(out);
    }

    private static void combine(
            Bindings b,
            Combine.Kind kind,
            DeviceArray left,
            double alpha,
            DeviceArray right,
            double beta,
            DeviceArray out) {
        switch (kind) {
            case SUM, DIFFERENCE, AVERAGE -> b.kernels().elementwise().scaledSum(left, alpha, right, beta, out);
            case PRODUCT -> b.kernels().elementwise().product(left, right, out);
            case MAXIMUM -> b.kernels().elementwise().maximum(left, right, out);
        }
    }

    private static String words(Combine.Kind kind) {
        return switch (kind) {
            case SUM -> "sum of";
            case DIFFERENCE -> "difference of";
            case PRODUCT -> "elementwise product of";
            case AVERAGE -> "average of";
            case MAXIMUM -> "maximum of";
        };
    }

    private Trace merge(Node node) {
        List<Value> parts = IntStream.range(0, node.inputs().size())
                .mapToObj(k -> input(node, k))
                .toList();
        Value out = fresh(node);
        steps.add(
                node.vertex(),
                "merge channels to " + node.shape(),
                parts,
                List.of(out),
                Work.through(2.0 * node.shape().size()),
                b -> b.kernels()
                        .elementwise()
                        .merge(parts.stream().map(b::matrix).toList(), b.matrix(out)));
        return Trace.of(out);
    }

    private Trace reorder(Node node, boolean toChannelsFirst) {
        Value in = input(node, 0);
        Value out = fresh(node);
        Shape images = toChannelsFirst ? inputShape(node) : node.shape();
        steps.add(
                node.vertex(),
                toChannelsFirst ? "channels first of " + images : "channels last to " + images,
                List.of(in),
                List.of(out),
                Work.through(2.0 * images.size()),
                b -> transposeImages(b, in, out, images, toChannelsFirst));
        return Trace.of(out);
    }

    /** Pixels of channels to channels of pixels, or back. */
    static void transposeImages(Bindings b, Value from, Value to, Shape images, boolean toChannelsFirst) {
        int rows = toChannelsFirst ? images.pixels() : images.channels();
        int columns = toChannelsFirst ? images.channels() : images.pixels();
        b.kernels().elementwise().transpose(b.array(from), b.array(to), b.examples(), rows, columns);
    }

    private Trace gather(int index, Node node, Gather gather) {
        Value tokens = input(node, 0);
        Value z = fresh(node);
        int columns = z.columns();
        Value table = transposed(node, gather.table(), columns, gather.vocabulary());
        steps.add(
                node.vertex(),
                "rows of a table " + shape(gather.vocabulary(), columns),
                List.of(tokens, table),
                List.of(z),
                Work.through(2.0 * columns),
                b -> b.kernels().embedding().gather(b.matrix(table), b.array(tokens), b.matrix(z)));
        Activation activation = gather.activation();
        boolean keepsPre = liveness.isLive(index) && !Derivatives.fromResult(activation);
        Value out = keepsPre ? fresh(node) : z;
        if (gather.bias().isPresent() || activation.kind() != Activation.Kind.IDENTITY) {
            biasActivation(node, gather.bias(), activation, z, keepsPre ? Optional.of(z) : empty(), out);
        }
        return Trace.of(out, keepsPre ? z : out);
    }

    private Trace softmax(Node node) {
        Value in = input(node, 0);
        Value out = elementwisePlace(node);
        steps.add(
                node.vertex(),
                "softmax of " + node.shape(),
                List.of(in),
                List.of(out),
                Work.through(2.0 * node.shape().size()),
                b -> b.kernels().loss().softmax(b.matrix(in), b.matrix(out)));
        return Trace.of(out);
    }

    private Trace loss(int index, Node node, Loss loss) {
        Value z = input(node, 0);
        Value label = new Value(new Buffer.Label(loss.label()), node.vertex() + " labels", 1, z.columns());
        Value total = new Value(new Buffer.Result(Buffer.Result.Kind.LOSSES), "losses", 1, 1);
        Value losses = lossesWritten ? steps.perExample(node.vertex() + " losses", 1, 1) : total;
        Optional<Value> gradient = liveness.isLive(index)
                ? Optional.of(steps.perExample(node.vertex() + " gradient", 1, z.columns()))
                : empty();
        steps.add(
                node.vertex(),
                words(loss.kind()),
                List.of(z, label),
                gradient.map(g -> List.of(losses, g)).orElse(List.of(losses)),
                Work.through(3.0 * z.columns()),
                b -> loss(b, loss.kind(), b.matrix(z), b.matrix(label), b.array(losses), gradient.map(b::matrix)));
        if (lossesWritten) {
            steps.add(
                    node.vertex(),
                    "sum of losses",
                    List.of(total, losses),
                    List.of(total),
                    Work.through(3),
                    b -> b.kernels().elementwise().scaledSum(b.array(total), 1, b.array(losses), 1, b.array(total)));
        }
        lossesWritten = true;
        return new Trace(losses, empty(), empty(), empty(), gradient, empty());
    }

    private static void loss(
            Bindings b,
            LossKind kind,
            DeviceMatrix z,
            DeviceMatrix label,
            DeviceArray losses,
            Optional<DeviceMatrix> gradient) {
        switch (kind) {
            case SOFTMAX_CROSS_ENTROPY -> b.kernels().loss().softmaxCrossEntropy(z, label, empty(), losses, gradient);
            case SIGMOID_CROSS_ENTROPY -> b.kernels().loss().sigmoidCrossEntropy(z, label, empty(), losses, gradient);
            case MEAN_SQUARED_ERROR ->
                b.kernels().loss().squaredError(z, label, empty(), losses, gradient, 1.0 / z.columns());
            case SQUARED_ERROR -> b.kernels().loss().squaredError(z, label, empty(), losses, gradient, 1);
        }
    }

    private static String words(LossKind kind) {
        return switch (kind) {
            case SOFTMAX_CROSS_ENTROPY -> "softmax and cross-entropy";
            case SIGMOID_CROSS_ENTROPY -> "sigmoid and cross-entropy";
            case MEAN_SQUARED_ERROR -> "mean squared error";
            case SQUARED_ERROR -> "squared error";
        };
    }

    static String shape(int rows, int columns) {
        return "[" + rows + ", " + columns + "]";
    }

    static String name(Activation activation) {
        return activation.kind().name().toLowerCase(java.util.Locale.ROOT);
    }
}
