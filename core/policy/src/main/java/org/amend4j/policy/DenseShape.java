/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * A dense layer y = f(xW + b).
 *
 * @param inputs length of x, at least 1
 * @param outputs length of y, at least 1
 * @param bias whether there is a b
 * @param activation f
 */
public record DenseShape(int inputs, int outputs, boolean bias, DenseActivation activation) implements Identified {

    public DenseShape {
        Checks.atLeast(1, "inputs", inputs);
        Checks.atLeast(1, "outputs", outputs);
        Math.multiplyExact(inputs + 1, outputs);
    }

    @Override
    public Facts facts() {
        return Facts.of("Dense")
                .with("inputs", inputs)
                .with("outputs", outputs)
                .with("bias", bias)
                .with("activation", activation);
    }

    /** Numbers in W and b. */
    int parameters() {
        return inputs * outputs + (bias ? outputs : 0);
    }
}
