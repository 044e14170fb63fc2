/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * C, the mean of x·xᵀ over a layer's inputs x, which come batch by batch; nothing is subtracted. Takes 8·nIn² bytes. Not
 * thread-safe.
 */
public final class InputCovariance {

    private final String target;
    private final Dense sum;
    private long count;

    /**
     * @param target name of the adapted weight, for messages
     * @param inputs nIn, >= 1
     */
    public InputCovariance(String target, int inputs) {
        this.target = Checks.name("the target of a covariance", target);
        Checks.atLeast(1, "inputs of target '" + target + "'", inputs);
        sum = Dense.zero(inputs, inputs);
    }

    /**
     * Adds a batch.
     *
     * @param rows [any number, nIn]; finite
     */
    public void addInPlace(INDArray rows) {
        Dense x = InputRows.columns(target, sum.rows(), rows);
        sum.plusInPlace(1, x, false, x, true);
        count += x.columns();
    }

    /** How many inputs it has seen. */
    public long count() {
        return count;
    }

    int inputs() {
        return sum.rows();
    }

    /** C plus a share of its diagonal's mean on the diagonal. */
    Dense damped(double damping) {
        if (count == 0) {
            throw new IllegalStateException(
                    "a covariance needs at least one input, got none (target '" + target + "')");
        }
        Dense c = sum.scaled(k -> 1.0 / count);
        double mean = 0;
        for (int i = 0; i < c.rows(); i++) {
            mean += c.at(i, i) / c.rows();
        }
        for (int i = 0; i < c.rows(); i++) {
            c.values()[i * c.rows() + i] += damping * mean;
        }
        return c;
    }
}
