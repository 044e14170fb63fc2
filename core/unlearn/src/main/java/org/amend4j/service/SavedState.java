/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.amend4j.identity.Facts;

/** The state of a service and its file, which always agree: a new state is on disk before it takes effect. */
final class SavedState {

    private final Path folder;
    private ServiceState now;

    private SavedState(Path folder, ServiceState now) {
        this.folder = folder;
        this.now = now;
    }

    /**
     * Reads the state of a folder, or begins one.
     *
     * @param decided pseudonyms of those whose deletion was decided, as the ledger has it
     * @throws IOException if it is damaged, older than the ledger, or of another model; nothing is written then
     */
    static SavedState open(Path folder, ForgettingModel model, ServiceRecords records, Set<String> decided)
            throws IOException {
        String objective = records.label();
        String recipe = recipe(model, Facts::text);
        boolean begun = ServiceState.isIn(folder);
        ServiceState state = begun ? ServiceState.read(folder) : ServiceState.fresh(objective, recipe);
        if (!state.objective().equals(objective)) {
            throw new IOException(folder + " is damaged: state and " + ServiceRecords.FILE + " are of two models");
        }
        if (!state.recipe().equals(recipe) && !state.recipe().equals(recipe(model, Facts::first))) {
            throw new IOException(
                    folder + " was trained by another recipe: " + state.recipe() + "; now it is " + recipe);
        }
        requireAllOf(decided, folder, state);
        if (!begun) {
            state.write(folder);
        }
        return new SavedState(folder, state);
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

    void save(ServiceState next) throws IOException {
        next.write(folder);
        now = next;
    }
}
