/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.internal.file.DiskThread;

/**
 * Trains a policy, update after update, until a {@link StopRule} or an interruption; with listeners, the best parameters so far, periodic
 * evaluations and checkpoints. A run that is interrupted, saved in a checkpoint and resumed by an equal training ends with the same bits as
 * an uninterrupted one.
 */
public final class PolicyTraining implements AutoCloseable {

    private final Algorithm algorithm;
    private final StopRule stop;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private final RecentReturns recent;
    private final Pace pace = new Pace();
    private Optional<PeriodicEvaluation> evaluation = Optional.empty();
    private double bestReturn = Double.NEGATIVE_INFINITY;
    private double[] bestParameters;
    private double[] bestStatistics;

    public PolicyTraining(Algorithm algorithm, StopRule stop) {
        this.algorithm = algorithm;
        this.stop = stop;
        recent = new RecentReturns(stop.window());
        bestParameters = algorithm.policy().parameters();
        bestStatistics = algorithm.policy().encoder().statistics();
    }

    /** Adds a listener. */
    public PolicyTraining listen(TrainingListener listener) {
        listeners.add(listener);
        return this;
    }

    /**
     * Lets it be evaluated on the way, and its state hold what was found; closing this closes the evaluation.
     *
     * @throws IllegalArgumentException if the policy cannot play there
     * @throws IllegalStateException if it has an evaluation already
     */
    public PolicyTraining evaluatedBy(PeriodicEvaluation periodic) {
        if (evaluation.isPresent()) {
            throw new IllegalStateException("a training can have one evaluation, got another");
        }
        periodic.requireFor(algorithm.policy());
        evaluation = Optional.of(periodic);
        return this;
    }

    /** What evaluates it on the way, if something does. */
    public Optional<PeriodicEvaluation> evaluation() {
        return evaluation;
    }

    /** Wall-clock time in this process since training was begun or resumed, up to its last update, evaluation or checkpoint. */
    public double seconds() {
        return pace.seconds();
    }

    /**
     * Environment steps of training in this process by {@link #seconds()}: learning, evaluations, checkpoints and listeners
     * all take their time. 0 before the first update.
     */
    public double stepsPerSecond() {
        return pace.stepsPerSecond();
    }

    public Algorithm algorithm() {
        return algorithm;
    }

    /** Mean return of the last episodes, as many as the stop rule's window; empty until there were so many. */
    public OptionalDouble recentReturn() {
        return recent.mean();
    }

    /** The greatest {@link #recentReturn()} so far; empty until there was one. */
    public OptionalDouble bestReturn() {
        return bestReturn == Double.NEGATIVE_INFINITY ? OptionalDouble.empty() : OptionalDouble.of(bestReturn);
    }

    /**
     * Gives the policy what it had after the update that reached {@link #bestReturn()}, parameters and an encoder's statistics;
     * or what it began with if none did. For the end: training on from there is another run.
     */
    public void useBest() {
        algorithm.policy().setParameters(bestParameters);
        algorithm.policy().encoder().setStatistics(bestStatistics);
    }

    /** Closes the algorithm and the evaluation, and with them the environments; the policy stays as it is. */
    @Override
    public void close() {
        try {
            evaluation.ifPresent(PeriodicEvaluation::close);
        } finally {
            algorithm.close();
        }
    }

    /** Trains to the end, in memory. */
    public TrainingEnd run() {
        evaluateIfDue();
        while (true) {
            Optional<TrainingEnd> end = end();
            if (end.isPresent()) {
                evaluateLast(end.get());
                return end.get();
            }
            update();
            evaluateIfDue();
        }
    }

    /**
     * Trains to the end, with checkpoints by a rule and one at the end, also if that is an interruption. If an update fails,
     * the last checkpoint stays.
     *
     * @param file replaced each time, whole
     * @throws IOException if a checkpoint cannot be written; the one before is as it was
     */
    public TrainingEnd run(Path file, CheckpointRule rule) throws IOException {
        long last = System.nanoTime();
        evaluateIfDue();
        while (true) {
            Optional<TrainingEnd> end = end();
            if (end.isPresent()) {
                evaluateLast(end.get());
                save(file);
                return end.get();
            }
            update();
            evaluateIfDue();
            if (rule.isDue(algorithm.updates(), Duration.ofNanos(System.nanoTime() - last))) {
                save(file);
                last = System.nanoTime();
            }
        }
    }

    /** By another thread: an interrupt closes the channel that the interrupted thread writes to. */
    private void save(Path file) throws IOException {
        DiskThread disk = new DiskThread("checkpoint");
        try {
            disk.await(() -> TrainingCheckpoint.write(file, this));
        } finally {
            disk.end();
        }
        pace.reach(algorithm.steps());
    }

    /** An interrupted training leaves it to the resumed one: whether it is due follows from the state. */
    private void evaluateIfDue() {
        if (!Thread.currentThread().isInterrupted()) {
            evaluation.filter(one -> one.isDue(algorithm)).ifPresent(this::evaluate);
        }
    }

    private void evaluateLast(TrainingEnd end) {
        if (end != TrainingEnd.INTERRUPTED) {
            evaluation.filter(one -> !one.isMade(algorithm)).ifPresent(this::evaluate);
        }
    }

    private void evaluate(PeriodicEvaluation periodic) {
        pace.begin(algorithm.steps());
        periodic.evaluate(algorithm);
        pace.reach(algorithm.steps());
    }

    private Optional<TrainingEnd> end() {
        if (Thread.currentThread().isInterrupted()) {
            return Optional.of(TrainingEnd.INTERRUPTED);
        }
        OptionalDouble mean = recent.mean();
        if (stop.wanted().isPresent()
                && mean.isPresent()
                && mean.getAsDouble() >= stop.wanted().getAsDouble()) {
            return Optional.of(TrainingEnd.RETURN);
        }
        return algorithm.steps() >= stop.mostSteps() ? Optional.of(TrainingEnd.STEPS) : Optional.empty();
    }

    void update() {
        pace.begin(algorithm.steps());
        UpdateRecord record = algorithm.update();
        pace.reach(algorithm.steps());
        recent.add(record.episodes());
        OptionalDouble mean = recent.mean();
        if (mean.isPresent() && mean.getAsDouble() > bestReturn) {
            bestReturn = mean.getAsDouble();
            bestParameters = algorithm.policy().parameters();
            bestStatistics = algorithm.policy().encoder().statistics();
        }
        listeners.forEach(listener -> listener.updated(record, stepsPerSecond()));
    }

    /** Everything that going on depends on. */
    public TrainingState state() {
        TrainingState state = algorithm.state();
        state.put("training.recent", recent.state());
        state.put("training.best", bestReturn);
        state.put("training.bestParameters", bestParameters);
        state.put("training.bestStatistics", bestStatistics);
        evaluation.ifPresent(one -> one.save(state));
        return state;
    }

    /**
     * Goes on from another state of an equal training.
     *
     * @throws IllegalArgumentException if it is not such a state; nothing has changed then
     */
    public void restore(TrainingState state) {
        double[] returns = state.get("training.recent");
        if (returns.length > stop.window()) {
            throw new IllegalArgumentException("a training can only be resumed with a window of at least the "
                    + returns.length + " episodes it had, got " + stop.window());
        }
        double best = state.get("training.best", 1)[0];
        double[] parameters =
                state.get("training.bestParameters", algorithm.policy().dimension());
        double[] statistics = state.get("training.bestStatistics", bestStatistics.length);
        if (evaluation.isEmpty() && PeriodicEvaluation.isIn(state)) {
            throw new IllegalArgumentException(
                    "a training that began with an evaluation can only be resumed with it, got none");
        }
        Optional<PeriodicEvaluation.Memory> evaluated = evaluation.map(one -> one.read(state, algorithm.policy()));
        algorithm.restore(state);
        evaluation.ifPresent(one -> evaluated.ifPresent(one::restore));
        recent.restore(returns);
        bestReturn = best;
        bestParameters = parameters;
        bestStatistics = statistics;
    }
}
