/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;
import java.util.Optional;

/**
 * A node of a compiled program.
 *
 * @param covers the names of the vertices it computes, in order; empty for a network input and for a part of a vertex
 * @param inputs indices of the nodes it reads
 * @param step the fast step, if there is one
 * @param stock DL4J's own vertices for the same
 * @param uses how many times the value is read, once more if it is an output
 * @param defers whether the only reader applies what is pending
 */
record ProgramNode(
        List<String> covers, List<Integer> inputs, Optional<RowOperation> step, Stock stock, int uses, boolean defers) {

    /** Whether it is a network input. */
    boolean isInput() {
        return inputs.isEmpty();
    }

    /** One line for reports. */
    String describe() {
        return String.join(" + ", covers) + ": " + step.map(RowOperation::kind).orElse("stock");
    }
}
