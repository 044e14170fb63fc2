/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Locale;
import org.amend4j.internal.backend.DropoutKernels;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation.Product;
import org.amend4j.internal.network.Shape;

/**
 * What an adapter reads: what its layer does, with some elements dropped where it has a dropout. The mask is a function of the run's key,
 * the adapter and the element, so both passes have the same without keeping it.
 */
final class AdapterInput {

    private final PlanSteps steps;
    private final Patches patches;

    AdapterInput(PlanSteps steps) {
        this.steps = steps;
        this.patches = new Patches(steps);
    }

    /**
     * The rows that an adapter is multiplied with.
     *
     * @param input what the layer reads
     * @param from its shape
     * @param rows the rows that the layer's weight is multiplied with
     */
    Value rows(Node node, Product product, LowRank adapter, Value input, Shape from, Value rows) {
        return adapter.drops() ? patches.of(node, product.patches(), dropped(node, adapter, input), from) : rows;
    }

    /** What the layer reads, with some elements dropped. */
    Value dropped(Node node, LowRank adapter, Value input) {
        Value dropped = steps.per(input.per(), node.vertex() + " dropped", input.rows(), input.columns());
        steps.add(
                node.vertex(),
                "adapter's input " + Products.shape(input) + ", " + percent(adapter) + " dropped",
                List.of(input),
                List.of(dropped),
                Work.through(2.0 * input.rows() * input.columns()),
                b -> b.kernels().dropout().drop(b.matrix(input), mask(b, adapter, input), b.matrix(dropped)));
        return dropped;
    }

    /**
     * Adds the gradient of the layer's input that comes through the adapter.
     *
     * @param through gradient of the dropped input
     */
    void addBack(Node node, LowRank adapter, Value through, Value to) {
        steps.add(
                node.vertex(),
                "+ gradient of the adapter's input, " + percent(adapter) + " dropped",
                List.of(through, to),
                List.of(to),
                Work.through(3.0 * to.rows() * to.columns()),
                b -> b.kernels().dropout().addDropped(b.matrix(through), mask(b, adapter, to), b.matrix(to)));
    }

    /** Rows are counted over all examples of a run. */
    private static DropoutKernels.Mask mask(Bindings b, LowRank adapter, Value rows) {
        return new DropoutKernels.Mask(
                b.dropoutKey(),
                adapter.a().offset(),
                (long) b.before().of(rows.per()) * rows.rows(),
                adapter.dropout());
    }

    private static String percent(LowRank adapter) {
        return String.format(Locale.ROOT, "%.4g %%", 100 * adapter.dropout());
    }
}
