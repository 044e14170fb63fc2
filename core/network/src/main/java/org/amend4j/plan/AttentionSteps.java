/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.RotaryKernels;
import org.amend4j.machine.RowAttentionKernels.Attended;
import org.amend4j.machine.RowAttentionKernels.Projections;
import org.amend4j.machine.RowAttentionKernels.Rule;
import org.amend4j.network.Operation.Angles;
import org.amend4j.network.Operation.Attention;
import org.amend4j.plan.PlacedTokens.Feature;

/** Attention. Queries and keys that positions turn are turned where they are, if nobody else reads them. */
final class AttentionSteps implements OperationSteps<Attention> {

    private static final int QUERIES = 0;
    private static final int KEYS = 1;
    private static final int VALUES = 2;

    private final Passes passes;
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

    /** Values of queries, keys and values, or their gradients. */
    private record Three(Value queries, Value keys, Value values) {

        Projections on(Bindings b) {
            return new Projections(b.matrix(queries), b.matrix(keys), b.matrix(values));
        }

        List<Value> all() {
            return List.of(queries, keys, values);
        }
    }

    AttentionSteps(Passes passes) {
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
        Three read =
                new Three(turned(node, attention, QUERIES), turned(node, attention, KEYS), passes.input(node, VALUES));
        Value out = passes.fresh(node);
        Value logSums = passes.steps().per(Per.TOKEN, passes.vertex(node) + " log sums", 1, rule.heads());
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
                                .rowAttention()
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
    public void backward(int node, Attention attention, Flow flow) {
        Rule rule = rule(attention);
        Pass pass = Objects.requireNonNull(done.get(node));
        Value delta = flow.value();
        Value scratch = passes.steps().per(Per.TOKEN, passes.vertex(node) + " scratch", 1, rule.heads());
        Three to = new Three(
                passes.freshGradient(node, QUERIES),
                passes.freshGradient(node, KEYS),
                passes.freshGradient(node, VALUES));
        List<Value> read = new ArrayList<>(pass.read().all());
        read.addAll(List.of(pass.out(), pass.logSums(), delta));
        passes.steps()
                .add(
                        passes.vertex(node),
                        "gradients of " + words(rule),
                        read,
                        List.of(to.queries(), to.keys(), to.values(), scratch),
                        work(rule, 5),
                        b -> b.kernels()
                                .rowAttention()
                                .gradient(
                                        pass.read().on(b),
                                        b.tokens().starts(),
                                        rule,
                                        pass.on(b),
                                        b.matrix(delta),
                                        b.array(scratch),
                                        to.on(b)));
        send(node, attention, QUERIES, to.queries());
        send(node, attention, KEYS, to.keys());
        passes.send(node, VALUES, new Flow(to.values(), true));
    }

    private void send(int node, Attention attention, int which, Value gradient) {
        if (passes.isInputLive(node, which)) {
            attention.rotary().ifPresent(angles -> turn(node, angles, gradient, gradient, true));
            passes.send(node, which, new Flow(gradient, true));
        }
    }
}
