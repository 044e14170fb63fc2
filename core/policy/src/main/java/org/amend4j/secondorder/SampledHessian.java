/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.numeric.SymmetricSpectrum;

/**
 * The Hessian of a batch element by element, with how large those of single trajectories are.
 *
 * @param spectrum of the mean ∇²L(θ₀)
 * @param meanSquare mean over trajectories of ‖Ĥ_i‖², Frobenius
 * @param step h of differences of gradients
 */
record SampledHessian(SymmetricSpectrum spectrum, double meanSquare, double step) {

    /** Two gradients of every trajectory per parameter. */
    static SampledHessian of(FrozenSurrogate surrogate) {
        double[] home = surrogate.home();
        int n = home.length;
        int count = surrogate.trajectories();
        double step = surrogate.homeHessian().step();
        double[][] mean = new double[n][n];
        double square = 0;
        for (int j = 0; j < n; j++) {
            double[][] up = at(surrogate, home, j, step);
            double[][] down = at(surrogate, home, j, -step);
            for (int i = 0; i < count; i++) {
                for (int k = 0; k < n; k++) {
                    double element = (up[i][k] - down[i][k]) / (2 * step);
                    mean[j][k] += element / count;
                    square += element * element / count;
                }
            }
        }
        return new SampledHessian(SymmetricSpectrum.of(mean), square, step);
    }

    private static double[][] at(FrozenSurrogate surrogate, double[] home, int j, double distance) {
        double[] theta = home.clone();
        theta[j] += distance;
        double[][] gradients = new double[surrogate.trajectories()][];
        surrogate.each(theta, (i, gradient) -> gradients[i] = gradient);
        return gradients;
    }
}
