package org.amend4j.examples.forget;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.job.Report;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;

/** Checks certificates; needs neither data nor secret keys, and changes nothing. */
public final class VerifyJob {

    private static final String LEDGER = "deletions.jsonl";

    private final VerifierInputs known;
    private final Optional<Path> ledger;

    /**
     * Checks against what is known from elsewhere.
     *
     * @param publicKey of the issuer, base64; empty if it is not known
     * @param ledger of requests; empty: the one of the folder
     */
    public VerifyJob(Optional<String> publicKey, Optional<Path> ledger) {
        VerifierInputs inputs = VerifierInputs.none();
        inputs = publicKey.isPresent() ? inputs.withTrustedKey(publicKey.get()) : inputs;
        ledger.filter(file -> !Files.isRegularFile(file)).ifPresent(missing -> {
            throw new BadInputException("--ledger: there is no file " + missing);
        });
        known = ledger.isPresent() ? inputs.withLedger(ledger.get()) : inputs;
        this.ledger = ledger;
    }

    /**
     * All certificates of a folder's releases, or one certificate. The fact "valid" is what came out.
     *
     * @param path a model that forgets, a release, or a certificate
     * @throws BadInputException if there is no certificate
     */
    public Report verify(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new BadInputException("there is no " + path);
        }
        List<VerificationReport> reports = new ArrayList<>();
        if (Files.isDirectory(path.resolve("releases"))) {
            for (Path release : releases(path.resolve("releases"))) {
                reports.add(CertificateVerifier.verify(
                        release.resolve(CertificateFile.NAME), ofRelease(release, ofFolder(path))));
            }
        } else if (Files.isDirectory(path)) {
            reports.add(certificate(path.resolve(CertificateFile.NAME), ofRelease(path, known)));
        } else {
            reports.add(certificate(path, known));
        }
        if (reports.isEmpty()) {
            throw new BadInputException(path + " has no certificates yet: nobody was forgotten");
        }
        return report(reports);
    }

    private static VerificationReport certificate(Path file, VerifierInputs inputs) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("there is no certificate " + file);
        }
        return CertificateVerifier.verify(file, inputs);
    }

    /** Certified releases, oldest first. */
    private static List<Path> releases(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(release -> release.getFileName().toString().matches("\\d{1,9}"))
                    .filter(release -> Files.isRegularFile(release.resolve(CertificateFile.NAME)))
                    .sorted(Comparator.comparingInt(
                            release -> Integer.parseInt(release.getFileName().toString())))
                    .toList();
        }
    }

    private VerifierInputs ofFolder(Path folder) {
        VerifierInputs inputs = ledger.isPresent() ? known : known.withLedger(folder.resolve(LEDGER));
        return inputs.withKeyRing(folder.resolve("vault").resolve("keys.ring"));
    }

    /** Of older releases nothing is left but the certificate. */
    private static VerifierInputs ofRelease(Path release, VerifierInputs inputs) throws IOException {
        try (Stream<Path> files = Files.list(release)) {
            boolean whole =
                    files.anyMatch(file -> !file.getFileName().toString().equals(CertificateFile.NAME));
            return whole ? inputs.withRelease(release) : inputs;
        }
    }

    private static Report report(List<VerificationReport> reports) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("valid", reports.stream().allMatch(VerificationReport::isValid));
        facts.put("certificates", reports.stream().map(VerifyJob::facts).toList());
        List<String> lines =
                reports.stream().flatMap(report -> report.lines().stream()).toList();
        return new Report(facts, String.join(System.lineSeparator(), lines));
    }

    private static Map<String, Object> facts(VerificationReport report) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("file", report.certificate().toString());
        facts.put("valid", report.isValid());
        facts.put(
                "checks",
                report.checks().stream()
                        .map(check -> Map.of(
                                "name", check.name(),
                                "outcome", check.outcome().name(),
                                "sentence", check.sentence()))
                        .toList());
        return facts;
    }
}
