/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

/**
 * The effect of policy-gradient options on the expected estimate E ĝ, hence on a guarantee for plain stochastic ascent on J_H.
 * Run records print these sentences.
 */
public enum EffectOnGuarantee {
    /** Weights γ^(t-k) r_t instead of γ^t r_t, what most libraries do. */
    DROPPED_DISCOUNT(
            "discount of the state dropped",
            Verdict.PRACTICE,
            "the estimate is not the gradient of J, nor of any function (Nota and Thomas 2020), and its size grows with H"),
    /** b(s_k), independent of a_k given s_k; a learned one is fitted on earlier data. */
    STATE_BASELINE(
            "state baseline",
            Verdict.THEORY_PRESERVING,
            "the expectation stays; noise falls, and with it the noise that leaves saddles"),
    /** {@link Baselines#leaveOneOut} or {@link Baselines#leaveOneOutPerTime}. */
    LEAVE_ONE_OUT_BASELINE(
            "leave-one-out baseline",
            Verdict.THEORY_PRESERVING,
            "the expectation stays, as the baseline is made of other trajectories"),
    /** {@link Baselines#minusMeanPerTime}. */
    BATCH_MEAN_BASELINE(
            "batch-mean baseline",
            Verdict.PRACTICE,
            "the own trajectory is part of the mean: the gradient times 1-1/K for K trajectories of one length, a harmless shorter "
                    + "step, but a factor for each time if lengths differ; leave-one-out is exact"),
    /** V fitted on the same batch that it gives advantages for. */
    CRITIC_FITTED_ON_SAME_BATCH(
            "critic fitted on the same batch",
            Verdict.PRACTICE,
            "a bias that vanishes with the batch's size; fit on earlier data to stay exact"),
    /** {@link GeneralizedAdvantage} with λ = 1. */
    GAE_WITH_LAMBDA_ONE(
            "GAE with lambda = 1",
            Verdict.THEORY_PRESERVING,
            "a state baseline, as long as advantages are weighted with gamma^k and nothing is bootstrapped"),
    /** {@link GeneralizedAdvantage} with {@code λ < 1}. */
    GAE_WITH_LAMBDA_BELOW_ONE(
            "GAE with lambda < 1",
            Verdict.PRACTICE,
            "unbiased for the exact value function only; the critic's error becomes bias"),
    /** {@link Baselines#normalised} or {@link Baselines#groupRelative}. */
    ADVANTAGE_NORMALISATION(
            "advantage normalisation",
            Verdict.PRACTICE,
            "the step is scaled by a random number that goes with the estimate: a small bias, and the gradient's size is hidden"),
    /** τ times the entropy in the objective. */
    ENTROPY_BONUS(
            "entropy bonus",
            Verdict.PRACTICE,
            "another objective, whose stationary points are O(tau) away; curvature is to be reported for J itself"),
    /** {@link ClippedSurrogate} over several passes. */
    RATIO_CLIPPING(
            "PPO's ratio and clip",
            Verdict.PRACTICE,
            "the first pass over a fresh batch is the advantage's gradient; later ones are off-policy, and clipped rows drop out"),
    /** Adam and relatives. */
    ADAPTIVE_STEPS(
            "adaptive step sizes",
            Verdict.PRACTICE,
            "each coordinate has its own step: not stochastic gradient ascent"),
    /** Heavy ball or Nesterov. */
    MOMENTUM("momentum", Verdict.PRACTICE, "steps mix old estimates: not stochastic gradient ascent"),
    /** A bound on the norm of an estimate. */
    GRADIENT_CLIPPING(
            "gradient-norm clipping",
            Verdict.PRACTICE,
            "large estimates are shortened, which biases their expectation"),
    /** Step sizes that change along the run without a rule of the theory. */
    STEP_SIZE_SCHEDULE(
            "step-size schedule", Verdict.PRACTICE, "the expected direction stays, but steps are not those of a rate"),
    /** Running mean and deviation of observations. */
    OBSERVATION_NORMALISATION(
            "observation normalisation",
            Verdict.PRACTICE,
            "the policy changes with the statistics, not only by steps; freeze them before diagnostics"),
    /** Running deviation of rewards. */
    REWARD_NORMALISATION(
            "reward normalisation",
            Verdict.PRACTICE,
            "J is rescaled along the run; freeze the statistics before diagnostics"),
    /** Masks that depend on the state only, scores of masked logits. */
    ACTION_MASK(
            "action mask",
            Verdict.THEORY_PRESERVING,
            "another class of policies with its own J, and exact gradients as long as masks depend on the state only"),
    /** V of the successor where an episode is cut. */
    BOOTSTRAP_AT_TRUNCATION(
            "bootstrap at truncation",
            Verdict.PRACTICE,
            "the critic's error at the cut becomes bias; plain GPOMDP never bootstraps"),
    /** Noise of mean zero added to each step, the same in all directions. */
    ISOTROPIC_NOISE(
            "isotropic noise",
            Verdict.THEORY_PRESERVING,
            "the expectation stays; every direction, so also one that leaves a saddle, gets noise"),
    /** An actor's state drawn at a time T with P(T = j) = (1-γ)γ^j. */
    GEOMETRIC_TIME(
            "geometric-time sampling",
            Verdict.THEORY_PRESERVING,
            "the state has the normalised discounted visitation's law, and nothing is cut off at a horizon"),
    /** A critic linear in its parameters. */
    LINEAR_CRITIC(
            "linear critic",
            Verdict.THEORY_PRESERVING,
            "the gradient's bias is that of Q, with a floor unless the features represent Q exactly"),
    /** A critic that is a network. */
    NETWORK_CRITIC(
            "network critic",
            Verdict.PRACTICE,
            "semi-gradient TD(0) with a nonlinear critic has no proof of convergence"),
    /** The mean of a critic's iterates. */
    AVERAGED_CRITIC(
            "averaged critic", Verdict.THEORY_PRESERVING, "what finite-time bounds of projected TD(0) speak of"),
    /** A critic's last iterate. */
    LAST_CRITIC(
            "last iterate of the critic",
            Verdict.PRACTICE,
            "finite-time bounds with a constant rate speak of the average; the last iterate keeps its noise"),
    /** A critic that begins where it was. */
    WARM_START(
            "warm start of the critic",
            Verdict.THEORY_PRESERVING,
            "bounds hold from every start; from a near one they are smaller"),
    /** A critic's iterates left as long as they are. */
    NO_PROJECTION(
            "no projection of the critic",
            Verdict.PRACTICE,
            "iterates have no bound beforehand, which the classical finite-time analysis rests on");

    private final String option;
    private final Verdict verdict;
    private final String effect;

    EffectOnGuarantee(String option, Verdict verdict, String effect) {
        this.option = option;
        this.verdict = verdict;
        this.effect = effect;
    }

    /** The option in a few words. */
    public String option() {
        return option;
    }

    public Verdict verdict() {
        return verdict;
    }

    /** What it does to the expected estimate. */
    public String effect() {
        return effect;
    }

    /** Option, verdict and effect. */
    public String sentence() {
        return option + " (" + (verdict == Verdict.PRACTICE ? "practice" : "theory-preserving") + "): " + effect + ".";
    }
}
