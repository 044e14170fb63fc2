/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RotaryKernels;
import org.amend4j.internal.backend.RowAttentionKernels.Attended;
import org.amend4j.internal.backend.RowAttentionKernels.Projections;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.compiler.PlacedTokens.Feature;
import org.amend4j.internal.network.Operation.Angles;
import org.amend4j.internal.network.Operation.Attention;

/** Attention. Queries and keys that positions turn are turned where they are, if nobody else reads them. */
final class AttentionSteps implements OperationSteps<Attention> {

    private static final int QUERIES = 0;
    private static final int KEYS = 1;
    private static final int VALUES = 2;

    private final GraphCompiler passes;
    private final Map<Integer, Pass> done = new HashMap<>();

    /**
     * What the forward pass leaves.
     *
     * @param read queries and keys as they are turned, and values
     * @param logSums of each query's scores
     */
    private record Pass(Three read, Value out, Value logSums) {

        Attended on(Bindings b) {
            return new Attended(b.matrix(out), b.array(logSums));
        }
    }

    /** Columns of a value. */
    private record Part(Value of, int first, int columns) {

        static Part all(Value value) {
            return new Part(value, 0, value.columns());
        }

        MatrixView on(Bindings b) {
            return b.matrix(of).columns(first, columns);
        }
    }

    /** Queries, keys and values, or their gradients. */
    private record Three(Part queries, Part keys, Part values) {

        static Three of(Value queries, Value keys, Value values) {
            return new Three(Part.all(queries), Part.all(keys), Part.all(values));
        }

        /** One behind the other. */
        static Three fused(Value together, Rule rule) {
            int queries = rule.queryWidth();
            int keys = rule.keyValueWidth();
            return new Three(
                    new Part(together, 0, queries),
                    new Part(together, queries, keys),
                    new Part(together, queries + keys, keys));
        }

        Projections on(Bindings b) {
            return new Projections(queries.on(b), keys.on(b), values.on(b));
        }

        List<Value> all() {
            return Stream.of(queries, keys, values).map(Part::of).distinct().toList();
        }
    }

    AttentionSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    private static Rule rule(Attention attention) {
        return new Rule(
                attention.heads(),
                attention.keyValueHeads(),
                attention.headSize(),
                attention.causal(),
                attention.window());
    }

    @Override
    public Value forward(int node, Attention attention) {
        Rule rule = rule(attention);
        Three read = attention.fused()
                ? Three.fused(passes.input(node, 0), rule)
                : Three.of(turned(node, attention, QUERIES), turned(node, attention, KEYS), passes.input(node, VALUES));
        Value out = passes.fresh(node);
        Value logSums = passes.steps().per(RowUnit.TOKEN, passes.vertex(node) + " log sums", 1, rule.heads());
        Pass pass = new Pass(read, out, logSums);
        done.put(node, pass);
        passes.steps()
                .add(
                        passes.vertex(node),
                        words(rule),
                        read.all(),
                        List.of(out, logSums),
                        work(rule, 2),
                        b -> b.kernels()
                                .rowAttention(b.arithmetic().products())
                                .forward(read.on(b), b.tokens().starts(), rule, pass.on(b)));
        return out;
    }

    private static String words(Rule rule) {
        String seen = rule.causal() ? "causal " : "";
        String window = rule.window().isPresent() ? " of " + rule.window().getAsInt() + " keys" : "";
        return seen + "attention" + window + ", " + rule.heads() + " heads on " + rule.keyValueHeads() + " of "
                + rule.headSize();
    }

    /** @param products of a token's rows with those that it sees, at most all of its example */
    private Work work(Rule rule, int products) {
        double seen = rule.causal() ? (passes.mostTokens() + 1) / 2.0 : passes.mostTokens();
        double keys = rule.window().isPresent() ? Math.min(seen, rule.window().getAsInt()) : seen;
        return new Work(2.0 * products * keys * rule.queryWidth(), 2.0 * (rule.queryWidth() + rule.keyValueWidth()), 0);
    }

    private Value turned(int node, Attention attention, int which) {
        Value from = passes.input(node, which);
        return attention
                .rotary()
                .map(angles -> {
                    Value to = passes.placeOver(node, which);
                    turn(node, angles, from, to, false);
                    return to;
                })
                .orElse(from);
    }

    private void turn(int node, Angles angles, Value from, Value to, boolean back) {
        passes.steps()
                .add(
                        passes.vertex(node),
                        back ? "gradient turned back by positions" : "turned by positions",
                        List.of(from),
                        List.of(to),
                        Work.through(2.0 * from.columns()),
                        b -> b.kernels()
                                .rotary()
                                .turn(
                                        b.matrix(from),
                                        b.tokens().feature(Feature.POSITION),
                                        on(b, angles),
                                        b.matrix(to),
                                        back));
    }

    private static RotaryKernels.Angles on(Bindings b, Angles angles) {
        int half = Math.toIntExact(angles.cosines().length() / angles.positions());
        return new RotaryKernels.Angles(
                MatrixView.of(b.parameter(angles.cosines()), angles.positions(), half),
                MatrixView.of(b.parameter(angles.sines()), angles.positions(), half));
    }

    @Override
    public void backward(int node, Attention attention, GradientFlow flow) {
        Rule rule = rule(attention);
        Pass pass = Objects.requireNonNull(done.get(node));
        Value delta = flow.value();
        Value scratch = passes.steps().per(RowUnit.TOKEN, passes.vertex(node) + " scratch", 1, rule.heads());
        Three to = gradients(node, attention, rule);
        List<Value> read = new ArrayList<>(pass.read().all());
        read.addAll(List.of(pass.out(), pass.logSums(), delta));
        List<Value> written = new ArrayList<>(to.all());
        written.add(scratch);
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradients of " + words(rule),
                        read,
                        written,
                        work(rule, 5),
                        b -> b.kernels()
                                .rowAttention(b.arithmetic().products())
                                .gradient(
                                        pass.read().on(b),
                                        b.tokens().starts(),
                                        rule,
                                        pass.on(b),
                                        b.matrix(delta),
                                        b.array(scratch),
                                        to.on(b)));
        if (attention.fused()) {
            passes.send(node, 0, new GradientFlow(to.queries().of(), true));
            return;
        }
        send(node, attention, QUERIES, to.queries().of());
        send(node, attention, KEYS, to.keys().of());
        passes.send(node, VALUES, new GradientFlow(to.values().of(), true));
    }

    private Three gradients(int node, Attention attention, Rule rule) {
        return attention.fused()
                ? Three.fused(passes.freshGradient(node, 0), rule)
                : Three.of(
                        passes.freshGradient(node, QUERIES),
                        passes.freshGradient(node, KEYS),
                        passes.freshGradient(node, VALUES));
    }

    private void send(int node, Attention attention, int which, Value gradient) {
        if (passes.isInputLive(node, which)) {
            attention.rotary().ifPresent(angles -> turn(node, angles, gradient, gradient, true));
            passes.send(node, which, new GradientFlow(gradient, true));
        }
    }
}
