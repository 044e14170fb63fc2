package org.amend4j.cuda.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.cuda.kernel.Activation;
import org.amend4j.cuda.kernel.ActivationKernels.ColumnSums;
import org.amend4j.cuda.kernel.LayerNormKernels;
import org.amend4j.cuda.kernel.Window;
import org.amend4j.cuda.network.LowRank;
import org.amend4j.cuda.network.Network;
import org.amend4j.cuda.network.Node;
import org.amend4j.cuda.network.Operation;
import org.amend4j.cuda.network.Operation.AveragePool;
import org.amend4j.cuda.network.Operation.Combine;
import org.amend4j.cuda.network.Operation.Gather;
import org.amend4j.cuda.network.Operation.MaxPool;
import org.amend4j.cuda.network.Operation.Product;
import org.amend4j.cuda.network.Shape;
import org.amend4j.cuda.network.Values.Slice;
import org.amend4j.cuda.plan.ForwardSteps.Moments;
import org.amend4j.cuda.plan.ForwardSteps.Trace;

/** The backward pass, node by node from the losses on; what trains is handed to {@link ParameterSteps}. */
final class BackwardSteps {

    private final Network network;
    private final Liveness liveness;
    private final List<Trace> traces;
    private final Steps steps;
    private final Gradients gradients;
    private final ParameterSteps parameters;

    BackwardSteps(Network network, Liveness liveness, List<Trace> traces, Steps steps, ParameterSteps parameters) {
        this.network = network;
        this.liveness = liveness;
        this.traces = traces;
        this.steps = steps;
        this.gradients = new Gradients(steps);
        this.parameters = parameters;
    }

    void emit() {
        for (int k = network.nodes().size() - 1; k >= 0; k--) {
            Node node = network.nodes().get(k);
            if (!liveness.isLive(k)) {
                continue;
            }
            Trace trace = traces.get(k);
            if (node.operation() instanceof Operation.Loss) {
                send(node, 0, new Flow(trace.gradient().orElseThrow(), true));
            } else {
                gradients.sum(node.vertex(), k).ifPresent(flow -> emit(node, trace, flow));
            }
        }
    }

    private void emit(Node node, Trace trace, Flow flow) {
        Operation operation = node.operation();
        if (operation instanceof Product product) {
            product(node, product, trace, flow);
        } else if (operation instanceof Operation.Depthwise depthwise) {
            depthwise(node, depthwise, flow.value());
        } else if (operation instanceof Operation.Affine affine) {
            affine(node, affine, flow);
        } else if (operation instanceof Operation.LayerNorm norm) {
            layerNorm(node, norm, trace, flow);
        } else if (operation instanceof MaxPool pool) {
            maxPool(node, pool, trace, flow.value());
        } else if (operation instanceof AveragePool pool) {
            averagePool(node, pool, flow.value());
        } else if (operation instanceof Operation.Elementwise elementwise) {
            send(node, 0, differentiated(node, elementwise.activation(), trace, flow));
        } else if (operation instanceof Combine combine) {
            combine(node, combine.kind(), flow);
        } else if (operation instanceof Operation.Merge) {
            merge(node, flow.value());
        } else if (operation instanceof Operation.Reshape) {
            Shape shape = inputShape(node, 0);
            send(node, 0, new Flow(flow.value().as(shape.pixels(), shape.channels()), flow.owned()));
        } else if (operation instanceof Operation.Reorder reorder) {
            reorder(node, reorder.toChannelsFirst(), flow.value());
        } else if (operation instanceof Gather gather) {
            Flow delta = differentiated(node, gather.activation(), trace, flow);
            parameters.gather(
                    node, gather, delta, traces.get(node.inputs().get(0)).out());
        } else {
            throw new AssertionError(operation);
        }
    }

    private boolean isLive(Node node, int which) {
        return liveness.isLive(node.inputs().get(which));
    }

    private Shape inputShape(Node node, int which) {
        return network.nodes().get(node.inputs().get(which)).shape();
    }

    private void send(Node node, int which, Flow flow) {
        if (isLive(node, which)) {
            gradients.add(node.inputs().get(which), flow);
        }
    }

    private Value fresh(Node node, Shape shape) {
        return steps.perExample(node.vertex() + " input gradient", shape.pixels(), shape.channels());
    }

    /** A place for something made of a gradient element by element. */
    private Value place(Node node, Flow flow) {
        return flow.owned()
                ? flow.value()
                : steps.perExample(
                        node.vertex() + " delta",
                        flow.value().rows(),
                        flow.value().columns());
    }

    /** The gradient at the pre-activation. */
    private Flow differentiated(Node node, Activation activation, Trace trace, Flow flow) {
        if (activation.kind() == Activation.Kind.IDENTITY) {
            return flow;
        }
        Value upstream = flow.value();
        Value pre = trace.pre().orElseThrow();
        Value delta = place(node, flow);
        steps.add(
                node.vertex(),
                "gradient of " + ForwardSteps.name(activation),
                List.of(upstream, pre),
                List.of(delta),
                Work.through(3.0 * delta.rows() * delta.columns()),
                b -> b.kernels()
                        .activation()
                        .gradient(b.matrix(upstream), b.matrix(pre), b.matrix(delta), Optional.empty(), activation));
        return new Flow(delta, true);
    }

    private void product(Node node, Product product, Trace trace, Flow flow) {
        Flow delta = fusedSums(node, product, trace, flow);
        Optional<Value> outer = product.adapter().map(adapter -> outer(node, adapter, delta.value()));
        if (isLive(node, 0)) {
            inputGradient(node, product, delta.value(), outer);
        }
        if (Liveness.trains(node)) {
            Value input = traces.get(node.inputs().get(0)).out();
            parameters.product(node, product, inputShape(node, 0), input, trace.low(), outer, delta);
        }
    }

    /** The gradient at the pre-activation, and in the same pass the bias's, where nothing has to happen in between. */
    private Flow fusedSums(Node node, Product product, Trace trace, Flow flow) {
        boolean together = product.activation().kind() != Activation.Kind.IDENTITY
                && Liveness.isTrained(product.bias())
                && !parameters.areDeferred();
        if (!together) {
            return differentiated(node, product.activation(), trace, flow);
        }
        Value upstream = flow.value();
        Value pre = trace.pre().orElseThrow();
        Value delta = place(node, flow);
        Value scratch = ParameterSteps.sumsScratch(steps, node, delta);
        Slice bias = (Slice) product.bias().orElseThrow();
        steps.add(
                node.vertex(),
                "gradient of " + ForwardSteps.name(product.activation()) + " and its column sums",
                List.of(upstream, pre),
                List.of(delta, scratch),
                Work.through(3.0 * delta.rows() * delta.columns()),
                b -> b.kernels()
                        .activation()
                        .gradient(
                                b.matrix(upstream),
                                b.matrix(pre),
                                b.matrix(delta),
                                Optional.of(new ColumnSums(b.gradient(bias), b.array(scratch), 0)),
                                product.activation()));
        return new Flow(delta, true);
    }

    /** d·Bᵀ of an adapter. */
    private Value outer(Node node, LowRank adapter, Value delta) {
        Value outer = steps.perExample(node.vertex() + " dB'", delta.rows(), adapter.rank());
        steps.add(
                node.vertex(),
                "product " + ForwardSteps.shape(delta.rows(), delta.columns()) + " x B' "
                        + ForwardSteps.shape(delta.columns(), adapter.rank()),
                List.of(delta),
                List.of(outer),
                Work.product(delta.rows(), adapter.rank(), delta.columns()),
                b -> b.multiply(
                        b.array(delta),
                        false,
                        b.parameter(adapter.b()),
                        false,
                        b.array(outer),
                        b.examples() * delta.rows(),
                        adapter.rank(),
                        delta.columns(),
                        1,
                        0));
        return outer;
    }

    private void inputGradient(Node node, Product product, Value delta, Optional<Value> outer) {
        Shape from = inputShape(node, 0);
        if (product.window().isEmpty()) {
            Optional<Value> there = gradients.toAddTo(node.inputs().get(0));
            Value to = there.orElseGet(() -> fresh(node, from));
            multiplyBack(node, product, delta, outer, to, there.isPresent());
            if (there.isEmpty()) {
                send(node, 0, new Flow(to, true));
            }
            return;
        }
        Window window = product.window().get();
        int taps = window.kernelHeight() * window.kernelWidth();
        Value patches = steps.perExample(node.vertex() + " patches gradient", delta.rows(), from.channels() * taps);
        multiplyBack(node, product, delta, outer, patches, false);
        Value to = fresh(node, from);
        steps.add(
                node.vertex(),
                "sum of patches to " + from,
                List.of(patches),
                List.of(to),
                Work.through(from.size() + (double) patches.rows() * patches.columns()),
                b -> b.kernels().convolution().patchesGradient(b.array(patches), window, b.images(to, from)));
        send(node, 0, new Flow(to, true));
    }

    /** to (+)= d·W + s·(dBᵀ)Aᵀ. */
    private void multiplyBack(Node node, Product product, Value delta, Optional<Value> outer, Value to, boolean add) {
        int outputs = delta.columns();
        int columns = to.columns();
        steps.add(
                node.vertex(),
                (add ? "+ " : "") + "product " + ForwardSteps.shape(delta.rows(), outputs) + " x "
                        + ForwardSteps.shape(outputs, columns),
                add ? List.of(delta, to) : List.of(delta),
                List.of(to),
                Work.product(delta.rows(), columns, outputs),
                b -> b.multiply(
                        b.array(delta),
                        false,
                        b.parameter(product.weight()),
                        false,
                        b.array(to),
                        b.examples() * delta.rows(),
                        columns,
                        outputs,
                        1,
                        add ? 1 : 0));
        if (outer.isPresent()) {
            Value q = outer.get();
            LowRank adapter = product.adapter().orElseThrow();
            steps.add(
                    node.vertex(),
                    "+ s · product " + ForwardSteps.shape(q.rows(), q.columns()) + " x A' "
                            + ForwardSteps.shape(q.columns(), columns),
                    List.of(q, to),
                    List.of(to),
                    Work.product(q.rows(), columns, adapter.rank()),
                    b -> b.multiply(
                            b.array(q),
                            false,
                            b.parameter(adapter.a()),
                            false,
                            b.array(to),
                            b.examples() * q.rows(),
                            columns,
                            adapter.rank(),
                            adapter.scale(),
                            1));
        }
    }

    private void depthwise(Node node, Operation.Depthwise depthwise, Value delta) {
        Shape from = inputShape(node, 0);
        Window window = depthwise.window();
        Value to = fresh(node, from);
        double taps = (double) window.kernelHeight() * window.kernelWidth();
        steps.add(
                node.vertex(),
                "gradient of depthwise to " + from,
                List.of(delta),
                List.of(to),
                new Work(
                        2 * taps * node.shape().size(),
                        from.size() + (double) node.shape().size(),
                        0),
                b -> b.kernels()
                        .convolution()
                        .depthwiseGradient(
                                b.images(delta, node.shape()),
                                b.parameter(depthwise.weight()),
                                window,
                                b.images(to, from)));
        send(node, 0, new Flow(to, true));
    }

    private void affine(Node node, Operation.Affine affine, Flow flow) {
        Value delta = flow.value();
        Value to = place(node, flow);
        steps.add(
                node.vertex(),
                "scale gradients of channels of " + node.shape(),
                List.of(delta),
                List.of(to),
                Work.through(2.0 * node.shape().size()),
                b -> b.kernels()
                        .batchNorm()
                        .apply(b.array(delta), b.parameter(affine.factor()), Optional.empty(), b.array(to), 1));
        send(node, 0, new Flow(to, true));
    }

    private void layerNorm(Node node, Operation.LayerNorm norm, Trace trace, Flow flow) {
        Value delta = flow.value();
        Value x = trace.pre().orElseThrow();
        Moments moments = trace.moments().orElseThrow();
        if (norm.gain() instanceof Slice gain) {
            parameters.sums(node, gain, new Flow(gainProducts(node, delta, x, moments), true));
        }
        norm.bias().ifPresent(bias -> {
            if (bias instanceof Slice trained) {
                parameters.sums(node, trained, new Flow(delta, false)); // read below, too
            }
        });
        if (!isLive(node, 0)) {
            return;
        }
        boolean waited = parameters.areDeferred() && Liveness.isTrained(norm.bias());
        Value to = place(node, new Flow(delta, flow.owned() && !waited));
        steps.add(
                node.vertex(),
                "gradient of layer norm of " + node.shape(),
                List.of(delta, x, moments.means(), moments.inverses()),
                List.of(to),
                Work.through(3.0 * node.shape().size()),
                b -> b.kernels()
                        .layerNorm()
                        .gradient(
                                b.matrix(delta),
                                b.matrix(x),
                                b.parameter(norm.gain()),
                                statistics(b, moments),
                                b.matrix(to)));
        send(node, 0, new Flow(to, true));
    }

    private Value gainProducts(Node node, Value delta, Value x, Moments moments) {
        Value products = steps.perExample(node.vertex() + " gain products", delta.rows(), delta.columns());
        steps.add(
                node.vertex(),
                "gradient times normalised rows of " + node.shape(),
                List.of(delta, x, moments.means(), moments.inverses()),
                List.of(products),
                Work.through(3.0 * node.shape().size()),
                b -> b.kernels()
                        .layerNorm()
                        .gainProducts(b.matrix(delta), b.matrix(x), statistics(b, moments), b.array(products)));
        return products;
    }

    private static LayerNormKernels.Statistics statistics(Bindings b, Moments moments) {
        return new LayerNormKernels.Statistics(b.array(moments.means()), b.array(moments.inverses()));
    }

    private void maxPool(Node node, MaxPool pool, Trace trace, Value delta) {
        Shape from = inputShape(node, 0);
        Value places = trace.places().orElseThrow();
        Value to = fresh(node, from);
        steps.add(
                node.vertex(),
                "gradients to the maxima in " + from,
                List.of(delta, places),
                List.of(to),
                Work.through(from.size() + 2.0 * node.shape().size()),
                b -> b.kernels()
                        .pooling()
                        .maxGradient(
                                b.images(delta, node.shape()), b.array(places), pool.window(), b.images(to, from)));
        send(node, 0, new Flow(to, true));
    }

    private void averagePool(Node node, AveragePool pool, Value delta) {
        Shape from = inputShape(node, 0);
        Value to = fresh(node, from);
        steps.add(
                node.vertex(),
                "gradients of averages to " + from,
                List.of(delta),
                List.of(to),
                Work.through(from.size() + (double) node.shape().size()),
                b -> b.kernels()
                        .pooling()
                        .averageGradient(
                                b.images(delta, node.shape()), pool.window(), pool.countPadding(), b.images(to, from)));
        send(node, 0, new Flow(to, true));
    }

    private void combine(Node node, Combine.Kind kind, Flow flow) {
        switch (kind) {
            case SUM -> share(node, flow);
            case AVERAGE -> share(node, scaled(node, flow, 1.0 / node.inputs().size()));
            case DIFFERENCE -> difference(node, flow);
            case PRODUCT -> factors(node, flow.value());
            case MAXIMUM -> maximum(node, flow.value());
        }
    }

    /** The same gradient for all inputs. */
    private void share(Node node, Flow flow) {
        List<Integer> live = new ArrayList<>();
        for (int which = 0; which < node.inputs().size(); which++) {
            if (isLive(node, which)) {
                live.add(which);
            }
        }
        Flow shared = new Flow(flow.value(), flow.owned() && live.size() == 1);
        live.forEach(which -> send(node, which, shared));
    }

    private Flow scaled(Node node, Flow flow, double factor) {
        Value from = flow.value();
        Value to = place(node, flow);
        steps.add(
                node.vertex(),
                "gradient times " + factor,
                List.of(from),
                List.of(to),
                Work.through(2.0 * node.shape().size()),
                b -> b.kernels().elementwise().scale(b.array(from), factor, b.array(to)));
        return new Flow(to, true);
    }

    private void difference(Node node, Flow flow) {
        boolean both = isLive(node, 0) && isLive(node, 1);
        if (isLive(node, 1)) {
            send(node, 1, scaled(node, new Flow(flow.value(), flow.owned() && !both), -1));
        }
        send(node, 0, flow);
    }

    /** Each factor's gradient is the upstream times the other factors. */
    private void factors(Node node, Value delta) {
        for (int which = 0; which < node.inputs().size(); which++) {
            if (!isLive(node, which)) {
                continue;
            }
            Value from = delta;
            Value to = fresh(node, node.shape());
            for (int other = 0; other < node.inputs().size(); other++) {
                if (other != which) {
                    multiplyElements(
                            node, from, traces.get(node.inputs().get(other)).out(), to);
                    from = to;
                }
            }
            send(node, which, new Flow(to, true));
        }
    }

    private void multiplyElements(Node node, Value left, Value right, Value to) {
        steps.add(
                node.vertex(),
                "gradient times the other factor",
                List.of(left, right),
                List.of(to),
                Work.through(3.0 * node.shape().size()),
                b -> b.kernels().elementwise().product(b.array(left), b.array(right), b.array(to)));
    }

    private void maximum(Node node, Value delta) {
        Value first = traces.get(node.inputs().get(0)).out();
        Value second = traces.get(node.inputs().get(1)).out();
        Value toFirst = fresh(node, node.shape());
        Value toSecond = fresh(node, node.shape());
        steps.add(
                node.vertex(),
                "gradient to the greater",
                List.of(delta, first, second),
                List.of(toFirst, toSecond),
                Work.through(5.0 * node.shape().size()),
                b -> b.kernels()
                        .elementwise()
                        .maximumGradient(
                                b.array(delta), b.array(first), b.array(second), b.array(toFirst), b.array(toSecond)));
        send(node, 0, new Flow(toFirst, true));
        send(node, 1, new Flow(toSecond, true));
    }

    private void merge(Node node, Value delta) {
        List<Value> parts = new ArrayList<>();
        for (int which = 0; which < node.inputs().size(); which++) {
            parts.add(fresh(node, inputShape(node, which)));
        }
        steps.add(
                node.vertex(),
                "split gradients of channels of " + node.shape(),
                List.of(delta),
                parts,
                Work.through(2.0 * node.shape().size()),
                b -> b.kernels()
                        .elementwise()
                        .split(b.matrix(delta), parts.stream().map(b::matrix).toList()));
        for (int which = 0; which < parts.size(); which++) {
            send(node, which, new Flow(parts.get(which), true));
        }
    }

    private void reorder(Node node, boolean toChannelsFirst, Value delta) {
        Shape from = inputShape(node, 0);
        Shape images = toChannelsFirst ? from : node.shape();
        Value to = fresh(node, from);
        steps.add(
                node.vertex(),
                "gradient back in order " + from,
                List.of(delta),
                List.of(to),
                Work.through(2.0 * images.size()),
                b -> ForwardSteps.transposeImages(b, delta, to, images, !toChannelsFirst));
        send(node, 0, new Flow(to, true));
    }
}
