/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amend4j.internal.validation.Checks;

/**
 * A vault for runs that need not outlive the process: nothing is encrypted, destroying overwrites the arrays, and key ids
 * are names only, "memory-STEP-COUNT". The garbage collector may have left copies of an array elsewhere.
 */
public final class MemoryVault implements CheckpointVault {

    private static final class Kept {
        private final String keyId;
        private final double[] theta;

        Kept(String keyId, double[] theta) {
            this.keyId = keyId;
            this.theta = theta;
        }

        void destroy() {
            Arrays.fill(theta, 0);
        }
    }

    private final int dimension;
    private final NavigableMap<Integer, Kept> kept = new TreeMap<>();
    private long count;

    /** @param dimension number of parameters, at least 1 */
    public MemoryVault(int dimension) {
        this.dimension = Checks.atLeast(1, "the dimension of a vault", dimension);
    }

    @Override
    public NavigableSet<Integer> steps() {
        return new TreeSet<>(kept.keySet());
    }

    @Override
    public double[] read(int step) throws IOException {
        return find(step).theta.clone();
    }

    @Override
    public void keep(int step, double[] theta) {
        Checks.atLeast(0, "the step of a checkpoint", step);
        SealedFiles.requireDimension(dimension, theta);
        Kept older = kept.put(step, new Kept("memory-" + step + "-" + ++count, theta.clone()));
        if (older != null) {
            older.destroy();
        }
    }

    @Override
    public String sha256(int step) throws IOException {
        return Plaintext.sha256(step, find(step).theta);
    }

    @Override
    public String keyId(int step) throws IOException {
        return find(step).keyId;
    }

    @Override
    public List<String> destroyFrom(int step) {
        Checks.atLeast(0, "the step to destroy from", step);
        List<String> destroyed = new ArrayList<>();
        NavigableMap<Integer, Kept> doomed = kept.tailMap(step, true);
        doomed.values().forEach(checkpoint -> {
            checkpoint.destroy();
            destroyed.add(checkpoint.keyId);
        });
        doomed.clear();
        return List.copyOf(destroyed);
    }

    private Kept find(int step) throws IOException {
        Kept found = kept.get(step);
        if (found == null) {
            throw new IOException("there is no checkpoint of step " + step + " in memory");
        }
        return found;
    }

    /** Destroys everything. */
    @Override
    public void close() {
        destroyFrom(0);
    }
}
