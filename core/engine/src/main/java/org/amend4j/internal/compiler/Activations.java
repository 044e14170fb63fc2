/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Values;

/**
 * Activations at the end of an operation, and their gradients. A pre-activation is kept only if the derivative cannot be
 * computed from the result.
 */
final class Activations {

    private final GraphCompiler passes;
    private final Map<Integer, Value> derivatives = new HashMap<>();
    private final Map<Integer, PlannedEpilogue.SignsOf> signs = new HashMap<>();

    Activations(GraphCompiler passes) {
        this.passes = passes;
    }

    static String name(Activation activation) {
        return activation.kind().name().toLowerCase(Locale.ROOT);
    }

    /** Whether a node's pre-activation must outlive the forward pass. */
    boolean keepsPre(int node, Activation activation) {
        return passes.isLive(node) && !Derivatives.fromResult(activation);
    }

    /** How a product of a node ends in its bias and activation, if these can end it. */
    Optional<PlannedEpilogue> ending(int node, Value z, Optional<Values> bias, Activation activation) {
        if (!passes.endsProducts() || bias.isEmpty()) {
            return Optional.empty();
        }
        return switch (activation.kind()) {
            case IDENTITY -> Optional.of(new PlannedEpilogue.Bias(shift(z, bias.get())));
            case RELU -> Optional.of(new PlannedEpilogue.Rectifier(shift(z, bias.get()), signs(node, z)));
            default -> Optional.empty();
        };
    }

    private PlannedEpilogue.Shift shift(Value z, Values bias) {
        if (z.isNarrow()) {
            passes.steps().placeParameters();
        }
        return new PlannedEpilogue.Shift(bias, z.isNarrow());
    }

    /** The same, only if that saves a pass in the way back, as well. */
    Optional<PlannedEpilogue> rectifying(int node, Value z, Optional<Values> bias, Activation activation) {
        return activation.kind() == Activation.Kind.RELU && passes.endsGradient(node)
                ? ending(node, z, bias, activation)
                : Optional.empty();
    }

    private Optional<PlannedEpilogue.SignsOf> signs(int node, Value z) {
        return passes.endsGradient(node)
                ? Optional.of(signs.computeIfAbsent(node, unused -> PlannedEpilogue.SignsOf.place(passes.steps(), z)))
                : Optional.empty();
    }

    /** How a product that makes the whole gradient of a node's result ends in that of its activation, if it can. */
    Optional<PlannedEpilogue> gradientEnding(int node) {
        return Optional.ofNullable(signs.get(node))
                .map(positive -> new PlannedEpilogue.RectifierGradient(positive, passes.biasOfDelta(node)));
    }

    /** Notes what a node's derivative is computed from: its pre-activation, or its result where that is enough. */
    void note(int node, Value derivative) {
        derivatives.put(node, derivative);
    }

    /** Appends act(z + bias) where there is either, in the place of z unless that is kept; returns the result. */
    Value apply(int node, Value z, Optional<? extends Values> bias, Activation activation) {
        boolean keeps = keepsPre(node, activation);
        Value out = keeps ? passes.fresh(node) : z;
        if (bias.isPresent() || activation.kind() != Activation.Kind.IDENTITY) {
            apply(node, z, bias, activation, keeps ? Optional.of(z) : Optional.empty(), out);
        }
        note(node, keeps ? z : out);
        return out;
    }

    /** Appends pre = z + bias, out = act(pre). */
    void apply(
            int node, Value z, Optional<? extends Values> bias, Activation activation, Optional<Value> pre, Value out) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        (bias.isPresent() ? "+ bias, " : "") + name(activation),
                        List.of(z),
                        pre.map(value -> List.of(value, out)).orElse(List.of(out)),
                        Work.through(2.0 * z.rows() * z.columns()),
                        b -> b.kernels()
                                .activation()
                                .biasActivation(
                                        b.matrix(z),
                                        bias.map(b::parameter),
                                        pre.map(b::matrix),
                                        b.matrix(out),
                                        activation));
    }

    /** Appends the gradient at the pre-activation. */
    GradientFlow differentiate(int node, Activation activation, GradientFlow flow) {
        return differentiate(node, activation, flow, Optional.empty());
    }

    /**
     * Appends the gradient at the pre-activation.
     *
     * @param bias whose gradient, the column sums, is made in the same pass; not with the identity
     */
    GradientFlow differentiate(int node, Activation activation, GradientFlow flow, Optional<Values.Slice> bias) {
        if (activation.kind() == Activation.Kind.IDENTITY || flow.differentiated()) {
            return flow;
        }
        Value upstream = flow.value();
        Value pre = derivative(node);
        Value delta = passes.place(node, flow);
        Optional<ColumnSumsOf> sums = bias.map(
                vector -> new ColumnSumsOf(vector, passes.parameters().sumsScratch(passes.vertex(node), delta)));
        String what = "gradient of " + name(activation) + (sums.isPresent() ? " and its column sums" : "");
        List<Value> writes =
                sums.map(wanted -> List.of(delta, wanted.scratch())).orElse(List.of(delta));
        if (flow.missing().isPresent()) {
            differentiateSum(node, activation, flow, what, writes, sums);
            return new GradientFlow(delta, true);
        }
        passes.steps()
                .add(
                        passes.vertex(node),
                        what,
                        List.of(upstream, pre),
                        writes,
                        Work.through(3.0 * delta.rows() * delta.columns()),
                        b -> b.kernels()
                                .activation()
                                .gradient(
                                        b.matrix(upstream),
                                        b.matrix(pre),
                                        b.matrix(delta),
                                        sums.map(wanted -> wanted.on(b)),
                                        activation));
        return new GradientFlow(delta, true);
    }

    /** The same of an owned value, with what an adapter sends back added to it. */
    private void differentiateSum(
            int node,
            Activation activation,
            GradientFlow flow,
            String what,
            List<Value> writes,
            Optional<ColumnSumsOf> sums) {
        Value upstream = flow.value();
        Value outer = flow.missing().orElseThrow().outer();
        LowRank adapter = flow.missing().orElseThrow().adapter();
        Value pre = derivative(node);
        double numbers = (double) upstream.rows() * upstream.columns();
        passes.steps()
                .add(
                        passes.vertex(node),
                        "+ s·Q·A', " + what,
                        List.of(upstream, outer, pre),
                        writes,
                        new Work(
                                2 * numbers * adapter.rank(),
                                3 * numbers + (double) outer.rows() * outer.columns(),
                                (double) upstream.columns() * adapter.rank()),
                        b -> b.kernels()
                                .activation()
                                .adapterGradient(
                                        b.matrix(upstream),
                                        new ActivationKernels.LowRank(
                                                b.matrix(outer),
                                                MatrixView.of(
                                                        b.parameter(adapter.a()), adapter.rank(), upstream.columns()),
                                                adapter.scale()),
                                        b.matrix(pre),
                                        b.matrix(upstream),
                                        sums.map(wanted -> wanted.on(b)),
                                        activation));
    }

    private Value derivative(int node) {
        Value derivative = derivatives.get(node);
        if (derivative == null) {
            throw new AssertionError("node " + node + " has no activation");
        }
        return derivative;
    }
}
