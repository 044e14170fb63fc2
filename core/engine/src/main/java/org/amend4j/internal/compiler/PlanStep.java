/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.stream.Stream;

/**
 * One call of a kernel or product.
 *
 * @param vertex it belongs to
 * @param what in words and shapes
 * @param reads values that must be there
 * @param writes values it makes, completely, or changes if it reads them too
 */
record PlanStep(String vertex, String what, List<Value> reads, List<Value> writes, Work work, Action action) {

    /** Does it. */
    @FunctionalInterface
    interface Action {
        void run(Bindings bindings);
    }

    PlanStep {
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
    }

    /** What its work is done for: every token, if a value of it has rows for these, else every example. */
    RowUnit per() {
        boolean ofTokens =
                Stream.concat(reads.stream(), writes.stream()).anyMatch(value -> value.per() == RowUnit.TOKEN);
        return ofTokens ? RowUnit.TOKEN : RowUnit.EXAMPLE;
    }
}
