/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.network.Operation.TokenLoss;
import org.amend4j.internal.network.Values.Constant;
import org.amend4j.internal.network.Values.Slice;

/** The products of a head. */
final class ToVocabulary {

    private final TokenLoss loss;
    private final int width;

    /**
     * @param most rows at a time
     * @param back whether there is a product back
     */
    ToVocabulary(TokenLoss loss, int width, PlanSteps steps, int most, boolean back) {
        this.loss = loss;
        this.width = width;
        if (loss.weight() instanceof Constant constant) {
            steps.multipliesWith(new ConstantMatrix(use(constant, true), width, loss.vocabulary(), RowUnit.RUN, most));
            if (back) {
                steps.multipliesWith(
                        new ConstantMatrix(use(constant, false), loss.vocabulary(), width, RowUnit.RUN, most));
            }
        }
    }

    private static ConstantMatrix.Use use(Constant constant, boolean forward) {
        return new ConstantMatrix.Use(constant, forward);
    }

    void multiply(Bindings b, MachineArray rows, MachineArray logits, int count) {
        multiply(b, rows, logits, count, true);
    }

    void multiplyBack(Bindings b, MachineArray logits, MachineArray rows, int count) {
        multiply(b, logits, rows, count, false);
    }

    private void multiply(Bindings b, MachineArray from, MachineArray to, int count, boolean forward) {
        if (loss.weight() instanceof Constant constant) {
            b.factor(use(constant, forward)).multiply(from, to, count, 1, 0);
            return;
        }
        int inner = forward ? width : loss.vocabulary();
        int columns = forward ? loss.vocabulary() : width;
        b.multiply(from, false, b.parameter(loss.weight()), forward, to, count, columns, inner, 1, 0);
    }

    void train(Bindings b, MachineArray logits, MachineArray rows, int count, boolean adds) {
        MachineArray gradient = b.gradient((Slice) loss.weight());
        b.multiply(logits, true, rows, false, gradient, loss.vocabulary(), width, count, 1, adds ? 1 : 0);
    }
}
