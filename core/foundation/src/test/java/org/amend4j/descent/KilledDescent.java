/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import org.amend4j.objective.Objective;
import org.amend4j.objective.Precision;

/**
 * A process that {@link KillResumeTest} kills: it opens the run of a directory, goes on where it is safe, and ends with
 * status {@value #DONE}, or {@value #REFUSED} if the run is refused. Needs no library, so that it starts fast.
 */
final class KilledDescent {
    static final String FINGERPRINT = "killed";
    static final int DIMENSION = 10_000;
    static final int DONE = 10;
    static final int REFUSED = 11;

    /** Never closed: that would close the process's standard output. */
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private KilledDescent() {}

    /**
     * Runs.
     *
     * @param arguments directory, number of steps, steps between checkpoints
     */
    public static void main(String[] arguments) throws IOException {
        FileTrajectoryStore opened;
        try {
            opened = FileTrajectoryStore.open(Path.of(arguments[0]), FINGERPRINT, DIMENSION);
        } catch (IOException e) {
            say(String.valueOf(e.getMessage()));
            Runtime.getRuntime().halt(REFUSED);
            return;
        }
        try (TrajectoryStore store = new KeepingFew(opened)) {
            say("open");
            descend(store, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        }
        Runtime.getRuntime().halt(DONE);
    }

    private static void say(String line) throws IOException {
        OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Gradient descent with backtracking from wherever the store is. */
    static void descend(TrajectoryStore store, int steps, int every) throws IOException {
        DescentOptions options = DescentOptions.of(steps).withCheckpoints(CheckpointSchedule.every(every));
        new GradientDescent(new Chain(), StepRule.Armijo.of(1), options).run(start(), store);
    }

    private static double[] start() {
        double[] theta = new double[DIMENSION];
        for (int i = 0; i < DIMENSION; i++) {
            theta[i] = (i * 37 % 101 - 50) / 25.0;
        }
        return theta;
    }

    /** Σ θ_i⁴/4 - b_i θ_i + 50(θ_i - θ_{i+1})² with b_i in [-1, 1]: not quadratic, and slow to descend. */
    private static final class Chain implements Objective {
        private static final double STIFFNESS = 100;

        @Override
        public int dimension() {
            return DIMENSION;
        }

        @Override
        public double value(double[] theta) {
            double sum = 0;
            for (int i = 0; i < theta.length; i++) {
                double t = theta[i];
                double link = i + 1 < theta.length ? t - theta[i + 1] : 0;
                sum += t * t * t * t / 4 - slope(i) * t + STIFFNESS * link * link / 2;
            }
            return sum;
        }

        @Override
        public double valueAndGradient(double[] theta, double[] gradient) {
            Arrays.fill(gradient, 0);
            for (int i = 0; i < theta.length; i++) {
                double t = theta[i];
                gradient[i] += t * t * t - slope(i);
                if (i + 1 < theta.length) {
                    gradient[i] += STIFFNESS * (t - theta[i + 1]);
                    gradient[i + 1] -= STIFFNESS * (t - theta[i + 1]);
                }
            }
            return value(theta);
        }

        private static double slope(int i) {
            return (i * 53 % 97 - 48) / 48.0;
        }

        @Override
        public Precision precision() {
            return Precision.DOUBLE;
        }

        @Override
        public String fingerprint() {
            return FINGERPRINT;
        }
    }

    /** Says when it has kept a checkpoint; discards old ones now and then, but not the start. */
    private static final class KeepingFew implements TrajectoryStore {
        private static final int FEW = 4;
        private static final int MANY = 12;

        private final FileTrajectoryStore store;
        private int kept;

        KeepingFew(FileTrajectoryStore store) {
            this.store = store;
        }

        @Override
        public void keep(Checkpoint checkpoint) throws IOException {
            store.keep(checkpoint);
            say("kept");
            if (++kept % (MANY - FEW) == 0) {
                NavigableSet<Integer> steps = store.checkpoints();
                steps.remove(0);
                while (steps.size() > FEW) {
                    store.discard(steps.pollFirst());
                }
            }
        }

        @Override
        public Optional<Checkpoint> latest() throws IOException {
            return store.latest();
        }

        @Override
        public NavigableSet<Integer> checkpoints() throws IOException {
            return store.checkpoints();
        }

        @Override
        public Checkpoint read(int step) throws IOException {
            return store.read(step);
        }

        @Override
        public List<StepRecord> records(int step) throws IOException {
            return store.records(step);
        }

        @Override
        public void append(StepRecord record) throws IOException {
            store.append(record);
        }

        @Override
        public void close() throws IOException {
            store.close();
        }
    }
}
