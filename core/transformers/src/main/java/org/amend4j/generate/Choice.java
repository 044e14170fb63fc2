/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import org.amend4j.internal.validation.Checks;

/** How the next token follows from logits. */
public sealed interface Choice {

    /** The most probable token; of equal ones that with the lowest id. */
    record Greedy() implements Choice {}

    /**
     * Drawn from softmax(logits / temperature), cut to its most probable tokens and made a distribution again. First the {@code topK}
     * most probable are kept, then as few of those as have the probability {@code topP} together (Holtzman et al., arXiv 1904.09751);
     * of equal ones those with lower ids, and always one.
     *
     * @param temperature > 0
     * @param topK >= 1, or 0 for all
     * @param topP in (0, 1]; 1 for all
     */
    record Sampling(double temperature, int topK, double topP) implements Choice {

        /** Checks the numbers. */
        public Sampling {
            Checks.positive("temperature", temperature);
            Checks.atLeast(0, "top k", topK);
            if (!(topP > 0 && topP <= 1)) {
                throw new IllegalArgumentException("top p must be > 0 and <= 1, got " + topP);
            }
        }
    }
}
