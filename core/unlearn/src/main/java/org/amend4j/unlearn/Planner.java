/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Optional;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.DiscreteNoise;
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.privacy.LifetimeBudget;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.Drift;
import org.amend4j.sensitivity.FullBatch;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.Sensitivity;

/**
 * Finds the unlearning methods that a policy admits, cheapest first, and states with numbers why the others are not admissible. A
 * certificate that would be meaningless is refused: noise larger than the parameters or the largest movement of training can be,
 * attacks that would still succeed, bounds below the rounding error.
 */
public final class Planner {

    /** Above this bound on the area under an attack's curve a certificate means nothing. */
    private static final double MEANINGLESS_AUC = 0.95;

    /** From this share of the steps on retraining is hardly dearer, and exact. */
    private static final double ALMOST_ALL = 0.9;

    /** Of privacy that has an ε. */
    private static final double LARGEST_MU = 1e3;

    /** Newton steps from the model that learned the deleted records, and from the start; measured, see docs/benchmarks.md. */
    private static final int STEPS_FROM_NEAR = 3;

    private static final int STEPS_FROM_AFAR = 6;

    private final RewindToDelete run;
    private final Guarantee guarantee;
    private final ReleasePolicy policy;
    private final double secondsPerGradient;
    private final Optional<LifetimeBudget> lifetime;

    /**
     * Plans for a run of which nothing was released with noise yet.
     *
     * @param secondsPerGradient measured, of one record; NaN if it was not
     */
    public Planner(RewindToDelete run, Guarantee guarantee, ReleasePolicy policy, double secondsPerGradient) {
        this(run, guarantee, policy, secondsPerGradient, GaussianPrivacy.EXACT);
    }

    /**
     * Plans for a run.
     *
     * @param secondsPerGradient measured, of one record; NaN if it was not
     * @param used what the releases so far tell together
     */
    public Planner(
            RewindToDelete run,
            Guarantee guarantee,
            ReleasePolicy policy,
            double secondsPerGradient,
            GaussianPrivacy used) {
        this.lifetime = policy.lifetime(used);
        this.run = run;
        this.guarantee = guarantee;
        this.policy = policy;
        this.secondsPerGradient = secondsPerGradient;
    }

    /**
     * The methods to forget everything that a ledger has deleted.
     *
     * @param ledger of the stored trajectory, the pending deletions noted
     * @throws IllegalArgumentException if nothing or everything was deleted, or a record is unknown
     */
    public UnlearningPlan plan(ContaminationLedger ledger) {
        RecordIds all = run.objective().records();
        RecordIds deleted = ledger.deleted();
        Checks.atLeast(1, "the number of deleted records", deleted.size());
        RecordIds retained = all.without(deleted);
        if (retained.isEmpty()) {
            throw new IllegalArgumentException("some records must be retained, got a deletion of all " + all.size());
        }
        long[] before = gradientsBefore(retained);
        double norm = run.recipe().isUntilGradient()
                ? run.convergence().orElseThrow().radius()
                : ParameterNorm.atMost(run, guarantee, ledger);
        List<RewindCandidate> candidates = candidates(ledger, norm);
        List<UnlearningMethod.NoisyRewind> noisy = new ArrayList<>(noisy(candidates, before));
        List<UnlearningMethod> methods = new ArrayList<>(noisy.stream().limit(1).toList());
        noisy.stream()
                .filter(UnlearningPlan::isQuiet)
                .findFirst()
                .filter(quiet -> !methods.contains(quiet))
                .ifPresent(methods::add);
        exact(candidates, before).ifPresent(methods::add);
        int half = run.recipe().steps() / 2; // 0 for a run until the gradient is small: none is shorter
        int comparable =
                methods.stream().mapToInt(method -> method.cost().steps()).min().orElse(half);
        if (comparable > 0 && comparable < run.recipe().steps()) {
            methods.add(new UnlearningMethod.ColdRun(cost(before, 0, comparable)));
        }
        descent(ledger, before, norm).ifPresent(methods::add);
        convergence(retained).ifPresent(methods::add);
        methods.removeIf(this::isTooSlow);
        noisy.removeIf(this::isTooSlow);
        List<String> advice =
                methods.stream().anyMatch(method -> method.rewindsTo().isPresent() || isConvergence(method))
                        ? List.of()
                        : advice(candidates, deleted);
        methods.add(new UnlearningMethod.Retrain(
                run.recipe().isUntilGradient()
                        ? newton(STEPS_FROM_AFAR, retained)
                        : cost(before, 0, run.recipe().steps())));
        methods.sort(Comparator.comparing(UnlearningMethod::cost));
        return new UnlearningPlan(deleted, methods, noisy, candidates, advice, norm);
    }

    private static boolean isConvergence(UnlearningMethod method) {
        return method instanceof UnlearningMethod.Converge;
    }

    /** A deletion by convergence, if the policy admits its noise. */
    private Optional<UnlearningMethod> convergence(RecordIds retained) {
        if (run.convergence().isEmpty()) {
            return Optional.empty();
        }
        ConvergenceBound bound = run.convergence().get();
        LossBounds bounds = guarantee.bounds();
        Assurance known = Constant.weaker(
                bounds.gradientBound().assurance(), bounds.lipschitz().assurance());
        if (guarantee.with(known) == Assurance.ESTIMATED) {
            return Optional.empty();
        }
        try {
            DiscreteNoise drawn = DiscreteNoise.calibrated(
                    bound.delta(), policy.budget(), run.objective().dimension(), bound.largestNorm());
            ReleaseNoise noise =
                    new ReleaseNoise(drawn, 0, guarantee.with(known), Upward.divide(drawn.norm(), bound.radius()));
            return refusal(noise, 0).isPresent()
                    ? Optional.empty()
                    : Optional.of(new UnlearningMethod.Converge(
                            run.recipe().steps(), newton(STEPS_FROM_NEAR, retained), noise));
        } catch (ArithmeticException noGrid) {
            return Optional.empty();
        }
    }

    private Cost newton(int steps, RecordIds retained) {
        return Cost.ofNewton(steps, retained.size(), secondsPerGradient);
    }

    private boolean isTooSlow(UnlearningMethod method) {
        return method.cost().seconds() > policy.seconds();
    }

    private List<RewindCandidate> candidates(ContaminationLedger ledger, double norm) {
        NavigableSet<Integer> latestFirst = ledger.checkpoints().descendingSet();
        List<RewindCandidate> candidates = new ArrayList<>();
        for (int checkpoint : latestFirst) {
            candidates.add(candidate(ledger, checkpoint, norm));
        }
        return candidates;
    }

    private RewindCandidate candidate(ContaminationLedger ledger, int checkpoint, double norm) {
        Drift drift = ledger.ifRewoundTo(checkpoint);
        if (drift.isExact()) {
            return new RewindCandidate(checkpoint, drift, Optional.empty(), Optional.empty());
        }
        Optional<String> unbounded = unbounded(drift);
        if (unbounded.isPresent()) {
            return new RewindCandidate(checkpoint, drift, Optional.empty(), unbounded);
        }
        try {
            ReleaseNoise noise = noise(drift.computed(), drift.rounding(), guarantee.with(drift.assurance()), norm);
            return new RewindCandidate(checkpoint, drift, Optional.of(noise), refusal(noise, redone(checkpoint)));
        } catch (ArithmeticException impossible) {
            return new RewindCandidate(
                    checkpoint, drift, Optional.empty(), Optional.of(String.valueOf(impossible.getMessage())));
        }
    }

    private int redone(int checkpoint) {
        return run.recipe().steps() - checkpoint;
    }

    private static Optional<String> unbounded(Drift drift) {
        if (drift.computedSensitivity() instanceof Sensitivity.Unbounded infinite) {
            return Optional.of(infinite.reason());
        }
        double exact = drift.sensitivity().delta();
        if (exact < drift.rounding()) {
            return Optional.of(text(
                    "the models may differ by %.3g, but rounding alone may make that %.3g", exact, drift.rounding()));
        }
        return Optional.empty();
    }

    private ReleaseNoise noise(double delta, double rounding, Assurance assurance, double norm) {
        int dimension = run.objective().dimension();
        DiscreteNoise noise = run.recipe()
                .noise()
                .map(fixed -> new DiscreteNoise(fixed.grid(), delta, dimension))
                .orElseGet(() ->
                        DiscreteNoise.calibrated(delta, policy.budget(), dimension, guarantee.largestParameter()));
        return new ReleaseNoise(noise, rounding, assurance, Upward.divide(noise.norm(), norm));
    }

    /** Why a certificate with this noise would be wrong, worthless or against the policy. */
    private Optional<String> refusal(ReleaseNoise noise, int redone) {
        int records = run.objective().records().size();
        double delta = policy.budget().delta();
        double reached = noise.noise().delta(policy.budget().epsilon());
        double auc = AttackBounds.auc(noise.noise().privacy());
        if (noise.assurance().compareTo(policy.weakest()) > 0 && !guarantee.isEmpirical()) {
            return Optional.of("it would rest on constants that are " + noise.assurance() + ", the policy wants "
                    + policy.weakest() + " or better");
        }
        if (reached > delta) {
            return Optional.of(text(
                    "its noise of %.3g keeps delta %.3g at epsilon %.3g, the budget is %.3g",
                    noise.noise().sigma(), reached, policy.budget().epsilon(), delta));
        }
        if (delta * records > 1) {
            return Optional.of(text("delta %.3g is above one over the %d records: not meaningful", delta, records));
        }
        if (auc > MEANINGLESS_AUC) {
            return Optional.of(text("an attack could still reach an AUC of %.3f: not meaningful", auc));
        }
        if (noise.noise().sigma() > policy.largestSigma()) {
            return Optional.of(text(
                    "its noise would be %.3g per parameter, the policy tolerates %.3g",
                    noise.noise().sigma(), policy.largestSigma()));
        }
        Optional<LifetimeBudget> exceeded =
                lifetime.filter(left -> !left.admits(noise.noise().privacy()));
        if (exceeded.isPresent()) {
            return Optional.of(text(
                    "all releases together may have epsilon %.3g, those so far have %.3g, it would have %.3g, and %.3g is"
                            + " left",
                    policy.lifetimeEpsilon(),
                    exceeded.get().usedEpsilon(),
                    noise.noise().privacy().epsilon(delta),
                    exceeded.get().leftEpsilon()));
        }
        double norm = noise.noise().norm();
        if (norm > guarantee.reach().movement()) {
            return Optional.of(text(
                    "its noise would have norm %.3g, the largest movement training can make %.3g: vacuous",
                    norm, guarantee.reach().movement()));
        }
        if (noise.relative() > 1) {
            return Optional.of(text(
                    "its noise would have norm %.3g, %.3g times the most that the parameters can have: vacuous",
                    norm, noise.relative()));
        }
        if (redone >= ALMOST_ALL * run.recipe().steps()) {
            return Optional.of("it would redo " + redone + " of " + run.recipe().steps()
                    + " steps: retraining is hardly dearer, and exact");
        }
        return Optional.empty();
    }

    /** Whether a rewind to a checkpoint leaves out enough steps to be worth its noise. */
    static boolean saves(int checkpoint, Drift drift) {
        int steps = drift.path().size();
        return steps - checkpoint < ALMOST_ALL * steps;
    }

    /** The exact rewind with the fewest steps. */
    private Optional<UnlearningMethod> exact(List<RewindCandidate> candidates, long[] before) {
        return candidates.stream()
                .filter(candidate -> candidate.drift().isExact() && candidate.checkpoint() > 0)
                .findFirst()
                .map(candidate -> new UnlearningMethod.ExactRewind(
                        candidate.checkpoint(),
                        cost(before, candidate.checkpoint(), run.recipe().steps())));
    }

    /** All rewinds with noise that the policy admits, the fewest steps first. */
    private List<UnlearningMethod.NoisyRewind> noisy(List<RewindCandidate> candidates, long[] before) {
        List<UnlearningMethod.NoisyRewind> rewinds = new ArrayList<>();
        for (RewindCandidate candidate : candidates) {
            if (candidate.refusal().isEmpty() && candidate.noise().isPresent()) {
                int checkpoint = candidate.checkpoint();
                rewinds.add(new UnlearningMethod.NoisyRewind(
                        checkpoint,
                        cost(before, checkpoint, run.recipe().steps()),
                        candidate.noise().get()));
            }
        }
        return rewinds;
    }

    /** The fewest further steps that the policy admits; for a full batch and strongly convex losses, never rewound before. */
    private Optional<UnlearningMethod> descent(ContaminationLedger ledger, long[] before, double norm) {
        Recipe recipe = run.recipe();
        boolean applies = guarantee.bounds().curvature() == LossCurvature.STRONGLY_CONVEX
                && recipe.batches() instanceof WholeSet
                && recipe.stepSizes() instanceof StepSizes.Constant
                && recipe.noise().isEmpty()
                && ledger.displacements().isEmpty()
                && ledger.size() > 0
                && ledger.step(ledger.size() - 1).used().size()
                        == run.objective().records().size();
        if (!applies) {
            return Optional.empty();
        }
        Optional<FullBatch> closed = closed(ledger);
        if (closed.isEmpty()) {
            return Optional.empty();
        }
        Descents descents = new Descents(
                closed.get(),
                // the rounding of the trained steps and of as many further ones
                2 * ledger.drift().rounding(),
                norm);
        int tooFew = 0;
        int enough = (int) Math.ceil(ALMOST_ALL * recipe.steps()) - 1;
        if (enough < 1 || descents.noise(enough).isEmpty()) {
            return Optional.empty();
        }
        while (enough - tooFew > 1) {
            int middle = tooFew + (enough - tooFew) / 2;
            if (descents.noise(middle).isPresent()) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        Cost cost = cost(before, 0, enough);
        return descents.noise(enough).map(noise -> new UnlearningMethod.DescentToDelete(cost, noise));
    }

    /** The closed form; empty where its condition, which is about the planned number of records, asks for shorter steps. */
    private Optional<FullBatch> closed(ContaminationLedger ledger) {
        try {
            return Optional.of(new FullBatch(
                    guarantee.bounds(),
                    run.map(0),
                    run.objective().records().size(),
                    ledger.deleted().size(),
                    run.recipe().steps()));
        } catch (IllegalArgumentException tooLong) {
            return Optional.empty();
        }
    }

    /** Descents to delete of one plan. */
    private final class Descents {
        private final FullBatch closed;
        private final double rounding;
        private final double norm;

        Descents(FullBatch closed, double rounding, double norm) {
            this.closed = closed;
            this.rounding = rounding;
            this.norm = norm;
        }

        /** What hides a descent of so many further steps; empty if nothing does, or the policy does not admit it. */
        Optional<ReleaseNoise> noise(int further) {
            double exact = closed.descend(further, guarantee.startNorm());
            if (exact < rounding) {
                return Optional.empty();
            }
            try {
                Assurance assurance =
                        guarantee.with(guarantee.bounds().lipschitz().assurance());
                ReleaseNoise noise = Planner.this.noise(Math.nextUp(exact + rounding), rounding, assurance, norm);
                return refusal(noise, further).isEmpty() ? Optional.of(noise) : Optional.empty();
            } catch (ArithmeticException impossible) {
                return Optional.empty();
            }
        }
    }

    /** Gradients of single records before each step; keyed batches are dear to draw, and are drawn once. */
    private long[] gradientsBefore(RecordIds retained) {
        BatchSchedule batches = run.recipe().batches();
        long[] before = new long[run.recipe().steps() + 1];
        for (int t = 0; t < before.length - 1; t++) {
            before[t + 1] = before[t] + batches.at(retained, t).size();
        }
        return before;
    }

    private Cost cost(long[] before, int from, int to) {
        long gradients = before[to] - before[from];
        return new Cost(to - from, gradients, gradients * secondsPerGradient);
    }

    /** What would help, with numbers where there are any. */
    private List<String> advice(List<RewindCandidate> candidates, RecordIds deleted) {
        List<String> advice = new ArrayList<>();
        boolean any = candidates.stream().anyMatch(candidate -> saves(candidate.checkpoint(), candidate.drift()));
        Optional<ReleaseNoise> least = candidates.stream()
                .filter(candidate -> !any || saves(candidate.checkpoint(), candidate.drift()))
                .flatMap(candidate -> candidate.noise().stream())
                .min(Comparator.comparingDouble(ReleaseNoise::relative));
        if (least.isPresent() && deleted.size() > 1) {
            advice.add(text(
                    "fewer deletions at once: the least noise for these %d records is %.3g per parameter, for one of them"
                            + " about %.3g",
                    deleted.size(),
                    least.get().noise().sigma(),
                    least.get().noise().sigma() / deleted.size()));
        }
        least.filter(noise -> noise.noise().sigma() > policy.largestSigma())
                .flatMap(this::enoughEpsilon)
                .ifPresent(epsilon -> advice.add(text(
                        "a larger epsilon: about %.3g instead of %.3g for noise of %.3g per parameter",
                        epsilon, policy.budget().epsilon(), policy.largestSigma())));
        least.flatMap(noise ->
                        lifetime.filter(left -> !left.admits(noise.noise().privacy())))
                .ifPresent(spent -> advice.add(text(
                        "nothing but exact methods: of the epsilon of all releases, %.3g, only %.3g is left",
                        policy.lifetimeEpsilon(), spent.leftEpsilon())));
        if (guarantee.bounds().curvature() != LossCurvature.STRONGLY_CONVEX) {
            advice.add("weight decay on a convex head: steps then forget by themselves");
        } else {
            advice.add("more weight decay: the bound falls with (1 - eta*lambda)^K");
        }
        if (run.recipe().batches() instanceof WholeSet) {
            advice.add("keyed batches in a single epoch: steps before a record's own are exact without noise");
        }
        if (run.normaliser() instanceof Normaliser.Mean) {
            advice.add("a fixed public normaliser: half the noise");
        }
        int dimension = run.objective().dimension();
        advice.add(text("a smaller head: the noise's norm grows with the root of its %d parameters", dimension));
        if (candidates.size() < 3) {
            advice.add("more checkpoints: only " + candidates.size() + " are stored");
        }
        return advice;
    }

    /** The ε at which the noise that hides a distance is the most that the policy tolerates. */
    private Optional<Double> enoughEpsilon(ReleaseNoise noise) {
        double mu = noise.noise().sensitivity() / policy.largestSigma();
        return mu <= LARGEST_MU
                ? Optional.of(new GaussianPrivacy(mu).epsilon(policy.budget().delta()))
                : Optional.empty();
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
