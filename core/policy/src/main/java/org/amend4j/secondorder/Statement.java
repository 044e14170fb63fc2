/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.List;

/**
 * The statement that a report's numbers support.
 *
 * @param verdict in one word
 * @param ofWholeReturn whether it holds for J, up to the bound of the bias, which is then known and at most ε²; else it is of J_H only
 * @param words the same in a few lines
 * @param reason of an inconclusive verdict; else empty
 * @param assumptions that intervals and verdict rest on where a range is not known, in words; empty if there are none
 * @param error the share of reports, at most, in which any interval or verdict is false, if the assumptions hold; 0 if exact, 1 if
 *     nothing is said: the scores of a Gaussian policy have no bound
 */
public record Statement(
        SaddleVerdict verdict,
        boolean ofWholeReturn,
        String words,
        String reason,
        List<String> assumptions,
        double error) {

    public Statement {
        assumptions = List.copyOf(assumptions);
    }
}
