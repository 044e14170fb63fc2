/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Objective;

/** One run of {@link GradientDescent} under way. */
final class DescentRun {

    private final Objective objective;
    private final StepRule rule;
    private final DescentOptions options;
    private final TrajectoryStore store;
    private final ProblemShape shape;
    private final ParameterLayout layout;
    private final double up;

    private final double[] gradient;
    private final double[] weightGradientNorms;
    private final double[] trial;
    private final List<StepRecord> records = new ArrayList<>();

    private double[] theta;
    private int step;
    private double previousStepSize = Double.NaN;
    private double loss;
    private double gradientNorm;
    private int lastKept = -1;
    private int evaluations;
    private boolean interrupted;

    DescentRun(Objective objective, StepRule rule, DescentOptions options, TrajectoryStore store) {
        this.objective = objective;
        this.rule = rule;
        this.options = options;
        this.store = store;
        this.shape = ProblemShape.of(objective);
        this.layout = ParameterLayout.of(objective);
        this.up = 1 + Rounding.relative(objective.precision());
        this.theta = new double[objective.dimension()];
        this.gradient = new double[objective.dimension()];
        this.weightGradientNorms = new double[layout.adapters()];
        this.trial = rule instanceof StepRule.Armijo ? new double[objective.dimension()] : new double[0];
    }

    void begin(double[] start) throws IOException {
        theta = start.clone();
        evaluate();
        keepCheckpoint();
    }

    void resume(Checkpoint checkpoint) throws IOException {
        step = checkpoint.step();
        if (step > options.steps()) {
            throw new IllegalArgumentException("the number of steps must be >= " + step
                    + ", those that the store's run has made, got " + options.steps());
        }
        theta = checkpoint.theta().clone();
        previousStepSize = checkpoint.previousStepSize();
        records.addAll(store.records(step));
        lastKept = step;
        evaluate();
        if (step > 0 && Double.compare(records.get(step - 1).nextLoss(), loss) != 0) {
            throw new IllegalArgumentException(
                    "a run must be resumed on the objective it was started on, got the loss " + loss + " at step "
                            + step + " for " + records.get(step - 1).nextLoss() + " in the store");
        }
    }

    DescentResult toTheEnd(double startNorm) throws IOException {
        Optional<DescentStatus> end = end();
        while (end.isEmpty()) {
            end = makeStep() ? end() : Optional.of(DescentStatus.STALLED);
        }
        if (lastKept < step) {
            keepCheckpoint();
        }
        return new DescentResult(
                end.get(),
                new Checkpoint(step, theta.clone(), previousStepSize),
                loss,
                gradientNorm,
                records,
                PromiseCheck.of(records, gradientNorm, startNorm, objective.precision()),
                rule.name(),
                rule.guarantee());
    }

    /** Gives the thread back its interrupted state, which is taken away while the store writes: files close on it. */
    void restoreInterrupt() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<DescentStatus> end() {
        interrupted |= Thread.interrupted();
        if (gradientNorm <= options.stopAtGradientNorm()) {
            return Optional.of(DescentStatus.STATIONARY);
        }
        if (step == options.steps()) {
            return Optional.of(DescentStatus.STEPS_DONE);
        }
        return interrupted ? Optional.of(DescentStatus.INTERRUPTED) : Optional.empty();
    }

    /** Returns false, and changes nothing, if the rule finds no step. */
    private boolean makeStep() throws IOException {
        Situation at = situation();
        evaluations = 0;
        OptionalDouble found = rule.stepSize(at, this::valueAfter);
        if (found.isEmpty()) {
            return false;
        }
        double stepSize = found.getAsDouble();
        if (!(stepSize > 0) || Double.isInfinite(stepSize)) {
            throw new ArithmeticException("the step size must be > 0 and finite, got " + stepSize + " (" + place()
                    + ", loss " + loss + ", gradient norm " + gradientNorm + ")");
        }
        move(stepSize, theta);
        step++;
        previousStepSize = stepSize;
        evaluate();
        record(at, stepSize);
        return true;
    }

    private Situation situation() {
        return new Situation(
                loss,
                gradientNorm,
                layout.adapterNorm(theta),
                layout.states(theta, gradient, weightGradientNorms, rule.needs(), up),
                layout.directNorm(gradient),
                shape,
                previousStepSize,
                Rounding.ofValue(objective.precision(), loss, gradientNorm, Vectors.compensatedNorm(theta)));
    }

    private double valueAfter(double stepSize) {
        evaluations++;
        move(stepSize, trial);
        return objective.value(trial);
    }

    /** {@code into = θ - η·∇J(θ)}: the same bits for a step tried and a step made. */
    private void move(double stepSize, double[] into) {
        for (int i = 0; i < theta.length; i++) {
            into[i] = theta[i] - stepSize * gradient[i];
        }
    }

    private void evaluate() {
        loss = rule.needs() != StepRule.Needs.PLAIN_NORMS && objective instanceof LowRankObjective lowRank
                ? lowRank.valueAndGradient(theta, gradient, weightGradientNorms)
                : objective.valueAndGradient(theta, gradient);
        gradientNorm = Vectors.compensatedNorm(gradient);
        requireFinite("the loss", loss);
        requireFinite("the norm of the gradient", gradientNorm);
    }

    private void requireFinite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw new ArithmeticException(what + " must be finite, got " + value + " (" + place() + ")");
        }
    }

    private String place() {
        return "after " + step + " steps, rule '" + rule.name() + "'"
                + (step == 0 ? "" : ", last step size " + previousStepSize);
    }

    private void record(Situation before, double stepSize) throws IOException {
        double promised = rule.c().isPresent()
                ? rule.c().getAsDouble() * stepSize * before.gradientNorm() * before.gradientNorm()
                : Double.NaN;
        StepRecord record = new StepRecord(
                step - 1,
                before.loss(),
                before.gradientNorm(),
                before.adapterNorm(),
                stepSize,
                promised,
                loss,
                evaluations);
        interrupted |= Thread.interrupted();
        store.append(record);
        records.add(record);
        if (options.checkpoints().dueAfter(step)) {
            keepCheckpoint();
        }
        options.observer().accept(record);
    }

    private void keepCheckpoint() throws IOException {
        interrupted |= Thread.interrupted();
        store.keep(new Checkpoint(step, theta.clone(), previousStepSize));
        lastKept = step;
    }
}
