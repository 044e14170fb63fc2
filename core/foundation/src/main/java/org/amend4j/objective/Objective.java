/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

/**
 * A differentiable function of a parameter vector. It is deterministic: equal vectors give equal bytes, whatever is computed
 * in between. Not thread-safe unless an implementation says so.
 *
 * <p>Where the function overflows or is not defined, results are infinite or NaN; callers decide what that means.
 */
public interface Objective {

    /** The length of the parameter vector, at least 1. */
    int dimension();

    /**
     * The function's value.
     *
     * @param theta parameters, [dimension]; only read
     * @throws IllegalArgumentException if the length is wrong
     */
    double value(double[] theta);

    /**
     * The value and the gradient, for little more than the gradient alone.
     *
     * @param theta parameters, [dimension]; only read
     * @param gradient overwritten with the gradient, [dimension]; another array than theta
     * @return the value
     * @throws IllegalArgumentException if a length is wrong
     */
    double valueAndGradient(double[] theta, double[] gradient);

    /**
     * The gradient alone: the bytes of {@link #valueAndGradient}, sooner where the value takes time of its own.
     *
     * @param theta parameters, [dimension]; only read
     * @param gradient overwritten with the gradient, [dimension]; another array than theta
     * @throws IllegalArgumentException if a length is wrong
     */
    default void gradient(double[] theta, double[] gradient) {
        valueAndGradient(theta, gradient);
    }

    /** The type it computes in. */
    Precision precision();

    /**
     * Names the function: hexadecimal digest of everything its values depend on besides the parameters (network, data,
     * normaliser, ...). A run is only resumed on the function it was started on.
     */
    String fingerprint();
}
