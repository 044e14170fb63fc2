/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Digests;
import org.amend4j.certificate.Issuer;
import org.amend4j.certificate.ReleasedFile;
import org.amend4j.deletion.EntryType;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.privacy.SecureGaussian;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.service.ServiceState.NoiseChoice;
import org.amend4j.service.ServiceState.Stage;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.ConvergenceBound;
import org.amend4j.unlearn.StepListener;

/**
 * Carries out a deletion that was decided. Every stage is recorded on disk before the next one begins, and recorded stages
 * are not repeated: after a kill the deletion is simply run again from the start.
 */
final class Execution {

    private final ForgettingModel model;
    private final CheckpointVault vault;
    private final Releases releases;
    private final Requests requests;
    private final Contamination contamination;
    private final ServiceRecords records;
    private final SavedState state;
    private final HeadFile headFile;
    private final Issuer issuer;
    private final CommitmentScheme hiding;
    private final CertificateMaker certificates;

    Execution(
            ForgettingModel model,
            CheckpointVault vault,
            Releases releases,
            Requests requests,
            Contamination contamination,
            ServiceRecords records,
            SavedState state,
            HeadFile headFile,
            Issuer issuer,
            CommitmentScheme hiding) {
        this.model = model;
        this.vault = vault;
        this.releases = releases;
        this.requests = requests;
        this.contamination = contamination;
        this.records = records;
        this.state = state;
        this.headFile = headFile;
        this.issuer = issuer;
        this.hiding = hiding;
        this.certificates = new CertificateMaker(model, vault, hiding);
    }

    /** Carries out the last deletion, which must be unfinished. */
    RequestOutcome.Released run(StepListener progress) throws IOException, InterruptedException {
        int number = state.now().deletions().size();
        requireBound();
        requireSalt();
        advance(EntryType.INTENT, state.now().last().intent(hiding));
        double[] theta = unlearned(progress);
        advance(EntryType.UNLEARNED, Map.of("release", Integer.toString(number)));
        if (!releases.has(number)) {
            double[] released = noisy(theta, state.now().last().rewind().noise());
            releases.publish(number, released, state::announce);
        }
        // a kill while the certificate was written can have left a file that it would have to name
        AtomicFile.removeLeftovers(releases.folder(number).resolve(CertificateFile.NAME));
        List<ReleasedFile> files = releases.asMade(number, state.now().model());
        advance(EntryType.RELEASED, Map.of("model", Digests.of(files), "release", Integer.toString(number)));
        Path certificate = certify(number, files);
        Deletion deletion = state.now().last().certified(Digests.of(certificate));
        advance(EntryType.CERTIFIED, Map.of("certificate", deletion.certificate()));
        advance(
                EntryType.ERASED,
                Map.of("keys", String.join(",", deletion.rewind().destroyedKeys())));
        // it saw the deleted records; earlier ones were retired when earlier deletions were finished
        releases.retire(number - 1);
        records.bury(deletion.records());
        state.save(state.now().withLast(deletion.at(Stage.DONE)));
        return new RequestOutcome.Released(
                number, releases.folder(number), CertificateFile.read(certificate), List.of());
    }

    /**
     * Refuses to go on with a deletion by convergence that was decided for another bound: its noise is for that one, and so may be the
     * gradient of what was kept before it was stopped.
     */
    private void requireBound() throws IOException {
        Deletion deletion = state.now().last();
        double decided = deletion.rewind().noise().sensitivity();
        if (deletion.rewind().converges()
                && !model.run().convergence().map(ConvergenceBound::delta).equals(Optional.of(decided))) {
            throw new IOException("a deletion by convergence was decided for a distance of " + decided
                    + ", which this model has not: open it with the bound that it had");
        }
    }

    /** Gives a deletion its salt that was decided before there were salts, if there is no certificate of it yet. */
    private void requireSalt() throws IOException {
        Deletion deletion = state.now().last();
        if (!deletion.salt().isEmpty()) {
            return;
        }
        if (requests.isReleased(deletion.subjects())) {
            throw new IOException(
                    "a deletion was released in format 1 and not finished: the version of amend4j that began it"
                            + " has to finish it");
        }
        state.save(state.now().withLast(deletion.salted(hiding.salt())));
    }

    private void advance(EntryType next, Map<String, String> facts) throws IOException {
        requests.advance(next, state.now().last().subjects(), facts);
        headFile.write();
    }

    private double[] unlearned(StepListener progress) throws IOException, InterruptedException {
        Deletion deletion = state.now().last();
        if (deletion.rewind().converges()) {
            return converged(deletion, progress);
        }
        if (deletion.stage() == Stage.DECIDED) {
            destroyAfter(deletion.rewind().checkpoint(), deletion);
        }
        return model.run().resume(state.now().deleted(), vault, progress);
    }

    private void destroyAfter(int step, Deletion deletion) throws IOException {
        vault.destroyFrom(step + 1);
        state.save(state.now().withLast(deletion.at(Stage.REWOUND)));
    }

    /**
     * Where it starts from does not matter to the result's bound: a kill after the old checkpoints are destroyed, and before the new one is
     * kept, leaves the start to go on from.
     */
    private double[] converged(Deletion deletion, StepListener progress) throws IOException, InterruptedException {
        int end = deletion.rewind().checkpoint();
        if (deletion.stage() != Stage.DECIDED && vault.steps().contains(end)) {
            return vault.read(end);
        }
        double[] from = vault.read(vault.steps().last());
        double[] theta = model.run().converge(from, state.now().deleted(), progress);
        destroyAfter(0, deletion);
        vault.keep(end, theta);
        return theta;
    }

    private double[] noisy(double[] theta, NoiseChoice noise) {
        boolean atTheEnd = model.run().recipe().noise().isEmpty();
        return noise.units() == 0 || !atTheEnd ? theta : new SecureGaussian().release(theta, noise.grid());
    }

    /** The certificate's file, written unless the ledger has it: a file that the ledger does not have is not vouched for. */
    private Path certify(int number, List<ReleasedFile> files) throws IOException {
        Path file = releases.folder(number).resolve(CertificateFile.NAME);
        if (!requests.isCertified(state.now().last().subjects(), file)) {
            ServiceState now = state.now();
            Certificate certificate =
                    certificates.make(now, now.last(), files, requests.entries(), contamination.after(now.deletions()));
            CertificateFile.write(certificate, issuer, file);
        }
        return file;
    }
}
