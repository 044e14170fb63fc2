/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The gradients that nodes' readers send back, gathered until the node's own turn comes. */
final class Gradients {

    private final PlanSteps steps;
    private final Map<Integer, List<GradientFlow>> arrived = new HashMap<>();

    Gradients(PlanSteps steps) {
        this.steps = steps;
    }

    void add(int node, GradientFlow flow) {
        arrived.computeIfAbsent(node, unused -> new ArrayList<>()).add(flow);
    }

    /** A gradient of this node that something may be added to, if one is there already. */
    Optional<Value> toAddTo(int node) {
        return arrived.getOrDefault(node, List.of()).stream()
                .filter(GradientFlow::owned)
                .map(GradientFlow::value)
                .findFirst();
    }

    /** The sum of what arrived; empty if the loss does not depend on the node. */
    Optional<GradientFlow> sum(String vertex, int node) {
        List<GradientFlow> flows = arrived.getOrDefault(node, List.of());
        if (flows.size() <= 1) {
            return flows.stream().findFirst();
        }
        Value first = flows.get(0).value();
        Value sum = toAddTo(node)
                .orElseGet(() -> steps.per(first.per(), vertex + " gradient", first.rows(), first.columns()));
        List<Value> summands =
                new ArrayList<>(flows.stream().map(GradientFlow::value).toList());
        // what is there already is the start
        Value left = summands.remove(sum) ? sum : summands.remove(0);
        for (Value right : summands) {
            add(vertex, left, right, sum);
            left = sum;
        }
        return Optional.of(new GradientFlow(sum, true));
    }

    private void add(String vertex, Value left, Value right, Value sum) {
        steps.add(
                vertex,
                "sum of gradients",
                List.of(left, right),
                List.of(sum),
                Work.through(3.0 * sum.rows() * sum.columns()),
                b -> b.kernels().elementwise().scaledSum(b.array(left), 1, b.array(right), 1, b.array(sum)));
    }
}
