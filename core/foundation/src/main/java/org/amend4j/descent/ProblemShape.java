/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Objective;

/**
 * The facts, other than the constants of the loss, that guarantees depend on.
 *
 * @param adapters how many there are
 * @param largestScaling the largest s, 0 without adapters
 * @param direct whether there are parameters outside of adapters
 * @param weightDecay λ
 */
public record ProblemShape(int adapters, double largestScaling, boolean direct, double weightDecay) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public ProblemShape {
        Checks.atLeast(0, "the number of adapters", adapters);
        Checks.notNegative("the largest scaling", largestScaling);
        Checks.notNegative("the weight decay", weightDecay);
    }

    /** The shape of an objective; one that is not a {@link LowRankObjective} has only directly trained parameters. */
    public static ProblemShape of(Objective objective) {
        if (objective instanceof LowRankObjective lowRank) {
            double largest = lowRank.adapters().stream()
                    .mapToDouble(AdapterBlock::scaling)
                    .max()
                    .orElse(0);
            int inAdapters = lowRank.adapters().stream()
                    .mapToInt(block -> block.sizeA() + block.sizeB())
                    .sum();
            return new ProblemShape(
                    lowRank.adapters().size(), largest, inAdapters < objective.dimension(), lowRank.weightDecay());
        }
        return new ProblemShape(0, 0, true, 0);
    }
}
