/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.IOException;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.amend4j.numeric.Upward;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.performance.Bracket;
import org.amend4j.performance.DescentBound;
import org.amend4j.performance.Domain;
import org.amend4j.performance.Landscape;
import org.amend4j.performance.NoisyBound;
import org.amend4j.privacy.DiscreteNoise;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossCurvature;

/**
 * The loss on the retained records, evaluated at some stored checkpoints, and bounds on it after steps from there
 * (docs/unlearning.md, "Bounds on the retained loss"). It depends on private data: for the operator only, never for a
 * certificate.
 */
public final class RetainedLoss {

    private final RewindToDelete run;
    private final Guarantee guarantee;
    private final RecordObjective objective;
    private final Landscape landscape;
    private final NavigableMap<Integer, DescentBound.Start> points = new TreeMap<>();
    private Bracket bracket = Bracket.ofNonnegative();

    private RetainedLoss(RewindToDelete run, Guarantee guarantee, RecordObjective objective) {
        this.run = run;
        this.guarantee = guarantee;
        this.objective = objective;
        this.landscape = known();
    }

    /**
     * Computes the loss at checkpoints, a gradient each. The losses of records must not be negative.
     *
     * @param deleted what is not retained
     * @param vault of the trajectory
     * @param at steps with stored checkpoints
     * @throws IllegalArgumentException if {@link #refusal} has something to say
     */
    public static RetainedLoss of(
            RewindToDelete run, Guarantee guarantee, RecordIds deleted, CheckpointVault vault, NavigableSet<Integer> at)
            throws IOException {
        refusal(run, guarantee).ifPresent(why -> {
            throw new IllegalArgumentException(why);
        });
        RecordObjective all = run.objective();
        RetainedLoss loss =
                new RetainedLoss(run, guarantee, all.restrictedTo(all.records().without(deleted)));
        for (int step : at) {
            loss.add(step, vault.read(step));
        }
        return loss;
    }

    /** Why nothing is promised about the loss of a run; empty if something is. */
    public static Optional<String> refusal(RewindToDelete run, Guarantee guarantee) {
        Recipe recipe = run.recipe();
        if (guarantee.isEmpirical()) {
            return Optional.of("the start of the training is not known");
        }
        if (!(recipe.batches() instanceof WholeSet)) {
            return Optional.of("steps on mini-batches do not descend on the whole loss");
        }
        if (recipe.noise().isPresent()) {
            return Optional.of("there is noise on the way");
        }
        if (!run.objective().hasTrueGradient()) {
            return Optional.of("a mean of clipped gradients is not the gradient of the loss");
        }
        if (!guarantee.bounds().lipschitz().isKnown()) {
            return Optional.of("no Lipschitz constant of the gradient is known");
        }
        if (recipe.isUntilGradient()) {
            return Optional.empty();
        }
        RetainedLoss whole = new RetainedLoss(run, guarantee, run.objective());
        return IntStream.range(0, recipe.steps())
                .mapToDouble(recipe.stepSizes()::at)
                .mapToObj(whole.landscape::refusal)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Landscape known() {
        double decay = objective.weightDecay();
        Constant lipschitz = guarantee.bounds().lipschitz();
        double data = run.normaliser()
                .lipschitz(lipschitz.value(), objective.records().size());
        LossCurvature curvature = guarantee.bounds().curvature();
        Constant growth = curvature == LossCurvature.STRONGLY_CONVEX
                ? new Constant(decay, lipschitz.assurance(), "weight decay on a convex loss")
                : Landscape.noGrowth();
        return new Landscape(
                new Constant(Upward.add(data, decay), lipschitz.assurance(), lipschitz.reason()),
                curvature != LossCurvature.NONCONVEX,
                growth,
                domain());
    }

    private Domain domain() {
        if (run.recipe().balls().isEmpty()) {
            return Domain.WHOLE_SPACE;
        }
        // its L is that of logistic or softmax on bounded features, wherever the parameters are
        return run.objective() instanceof HeadObjective ? Domain.SET : Domain.SET_ALONE;
    }

    private void add(int step, double[] theta) {
        double[] gradient = new double[theta.length];
        double value = objective.valueAndGradient(theta, gradient);
        double mu = landscape.growth().value();
        bracket = mu > 0 ? bracket.with(value, Vectors.normInOrder(gradient), mu) : bracket.with(value);
        DescentBound.Start point = new DescentBound.Start(value, length(step, theta, gradient));
        points.put(step, point);
        if (!run.recipe().isUntilGradient()) {
            bracket = bracket.with(
                    landscape.reachable(point, run.recipe().stepSizes().at(step)));
        }
    }

    /** Of the gradient, or of the projected step over its size. */
    private double length(int step, double[] theta, double[] gradient) {
        if (run.recipe().balls().isEmpty()) {
            return Vectors.normInOrder(gradient);
        }
        double eta = run.recipe().stepSizes().at(step);
        double[] next = theta.clone();
        for (int i = 0; i < theta.length; i++) {
            next[i] -= eta * gradient[i];
        }
        run.recipe().projectInPlace(next);
        for (int i = 0; i < theta.length; i++) {
            next[i] = (next[i] - theta[i]) / eta;
        }
        return Vectors.normInOrder(next);
    }

    /** Where the loss was computed, and its values there. */
    public NavigableMap<Integer, Double> values() {
        NavigableMap<Integer, Double> values = new TreeMap<>();
        points.forEach((step, point) -> values.put(step, point.loss()));
        return Collections.unmodifiableNavigableMap(values);
    }

    /** Where the least loss lies, as far as it is proved. */
    public Bracket bracket() {
        return bracket;
    }

    /** What is known of the loss. */
    public Landscape landscape() {
        return landscape;
    }

    /**
     * What a method promises.
     *
     * @param method of the plan of this very deletion; its checkpoint must be among the points
     */
    public Prospect of(UnlearningMethod method) {
        int end = run.recipe().steps();
        if (method instanceof UnlearningMethod.Converge converge) {
            return converged(converge.checkpoint(), converge.cost().steps(), Optional.of(converge.noise()));
        }
        if (run.recipe().isUntilGradient()) {
            return converged(0, method.cost().steps(), Optional.empty());
        }
        if (method instanceof UnlearningMethod.ExactRewind exact) {
            return prospect(exact.checkpoint(), exact.checkpoint(), end, Optional.empty());
        }
        if (method instanceof UnlearningMethod.NoisyRewind noisy) {
            return rewind(noisy.checkpoint(), Optional.of(noisy.noise()));
        }
        if (method instanceof UnlearningMethod.DescentToDelete descent) {
            return prospect(end, 0, method.cost().steps(), Optional.of(descent.noise()));
        }
        return prospect(0, 0, method.cost().steps(), Optional.empty());
    }

    /**
     * What a rewind to a checkpoint promises, admissible or not.
     *
     * @param checkpoint among the points
     * @param noise of the release, if there is one
     */
    public Prospect rewind(int checkpoint, Optional<ReleaseNoise> noise) {
        return prospect(checkpoint, checkpoint, run.recipe().steps(), noise);
    }

    /** What a small gradient promises, wherever the steps begin. */
    private Prospect converged(int from, int steps, Optional<ReleaseNoise> noise) {
        ConvergenceBound bound = run.convergence().orElseThrow();
        double excess = bound.excessLoss();
        DescentBound end = new DescentBound(
                Upward.add(bracket.known(), excess),
                excess,
                bound.gradientNorm(),
                bound.gradientNorm(),
                landscape.assurance());
        Optional<NoisyBound> released = noise.map(ReleaseNoise::noise).flatMap(drawn -> with(end, drawn));
        return new Prospect(steps, start(from).loss(), end, released);
    }

    private DescentBound.Start start(int from) {
        return Optional.ofNullable(points.get(from))
                .orElseThrow(() -> new IllegalArgumentException(
                        "the loss must have been computed at " + points.keySet() + ", got step " + from));
    }

    /** @param from the point of the start */
    private Prospect prospect(int from, int first, int end, Optional<ReleaseNoise> noise) {
        DescentBound.Start start = start(from);
        double[] stepSizes = IntStream.range(first, end)
                .mapToDouble(run.recipe().stepSizes()::at)
                .toArray();
        DescentBound descent = DescentBound.of(landscape, bracket, start, stepSizes);
        Optional<NoisyBound> released = noise.map(ReleaseNoise::noise).flatMap(drawn -> with(descent, drawn));
        return new Prospect(end - first, start.loss(), descent, released);
    }

    private Optional<NoisyBound> with(DescentBound descent, DiscreteNoise noise) {
        double pull = run.normaliser()
                .lipschitz(
                        guarantee.bounds().gradientBound().value(),
                        objective.records().size());
        double steepest = Upward.add(
                pull, Upward.multiply(objective.weightDecay(), guarantee.reach().norm()));
        return descent.with(noise, landscape, steepest);
    }
}
