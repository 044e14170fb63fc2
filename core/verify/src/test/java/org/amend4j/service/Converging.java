/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.numeric.Upward;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;

/** Services of models that can forget by convergence, of one issuer, and what must be true of them. */
final class Converging {

    private final Issuer issuer;

    Converging(Path temp) throws IOException {
        this.issuer = Issuer.openOrCreate(temp.resolve("issuer"));
    }

    UnlearningService open(Path folder, ForgettingModel model, CheckpointVault vault) throws IOException {
        return open(folder, model, vault, SmallService::write, Clock.systemUTC());
    }

    UnlearningService open(Path folder, ForgettingModel model, CheckpointVault vault, ReleaseWriter writer, Clock clock)
            throws IOException {
        return UnlearningService.open(
                folder.resolve("run"), model, SmallService.subjects(), writer, vault, issuer, clock);
    }

    void requireValid(Path folder, UnlearningService service) throws IOException {
        List<Path> certificates = new ArrayList<>();
        for (int number = 1; number <= service.latestRelease(); number++) {
            certificates.add(service.release(number).resolve(CertificateFile.NAME));
        }
        VerifierInputs inputs = VerifierInputs.none()
                .withTrustedKey(issuer.publicKey())
                .withLedger(folder.resolve("run").resolve(DeletionLedger.FILE))
                .withCertificates(certificates);
        for (int number = 1; number <= service.latestRelease(); number++) {
            boolean latest = number == service.latestRelease();
            VerificationReport report = CertificateVerifier.verify(
                    certificates.get(number - 1), latest ? inputs.withRelease(service.release(number)) : inputs);
            assertEquals(VerificationReport.Result.VALID, report.result(), () -> String.join("\n", report.lines()));
        }
    }

    static double distance(double[] a, double[] b) {
        double[] between = a.clone();
        for (int i = 0; i < a.length; i++) {
            between[i] -= b[i];
        }
        return Upward.norm(between);
    }

    static double[] retrained(ForgettingModel model, String... names) throws InterruptedException {
        return model.run().converge(model.start(), SmallService.records(names), StepListener.NONE);
    }

    /** Names of the files with one of these numbers in it, as bytes in either order or as text. */
    static Set<String> filesWith(Path folder, double[] theta) throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                for (double one : theta) {
                    String big = bytes(one, ByteOrder.BIG_ENDIAN);
                    String little = bytes(one, ByteOrder.LITTLE_ENDIAN);
                    if (text.contains(big) || text.contains(little) || text.contains(Double.toString(one))) {
                        names.add(String.valueOf(file.getFileName()));
                    }
                }
            }
        }
        return names;
    }

    private static String bytes(double value, ByteOrder order) {
        byte[] bytes =
                ByteBuffer.allocate(Double.BYTES).order(order).putDouble(value).array();
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
