/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Digests;
import org.amend4j.certificate.Issuer;
import org.amend4j.certificate.ReleasedFile;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.transparency.LogCheckpoint;

/** A released model with its certificate, its ledger and a key ring, in a folder. */
final class Release {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    final Certifiable scenario;
    final Path folder;
    final Path certificate;
    final Path ledger;
    final Path head;
    final Path keyRing;
    final Path issuerFile;
    final Path opening;
    final String publicKey;

    Release(Path temp, Certifiable scenario) throws IOException {
        this.scenario = scenario;
        this.folder = Files.createDirectories(temp.resolve("release/part")).getParent();
        this.certificate = folder.resolve(CertificateFile.NAME);
        this.ledger = temp.resolve("ledger").resolve(DeletionLedger.FILE);
        this.head = temp.resolve("kept.txt");
        this.keyRing = temp.resolve("ring");
        this.issuerFile = temp.resolve("issuer");
        this.opening = temp.resolve("opening.json");
        Issuer issuer = Issuer.openOrCreate(issuerFile);
        this.publicKey = issuer.publicKey();
        Files.writeString(folder.resolve("model.bin"), "weights");
        Files.writeString(folder.resolve("part/notes \"ä\".txt"), "");
        Files.writeString(keyRing, "amend4j key ring 1\nkey alive label 00\n");
        write(issuer);
    }

    private void write(Issuer issuer) throws IOException {
        List<ReleasedFile> files = Digests.filesOf(folder);
        try (DeletionLedger requests = DeletionLedger.open(ledger.getParent(), SubjectKey.of(new byte[32]), CLOCK)) {
            List<String> subject = List.of(requests.receive("ada"));
            requests.receive("bob \n");
            requests.advance(EntryType.VALIDATED, subject, Map.of("hash", "\"hash\":\"\t€"));
            requests.advance(EntryType.SCHEDULED, subject, Map.of());
            Certificate draft = scenario.certificate(Scenario.ZEROS, 0);
            requests.advance(
                    EntryType.INTENT,
                    subject,
                    Map.of(
                            "way", scenario.way(),
                            "checkpoint", Integer.toString(scenario.checkpoint()),
                            "checkpointCommitment",
                                    draft.references().commitments().checkpoint(),
                            "sigma", Double.toString(draft.protection().noise().sigma())));
            requests.advance(EntryType.UNLEARNED, subject, Map.of());
            List<LedgerEntry> entries = requests.entries();
            Certificate claims = scenario.certificate(
                    files, subject, entries.get(entries.size() - 1).hash(), entries.size() - 1);
            String hash = CertificateFile.write(claims, issuer, certificate);
            scenario.opening(hash).write(opening);
            requests.advance(EntryType.RELEASED, subject, Map.of("model", Digests.of(files), "release", "1"));
            requests.advance(EntryType.CERTIFIED, subject, Map.of("certificate", hash));
            requests.advance(EntryType.ERASED, subject, Map.of("keys", "k0,k1,k2"));
            Files.write(
                    head,
                    issuer.sign(new LogCheckpoint(requests.origin(), requests.head()))
                            .bytes());
        }
    }

    /** Everything that can be given. */
    VerifierInputs inputs() {
        return VerifierInputs.none()
                .withRelease(folder)
                .withLedger(ledger)
                .withKeyRing(keyRing)
                .withTrustedKey(publicKey)
                .withCertificates(List.of(certificate))
                .withOpening(opening)
                .withDeleted(Scenario.deletedIds())
                .withRetained(scenario.retainedIds());
    }
}
