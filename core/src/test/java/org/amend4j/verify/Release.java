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
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.SubjectKey;

/** A released model with its certificate, its ledger and a key ring, in a folder. */
final class Release {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    final Scenario scenario;
    final Path folder;
    final Path certificate;
    final Path ledger;
    final Path keyRing;
    final Path issuerFile;
    final String publicKey;

    Release(Path temp, Scenario scenario) throws IOException {
        this.scenario = scenario;
        this.folder = Files.createDirectories(temp.resolve("release/part")).getParent();
        this.certificate = folder.resolve(CertificateFile.NAME);
        this.ledger = temp.resolve("ledger").resolve(DeletionLedger.FILE);
        this.keyRing = temp.resolve("ring");
        this.issuerFile = temp.resolve("issuer");
        Issuer issuer = Issuer.openOrCreate(issuerFile);
        this.publicKey = issuer.publicKey();
        Files.writeString(folder.resolve("model.bin"), "weights");
        Files.writeString(folder.resolve("part/notes \"ä\".txt"), "");
        Files.writeString(keyRing, "a ring\nkey alive label 00\n");
        write(issuer);
    }

    private void write(Issuer issuer) throws IOException {
        String model = Digests.ofFolder(folder);
        try (DeletionLedger requests = DeletionLedger.open(ledger.getParent(), SubjectKey.of(new byte[32]), CLOCK)) {
            List<String> subject = List.of(requests.receive("ada"));
            requests.receive("bob \n");
            requests.advance(EntryType.VALIDATED, subject, Map.of("hash", "\"hash\":\"\t€"));
            requests.advance(EntryType.SCHEDULED, subject, Map.of());
            requests.advance(EntryType.INTENT, subject, Map.of("redone", "5"));
            requests.advance(EntryType.UNLEARNED, subject, Map.of());
            Certificate claims = scenario.certificate(
                    model, requests.head(), requests.entries().size() - 1);
            String hash = CertificateFile.write(about(claims, subject), issuer, certificate);
            requests.advance(EntryType.RELEASED, subject, Map.of("model", model));
            requests.advance(EntryType.CERTIFIED, subject, Map.of("certificate", hash));
            requests.advance(EntryType.ERASED, subject, Map.of("keys", "k0,k1,k2"));
        }
    }

    private static Certificate about(Certificate from, List<String> subjects) {
        Certificate.Deletion was = from.deletion();
        return new Certificate(
                from.version(),
                from.id(),
                from.issued(),
                from.title(),
                from.verdict(),
                from.level(),
                from.algorithm(),
                from.constants(),
                new Certificate.Deletion(
                        subjects,
                        was.records(),
                        was.recordsEver(),
                        was.recordsBefore(),
                        was.recordsDigest(),
                        was.retainedDigest()),
                from.bound(),
                from.noise(),
                from.privacy(),
                from.hashes(),
                from.retention(),
                from.build(),
                from.assumptions(),
                from.exclusions());
    }

    /** Everything that can be given. */
    VerifierInputs inputs() {
        return VerifierInputs.none()
                .withRelease(folder)
                .withLedger(ledger)
                .withKeyRing(keyRing)
                .withTrustedKey(publicKey)
                .withDeleted(Scenario.deletedIds())
                .withRetained(scenario.retainedIds());
    }
}
