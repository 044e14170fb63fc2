/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.machine.LayerNormKernels;
import org.amend4j.network.Operation.LayerNorm;
import org.amend4j.network.Values.Slice;

/** Layer norms, whose gain and bias may train. */
final class LayerNormSteps implements OperationSteps<LayerNorm> {

    /** Under the root: a row without variance is divided by 1e-12, as ND4J does. */
    private static final double EPSILON = 1e-24;

    private final Passes passes;
    private final Map<Integer, Moments> moments = new HashMap<>();

    /** Means and inverse deviations of rows. */
    private record Moments(Value means, Value inverses) {
        LayerNormKernels.Statistics on(Bindings b) {
            return new LayerNormKernels.Statistics(b.array(means), b.array(inverses));
        }
    }

    LayerNormSteps(Passes passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, LayerNorm norm) {
        Value in = passes.input(node, 0);
        Value out = passes.isLive(node) ? passes.fresh(node) : passes.elementwisePlace(node);
        String vertex = passes.vertex(node);
        Moments found = new Moments(
                passes.steps().per(in.per(), vertex + " means", in.rows(), 1),
                passes.steps().per(in.per(), vertex + " inverse deviations", in.rows(), 1));
        moments.put(node, found);
        passes.steps()
                .add(
                        vertex,
                        "layer norm of " + passes.shape(node),
                        List.of(in),
                        List.of(out, found.means(), found.inverses()),
                        work(node),
                        b -> b.kernels()
                                .layerNorm()
                                .forward(
                                        b.matrix(in),
                                        b.parameter(norm.gain()),
                                        norm.bias().map(b::parameter),
                                        b.matrix(out),
                                        found.on(b),
                                        EPSILON));
        return out;
    }

    private Work work(int node) {
        return Work.through(3.0 * passes.shape(node).size());
    }

    @Override
    public void backward(int node, LayerNorm norm, Flow flow) {
        Value delta = flow.value();
        Moments found = Objects.requireNonNull(moments.get(node));
        if (norm.gain() instanceof Slice gain) {
            train(node, gain, new Flow(gainProducts(node, delta, found), true));
        }
        norm.bias().filter(Slice.class::isInstance).ifPresent(bias -> {
            train(node, (Slice) bias, new Flow(delta, false)); // read below, too
        });
        if (passes.isInputLive(node, 0)) {
            boolean waited = passes.parameters().areDeferred() && Liveness.isTrained(norm.bias());
            sendBack(node, norm, new Flow(delta, flow.owned() && !waited), found);
        }
    }

    private void train(int node, Slice vector, Flow rows) {
        passes.parameters().add(new TrainedRows.OfSums(passes.node(node), vector, rows));
    }

    private void sendBack(int node, LayerNorm norm, Flow flow, Moments found) {
        Value delta = flow.value();
        Value x = passes.input(node, 0);
        Value to = passes.place(node, flow);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient of layer norm of " + passes.shape(node),
                        List.of(delta, x, found.means(), found.inverses()),
                        List.of(to),
                        work(node),
                        b -> b.kernels()
                                .layerNorm()
                                .gradient(
                                        b.matrix(delta),
                                        b.matrix(x),
                                        b.parameter(norm.gain()),
                                        found.on(b),
                                        b.matrix(to)));
        passes.send(node, 0, new Flow(to, true));
    }

    /** What the gain's gradient is the column sums of. */
    private Value gainProducts(int node, Value delta, Moments found) {
        Value x = passes.input(node, 0);
        Value products =
                passes.steps().per(delta.per(), passes.vertex(node) + " gain products", delta.rows(), delta.columns());
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradient times normalised rows of " + passes.shape(node),
                        List.of(delta, x, found.means(), found.inverses()),
                        List.of(products),
                        work(node),
                        b -> b.kernels()
                                .layerNorm()
                                .gainProducts(b.matrix(delta), b.matrix(x), found.on(b), b.array(products)));
        return products;
    }
}
