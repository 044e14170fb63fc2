/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who loses files, brings old ones back, leaves others lying about, or sets the clock. */
class ForgetfulOperatorTest {

    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00.9Z");

    @TempDir
    Path temp;

    private final MemoryVault vault = new MemoryVault(SmallService.INPUTS);
    private final ForgettingModel model = SmallService.model(Kind.FULL_BATCH);

    private Path run() {
        return temp.resolve("run");
    }

    private UnlearningService open(Instant now) throws IOException {
        return SmallService.open(
                run(), model, SmallService.subjects(), SmallService::write, vault, Clock.fixed(now, ZoneOffset.UTC));
    }

    private void train() throws Exception {
        try (UnlearningService service = open(NOON)) {
            service.train(StepListener.NONE);
        }
    }

    private Path forget(String name, Instant now) throws Exception {
        try (UnlearningService service = open(now)) {
            service.request(List.of(name));
            RequestOutcome.Released released = assertInstanceOf(
                    RequestOutcome.Released.class, service.answer(SmallService.cheapest(), StepListener.NONE));
            return released.folder().resolve(CertificateFile.NAME);
        }
    }

    @Test
    void certificatesAreValidThoughTheClockWasSetBack() throws Exception {
        train();
        List<Path> certificates = new ArrayList<>();
        for (Duration later : List.of(Duration.ofHours(1), Duration.ofHours(-1), Duration.ofDays(-20000))) {
            certificates.add(forget(Integer.toString(certificates.size()), NOON.plus(later)));
        }
        for (Path certificate : certificates) {
            VerificationReport report = CertificateVerifier.verify(
                    certificate,
                    VerifierInputs.none()
                            .withLedger(run().resolve(DeletionLedger.FILE))
                            .withCertificates(certificates));
            assertTrue(report.isValid(), () -> String.join("\n", report.lines()));
        }
    }

    @Test
    void aStateThatWasLostOrIsOlderThanTheLedgerIsRefusedAndStaysAsItIs() throws Exception {
        Path state = run().resolve(ServiceState.FILE);
        train();
        byte[] trained = Files.readAllBytes(state);
        forget("3", NOON);
        byte[] once = Files.readAllBytes(state);
        forget("4", NOON);
        byte[] newest = Files.readAllBytes(state);
        for (byte[] old : List.of(trained, once)) {
            Files.write(state, old);
            refused(IOException.class, "state.json was lost or is older than the ledger", () -> open(NOON));
            assertTrue(Arrays.equals(old, Files.readAllBytes(state)));
        }
        Files.delete(state);
        refused(IOException.class, "2 deletions that it does not know", () -> open(NOON));
        assertFalse(Files.exists(state));
        Files.write(state, newest);
        assertEquals("3", forget("5", NOON).getParent().getFileName().toString());
    }

    @Test
    void aFolderThatNoDeletionMadeIsNotTakenForARelease() throws Exception {
        train();
        Path next = Files.createDirectory(run().resolve("releases/1"));
        refused(IOException.class, "no deletion made it", () -> open(NOON));
        Files.writeString(next.resolve("model.zip"), "some model");
        refused(IOException.class, "move it away", () -> open(NOON));
        Files.delete(next.resolve("model.zip"));
        Files.delete(next);
        forget("3", NOON);
    }
}
