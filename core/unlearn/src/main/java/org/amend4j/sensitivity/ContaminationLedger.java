/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.RecordIds;

/**
 * The records that every step of the stored trajectory used, and those that were deleted since. With c_t the number of records that
 * step t used and that are now deleted, and k_t that of the others it used, the trajectory is at most D_T from the one that never
 * saw a deleted record, where D_0 = 0 and D_{t+1} is {@link StepMap#bound} of (k_t, c_t, D_t); docs/unlearning.md, "Any sequence of
 * deletions". One number covers schedules, mini-batches, several deletions and rewinds to different checkpoints.
 *
 * <p>The bound holds if the retrained run would use the same records but for the deleted ones at every step. Then it
 * increases in c_t for the same k_t, and so with the checkpoint to which a rewind goes. Not thread-safe.
 */
public final class ContaminationLedger {

    private static final Constant UNDISPLACED = Constant.proved(0, "what the steps make");

    private final LossBounds bounds;
    private final StepRounding rounding;
    private final List<LedgerStep> steps = new ArrayList<>();
    private final NavigableSet<Integer> checkpoints = new TreeSet<>(List.of(0));
    private final NavigableMap<Integer, Constant> displacements = new TreeMap<>();
    private RecordIds deleted = RecordIds.of();

    /**
     * An empty ledger of runs in exact arithmetic.
     *
     * @param bounds constants of all records; an unknown L leaves the cap, which needs G alone
     */
    public ContaminationLedger(LossBounds bounds) {
        this(bounds, (t, step) -> 0);
    }

    /**
     * An empty ledger of computed runs.
     *
     * @param bounds constants of all records; an unknown L leaves the cap, which needs G alone
     * @param rounding what a computed step may be off by
     */
    public ContaminationLedger(LossBounds bounds, StepRounding rounding) {
        this.bounds = Objects.requireNonNull(bounds, "bounds");
        this.rounding = Objects.requireNonNull(rounding, "rounding");
    }

    /**
     * Adds a step that was made.
     *
     * @throws IllegalArgumentException if it used a deleted record, or is too long for the curvature; nothing is changed
     */
    public void append(LedgerStep step) {
        requireClean(step.used());
        // asks for nothing but the conditions on the step
        bound(step, steps.size(), step.used().size(), 0, 0);
        steps.add(step);
    }

    private void requireClean(RecordIds used) {
        long[] gone = deleted.stream().filter(used::contains).toArray();
        if (gone.length > 0) {
            throw new IllegalArgumentException(
                    "a step must not use deleted records, got " + gone.length + " of them, the first " + gone[0]);
        }
    }

    /**
     * Notes that the stored parameters after some steps, which something else computed, are not what the steps before make of
     * the stored ones before, but up to so far from it. Whatever they depend on, the distance to the retrained run is at most
     * larger by that (docs/unlearning.md, "Adopting a model").
     *
     * @param step how many steps, >= 0; 0 is a start that is not the retrained run's
     * @param distance > 0, and how it is known
     */
    public void displace(int step, Constant distance) {
        Checks.atLeast(0, "the step of a displacement", step);
        Checks.positive("a displacement", distance.value());
        displacements.put(step, distance);
    }

    /** How far stored parameters are from what the steps make of the ones before, by step. */
    public NavigableMap<Integer, Constant> displacements() {
        return new TreeMap<>(displacements);
    }

    /** Another ledger that notes the same. */
    public ContaminationLedger copy() {
        ContaminationLedger copy = new ContaminationLedger(bounds, rounding);
        copy.steps.addAll(steps);
        copy.checkpoints.addAll(checkpoints);
        copy.displacements.putAll(displacements);
        copy.deleted = deleted;
        return copy;
    }

    /** The number of steps T. */
    public int size() {
        return steps.size();
    }

    /** The step after {@code t} steps. */
    public LedgerStep step(int t) {
        return steps.get(t);
    }

    /**
     * Notes that the parameters after some steps are stored.
     *
     * @param step in [0, T]; 0, the start, always is
     */
    public void keep(int step) {
        checkpoints.add(Checks.inRange(0, steps.size(), "the step of a checkpoint", step));
    }

    /** Steps after which the parameters are stored, 0 among them. */
    public NavigableSet<Integer> checkpoints() {
        return new TreeSet<>(checkpoints);
    }

    /** Notes that records must be forgotten; again, if they were noted before, changes nothing. */
    public void delete(RecordIds ids) {
        deleted = RecordIds.of(
                LongStream.concat(deleted.stream(), ids.stream()).distinct().toArray());
    }

    /** All records deleted so far. */
    public RecordIds deleted() {
        return deleted;
    }

    /**
     * How far the stored trajectory can be from the retrained one.
     *
     * @throws IllegalArgumentException if a step that divides by its number of records retains none
     */
    public Drift drift() {
        return drift(steps.size());
    }

    /**
     * How far it could be after a rewind to a checkpoint, with the steps from there on redone without the deleted records.
     *
     * @throws IllegalArgumentException if there is no such checkpoint
     */
    public Drift ifRewoundTo(int checkpoint) {
        requireStored(checkpoint);
        return drift(checkpoint);
    }

    private void requireStored(int checkpoint) {
        if (!checkpoints.contains(checkpoint)) {
            throw new IllegalArgumentException(
                    "a rewind must go to one of the checkpoints " + checkpoints + ", got " + checkpoint);
        }
    }

    /**
     * The last stored checkpoint, hence the fewest steps to redo, from which the sensitivity is at most as wanted. Found by
     * bisection; there always is one, since rewinding to the start is retraining.
     *
     * @param wanted >= 0
     */
    public int latestCheckpoint(double wanted) {
        Checks.notNegative("the wanted sensitivity", wanted);
        List<Integer> stored = List.copyOf(checkpoints);
        int enough = 0;
        int tooLate = stored.size();
        while (tooLate - enough > 1) {
            int middle = enough + (tooLate - enough) / 2;
            if (drift(stored.get(middle)).sensitivity().isAtMost(wanted)) {
                enough = middle;
            } else {
                tooLate = middle;
            }
        }
        return stored.get(enough);
    }

    /**
     * Notes that the parameters were rewound to a checkpoint and the later steps redone, each with the same map and the same
     * records but for the deleted ones. Later checkpoints are not the trajectory's any more; those of the redone steps can be
     * noted with {@link #keep}.
     */
    // the same object is cheap to see, equal sets are not
    @SuppressWarnings("ReferenceEquality")
    public void rewound(int checkpoint) {
        requireStored(checkpoint);
        // all or nothing: a step that would retain no record is found before anything changes
        List<LedgerStep> now = new ArrayList<>(steps.size());
        RecordIds before = RecordIds.of();
        RecordIds after = before;
        for (int t = 0; t < steps.size(); t++) {
            LedgerStep step = steps.get(t);
            // full batches are one set at every step, and are gone through once
            if (step.used() != before) {
                before = step.used();
                after = retained(before);
            }
            bound(step, t, after.size(), 0, 0);
            boolean changed = t >= checkpoint && after.size() < before.size();
            now.add(changed ? new LedgerStep(step.map(), after) : step);
        }
        steps.clear();
        steps.addAll(now);
        checkpoints.tailSet(checkpoint, false).clear();
        displacements.tailMap(checkpoint, false).clear();
    }

    private RecordIds retained(RecordIds used) {
        return RecordIds.of(used.stream().filter(id -> !deleted.contains(id)).toArray());
    }

    /** D_1, ..., D_T where only the first steps are contaminated, and only their ends displaced. */
    private Drift drift(int contaminated) {
        List<StepBound> path = new ArrayList<>(steps.size());
        Constant start = displacement(0);
        OptionalInt first = start.value() > 0 ? OptionalInt.of(-1) : OptionalInt.empty();
        Assurance assurance = start.assurance();
        double distance = start.value();
        double computed = distance;
        Count count = new Count(RecordIds.of(), 0);
        for (int t = 0; t < steps.size(); t++) {
            LedgerStep step = steps.get(t);
            count = count.in(step.used(), deleted);
            int retained = step.used().size() - count.deleted();
            int deletedHere = t < contaminated ? count.deleted() : 0;
            if (deletedHere > 0) {
                first = first.isEmpty() ? OptionalInt.of(t) : first;
                assurance = Constant.weaker(assurance, bounds.gradientBound().assurance());
            }
            StepBound next = bound(step, t, retained, deletedHere, distance);
            assurance = Constant.weaker(assurance, assurance(next.active(), distance));
            if (first.isPresent()) {
                computed = Upward.add(
                        bound(step, t, retained, deletedHere, computed).distance(), 2 * rounding.ofStep(t, step));
            }
            distance = next.distance();
            Constant displaced = t < contaminated ? displacement(t + 1) : UNDISPLACED;
            if (displaced.value() > 0) {
                first = first.isEmpty() ? OptionalInt.of(t) : first;
                assurance = Constant.weaker(assurance, displaced.assurance());
                distance = Upward.add(distance, displaced.value());
                computed = Upward.add(computed, displaced.value());
            }
            path.add(new StepBound(distance, next.active()));
        }
        return new Drift(path, first, assurance, computed);
    }

    private Constant displacement(int step) {
        return displacements.getOrDefault(step, UNDISPLACED);
    }

    /** What a step's bound rests on besides G. */
    private Assurance assurance(StepBound.Active active, double before) {
        return switch (active) {
            case SAME, CAP -> Assurance.PROVED;
            // without a distance before it, ρ is not used
            case RECURSION -> before > 0 ? bounds.lipschitz().assurance() : Assurance.PROVED;
            case DIAMETER -> bounds.diameter().assurance();
        };
    }

    private StepBound bound(LedgerStep step, int t, int retained, int deletedHere, double distance) {
        try {
            return step.map().bound(bounds, retained, deletedHere, distance);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (step " + t + ")", e);
        }
    }

    /** How many deleted records a set has; the same object as before, as in full batches, is not counted again. */
    private record Count(RecordIds of, int deleted) {

        // the same object is cheap to see, equal sets are not
        @SuppressWarnings("ReferenceEquality")
        Count in(RecordIds used, RecordIds gone) {
            return used == of
                    ? this
                    : new Count(used, (int) gone.stream().filter(used::contains).count());
        }
    }
}
