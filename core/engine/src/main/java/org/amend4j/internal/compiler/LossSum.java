/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import org.amend4j.internal.compiler.Value.Buffer;

/** The losses of examples, added up over the network's outputs. */
final class LossSum {

    private static final Value TOTAL = new Value(new Buffer.Result(Buffer.Result.Kind.LOSSES), "losses", 1, 1);

    private final PlanSteps steps;
    private boolean written;

    LossSum(PlanSteps steps) {
        this.steps = steps;
    }

    /** A place for the losses of an output; of the first it is the sum itself. */
    Value place(String vertex) {
        return written ? steps.perExample(vertex + " losses", 1, 1) : TOTAL;
    }

    /** Appends their addition, once they are in their place. */
    void add(String vertex, Value losses) {
        if (written) {
            steps.add(
                    vertex,
                    "sum of losses",
                    List.of(TOTAL, losses),
                    List.of(TOTAL),
                    Work.through(3),
                    b -> b.kernels().elementwise().scaledSum(b.array(TOTAL), 1, b.array(losses), 1, b.array(TOTAL)));
        }
        written = true;
    }
}
