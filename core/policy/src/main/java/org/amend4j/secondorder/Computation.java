/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * How a report's numbers were computed.
 *
 * @param sampling the trajectories
 * @param search for the largest eigenvalue
 * @param gradientStep h of differences of gradients; 0 if exact
 * @param scoreStep h of differences of log-probabilities; 0 if exact
 * @param precision in which the policy computed
 */
public record Computation(
        Sampling sampling, EigenSearch search, double gradientStep, double scoreStep, String precision) {

    /**
     * What was drawn.
     *
     * @param trajectories of each of the two batches; 0 if exact. A quarter as many more are for the baseline
     * @param environmentSteps of all of them; 0 if exact
     * @param seed root of all random numbers; 0 if exact
     */
    public record Sampling(int trajectories, long environmentSteps, long seed) {
        static final Sampling NONE = new Sampling(0, 0, 0);
    }

    /**
     * How v was found.
     *
     * @param starts of Lanczos, all from the seed; 0 if all eigenvalues were computed
     * @param steps of the start that found v; the dimension if all eigenvalues were computed
     * @param converged whether its residual met its tolerance
     */
    public record EigenSearch(int starts, int steps, boolean converged) {
        static EigenSearch ofAll(int dimension) {
            return new EigenSearch(0, dimension, true);
        }
    }

    /** Whether nothing was sampled; then standard errors are 0 and intervals points. */
    public boolean isExact() {
        return sampling.trajectories() == 0;
    }
}
