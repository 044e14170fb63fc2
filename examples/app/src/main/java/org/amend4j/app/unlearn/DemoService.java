/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.amend4j.app.forget.ServiceFolder;
import org.amend4j.app.forget.VisitModel;
import org.amend4j.app.job.Progress;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.ForgettingModel;
import org.amend4j.service.ReleaseWriter;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.amend4j.verify.VerificationReport;

/**
 * One unlearning service of the demo in a {@link ServiceFolder}. An interrupted demo finds everything there and resumes.
 */
final class DemoService implements Closeable {

    /** Of a released model: a parameter a line, in the order of the features, with all its digits. */
    static final String MODEL = "theta.txt";

    private static final List<String> ASSUMPTIONS = List.of(
            "the data has no ids of persons: neighbouring rows with equal covariates were taken for one person",
            "centres, scales and the radius of the features are public constants that were not fitted to the data",
            "nobody chose deletions after looking at published models");

    private final VisitModel model;
    private final ServiceFolder files;
    private final UnlearningService service;

    private DemoService(VisitModel model, ServiceFolder files) {
        this.model = model;
        this.files = files;
        this.service = files.service();
    }

    /**
     * Opens a folder, or begins one.
     *
     * @throws IOException if it belongs to another model, is open elsewhere, or damaged
     */
    static DemoService open(Path folder, VisitModel model, ReleasePolicy policy) throws IOException {
        return new DemoService(model, ServiceFolder.open(folder, forgetting(model, policy), persons(model), WRITER));
    }

    private static final ReleaseWriter WRITER =
            (theta, release) -> Files.writeString(release.resolve(MODEL), text(theta), StandardCharsets.US_ASCII);

    static String text(double[] theta) {
        return Arrays.stream(theta).mapToObj(Double::toString).collect(Collectors.joining("\n", "", "\n"));
    }

    private static ForgettingModel forgetting(VisitModel model, ReleasePolicy policy) {
        return new ForgettingModel(
                model.run(),
                model.contents(persons(model)),
                model.start(),
                model.guarantee(),
                policy,
                Map.of(),
                List.of(),
                ASSUMPTIONS);
    }

    /** The subject of each record. */
    private static long[] persons(VisitModel model) {
        return model.run().objective().records().stream()
                .map(model.split()::person)
                .toArray();
    }

    /** {@link #train(StepListener)} as a stage. */
    double train(String name, Progress progress) throws IOException, InterruptedException {
        try (Progress.Stage stage = progress.stage(name + ", training", model.steps())) {
            return train((step, of) -> stage.reach(step));
        }
    }

    /**
     * Trains to the end, and finishes a deletion that was interrupted.
     *
     * @return seconds of training; NaN if an earlier demo did some or all of it
     */
    double train(StepListener progress) throws IOException, InterruptedException {
        boolean fresh = vault().steps().isEmpty();
        long begin = System.nanoTime();
        service.train(progress);
        double seconds = (System.nanoTime() - begin) / 1e9;
        service.finish(progress);
        return fresh ? seconds : Double.NaN;
    }

    /** {@link #forget(Collection, StepListener)} as a stage. */
    double forget(Collection<String> names, String name, Progress progress) throws IOException, InterruptedException {
        try (Progress.Stage stage = progress.stage(name + ", forgetting", model.steps())) {
            return forget(names, (step, of) -> stage.reach(step));
        }
    }

    /**
     * Requests and answers: by what users get by default, but a refusal instead of retraining. Does nothing if there is a
     * release that has forgotten.
     *
     * @return seconds; NaN if it was released before
     */
    double forget(Collection<String> names, StepListener progress) throws IOException, InterruptedException {
        if (service.latestRelease() > 0) {
            return Double.NaN;
        }
        service.request(names);
        long begin = System.nanoTime();
        service.answer(DemoService::choose, progress);
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Requests that are met all together or not at all; here: not at all, for the sake of a plan that was refused. */
    void refuse(Collection<String> names, String name, Progress progress) throws IOException, InterruptedException {
        try (Progress.Stage stage = progress.stage(name + ", forgetting", model.steps())) {
            service.request(names);
            service.answer(plan -> Optional.empty(), (step, of) -> stage.reach(step));
        }
    }

    private static Optional<UnlearningMethod> choose(UnlearningPlan plan) {
        return Plans.taken(plan);
    }

    /** θ_T of the stored trajectory: what was released, without noise. */
    double[] end() throws IOException {
        return vault().read(model.steps());
    }

    CheckpointVault vault() {
        return files.vault();
    }

    /** 0 before, 1 after the deletion. */
    int latestRelease() {
        return service.latestRelease();
    }

    /** The parameters that users have. */
    double[] released() throws IOException {
        return Files.readAllLines(release().resolve(MODEL), StandardCharsets.US_ASCII).stream()
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** The folder of the newest release. */
    Path release() {
        return files.release();
    }

    /** The newest certificate. */
    Path certificate() {
        return files.certificate();
    }

    /**
     * Holds the newest certificate against everything there is: the release, the ledger, the keys, the records.
     *
     * @param deleted all records ever deleted
     */
    VerificationReport verify(RecordIds deleted) throws IOException {
        return files.verify(deleted);
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
