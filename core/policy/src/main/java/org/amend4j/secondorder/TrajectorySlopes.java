/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.rollout.Segment;

/**
 * First and second derivatives of every trajectory's return estimate along a unit vector v, at the parameters it was taken
 * with: {@code ⟨v, ĝ_i⟩ = Σ_t γ^t r_t C_t} and {@code vᵀĤ_i v = Σ_t γ^t r_t (C_t² + D_t)}, where C_t and D_t are the sums up to t
 * of the first and second derivatives of log π(a_k|s_k) along v; with a baseline r_t - b_t for r_t, after the end, too.
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
record TrajectorySlopes(double[] slopes, double[] curvatures, double step) {

    static TrajectorySlopes of(FrozenBatch batch, double gamma, double[] gains, RowSlopes rows) {
        int count = batch.segments().size();
        double[] slopes = new double[count];
        double[] curvatures = new double[count];
        for (int i = 0; i < count; i++) {
            Segment segment = batch.segments().get(i);
            double c = 0;
            double d = 0;
            for (int row = segment.begin(); row < segment.end(); row++) {
                c += rows.first()[row];
                d += rows.second()[row];
                double gain = StrictMath.pow(gamma, row - segment.begin()) * gains[row];
                slopes[i] += gain * c;
                curvatures[i] += gain * (c * c + d);
            }
        }
        return new TrajectorySlopes(slopes, curvatures, rows.step());
    }
}
