/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.RequestOutcome;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.amend4j.verify.VerificationReport;

/** An unlearning service of a {@link ClothesModel} in a {@link ServiceFolder}: a release is an adapter with its certificate. */
public final class ClothesService implements Closeable {

    private final ClothesModel model;
    private final ServiceFolder files;
    private final UnlearningService service;

    private ClothesService(ClothesModel model, ServiceFolder files) {
        this.model = model;
        this.files = files;
        this.service = files.service();
    }

    /**
     * Opens a folder, or begins one.
     *
     * @throws IOException if it belongs to another model, is open elsewhere, or damaged
     */
    public static ClothesService open(Path folder, ClothesModel model, PrivateClothes clothes) throws IOException {
        return new ClothesService(
                model,
                ServiceFolder.open(
                        folder, model.forgetting(clothes), clothes.users().subjects(), model::save));
    }

    /** Trains and releases. */
    public void train(StepListener progress) throws IOException, InterruptedException {
        service.train(progress);
    }

    /** Finishes a deletion that was interrupted. */
    public void finish(StepListener progress) throws IOException, InterruptedException {
        service.finish(progress);
    }

    /** Whether somebody was forgotten. */
    public boolean hasForgotten() {
        return service.latestRelease() > 0;
    }

    /** The newest certificate. */
    public Path certificate() {
        return files.certificate();
    }

    /** Takes users' requests. */
    public void request(Collection<Integer> users) throws IOException {
        service.request(users.stream().map(String::valueOf).toList());
    }

    /** The methods there are for what is pending. */
    public UnlearningPlan plan() throws IOException {
        return service.plan(List.of());
    }

    /**
     * Answers what is pending in the cheapest method of a kind.
     *
     * @throws IllegalStateException if there is none: the requests are refused
     */
    public RequestOutcome.Released answer(Predicate<UnlearningMethod> kind, StepListener progress)
            throws IOException, InterruptedException {
        RequestOutcome outcome = service.answer(plan -> choose(plan, kind), progress);
        if (outcome instanceof RequestOutcome.Released released) {
            return released;
        }
        throw new IllegalStateException("there must be such a method to forget, got " + outcome);
    }

    private static Optional<UnlearningMethod> choose(UnlearningPlan plan, Predicate<UnlearningMethod> kind) {
        return plan.methods().stream().filter(kind).findFirst();
    }

    /** B at a checkpoint of the stored trajectory; at the end it is what was released, without noise. */
    public double[] at(int step) throws IOException {
        return files.vault().read(step);
    }

    /** B of the newest release, from its file. */
    public double[] released() throws IOException {
        return model.read(release());
    }

    /** The folder of the newest release. */
    public Path release() {
        return files.release();
    }

    /**
     * Holds the newest certificate against the release, the ledger, the keys and the records.
     *
     * @param deleted all records ever deleted
     */
    public VerificationReport verify(RecordIds deleted) throws IOException {
        return files.verify(deleted);
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
