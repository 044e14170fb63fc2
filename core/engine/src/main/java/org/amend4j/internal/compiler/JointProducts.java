/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Optional;
import java.util.function.Function;
import org.amend4j.internal.backend.MatrixView;

/** Products of rows with {@linkplain JointWeight joint weights}. What is multiplied with an adapter lies beside the rows. */
final class JointProducts {

    private final PlanSteps steps;
    private final Products products;
    private final LowRankSteps lowRank;

    JointProducts(PlanSteps steps, Products products, LowRankSteps lowRank) {
        this.steps = steps;
        this.products = products;
        this.lowRank = lowRank;
    }

    /** Whether rows have the room beside them. */
    static boolean suits(JointWeight weight, Value rows) {
        return rows.room() >= weight.room();
    }

    /** P = s·xA, which is written beside x. */
    Value low(String vertex, JointWeight weight, Value x) {
        steps.placeParameters();
        Value low = x.beside(vertex + " s·xA", weight.adapter().rank());
        String what = "s · product " + Products.shape(x) + " x A " + Products.shape(x.columns(), low.columns())
                + ", beside x";
        Function<Bindings, MatrixView> a = b -> weight.a(b.joints().array(weight));
        double scale = weight.adapter().scale();
        if (LowRankSteps.suits(x, low.columns())) {
            lowRank.project(vertex, what, x, a, scale, low);
        } else {
            products.multiply(vertex, what, x, a, true, low, scale, false, Optional.empty());
        }
        return low;
    }

    /** z = xW + PB, and then what ends it. */
    void forward(String vertex, JointWeight weight, Value x, Value z, Optional<PlannedEpilogue> ending) {
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

    /** Whether {@link #outer} makes the gradient of B, too. */
    static boolean makesUpGradient(Value delta) {
        return LowRankSteps.suitsBoth(delta);
    }

    /**
     * Q = s·dB', which is written beside d, and in the same pass over d the gradient of B, where this {@linkplain #makesUpGradient is made so}.
     *
     * @param low P, which has s in it
     */
    Value outer(String vertex, JointWeight weight, Value delta, Value low) {
        int rank = weight.adapter().rank();
        Value outer = delta.beside(vertex + " s·dB'", rank);
        String what = "s · product " + Products.shape(delta) + " x B' " + Products.shape(delta.columns(), rank)
                + ", beside d";
        Function<Bindings, MatrixView> up = b -> weight.up(b.joints().array(weight));
        double scale = weight.adapter().scale();
        if (makesUpGradient(delta)) {
            lowRank.gradients(
                    vertex,
                    what + ", and gradient of B: product " + Products.transposedShape(delta) + " x "
                            + Products.shape(low),
                    delta,
                    up,
                    low,
                    scale,
                    outer,
                    weight.adapter().b());
        } else {
            products.multiply(vertex, what, delta, up, true, outer, scale, false, Optional.empty());
        }
        return outer;
    }

    /** The gradient of x: to = dW' + QA', or added to what is there, and then what ends it. */
    void backward(
            String vertex, JointWeight weight, Value delta, Value to, boolean add, Optional<PlannedEpilogue> ending) {
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
