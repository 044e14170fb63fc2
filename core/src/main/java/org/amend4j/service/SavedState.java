package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Path;

/** The state of a service and its file, which are never apart: a state is on the disk before it is the state. */
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
     * @throws IOException if it is damaged, or of another model
     */
    static SavedState open(Path folder, ForgettingModel model, ServiceRecords records) throws IOException {
        String objective = records.label();
        String recipe = describe(model);
        if (!ServiceState.isIn(folder)) {
            ServiceState.fresh(objective, recipe).write(folder);
        }
        ServiceState state = ServiceState.read(folder);
        if (!state.objective().equals(objective)) {
            throw new IOException(folder + " is damaged: state and " + ServiceRecords.FILE + " are of two models");
        }
        if (!state.recipe().equals(recipe)) {
            throw new IOException(
                    folder + " was trained by another recipe: " + state.recipe() + "; now it is " + recipe);
        }
        return new SavedState(folder, state);
    }

    private static String describe(ForgettingModel model) {
        var recipe = model.run().recipe();
        double lifetime = model.policy().lifetimeEpsilon();
        // fixed before the first request: a budget that can be raised is none
        String limit = lifetime == Double.POSITIVE_INFINITY ? "" : ", lifetime epsilon " + lifetime;
        return recipe.steps() + " steps, " + recipe.stepSizes() + ", "
                + recipe.batches().description() + ", balls " + recipe.balls() + ", noise " + recipe.noise() + limit;
    }

    ServiceState now() {
        return now;
    }

    void save(ServiceState next) throws IOException {
        next.write(folder);
        now = next;
    }
}
