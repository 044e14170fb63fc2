/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Locale;
import org.amend4j.internal.validation.Checks;

/**
 * "Theory's order": how the counts of steps grow with the accuracy in the convergence result of Mu and Klabjan (2024), as far as
 * its summaries say. <strong>Orders only.</strong> Constants and logarithms are omitted, as they are not known to us: the
 * results are not recommended numbers of steps, but are printed for comparison with the steps taken.
 *
 * @param epsilon ε of second-order stationarity, in (0, 1)
 */
public record TheoryOrder(double epsilon) {

    /** @throws IllegalArgumentException if ε is not in (0, 1) */
    public TheoryOrder {
        Checks.insideUnit("epsilon", epsilon);
    }

    /** ε^-6.5: steps of the policy. */
    public double outerSteps() {
        return Math.pow(epsilon, -6.5);
    }

    /** ε^-8: TD(0) steps of the critic for each of them. */
    public double innerSteps() {
        return Math.pow(epsilon, -8);
    }

    /** ε^-14.5: steps of the critic in all. */
    public double allInnerSteps() {
        return Math.pow(epsilon, -14.5);
    }

    /** log(1/ε²): the horizon. */
    public double horizon() {
        return -2 * Math.log(epsilon);
    }

    /** The orders, and the remark that they are only orders. */
    public String sentence() {
        return String.format(
                Locale.ROOT,
                "theory's order at epsilon = %s, constants and logarithms left out: %.1e policy steps (epsilon^-6.5), %.1e TD(0) "
                        + "steps for each (epsilon^-8)",
                epsilon,
                outerSteps(),
                innerSteps());
    }
}
