/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.forgetting;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.graph.Records;
import org.amend4j.internal.model.GraphBytes;
import org.amend4j.keys.KeyFile;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.provable.ProvableGraphs;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.service.ForgettingModel;
import org.amend4j.service.ReleaseWriter;
import org.amend4j.service.RequestOutcome;
import org.amend4j.service.ServiceRecords;
import org.amend4j.service.Subjects;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A network that forgets subjects on request, in a folder: it learns by gradient descent with checkpoints, accepts requests, rewinds
 * to meet them, and releases each model with a certificate. Everything is on disk when a call returns; if a call is interrupted,
 * the next one resumes it. Keys are kept in another folder: whoever has both can read every checkpoint.
 *
 * <pre>{@code
 * try (ForgetfulModel model = ForgetfulModel.open(folder, keys, network, records, subjects,
 *         ForgetfulSettings.of(16_384, 400, 1.5))) {
 *     model.train();
 *     model.request("42");
 *     System.out.println(model.forget());
 * }
 * }</pre>
 *
 * <p>Its building blocks ({@link ProvableGraphs}, {@link RewindToDelete}, {@link UnlearningService}) can be combined in other ways.
 * Not thread-safe.
 */
public final class ForgetfulModel implements Closeable {

    private static final String VAULT = "vault";
    private static final String MODEL = "model.zip";
    private static final String KEK = "kek";
    private static final String ISSUER = "issuer";

    private final UnlearningService service;
    private final SealedVault vault;
    private final String publicKey;
    private final List<String> notes;

    private ForgetfulModel(UnlearningService service, SealedVault vault, String publicKey, List<String> notes) {
        this.service = service;
        this.vault = vault;
        this.publicKey = publicKey;
        this.notes = List.copyOf(notes);
    }

    /**
     * A whole network that learns on the records, starting from its present parameters; the given network is not changed. Releases hold
     * {@code model.zip}.
     *
     * @param folder created if it is missing; its parent must exist
     * @param keys a folder elsewhere; created if it is missing
     * @param network in double precision
     * @param records the same each time, except that the content of forgotten ones no longer matters
     * @param subjects the subject of each record, one per record: requests name subjects by these numbers
     * @throws IllegalArgumentException if nothing can be proved about the network, a step is too long, or gradients are clipped by
     *     owner and a subject has a part of an owner's records, naming what is in the way
     * @throws IOException if the folder is of another model, damaged or in use
     */
    public static ForgetfulModel open(
            Path folder,
            Path keys,
            ComputationGraph network,
            Records records,
            long[] subjects,
            ForgetfulSettings settings)
            throws IOException {
        BaseModel base = BaseModel.of(network);
        ProvableProblem problem = ProvableGraphs.of(base.network(), records, settings.options());
        return open(folder, keys, problem, records, subjects, settings, (theta, release) -> {
            ComputationGraph released = base.plainCopy();
            problem.writeInto(released, theta);
            GraphBytes.write(released, release.resolve(MODEL));
        });
    }

    /** As for a whole network; an adapter learns, the base stays as it is, and releases hold the adapter alone. */
    public static ForgetfulModel open(
            Path folder, Path keys, AdaptedModel model, Records records, long[] subjects, ForgetfulSettings settings)
            throws IOException {
        ProvableProblem problem = ProvableGraphs.of(model, records, settings.options());
        return open(folder, keys, problem, records, subjects, settings, (theta, release) -> {
            problem.writeInto(model.graph(), theta);
            model.save(release);
        });
    }

    private static ForgetfulModel open(
            Path folder,
            Path keys,
            ProvableProblem problem,
            Records records,
            long[] subjects,
            ForgetfulSettings settings,
            ReleaseWriter writer)
            throws IOException {
        requireApart(folder, keys);
        RewindToDelete run = problem.run(settings.recipe());
        Guarantee guarantee = problem.guarantee(run);
        // refuses steps that are too long for the curvature before anything is written
        run.note(guarantee.ledger(), List.of());
        List<String> assumptions = new ArrayList<>(problem.notes());
        problem.roundingAssumption().ifPresent(assumptions::add);
        ForgettingModel model = new ForgettingModel(
                run,
                records.contents(),
                run.start(problem.start()),
                guarantee,
                settings.policy(),
                Map.of(),
                List.of(),
                assumptions);
        // their key does not matter yet: nothing is written before it is known that everybody can be forgotten
        model.requireWholeOwners(Subjects.numbered(SubjectKey.of(new byte[32]), records.ids(), subjects));
        Files.createDirectories(keys);
        byte[] kek = KeyFile.openOrCreate(keys.resolve(KEK));
        SubjectKey key = SubjectKey.of(kek);
        Issuer issuer = Issuer.openOrCreate(keys.resolve(ISSUER));
        SealedVault vault = SealedVault.open(
                folder.resolve(VAULT),
                ServiceRecords.label(folder, model, key),
                problem.objective().dimension(),
                kek);
        try {
            Subjects askers = Subjects.numbered(key, records.ids(), subjects);
            UnlearningService service =
                    UnlearningService.open(folder, model, askers, writer, vault, issuer, Clock.systemUTC());
            return new ForgetfulModel(service, vault, issuer.publicKey(), assumptions);
        } catch (IOException | RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    private static void requireApart(Path folder, Path keys) {
        if (keys.toAbsolutePath().normalize().startsWith(folder.toAbsolutePath().normalize())) {
            throw new IllegalArgumentException("keys must not be inside of " + folder + ", got " + keys);
        }
    }

    /** Finishes what was interrupted, and trains to the end; does nothing if that is done. */
    public void train() throws IOException, InterruptedException {
        train(StepListener.NONE);
    }

    /** As {@link #train()}, telling every step. */
    public void train(StepListener progress) throws IOException, InterruptedException {
        service.finish(progress);
        service.train(progress);
    }

    /**
     * Accepts requests to be forgotten. They are on the disk when this returns, and stay until they are answered.
     *
     * @param subjects the subjects' numbers
     * @throws IllegalArgumentException if one is not known; no request is accepted then
     */
    public void request(String... subjects) throws IOException {
        service.request(List.of(subjects));
    }

    /** What it would take to forget these subjects and all who are pending: every method with its cost, noise and guarantee. */
    public UnlearningPlan plan(String... subjects) throws IOException {
        return service.plan(List.of(subjects));
    }

    /**
     * Answers all pending requests by {@link UnlearningPlan#recommended}: the cheapest rewind that is exact or has little noise, and
     * retraining where there is none: a release with its certificate. What is forgotten cannot be had back, nor can earlier releases.
     */
    public RequestOutcome forget() throws IOException, InterruptedException {
        return forget(plan -> Optional.of(plan.recommended()));
    }

    /**
     * Answers all pending requests as {@link UnlearningService#answer(Function, StepListener)} does: a release with its certificate,
     * or a refusal with the numbers.
     *
     * @param choice of a method of the plan that it is given, such as {@code plan -> Optional.of(plan.cheapest())} for the cheapest,
     *     however much noise the policy admits; empty to refuse
     */
    public RequestOutcome forget(Function<UnlearningPlan, Optional<UnlearningMethod>> choice)
            throws IOException, InterruptedException {
        service.finish(StepListener.NONE);
        return service.answer(choice, StepListener.NONE);
    }

    /** The folder of the newest release. */
    public Path release() {
        return service.release(service.latestRelease());
    }

    /** The key that certificates are signed with, X.509, base64: what a verifier must know from elsewhere. */
    public String publicKey() {
        return publicKey;
    }

    /** What certificates assume, a sentence each. */
    public List<String> notes() {
        return notes;
    }

    /** Everything else that a service can do. */
    public UnlearningService service() {
        return service;
    }

    @Override
    public void close() throws IOException {
        try (vault) {
            service.close();
        }
    }
}
