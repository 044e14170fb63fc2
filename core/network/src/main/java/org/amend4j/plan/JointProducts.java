/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amend4j.machine.MatrixView;
import org.amend4j.network.LowRank;

/** Products of rows with {@linkplain JointWeight joint weights}. What is multiplied with an adapter lies beside the rows. */
final class JointProducts {

    private final PlanSteps steps;
    private final Products products;
    private final Set<JointWeight> placed = new HashSet<>();

    JointProducts(PlanSteps steps, Products products) {
        this.steps = steps;
        this.products = products;
    }

    /** Whether rows have the room beside them. */
    static boolean suits(JointWeight weight, Value rows) {
        return rows.room() >= weight.room();
    }

    /** P = s·xA, which is written beside x. */
    Value low(String vertex, JointWeight weight, Value x) {
        place(vertex, weight);
        Value low = x.beside(vertex + " s·xA", weight.room());
        products.multiply(
                vertex,
                "s · product " + Products.shape(x) + " x A " + Products.shape(x.columns(), low.columns())
                        + ", beside x",
                x,
                weight,
                JointWeight::a,
                true,
                low,
                weight.adapter().scale(),
                Optional.empty());
        return rankOf(weight, low);
    }

    /** z = xW + PB, and then what ends it. */
    void forward(String vertex, JointWeight weight, Value x, Value z, Optional<Ending> ending) {
        Value wide = x.wider(weight.room());
        products.multiply(
                vertex,
                "product " + Products.shape(wide) + " x [W; B] " + Products.shape(wide.columns(), z.columns()),
                wide,
                weight,
                JointWeight::forward,
                true,
                z,
                1,
                ending);
    }

    /** Q = s·dB', which is written beside d. */
    Value outer(String vertex, JointWeight weight, Value delta) {
        Value outer = delta.beside(vertex + " s·dB'", weight.room());
        products.multiply(
                vertex,
                "s · product " + Products.shape(delta) + " x B' " + Products.shape(delta.columns(), outer.columns())
                        + ", beside d",
                delta,
                weight,
                JointWeight::b,
                false,
                outer,
                weight.adapter().scale(),
                Optional.empty());
        return rankOf(weight, outer);
    }

    /** The gradient of x: to = dW' + QA', and then what ends it. */
    void backward(String vertex, JointWeight weight, Value delta, Value to, Optional<Ending> ending) {
        Value wide = delta.wider(weight.room());
        products.multiply(
                vertex,
                "product " + Products.shape(wide) + " x [W'; A'] " + Products.shape(wide.columns(), to.columns()),
                wide,
                weight,
                JointWeight::backward,
                false,
                to,
                1,
                ending);
    }

    private static Value rankOf(JointWeight weight, Value padded) {
        return padded.first(weight.adapter().rank());
    }

    /** Copies an adapter's factors beside its weight, once a run. */
    private void place(String vertex, JointWeight weight) {
        if (!placed.add(weight)) {
            return;
        }
        LowRank adapter = weight.adapter();
        int rank = adapter.rank();
        steps.add(
                vertex,
                "adapter beside its weight",
                List.of(),
                List.of(),
                new Work(0, 0, 2.0 * rank * (weight.inputs() + weight.outputs())),
                b -> {
                    MatrixView a = MatrixView.of(b.parameter(adapter.a()), rank, weight.inputs());
                    MatrixView bRows = MatrixView.of(b.parameter(adapter.b()), weight.outputs(), rank);
                    b.kernels()
                            .elementwise()
                            .merge(List.of(a), weight.a(b.joint(weight)).rows(0, rank));
                    b.kernels()
                            .elementwise()
                            .merge(List.of(bRows), weight.b(b.joint(weight)).columns(0, rank));
                });
    }
}
