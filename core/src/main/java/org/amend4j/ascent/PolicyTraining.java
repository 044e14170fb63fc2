package org.amend4j.ascent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Trains: update after update until a {@link StopRule} or an interruption, with listeners, the best parameters so far and
 * checkpoints. A run that was interrupted, kept in a checkpoint and resumed by an equal training ends at the same bits as
 * one that was not.
 */
public final class PolicyTraining implements AutoCloseable {

    private final Algorithm algorithm;
    private final StopRule stop;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private final RecentReturns recent;
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

    /** Closes the algorithm, and with it the environments; the policy stays as it is. */
    @Override
    public void close() {
        algorithm.close();
    }

    /** Trains to the end, in memory. */
    public TrainingEnd run() {
        while (true) {
            Optional<TrainingEnd> end = end();
            if (end.isPresent()) {
                return end.get();
            }
            update();
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
        while (true) {
            Optional<TrainingEnd> end = end();
            if (end.isPresent()) {
                save(file);
                return end.get();
            }
            update();
            if (rule.isDue(algorithm.updates(), Duration.ofNanos(System.nanoTime() - last))) {
                save(file);
                last = System.nanoTime();
            }
        }
    }

    private void save(Path file) throws IOException {
        boolean interrupted = Thread.interrupted(); // an interrupted thread's channel would close
        try {
            TrainingCheckpoint.write(file, this);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
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
        long before = algorithm.steps();
        long start = System.nanoTime();
        UpdateRecord record = algorithm.update();
        double seconds = Math.max(1, System.nanoTime() - start) / 1e9;
        recent.add(record.episodes());
        OptionalDouble mean = recent.mean();
        if (mean.isPresent() && mean.getAsDouble() > bestReturn) {
            bestReturn = mean.getAsDouble();
            bestParameters = algorithm.policy().parameters();
            bestStatistics = algorithm.policy().encoder().statistics();
        }
        listeners.forEach(listener -> listener.updated(record, (record.steps() - before) / seconds));
    }

    /** Everything that going on depends on. */
    public TrainingState state() {
        TrainingState state = algorithm.state();
        state.put("training.recent", recent.state());
        state.put("training.best", bestReturn);
        state.put("training.bestParameters", bestParameters);
        state.put("training.bestStatistics", bestStatistics);
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
        algorithm.restore(state);
        recent.restore(returns);
        bestReturn = best;
        bestParameters = parameters;
        bestStatistics = statistics;
    }
}
