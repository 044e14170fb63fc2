/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.network.Operation.Combine;

/** Several inputs of one shape, element by element. */
final class CombineSteps implements OperationSteps<Combine> {

    private final GraphCompiler passes;

    CombineSteps(GraphCompiler passes) {
        this.passes = passes;
    }

    @Override
    public Value forward(int node, Combine combine) {
        Value out = passes.fresh(node);
        Combine.Kind kind = combine.kind();
        double share = kind == Combine.Kind.AVERAGE ? 1.0 / passes.inputs(node) : 1;
        for (int which = 1; which < passes.inputs(node); which++) {
            Value left = which == 1 ? passes.input(node, 0) : out;
            Value right = passes.input(node, which);
            double alpha = which == 1 ? share : 1;
            double beta = kind == Combine.Kind.DIFFERENCE ? -1 : share;
            add(
                    node,
                    words(kind) + " " + passes.shape(node),
                    List.of(left, right),
                    List.of(out),
                    b -> combine(b, kind, b.array(left), alpha, b.array(right), beta, b.array(out)));
        }
        return out;
    }

    private void add(int node, String what, List<Value> reads, List<Value> writes, PlanStep.Action action) {
        Work work = Work.through(
                (double) (reads.size() + writes.size()) * passes.shape(node).size());
        passes.steps().add(passes.vertex(node), what, reads, writes, work, action);
    }

    private static void combine(
            Bindings b,
            Combine.Kind kind,
            MachineArray left,
            double alpha,
            MachineArray right,
            double beta,
            MachineArray out) {
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

    @Override
    public void backward(int node, Combine combine, GradientFlow flow) {
        switch (combine.kind()) {
            case SUM -> share(node, flow);
            case AVERAGE -> share(node, scaled(node, flow, 1.0 / passes.inputs(node)));
            case DIFFERENCE -> difference(node, flow);
            case PRODUCT -> factors(node, flow.value());
            case MAXIMUM -> maximum(node, flow.value());
        }
    }

    /** The same gradient for all inputs. */
    private void share(int node, GradientFlow flow) {
        List<Integer> live = IntStream.range(0, passes.inputs(node))
                .filter(which -> passes.isInputLive(node, which))
                .boxed()
                .toList();
        GradientFlow shared = new GradientFlow(flow.value(), flow.owned() && live.size() == 1);
        live.forEach(which -> passes.send(node, which, shared));
    }

    private GradientFlow scaled(int node, GradientFlow flow, double factor) {
        Value from = flow.value();
        Value to = passes.place(node, flow);
        add(
                node,
                "gradient times " + factor,
                List.of(from),
                List.of(to),
                b -> b.kernels().elementwise().scale(b.array(from), factor, b.array(to)));
        return new GradientFlow(to, true);
    }

    private void difference(int node, GradientFlow flow) {
        boolean both = passes.isInputLive(node, 0) && passes.isInputLive(node, 1);
        if (passes.isInputLive(node, 1)) {
            passes.send(node, 1, scaled(node, new GradientFlow(flow.value(), flow.owned() && !both), -1));
        }
        passes.send(node, 0, flow);
    }

    /** Each factor's gradient is the upstream times the other factors. */
    private void factors(int node, Value delta) {
        for (int which = 0; which < passes.inputs(node); which++) {
            if (passes.isInputLive(node, which)) {
                passes.send(node, which, new GradientFlow(timesOthers(node, which, delta), true));
            }
        }
    }

    private Value timesOthers(int node, int which, Value delta) {
        Value from = delta;
        Value to = passes.freshGradient(node, which);
        for (int other = 0; other < passes.inputs(node); other++) {
            if (other != which) {
                multiply(node, from, passes.input(node, other), to);
                from = to;
            }
        }
        return to;
    }

    private void multiply(int node, Value left, Value right, Value to) {
        add(
                node,
                "gradient times the other factor",
                List.of(left, right),
                List.of(to),
                b -> b.kernels().elementwise().product(b.array(left), b.array(right), b.array(to)));
    }

    private void maximum(int node, Value delta) {
        Value first = passes.input(node, 0);
        Value second = passes.input(node, 1);
        Value toFirst = passes.freshGradient(node, 0);
        Value toSecond = passes.freshGradient(node, 1);
        add(
                node,
                "gradient to the greater",
                List.of(delta, first, second),
                List.of(toFirst, toSecond),
                b -> b.kernels()
                        .elementwise()
                        .maximumGradient(
                                b.array(delta), b.array(first), b.array(second), b.array(toFirst), b.array(toSecond)));
        passes.send(node, 0, new GradientFlow(toFirst, true));
        passes.send(node, 1, new GradientFlow(toSecond, true));
    }
}
