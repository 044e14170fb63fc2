/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.List;
import java.util.Optional;
import org.amend4j.machine.LowRankKernels;

/** Products of rows with {@linkplain JointWeight joint weights}. What is multiplied with an adapter lies beside the rows. */
final class JointProducts {

    private final PlanSteps steps;
    private final Products products;

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
        steps.placeParameters();
        Value low = x.beside(vertex + " s·xA", weight.adapter().rank());
        products.multiply(
                vertex,
                "s · product " + Products.shape(x) + " x A " + Products.shape(x.columns(), low.columns())
                        + ", beside x",
                x,
                b -> weight.a(b.joints().array(weight)),
                true,
                low,
                weight.adapter().scale(),
                false,
                Optional.empty());
        return low;
    }

    /** z = xW + PB, and then what ends it. */
    void forward(String vertex, JointWeight weight, Value x, Value z, Optional<Ending> ending) {
        Value wide = x.wider(weight.adapter().rank());
        products.multiply(
                vertex,
                "product " + Products.shape(wide) + " x [W; B] " + Products.shape(wide.columns(), z.columns()),
                wide,
                b -> weight.forward(b.joints().array(weight)),
                true,
                z,
                1,
                false,
                ending);
    }

    /**
     * Q = s·dB', which is written beside d, and B's gradient, both in one pass over d.
     *
     * @param low P, which has s in it
     */
    Value outer(String vertex, JointWeight weight, Value delta, Value low) {
        int rank = weight.adapter().rank();
        Value outer = delta.beside(vertex + " s·dB'", rank);
        Value scratch = scratch(vertex, delta, rank);
        steps.add(
                vertex,
                "s · product " + Products.shape(delta) + " x B' " + Products.shape(delta.columns(), rank)
                        + ", beside d, and gradient of B: product " + Products.transposedShape(delta) + " x "
                        + Products.shape(low),
                List.of(delta, low),
                List.of(outer, scratch),
                new Work(
                        4.0 * delta.rows() * delta.columns() * rank,
                        delta.rows() * (delta.columns() + 2.0 * rank),
                        2.0 * delta.columns() * rank),
                b -> b.kernels()
                        .lowRank()
                        .gradients(
                                new LowRankKernels.Factors(
                                        b.matrix(delta), weight.up(b.joints().array(weight)), b.matrix(low)),
                                new LowRankKernels.Products(
                                        b.matrix(outer),
                                        weight.adapter().scale(),
                                        b.gradient(weight.adapter().b()),
                                        1,
                                        0),
                                b.array(scratch)));
        return outer;
    }

    private Value scratch(String vertex, Value delta, int rank) {
        int each = Math.toIntExact(LowRankKernels.scratchOfRows(delta.rows(), delta.columns(), rank));
        int more = Math.toIntExact(LowRankKernels.scratchBesides(delta.columns(), rank));
        return steps.scratch(delta.per(), vertex + " sums of blocks", each, more);
    }

    /** The gradient of x: to = dW' + QA', or added to what is there, and then what ends it. */
    void backward(String vertex, JointWeight weight, Value delta, Value to, boolean add, Optional<Ending> ending) {
        Value wide = delta.wider(weight.adapter().rank());
        products.multiply(
                vertex,
                (add ? "+ " : "") + "product " + Products.shape(wide) + " x [W'; A'] "
                        + Products.shape(wide.columns(), to.columns()),
                wide,
                b -> weight.backward(b.joints().array(weight)),
                false,
                to,
                1,
                add,
                ending);
    }
}
