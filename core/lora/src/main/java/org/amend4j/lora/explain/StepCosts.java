/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.ExampleProducts.Use;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.explain.ExplainedAdapter.Way;

/** The multiplications of a training step, vertex by vertex. */
final class StepCosts {

    private final VertexProducts all;
    private final TrainingFlow flow;

    /** @param all of whose vertices the products are known */
    StepCosts(VertexProducts all, TrainingFlow flow) {
        this.all = all;
        this.flow = flow;
    }

    /**
     * Of one vertex.
     *
     * @param inFull whether its own weights train
     * @param way in which adapters and trained biases take part, if there are any
     * @param adapters on it
     */
    StepCost of(String name, boolean inFull, Optional<Way> way, List<ExplainedAdapter> adapters) {
        long between = products(name).between();
        long forward = multiplications(name, Use::multiplied, use -> true) + between;
        if (flow.isPrefix(name)) {
            return new StepCost(forward, 0, 0, 0, 0, 0, 0);
        }
        boolean trains = inFull || way.isPresent();
        boolean whole = makesEveryGradient(name, trains, way);
        boolean down = whole || flow.readsTrained(name);
        long backward = multiplications(name, Use::multiplied, use -> down || (trains && use.inner()));
        StepCost cost = new StepCost(
                0,
                forward,
                0,
                backward + (down || trains ? 2 * between : 0),
                0,
                whole || inFull ? multiplications(name, Use::rows, use -> true) : 0,
                0);
        for (ExplainedAdapter one : adapters) {
            cost = cost.plus(
                    one.way() == Way.THROUGH_INPUT ? throughInput(name, one) : addingToWeight(name, one, whole));
        }
        return cost;
    }

    /** Whether Deeplearning4j's own layer is at work on the way back: it makes every gradient that it knows. */
    private boolean makesEveryGradient(String name, boolean trains, Optional<Way> way) {
        return trains
                ? way.filter(Way.ADDS_TO_WEIGHT::equals).isPresent() && !all.hasRows(name)
                : flow.readsTrained(name) && all.isStock(name);
    }

    private ExampleProducts products(String name) {
        return all.of(name).orElseThrow();
    }

    /** Of rows with those weights of a vertex that are used so; what is looked up is not multiplied. */
    private long multiplications(String name, ToLongFunction<Use> rows, Predicate<Use> which) {
        return products(name).weights().entrySet().stream()
                .filter(one -> which.test(one.getValue())
                        && !matrix(name, one.getKey()).isTable())
                .mapToLong(one -> {
                    WeightMatrix matrix = matrix(name, one.getKey());
                    return rows.applyAsLong(one.getValue()) * matrix.rows() * matrix.columns();
                })
                .sum();
    }

    /**
     * Forward xA and (xA)B; backward dBᵀ, xᵀ(dBᵀ), (xA)ᵀd, and (dBᵀ)Aᵀ where the input wants its error. Of a table's factor A rows are
     * looked up. Under DoRA's magnitudes the weight itself is also multiplied by what dropout changes, there and back. DoRA's norms take WᵀA, AᵀA and its product with B, and their gradient as much again and twice A's or B's with a square.
     */
    private StepCost throughInput(String name, ExplainedAdapter one) {
        Size size = Size.of(one);
        long times = use(name, one).rows() * size.rank();
        if (matrix(name, one.key()).isTable()) {
            return new StepCost(0, 0, times * size.columns(), 0, times * 2 * size.columns(), 0, 0);
        }
        long below = flow.readsTrained(name) ? size.rows() : 0;
        boolean twice = one.weight().adapter().dropout() > 0
                && one.weight().adapter().scheme().hasMagnitude();
        long again = twice ? use(name, one).rows() * size.columns() : 0;
        long squares = size.rank() * size.rank() * (size.rows() + size.columns());
        long norms = switch (one.weight().adapter().scheme().dora()) {
            case NONE -> 0;
            case DETACHED_NORM -> size.product() + squares;
            case TRUE_GRADIENT -> 2 * (size.product() + squares) + size.rank() * size.rank() * size.columns();
        };
        return new StepCost(
                0,
                0,
                times * (size.rows() + size.columns()) + again * size.rows(),
                0,
                times * (size.rows() + 2 * size.columns() + below) + again * below,
                0,
                norms);
    }

    /**
     * AB once a step; backward GBᵀ and AᵀG of the weight's gradient G, or of rows xA, (xA)ᵀd, dBᵀ, xᵀ(dBᵀ). DoRA needs G, and AB again.
     */
    private StepCost addingToWeight(String name, ExplainedAdapter one, boolean whole) {
        Size size = Size.of(one);
        boolean dora = one.weight().adapter().scheme().dora() != Dora.NONE;
        if (whole || dora) {
            long formed = whole ? 0 : use(name, one).rows() * size.rows() * size.columns();
            return new StepCost(0, 0, 0, 0, 0, formed, (dora ? 4 : 3) * size.product());
        }
        long thin = 2 * size.rank() * (size.rows() + size.columns());
        return new StepCost(0, 0, 0, 0, use(name, one).rows() * thin, 0, size.product());
    }

    private Use use(String name, ExplainedAdapter one) {
        return products(name).of(one.key());
    }

    private WeightMatrix matrix(String name, String key) {
        return Objects.requireNonNull(all.weights(name).get(key), key);
    }

    /** Of a weight and its adapter. */
    private record Size(long rank, long rows, long columns) {

        static Size of(ExplainedAdapter one) {
            return new Size(
                    one.weight().adapter().rank(),
                    one.weight().rows(),
                    one.weight().columns());
        }

        /** A product as large as A·B. */
        long product() {
            return rank * rows * columns;
        }
    }
}
