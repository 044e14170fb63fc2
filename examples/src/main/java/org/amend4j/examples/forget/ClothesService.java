package org.amend4j.examples.forget;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.objective.RecordIds;
import org.amend4j.secret.KeyFile;
import org.amend4j.service.Outcome;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.Plan;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.Way;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;

/**
 * An unlearning service of a {@link ClothesModel} with all its files in a folder:
 *
 * <pre>
 *   service/   state, ledger of requests, releases: an adapter each, with its certificate
 *   vault/     checkpoints, encrypted
 *   keys/      what a real service keeps on another machine
 * </pre>
 */
public final class ClothesService implements Closeable {

    private final Path folder;
    private final ClothesModel model;
    private final UnlearningService service;
    private final CheckpointVault vault;
    private final String issuer;

    private ClothesService(
            Path folder, ClothesModel model, UnlearningService service, CheckpointVault vault, String issuer) {
        this.folder = folder;
        this.model = model;
        this.service = service;
        this.vault = vault;
        this.issuer = issuer;
    }

    /**
     * Opens a folder, or begins one.
     *
     * @throws IOException if it belongs to another model, is open elsewhere, or damaged
     */
    public static ClothesService open(Path folder, ClothesModel model, PrivateClothes clothes) throws IOException {
        Path keys = Files.createDirectories(folder.resolve("keys"));
        CheckpointVault vault = SealedVault.open(
                folder.resolve("vault"),
                model.run().objective().fingerprint() + " "
                        + model.run().recipe().batches().description(),
                model.run().objective().dimension(),
                KeyFile.openOrCreate(keys.resolve("checkpoints.key")));
        try {
            Issuer issuer = Issuer.openOrCreate(keys.resolve("issuer.keys"));
            UnlearningService service = UnlearningService.open(
                    folder.resolve("service"),
                    model.forgetting(clothes),
                    model::save,
                    vault,
                    SubjectKey.of(KeyFile.openOrCreate(keys.resolve("subjects.key"))),
                    issuer,
                    Clock.systemUTC());
            return new ClothesService(folder, model, service, vault, issuer.publicKey());
        } catch (IOException | RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    /** Trains and releases. */
    public void train(StepListener progress) throws IOException, InterruptedException {
        service.train(progress);
    }

    /** Takes users' requests. */
    public void request(Collection<Integer> users) throws IOException {
        service.request(users.stream().map(String::valueOf).toList());
    }

    /** The ways there are for what is pending. */
    public Plan plan() throws IOException {
        return service.plan(List.of());
    }

    /**
     * Answers what is pending in the cheapest way of a kind.
     *
     * @throws IllegalStateException if there is none: the requests are refused
     */
    public Outcome.Released answer(Predicate<Way> kind, StepListener progress)
            throws IOException, InterruptedException {
        Outcome outcome = service.answer(plan -> choose(plan, kind), progress);
        if (outcome instanceof Outcome.Released released) {
            return released;
        }
        throw new IllegalStateException("there must be such a way to forget, got " + outcome);
    }

    private static Optional<Way> choose(Plan plan, Predicate<Way> kind) {
        return plan.ways().stream().filter(kind).findFirst();
    }

    /** B at a checkpoint of the stored trajectory; at the end it is what was released, without noise. */
    public double[] at(int step) throws IOException {
        return vault.read(step);
    }

    /** B of the newest release, from its file. */
    public double[] released() throws IOException {
        return model.read(service.release(service.latestRelease()));
    }

    /** The folder of the newest release. */
    public Path release() {
        return service.release(service.latestRelease());
    }

    /**
     * Holds the newest certificate against the release, the ledger, the keys and the records.
     *
     * @param deleted all records ever deleted
     */
    public VerificationReport verify(RecordIds deleted) {
        RecordIds retained = model.run().objective().records().without(deleted);
        return CertificateVerifier.verify(
                release().resolve(CertificateFile.NAME),
                VerifierInputs.none()
                        .withRelease(release())
                        .withLedger(folder.resolve("service").resolve("deletions.jsonl"))
                        .withKeyRing(folder.resolve("vault").resolve("keys.ring"))
                        .withTrustedKey(issuer)
                        .withRetained(retained.stream().toArray())
                        .withDeleted(deleted.stream().toArray()));
    }

    @Override
    public void close() throws IOException {
        try (vault) {
            service.close();
        }
    }
}
