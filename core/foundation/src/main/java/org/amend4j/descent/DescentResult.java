/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.List;

/**
 * Where a run ended and how it got there; the same whether or not the run was interrupted and resumed.
 *
 * @param status why it ended
 * @param last θ_T and what is needed to continue
 * @param loss J(θ_T)
 * @param gradientNorm ‖∇J(θ_T)‖
 * @param records steps 0 to T - 1
 * @param promises whether the rule's inequality held along the whole run
 * @param rule the rule's name
 * @param guarantee what the rule's promises rest on, in words
 */
public record DescentResult(
        DescentStatus status,
        Checkpoint last,
        double loss,
        double gradientNorm,
        List<StepRecord> records,
        PromiseCheck promises,
        String rule,
        String guarantee) {

    /** Copies the list. */
    public DescentResult {
        records = List.copyOf(records);
    }
}
