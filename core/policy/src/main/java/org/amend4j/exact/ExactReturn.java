/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.Transition;
import org.amend4j.identity.Facts;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricOperator;
import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.Objective;
import org.amend4j.objective.Precision;

/**
 * The discounted return J(θ) of softmax policies on a finite process, with its gradient and Hessian, exact to rounding:
 * no sampling. States that show the same observation share their logits.
 *
 * <p>J is maximised, and objectives are minimised: as an {@link Objective} it is <b>-J</b> with the gradient -∇J, so that
 * gradient descent on it is gradient ascent on the return. Methods with "return" in their names are about J itself.
 *
 * <p>Costs, for n states and N logits: a gradient n³/3 operations, a Hessian n³ + n²·N and N² doubles; cut off after H
 * steps, H·N·n at most and H·N²·n. Thread-safe. Where parameters are not finite all results are NaN.
 */
public final class ExactReturn implements Objective {

    private final FiniteMdp mdp;
    private final FiniteProcess process;
    private final Aliasing aliasing;
    private final LogitMap map;
    private final double gamma;
    private final OptionalInt horizon;

    private ExactReturn(
            FiniteMdp mdp, FiniteProcess process, Aliasing aliasing, LogitMap map, double gamma, OptionalInt horizon) {
        this.mdp = mdp;
        this.process = process;
        this.aliasing = aliasing;
        this.map = map;
        this.gamma = gamma;
        this.horizon = horizon;
    }

    /**
     * The return without a horizon.
     *
     * @param environment what is observed of which process; never acted in
     * @param map from parameters to logits, of as many observations and actions as the environment has
     * @param gamma γ, in (0, 1)
     * @throws IllegalArgumentException if γ is out of its range or the map does not fit
     */
    public static ExactReturn of(TabularEnvironment environment, LogitMap map, double gamma) {
        Aliasing aliasing = Aliasing.of(environment);
        FiniteMdp mdp = environment.mdp();
        if (map.observations() != aliasing.count() || map.actions() != mdp.actions()) {
            throw new IllegalArgumentException("logits must be of " + aliasing.count() + " observations and "
                    + mdp.actions() + " actions, got " + map.observations() + " and " + map.actions());
        }
        return new ExactReturn(
                mdp, new FiniteProcess(mdp), aliasing, map, Checks.insideUnit("gamma", gamma), OptionalInt.empty());
    }

    /**
     * The return J_H of the first H steps, t = 0..H-1, of the same policies.
     *
     * @param steps H, at least 1
     * @throws IllegalArgumentException if H is out of its range
     */
    public ExactReturn truncated(int steps) {
        return new ExactReturn(mdp, process, aliasing, map, gamma, OptionalInt.of(Checks.atLeast(1, "horizon", steps)));
    }

    /** H, if it is cut off. */
    public OptionalInt horizon() {
        return horizon;
    }

    /** γ. */
    public double gamma() {
        return gamma;
    }

    /** From parameters to logits. */
    public LogitMap map() {
        return map;
    }

    @Override
    public int dimension() {
        return map.dimension();
    }

    /** π(a|s), [state][action]. */
    public double[][] policy(double[] theta) {
        return policyOf(logits(theta));
    }

    /** Values of states and actions under θ, without a horizon whether or not the return has one. */
    public PolicyValues values(double[] theta) {
        double[] logits = finiteLogits(theta);
        return new PolicyValues(process, policyOf(logits), gamma);
    }

    /** J(θ), or J_H(θ). */
    public double expectedReturn(double[] theta) {
        double[] logits = logits(theta);
        return finite(logits) ? evaluate(logits).expectedReturn() : Double.NaN;
    }

    /** ∇J(θ), [dimension]. */
    public double[] returnGradient(double[] theta) {
        double[] gradient = new double[dimension()];
        returnAndGradient(theta, gradient);
        return gradient;
    }

    /** ∇²J(θ), [dimension][dimension], symmetric to the last bit. */
    public double[][] returnHessian(double[] theta) {
        double[] logits = logits(theta);
        if (!finite(logits)) {
            double[][] undefined = new double[dimension()][dimension()];
            for (double[] row : undefined) {
                Arrays.fill(row, Double.NaN);
            }
            return undefined;
        }
        PolicyReturn at = evaluate(logits);
        return map.pullBack(theta, at.logitGradient(aliasing), at.logitHessian(aliasing));
    }

    /**
     * All eigenvalues of ∇²J(θ); a positive one at a stationary point makes it a saddle of the return.
     *
     * @throws ArithmeticException if θ is not finite
     */
    public SymmetricSpectrum returnSpectrum(double[] theta) {
        return SymmetricSpectrum.of(returnHessian(theta));
    }

    /**
     * ∇²J(θ) by its products, for {@link org.amend4j.numeric.Lanczos}: where all eigenvalues are too many to compute.
     *
     * @return the matrix of {@link #returnHessian}, held densely
     */
    public SymmetricOperator returnCurvature(double[] theta) {
        return new DenseOperator(returnHessian(theta));
    }

    /**
     * The exact second moment E⟨v, ĝ⟩² of the GPOMDP estimate ĝ = Σ_t γ^t r_t Σ_{k≤t} ∇log π(a_k|s_k) of one trajectory: the
     * noise (and, away from stationary points, the gradient) along v. Costs a sweep over all outcomes per step; without a
     * horizon five sweeps and 2n³/3 operations for linear systems, whatever the discount.
     *
     * @param v [dimension]
     * @throws ArithmeticException if θ is not finite
     */
    public double estimateSecondMoment(double[] theta, double[] v) {
        Vectors.requireLength("v", v, dimension());
        double[] logits = finiteLogits(theta);
        double[][] policy = policyOf(logits);
        return new EstimateMoments(mdp, process, policy, scores(theta, policy, v), gamma).secondMoment(horizon);
    }

    /** R/(1-γ), R the greatest magnitude of a reward: no return is larger. */
    public double scale() {
        double greatest = 0;
        for (int state = 0; state < mdp.states(); state++) {
            for (int action = 0; action < mdp.actions(); action++) {
                for (Transition outcome : mdp.outcomes(state, action)) {
                    greatest = Math.max(greatest, Math.abs(outcome.reward()));
                }
            }
        }
        return greatest / (1 - gamma);
    }

    /**
     * J* - J(θ), or J*_H - J_H(θ), J* the best of all policies that see the state, and, if there is a horizon, the time: aliased or
     * restricted policies may never come near. At least 0 but for rounding.
     */
    public double gap(double[] theta) {
        OptimalValues best = horizon.isPresent()
                ? OptimalValues.within(mdp, gamma, horizon.getAsInt())
                : OptimalValues.of(mdp, gamma);
        return best.expectedReturn() - expectedReturn(theta);
    }

    /**
     * Mean entropy of the policy as a share of the greatest, over states by their discounted visits, of the first H steps if
     * the return is cut off.
     *
     * @throws ArithmeticException if logits are not finite
     */
    public double entropyShare(double[] theta) {
        double[] logits = finiteLogits(theta);
        double[][] policy = policyOf(logits);
        double[] visits = evaluate(logits).visits();
        double sum = 0;
        for (int state = 0; state < policy.length; state++) {
            for (double p : policy[state]) {
                sum -= p == 0 ? 0 : visits[state] * p * Math.log(p);
            }
        }
        return sum / Arrays.stream(visits).sum() / Math.log(Math.max(2, process.actions()));
    }

    /** Parameters that move the probabilities of no action, to first order: no score has a part in them. */
    public BitSet deadParameters(double[] theta) {
        double[][] rows = new double[map.observations() * map.actions()][];
        for (int i = 0; i < rows.length; i++) {
            double[] unit = new double[rows.length];
            unit[i] = 1;
            rows[i] = map.pullBack(theta, unit);
        }
        BitSet dead = new BitSet(dimension());
        for (int k = 0; k < dimension(); k++) {
            boolean alike = true;
            for (int i = 0; i < rows.length; i++) {
                alike &= rows[i][k] == rows[i - i % map.actions()][k];
            }
            dead.set(k, alike);
        }
        return dead;
    }

    /** ⟨v, ∇log π(a|s)⟩, [state][action]. */
    private double[][] scores(double[] theta, double[][] policy, double[] v) {
        double[] slopes = new double[map.observations() * map.actions()];
        for (int i = 0; i < slopes.length; i++) {
            double[] one = new double[slopes.length];
            one[i] = 1;
            slopes[i] = Matrices.dot(map.pullBack(theta, one), v);
        }
        double[][] scores = new double[policy.length][process.actions()];
        for (int state = 0; state < policy.length; state++) {
            int at = aliasing.of()[state] * process.actions();
            double mean = 0;
            for (int action = 0; action < process.actions(); action++) {
                mean += policy[state][action] * slopes[at + action];
            }
            for (int action = 0; action < process.actions(); action++) {
                scores[state][action] = slopes[at + action] - mean;
            }
        }
        return scores;
    }

    private double returnAndGradient(double[] theta, double[] gradient) {
        double[] logits = logits(theta);
        if (!finite(logits)) {
            Arrays.fill(gradient, Double.NaN);
            return Double.NaN;
        }
        PolicyReturn at = evaluate(logits);
        double[] pulled = map.pullBack(theta, at.logitGradient(aliasing));
        System.arraycopy(pulled, 0, gradient, 0, pulled.length);
        return at.expectedReturn();
    }

    /** -J(θ). */
    @Override
    public double value(double[] theta) {
        return -expectedReturn(theta);
    }

    /** -J(θ) and -∇J(θ). */
    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Vectors.requireLength("the gradient", gradient, dimension());
        double value = returnAndGradient(theta, gradient);
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = -gradient[i];
        }
        return -value;
    }

    @Override
    public Precision precision() {
        return Precision.DOUBLE;
    }

    private double[] logits(double[] theta) {
        Vectors.requireLength("the parameters", theta, dimension());
        return map.logits(theta);
    }

    private double[] finiteLogits(double[] theta) {
        double[] logits = logits(theta);
        if (!finite(logits)) {
            throw new ArithmeticException("logits must be finite, got " + Arrays.toString(logits));
        }
        return logits;
    }

    private static boolean finite(double[] logits) {
        return Arrays.stream(logits).allMatch(Double::isFinite);
    }

    private PolicyReturn evaluate(double[] logits) {
        double[][] policy = policyOf(logits);
        return horizon.isPresent()
                ? new TruncatedValues(process, policy, gamma, horizon.getAsInt())
                : new PolicyValues(process, policy, gamma);
    }

    private double[][] policyOf(double[] logits) {
        double[][] policy = new double[process.states()][process.actions()];
        for (int state = 0; state < policy.length; state++) {
            softmax(logits, aliasing.of()[state] * process.actions(), policy[state]);
        }
        return policy;
    }

    private static void softmax(double[] logits, int from, double[] into) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < into.length; i++) {
            greatest = Math.max(greatest, logits[from + i]);
        }
        double sum = 0;
        for (int i = 0; i < into.length; i++) {
            into[i] = StrictMath.exp(logits[from + i] - greatest);
            sum += into[i];
        }
        for (int i = 0; i < into.length; i++) {
            into[i] /= sum;
        }
    }

    /** Of the tables, the observations, the map, γ and H. */
    @Override
    public String fingerprint() {
        MessageDigest digest = Sha256.start();
        String head = String.join(
                " ",
                "amend4j exact return 1",
                map.kind(),
                Integer.toString(map.observations()),
                Integer.toString(map.actions()),
                Integer.toString(map.dimension()),
                Facts.text(horizon),
                Facts.text(aliasing.of()));
        digest.update((head + '\n').getBytes(StandardCharsets.UTF_8));
        update(digest, gamma);
        update(digest, map.constants());
        update(digest, process.start());
        for (int state = 0; state < mdp.states(); state++) {
            for (int action = 0; action < mdp.actions(); action++) {
                for (Transition outcome : mdp.outcomes(state, action)) {
                    update(
                            digest,
                            state,
                            action,
                            outcome.probability(),
                            outcome.next(),
                            outcome.reward(),
                            outcome.terminated() ? 1 : 0);
                }
            }
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
