/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.lora.explain.ExplainedAdapter.Way;
import org.amend4j.network.WeightMatrix;

/** The multiplications of a training step, vertex by vertex. */
final class StepCosts {

    private final WeightUses uses;
    private final TrainingFlow flow;

    StepCosts(WeightUses uses, TrainingFlow flow) {
        this.uses = uses;
        this.flow = flow;
    }

    /**
     * Of one vertex.
     *
     * @param inFull whether its own weights train
     * @param adapters on it
     */
    StepCost of(String name, boolean inFull, List<ExplainedAdapter> adapters) {
        long products = 0;
        long errors = 0;
        boolean trains = inFull || !adapters.isEmpty();
        for (Map.Entry<String, WeightMatrix> weight : uses.weights(name).entrySet()) {
            long product = uses.uses(name, weight.getValue())
                    * weight.getValue().rows()
                    * weight.getValue().columns();
            products += product;
            boolean overTime = trains && weight.getKey().contains("RW"); // through time, whatever is below
            errors += overTime || flow.readsTrained(name) ? product : 0;
        }
        if (flow.isPrefix(name)) {
            return new StepCost(products, 0, 0, 0, 0, 0, 0);
        }
        StepCost cost = new StepCost(0, products, 0, errors, 0, inFull ? products : 0, 0);
        boolean whole = adapters.stream().anyMatch(one -> one.way() == Way.ADDS_TO_WEIGHT) && !uses.hasRows(name);
        if (whole) { // Deeplearning4j's own layer makes every gradient that it knows
            cost = new StepCost(0, products, 0, products, 0, products, 0);
        }
        for (ExplainedAdapter one : adapters) {
            cost = cost.plus(
                    one.way() == Way.THROUGH_INPUT ? throughInput(name, one) : addingToWeight(name, one, whole));
        }
        return cost;
    }

    /** Forward xA and (xA)B; backward dBᵀ, xᵀ(dBᵀ), (xA)ᵀd, and (dBᵀ)Aᵀ where the input wants its error. */
    private StepCost throughInput(String name, ExplainedAdapter one) {
        long rank = one.weight().adapter().rank();
        long rows = one.weight().rows();
        long columns = one.weight().columns();
        long times = uses.uses(name, matrix(name, one)) * rank;
        long below = flow.readsTrained(name) ? rows : 0;
        return new StepCost(0, 0, times * (rows + columns), 0, times * (rows + 2 * columns + below), 0, 0);
    }

    /** AB once a step; backward GBᵀ and AᵀG of the weight's gradient G, or of rows xA, (xA)ᵀd, dBᵀ, xᵀ(dBᵀ). */
    private StepCost addingToWeight(String name, ExplainedAdapter one, boolean whole) {
        long rank = one.weight().adapter().rank();
        long elements = one.weight().rows() * one.weight().columns();
        if (whole) {
            return new StepCost(0, 0, 0, 0, 0, 0, 3 * rank * elements);
        }
        long thin = 2 * rank * (one.weight().rows() + one.weight().columns());
        return new StepCost(0, 0, 0, 0, uses.uses(name, matrix(name, one)) * thin, 0, rank * elements);
    }

    private WeightMatrix matrix(String name, ExplainedAdapter one) {
        return Objects.requireNonNull(
                uses.weights(name).get(one.weight().weight().parameter()), one.name());
    }
}
