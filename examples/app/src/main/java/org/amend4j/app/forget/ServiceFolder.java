/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.keys.KeyFile;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.ForgettingModel;
import org.amend4j.service.ReleaseWriter;
import org.amend4j.service.RequestOutcome;
import org.amend4j.service.ServiceRecords;
import org.amend4j.service.Subjects;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;

/**
 * An unlearning service of a demo with all its files in a folder:
 *
 * <pre>
 *   service/   state, ledger of requests, releases
 *   vault/     checkpoints, encrypted
 *   keys/      what a real service keeps on another machine
 * </pre>
 */
public final class ServiceFolder implements Closeable {

    private final Path folder;
    private final ForgettingModel model;
    private final UnlearningService service;
    private final CheckpointVault vault;
    private final String issuer;

    private ServiceFolder(
            Path folder, ForgettingModel model, UnlearningService service, CheckpointVault vault, String issuer) {
        this.folder = folder;
        this.model = model;
        this.service = service;
        this.vault = vault;
        this.issuer = issuer;
    }

    /**
     * Opens a folder, or begins one.
     *
     * @param subjects the subject of each record, in the order of the records' ids
     * @throws IOException if it belongs to another model, is open elsewhere, or damaged
     */
    public static ServiceFolder open(Path folder, ForgettingModel model, long[] subjects, ReleaseWriter writer)
            throws IOException {
        Path keys = Files.createDirectories(folder.resolve("keys"));
        SubjectKey key = SubjectKey.of(KeyFile.openOrCreate(keys.resolve("subjects.key")));
        CheckpointVault vault = SealedVault.open(
                folder.resolve("vault"),
                ServiceRecords.label(folder.resolve("service"), model, key) + " "
                        + model.run().recipe().batches().facts().first(),
                model.run().objective().dimension(),
                KeyFile.openOrCreate(keys.resolve("checkpoints.key")));
        try {
            Issuer issuer = Issuer.openOrCreate(keys.resolve("issuer.keys"));
            UnlearningService service = UnlearningService.open(
                    folder.resolve("service"),
                    model,
                    Subjects.numbered(key, model.run().objective().records(), subjects),
                    writer,
                    vault,
                    issuer,
                    Clock.systemUTC());
            return new ServiceFolder(folder, model, service, vault, issuer.publicKey());
        } catch (IOException | RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    public UnlearningService service() {
        return service;
    }

    public CheckpointVault vault() {
        return vault;
    }

    /**
     * Answers what is pending in the cheapest method of a kind.
     *
     * @throws IllegalStateException if there is none: the requests are refused
     */
    public RequestOutcome.Released answer(Class<? extends UnlearningMethod> kind, StepListener progress)
            throws IOException, InterruptedException {
        RequestOutcome outcome = service.answer(
                plan -> plan.methods().stream().filter(kind::isInstance).findFirst(), progress);
        if (outcome instanceof RequestOutcome.Released released) {
            return released;
        }
        throw new IllegalStateException("there must be such a method to forget, got " + outcome);
    }

    /** The folder of the newest release. */
    public Path release() {
        return service.release(service.latestRelease());
    }

    /** The newest certificate. */
    public Path certificate() {
        return release().resolve(CertificateFile.NAME);
    }

    /**
     * Holds the newest certificate against the release, the ledger and its head, the keys and the records.
     *
     * @param deleted all records ever deleted
     */
    public VerificationReport verify(RecordIds deleted) throws IOException {
        RecordIds retained = model.run().objective().records().without(deleted);
        Path opening = folder.resolve("keys").resolve("opening.json");
        service.opening(service.latestRelease()).write(opening);
        List<Path> certificates = IntStream.rangeClosed(1, service.latestRelease())
                .mapToObj(number -> service.release(number).resolve(CertificateFile.NAME))
                .toList();
        return CertificateVerifier.verify(
                certificate(),
                VerifierInputs.none()
                        .withRelease(release())
                        .withLedger(folder.resolve("service").resolve(DeletionLedger.FILE))
                        .withHead(folder.resolve("service").resolve(UnlearningService.HEAD))
                        .withKeyRing(folder.resolve("vault").resolve("keys.ring"))
                        .withTrustedKey(issuer)
                        .withCertificates(certificates)
                        .withOpening(opening)
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
