package org.amend4j.saddle;

import org.amend4j.check.Checks;
import org.amend4j.rollout.Segment;

/**
 * First and second derivatives of every trajectory's return estimate along a unit vector v, at the parameters it was taken
 * with: {@code ⟨v, ĝ_i⟩ = Σ_t γ^t r_t C_t} and {@code vᵀĤ_i v = Σ_t γ^t r_t (C_t² + D_t)}, where C_t and D_t are the sums up to t
 * of the first and second derivatives of log π(a_k|s_k) along v.
 *
 * <p>Those come from log-probabilities at θ₀, θ₀ ± hv and θ₀ ± 2hv, with errors of order h⁴ and rounding of order ε/h in
 * C_t and ε/h² in D_t, ε being 2^-52: about 1e-12 and 1e-10 a step at {@code h = (ε·max(1, ‖θ₀‖))^(1/6)}, 2.5e-3 or more, if
 * log-probabilities and their derivatives along v are of order 1 and smooth (a kink of a ReLU between the points is not). No
 * backward pass per trajectory is needed.
 *
 * @param slopes ⟨v, ĝ_i⟩, [trajectories]
 * @param curvatures vᵀĤ_i v, [trajectories]
 * @param step h
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record TrajectorySlopes(double[] slopes, double[] curvatures, double step) {

    static TrajectorySlopes of(FrozenBatch batch, double gamma, double[] direction) {
        double norm = Checks.positive("the length of a direction", norm(direction));
        double step = StrictMath.pow(Math.ulp(1.0) * Math.max(1, norm(batch.home())), 1.0 / 6);
        double[][] at = new double[5][];
        for (int i = 0; i < 5; i++) {
            at[i] = i == 2
                    ? batch.homeLogProbabilities()
                    : batch.logProbabilities(moved(batch.home(), direction, (i - 2) * step / norm));
        }
        int rows = at[0].length;
        double[] first = new double[rows];
        double[] second = new double[rows];
        for (int k = 0; k < rows; k++) {
            first[k] = (8 * (at[3][k] - at[1][k]) - (at[4][k] - at[0][k])) / (12 * step);
            second[k] = (16 * (at[3][k] + at[1][k]) - (at[4][k] + at[0][k]) - 30 * at[2][k]) / (12 * step * step);
            if (!Double.isFinite(first[k]) || !Double.isFinite(second[k])) {
                throw new ArithmeticException("log-probabilities near the policy must be finite (row " + k + ")");
            }
        }
        return sums(batch, gamma, first, second, step);
    }

    private static TrajectorySlopes sums(
            FrozenBatch batch, double gamma, double[] first, double[] second, double step) {
        int count = batch.segments().size();
        double[] slopes = new double[count];
        double[] curvatures = new double[count];
        for (int i = 0; i < count; i++) {
            Segment segment = batch.segments().get(i);
            double c = 0;
            double d = 0;
            for (int row = segment.begin(); row < segment.end(); row++) {
                c += first[row];
                d += second[row];
                double reward = StrictMath.pow(gamma, row - segment.begin())
                        * batch.steps().rewards()[row];
                slopes[i] += reward * c;
                curvatures[i] += reward * (c * c + d);
            }
        }
        return new TrajectorySlopes(slopes, curvatures, step);
    }

    private static double[] moved(double[] theta, double[] direction, double distance) {
        double[] moved = new double[theta.length];
        for (int i = 0; i < theta.length; i++) {
            moved[i] = theta[i] + distance * direction[i];
        }
        return moved;
    }

    private static double norm(double[] vector) {
        double sum = 0;
        for (double number : vector) {
            sum += number * number;
        }
        return Math.sqrt(sum);
    }
}
