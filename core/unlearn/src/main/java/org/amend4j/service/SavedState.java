/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.amend4j.identity.Facts;
import org.amend4j.keys.Seal;

/** The state of a service and its file, which always agree: a new state is on disk before it takes effect. */
final class SavedState {

    private final Path folder;
    private final ServiceRecords records;
    private final Seal seal;
    private ServiceState now;

    private SavedState(Path folder, ServiceRecords records, Seal seal, ServiceState now) {
        this.folder = folder;
        this.records = records;
        this.seal = seal;
        this.now = now;
    }

    /**
     * Reads the state of a folder, or begins one.
     *
     * @param requests of the ledger, which knows of every deletion that was begun
     * @throws IOException if it is damaged, says something else than ledger and records, or is of another model; nothing is written
     *     then
     */
    static SavedState open(
            Path folder, ForgettingModel model, ServiceRecords records, Requests requests, CommitmentScheme hiding)
            throws IOException {
        Seal seal = requests.seal();
        String objective = records.label();
        String recipe = recipe(model, Facts::text);
        boolean begun = ServiceState.isIn(folder);
        ServiceState state = begun ? ServiceState.read(folder, seal) : ServiceState.fresh(objective, recipe);
        if (!state.objective().equals(objective)) {
            throw new IOException(folder + " is damaged: state and " + ServiceRecords.FILE + " are of two models");
        }
        if (!state.recipe().equals(recipe) && !state.recipe().equals(recipe(model, Facts::first))) {
            throw new IOException(
                    folder + " was trained by another recipe: " + state.recipe() + "; now it is " + recipe);
        }
        requireAllOf(requests.decided(), folder, state);
        new StateCheck(folder.resolve(ServiceState.FILE), requests, records, hiding).require(state);
        if (begun && ServiceState.isSealed(folder) && !records.isSealed()) {
            throw new IOException(folder.resolve(ServiceRecords.FILE) + " is not sealed, and " + ServiceState.FILE
                    + " is: put back the one that belongs to it");
        }
        SavedState saved = new SavedState(folder, records, seal, state);
        if (!begun) {
            saved.save(state);
        }
        return saved;
    }

    /** A state that was lost, or brought back from a backup, would not know who is in the model no more. */
    private static void requireAllOf(Set<String> decided, Path folder, ServiceState state) throws IOException {
        Set<String> known = new HashSet<>();
        state.deletions().forEach(deletion -> known.addAll(deletion.subjects()));
        long missing =
                decided.stream().filter(subject -> !known.contains(subject)).count();
        if (missing > 0) {
            throw new IOException(
                    folder.resolve(ServiceState.FILE) + " was lost or is older than the ledger, which has " + missing
                            + " deletions that it does not know: put back the newest one");
        }
    }

    private static String recipe(ForgettingModel model, Function<Facts, String> words) {
        var recipe = model.run().recipe();
        double lifetime = model.policy().lifetimeEpsilon();
        // fixed before the first request: a budget that can be raised is none
        String limit = lifetime == Double.POSITIVE_INFINITY ? "" : ", lifetime epsilon " + Facts.text(lifetime);
        return recipe.steps() + " steps, " + words.apply(recipe.stepSizes().facts()) + ", "
                + words.apply(recipe.batches().facts()) + ", balls " + Facts.text(recipe.balls()) + ", noise "
                + Facts.text(recipe.noise()) + limit;
    }

    ServiceState now() {
        return now;
    }

    /** Remembers the files of a release before they are visible. */
    void announce(String sha256) throws IOException {
        save(now.releasing(sha256));
    }

    /** Saves a state; what release 0.1.0 wrote is sealed then, records first. */
    void save(ServiceState next) throws IOException {
        if (!records.isSealed()) {
            records.seal();
        }
        next.write(folder, seal);
        now = next;
    }
}
