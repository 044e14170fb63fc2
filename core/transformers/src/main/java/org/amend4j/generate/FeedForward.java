/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.List;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.internal.cpu.FloatRows;
import org.amend4j.internal.network.Activation;

/** The part of a layer in which rows do not meet. */
sealed interface FeedForward {

    /** to = the result for all rows; {@code x} is kept. */
    void apply(Row[] rows, float[][] x, float[][] to);

    List<Linear> linears();

    /** The function that a model's configuration names. */
    static Activation function(HiddenActivation activation) {
        return Activation.of(
                switch (activation) {
                    case SILU -> Activation.Kind.SWISH;
                    case GELU -> Activation.Kind.GELU_EXACT;
                    case GELU_TANH -> Activation.Kind.GELU_TANH;
                });
    }

    /** down(a(gate x) · up x). */
    record Gated(HiddenActivation activation, Linear gate, Linear up, Linear down) implements FeedForward {

        @Override
        public void apply(Row[] rows, float[][] x, float[][] to) {
            float[][] gates = gate.applied(rows, x);
            float[][] ups = up.applied(rows, x);
            for (int i = 0; i < rows.length; i++) {
                FloatRows.activate(function(activation), gates[i]);
                Loops.multiply(gates[i], ups[i], gates[i].length);
            }
            down.apply(rows, gates, to);
        }

        @Override
        public List<Linear> linears() {
            return List.of(gate, up, down);
        }
    }

    /** narrow(a(wide x)). */
    record Plain(HiddenActivation activation, Linear wide, Linear narrow) implements FeedForward {

        @Override
        public void apply(Row[] rows, float[][] x, float[][] to) {
            float[][] inner = wide.applied(rows, x);
            for (float[] row : inner) {
                FloatRows.activate(function(activation), row);
            }
            narrow.apply(rows, inner, to);
        }

        @Override
        public List<Linear> linears() {
            return List.of(wide, narrow);
        }
    }
}
