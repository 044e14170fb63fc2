/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

/** All 2^H strings of actions in the plain XOR process, and the moments of the GPOMDP and Hessian estimates over them. */
@SuppressWarnings("ArrayRecordComponent") // test data
record XorStrings(double[] mean, double[][] covariance, double[][] hessian) {

    static XorStrings of(double[] theta, double gamma, int horizon) {
        double[] mean = new double[2];
        double[][] second = new double[2][2];
        double[][] hessian = new double[2][2];
        for (int string = 0; string < 1 << horizon; string++) {
            add(string, theta, gamma, horizon, mean, second, hessian);
        }
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 2; j++) {
                second[i][j] -= mean[i] * mean[j];
            }
        }
        return new XorStrings(mean, second, hessian);
    }

    private static void add(
            int string,
            double[] theta,
            double gamma,
            int horizon,
            double[] mean,
            double[][] second,
            double[][] hessian) {
        double probability = 1;
        double[] scores = new double[2];
        double[] curvature = new double[2];
        double[] gradient = new double[2];
        double[][] outer = new double[2][2];
        for (int t = 0; t < horizon; t++) {
            int observation = t % 2;
            int action = (string >> t) & 1;
            double one = 1 / (1 + Math.exp(-theta[observation]));
            probability *= action == 1 ? one : 1 - one;
            scores[observation] += action - one;
            curvature[observation] -= one * (1 - one);
            double reward = observation == 0 ? 0 : action == ((string >> (t - 1)) & 1) ? 1 : -1;
            double weight = Math.pow(gamma, t) * reward;
            for (int i = 0; i < 2; i++) {
                gradient[i] += weight * scores[i];
                outer[i][i] += weight * curvature[i];
                for (int j = 0; j < 2; j++) {
                    outer[i][j] += weight * scores[i] * scores[j];
                }
            }
        }
        for (int i = 0; i < 2; i++) {
            mean[i] += probability * gradient[i];
            for (int j = 0; j < 2; j++) {
                second[i][j] += probability * gradient[i] * gradient[j];
                hessian[i][j] += probability * outer[i][j];
            }
        }
    }
}
