/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.function.DoubleUnaryOperator;

/** A function of one variable, and what it says its derivative is. */
public record Line(DoubleUnaryOperator function, DoubleUnaryOperator derivative, Precision precision)
        implements Objective {

    public Line(DoubleUnaryOperator function, DoubleUnaryOperator derivative) {
        this(function, derivative, Precision.DOUBLE);
    }

    @Override
    public int dimension() {
        return 1;
    }

    @Override
    public double value(double[] theta) {
        return function.applyAsDouble(theta[0]);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        gradient[0] = derivative.applyAsDouble(theta[0]);
        return value(theta);
    }

    @Override
    public String fingerprint() {
        return "line";
    }
}
