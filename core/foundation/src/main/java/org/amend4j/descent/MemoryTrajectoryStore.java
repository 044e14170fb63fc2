/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** A trajectory in memory. Not thread-safe. */
public final class MemoryTrajectoryStore implements TrajectoryStore {

    private final NavigableMap<Integer, Checkpoint> checkpoints = new TreeMap<>();
    private final List<StepRecord> records = new ArrayList<>();

    @Override
    public Optional<Checkpoint> latest() {
        return checkpoints.isEmpty()
                ? Optional.empty()
                : Optional.of(checkpoints.lastEntry().getValue());
    }

    @Override
    public NavigableSet<Integer> checkpoints() {
        return Collections.unmodifiableNavigableSet(new TreeSet<>(checkpoints.keySet()));
    }

    @Override
    public Checkpoint read(int step) throws IOException {
        Checkpoint found = checkpoints.get(step);
        if (found == null) {
            throw new IOException("there must be a checkpoint to read, got step " + step + " (checkpoints: "
                    + checkpoints.keySet() + ")");
        }
        return found;
    }

    @Override
    public List<StepRecord> records(int step) throws IOException {
        return List.copyOf(records.subList(0, read(step).step()));
    }

    /**
     * {@inheritDoc} Records after the last checkpoint are dropped when a run that was resumed there makes their steps again.
     *
     * @throws IllegalArgumentException if the step is not the next one, nor one after the last checkpoint
     */
    @Override
    public void append(StepRecord record) {
        int step = record.step();
        int safe = checkpoints.isEmpty() ? 0 : checkpoints.lastKey();
        if (step < safe || step > records.size()) {
            throw new IllegalArgumentException("a record must be of a step in [" + safe + ", " + records.size()
                    + "], from the last checkpoint to the next step, got " + step);
        }
        records.subList(step, records.size()).clear();
        records.add(record);
    }

    /** @throws IllegalArgumentException if it is not after the last checkpoint, or records before it are missing */
    @Override
    public void keep(Checkpoint checkpoint) {
        int step = checkpoint.step();
        if (step > records.size() || (!checkpoints.isEmpty() && step <= checkpoints.lastKey())) {
            throw new IllegalArgumentException(
                    "a checkpoint must be after the last one and have all records before it, got step " + step
                            + " (records: " + records.size() + ", checkpoints: " + checkpoints.keySet() + ")");
        }
        checkpoints.put(step, checkpoint);
    }

    @Override
    public void close() {}
}
