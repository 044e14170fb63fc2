/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.HessianVector;
import org.amend4j.objective.Objective;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;

/**
 * The return of a frozen batch of trajectories as a function of the policy's parameters, importance-weighted:
 *
 * <pre>
 *   L(θ)  = mean Σ_t γ^t r_t ρ_{0:t}(θ),   ρ_{0:t} = Π_{k≤t} π_θ(a_k|s_k)/π_θ₀(a_k|s_k)
 *   ∇L(θ) = mean Σ_k w_k ∇log π_θ(a_k|s_k),   w_k = Σ_{t≥k} γ^t r_t ρ_{0:t}(θ)
 *   ∇²L(θ₀) = mean Σ_t γ^t r_t (c_t c_tᵀ + Σ_{k≤t} ∇²log π_k),   c_t = Σ_{k≤t} ∇log π_k
 * </pre>
 *
 * θ₀ being what the trajectories were taken with. ∇L(θ₀) is the GPOMDP estimate of ∇J_H, and the expectation of ∇²L(θ₀) is
 * ∇²J_H exactly. ∇²L is symmetric for every batch, as L is a function. Trajectories are never drawn again: new ones at
 * θ₀ ± hv would differ by noise, which a difference divides by h.
 *
 * <p>J is maximised, and objectives are minimised: as an {@link Objective} it is <b>-L</b> with the gradient -∇L. So the
 * largest eigenvalue of ∇²L is the smallest one of the objective, with the sign changed.
 *
 * <p>A {@link TimeBaseline} from other trajectories changes neither expectation.
 *
 * <p>Products of ratios are sums of logarithms, discount included, until the last step. A value costs a forward pass over
 * all rows, a gradient a forward and a backward pass; the policy's parameters are restored afterwards, also after an
 * exception. If θ is not finite, or a weight overflows, results are infinite or NaN.
 */
final class FrozenSurrogate implements Objective {

    private final FrozenBatch batch;
    private final double gamma;
    private final double logGamma;
    private final TimeBaseline baseline;
    private final double[] gains;

    /**
     * Of trajectories of a policy.
     *
     * @param policy with the parameters that it had when it took them; they are θ₀
     * @param steps steps in segments that are the first H steps of episodes, or whole episodes that terminated before
     * @param gamma γ, in (0, 1]
     * @throws IllegalArgumentException if the policy computes in FLOAT, segments are not such trajectories, or the policy's
     *     log-probabilities of the actions are not the recorded ones
     */
    public FrozenSurrogate(Policy policy, TakenSteps steps, double gamma) {
        this(policy, steps, gamma, TimeBaseline.NONE);
    }

    /**
     * The same, with r_t - b_t for the rewards and Σγ^t b_t added to the value: gradient and Hessian have the same expectation, and
     * less noise.
     *
     * @param baseline from other trajectories, of as many steps as the longest of these
     */
    public FrozenSurrogate(Policy policy, TakenSteps steps, double gamma, TimeBaseline baseline) {
        this(policy, steps, gamma, baseline, () -> {});
    }

    /**
     * @param afterPass told of every pass; may throw to end the work
     */
    FrozenSurrogate(Policy policy, TakenSteps steps, double gamma, TimeBaseline baseline, Runnable afterPass) {
        if (!(gamma > 0 && gamma <= 1)) {
            throw new IllegalArgumentException("gamma must be in (0, 1], got " + gamma);
        }
        batch = new FrozenBatch(policy, steps, afterPass);
        this.gamma = gamma;
        this.baseline = baseline;
        logGamma = StrictMath.log(gamma);
        gains = baseline.gains(steps, gamma);
    }

    /** θ₀, a copy. */
    public double[] home() {
        return batch.home().clone();
    }

    /** Number of trajectories. */
    public int trajectories() {
        return batch.segments().size();
    }

    /** Number of steps of all trajectories. */
    public int steps() {
        return batch.steps().rows();
    }

    FrozenBatch batch() {
        return batch;
    }

    @Override
    public int dimension() {
        return batch.dimension();
    }

    @Override
    public Precision precision() {
        return Precision.DOUBLE;
    }

    /** -L(θ). */
    @Override
    public double value(double[] theta) {
        Vectors.requireLength("theta", theta, dimension());
        if (!finite(theta)) {
            return Double.NaN;
        }
        double[] logProbabilities = batch.logProbabilities(theta);
        double[] weights = new double[logProbabilities.length];
        double sum = 0;
        for (Segment segment : batch.segments()) {
            sum += fillWeights(segment, logProbabilities, 0, weights);
        }
        return -(sum / trajectories() + baseline.total(gamma));
    }

    /**
     * -L(θ) and -∇L(θ).
     *
     * @throws ArithmeticException if weights are finite, but the network's gradient is not
     * @throws IllegalStateException if the policy's normaliser has moved
     */
    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Vectors.requireLength("theta", theta, dimension());
        Vectors.requireLength("gradient", gradient, dimension());
        if (!finite(theta)) {
            Arrays.fill(gradient, Double.NaN);
            return Double.NaN;
        }
        double[] sum = new double[gradient.length];
        double value = batch.under(theta, () -> addAll(sum));
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = -sum[i] / trajectories();
        }
        return -(value / trajectories() + baseline.total(gamma));
    }

    private double addAll(double[] gradient) {
        double value = 0;
        for (FrozenBatch.Piece piece : batch.pieces()) {
            Policy.Evaluation evaluation = batch.evaluate(piece);
            double[] logProbabilities = evaluation.logProbabilities();
            double[] weights = new double[logProbabilities.length];
            for (Segment segment : piece.segments()) {
                value += fillWeights(segment, logProbabilities, piece.begin(), weights);
            }
            if (finite(weights)) {
                add(evaluation.gradient(weights, new double[0], new double[0]), gradient);
            } else {
                Arrays.fill(gradient, Double.NaN);
            }
        }
        return value;
    }

    /**
     * w_k of one trajectory.
     *
     * @param logProbabilities of rows from {@code from} on
     * @param weights written to, of rows from {@code from} on
     * @return Σ_t γ^t r_t ρ_{0:t}
     */
    private double fillWeights(Segment segment, double[] logProbabilities, int from, double[] weights) {
        double logRatio = 0;
        for (int t = 0; t < segment.length(); t++) {
            int row = segment.begin() + t;
            logRatio += logProbabilities[row - from] - batch.homeLogProbabilities()[row];
            double reward = gains[row];
            weights[row - from] = reward == 0 ? 0 : reward * Math.exp(logRatio + t * logGamma);
        }
        double sum = 0;
        for (int row = segment.end() - 1; row >= segment.begin(); row--) {
            sum += weights[row - from];
            weights[row - from] = sum;
        }
        return sum;
    }

    /** ∇L(θ₀), the GPOMDP estimate, [dimension]. */
    public double[] homeGradient() {
        double[] gradient = new double[dimension()];
        valueAndGradient(batch.home(), gradient);
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = -gradient[i];
        }
        return gradient;
    }

    /** Hears of the gradient of each trajectory. */
    @FunctionalInterface
    interface GradientSink {

        /**
         * Takes the next one.
         *
         * @param trajectory its index
         * @param gradient of its own L, [dimension]; the receiver's own
         */
        void accept(int trajectory, double[] gradient);
    }

    /** ∇L_i(θ) of every trajectory, one after the other, in one pass with a backward pass each. */
    void each(double[] theta, GradientSink sink) {
        batch.under(theta, () -> {
            for (int i = 0; i < trajectories(); i++) {
                FrozenBatch.Piece piece = batch.piece(i);
                Policy.Evaluation evaluation = batch.evaluate(piece);
                double[] weights = new double[piece.segments().get(0).length()];
                fillWeights(piece.segments().get(0), evaluation.logProbabilities(), piece.begin(), weights);
                sink.accept(i, evaluation.gradient(weights, new double[0], new double[0]));
            }
            return trajectories();
        });
    }

    /** Products with -∇²L(θ₀), two gradients each, at the default step. */
    public HessianVector homeHessian() {
        return HessianVector.at(this, batch.home());
    }

    /**
     * Every trajectory's own derivatives at θ₀ along a direction, for four forward passes in all.
     *
     * @param direction not 0; its length does not matter
     * @throws IllegalArgumentException if the direction is 0 or not finite
     * @throws ArithmeticException if a log-probability near θ₀ is not finite
     */
    public TrajectorySlopes along(double[] direction) {
        Vectors.requireLength("the direction", direction, dimension());
        return along(RowSlopes.of(batch, direction));
    }

    TrajectorySlopes along(RowSlopes rows) {
        return TrajectorySlopes.of(batch, gamma, gains, rows);
    }

    /** Of rewards as they are, as a GPOMDP without a baseline has them. */
    TrajectorySlopes plainAlong(RowSlopes rows) {
        return TrajectorySlopes.of(batch, gamma, batch.steps().rewards(), rows);
    }

    TimeBaseline baseline() {
        return baseline;
    }

    /** Σ γ^t r_t of every trajectory, without the baseline. */
    double[] returns() {
        double[] returns = new double[trajectories()];
        for (int i = 0; i < returns.length; i++) {
            Segment segment = batch.segments().get(i);
            for (int row = segment.end() - 1; row >= segment.begin(); row--) {
                returns[i] = batch.steps().rewards()[row] + gamma * returns[i];
            }
        }
        return returns;
    }

    private static void add(double[] from, double[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] += from[i];
        }
    }

    private static boolean finite(double[] numbers) {
        return Arrays.stream(numbers).allMatch(Double::isFinite);
    }

    /** Of θ₀, the trajectories, their log-probabilities at θ₀, and γ. */
    @Override
    public String fingerprint() {
        MessageDigest digest = Sha256.start();
        digest.update(("amend4j frozen surrogate 1 " + dimension() + '\n').getBytes(StandardCharsets.UTF_8));
        update(digest, gamma);
        update(digest, batch.home());
        update(digest, batch.homeLogProbabilities());
        update(digest, batch.steps().rewards());
        update(digest, baseline.perStep());
        update(digest, batch.steps().decisions().inputs());
        update(digest, batch.steps().decisions().actions());
        for (Segment segment : batch.segments()) {
            update(digest, segment.length());
        }
        return Sha256.hex(digest);
    }

    private static void update(MessageDigest digest, double... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Double.BYTES, numbers.length));
        for (double number : numbers) {
            bytes.putDouble(number);
        }
        digest.update(bytes.flip());
    }
}
