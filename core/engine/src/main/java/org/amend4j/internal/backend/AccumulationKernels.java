/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.validation.Checks;

/**
 * Sums of many arrays with very small error (accumulation.cu). A sum is two numbers for each element, high + low not
 * evaluated; add two floats in double.
 */
public abstract class AccumulationKernels {

    /**
     * (high, low) += factor · from. After n of these from zero on, high + low errs by at most (3n + 7)·2^-48 times the sum of the
     * terms' magnitudes: each step rounds three numbers that are below 2^-23 of that, and the sums themselves are exact. Terms
     * below 2^-100 may lose what no float can hold. In doubles, read 2^-106 for 2^-48 and 2^-52 for 2^-23.
     *
     * @param factor for floats rounded to two of them, about 48 bits
     */
    public final void addTo(MachineArray from, double factor, MachineArray high, MachineArray low) {
        Checks.finite("factor", factor);
        Shapes.requireReals("from", from, high.length());
        Shapes.requireReals("high", high, from.length());
        Shapes.requireReals("low", low, from.length());
        if (from.length() == 0) {
            return;
        }
        computeAddTo(from, factor, high, low);
    }

    protected abstract void computeAddTo(MachineArray from, double factor, MachineArray high, MachineArray low);
}
