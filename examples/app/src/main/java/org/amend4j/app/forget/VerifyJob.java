/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.app.job.Report;
import org.amend4j.app.page.CertificatePage;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.data.BadInputException;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.Check;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;

/** Checks certificates; needs no secret keys, and data only for one more check; changes nothing. */
public final class VerifyJob {

    private static final String LEDGER = "deletions.jsonl";

    private final VerifierInputs known;
    private final Optional<Path> ledger;
    private final Optional<Path> opening;

    /**
     * Checks against what is known from elsewhere.
     *
     * @param publicKey of the issuer, base64; empty if it is not known
     * @param ledger of requests; empty: the one of the folder
     * @param opening of the commitments of one certificate: of the newest, if there are several
     * @param head of the ledger, that was kept elsewhere
     * @param witnesses who must have signed the head: name+id+base64
     */
    public VerifyJob(
            Optional<String> publicKey,
            Optional<Path> ledger,
            Optional<Path> opening,
            Optional<Path> head,
            List<String> witnesses) {
        VerifierInputs inputs = VerifierInputs.none();
        head.filter(file -> !Files.isRegularFile(file)).ifPresent(missing -> {
            throw new BadInputException("--head: there is no file " + missing);
        });
        inputs = head.isPresent() ? inputs.withHead(head.get()) : inputs;
        for (String witness : witnesses) {
            inputs = inputs.withWitness(witness);
        }
        inputs = publicKey.isPresent() ? inputs.withTrustedKey(publicKey.get()) : inputs;
        opening.filter(file -> !Files.isRegularFile(file)).ifPresent(missing -> {
            throw new BadInputException("--opening: there is no file " + missing);
        });
        ledger.filter(file -> !Files.isRegularFile(file)).ifPresent(missing -> {
            throw new BadInputException("--ledger: there is no file " + missing);
        });
        known = ledger.isPresent() ? inputs.withLedger(ledger.get()) : inputs;
        this.ledger = ledger;
        this.opening = opening;
    }

    /**
     * All certificates of a folder's releases, or one certificate. The fact "result" is what came out: VALID, UNAUTHENTICATED or
     * NOT_VALID, the worst of all.
     *
     * @param path a model that forgets, a release, or a certificate
     * @param html where a page for people goes, if one is wanted: a new file
     * @param data the rows that are left, if the gradient of the newest release is to be computed on them
     * @throws BadInputException if there is no certificate, or the page cannot be there
     */
    public Report verify(Path path, Optional<Path> html, Optional<Path> data) throws IOException {
        if (html.isPresent()) {
            Pages.requireNew(html.get(), path);
        }
        List<VerificationReport> reports = new ArrayList<>(verified(path));
        if (data.isPresent()) {
            int newest = reports.size() - 1;
            reports.set(newest, withGradient(path, reports.get(newest), data.get()));
        }
        if (html.isPresent()) {
            Pages.write(html.get(), CertificatePage.verified(reports));
        }
        return report(reports, html);
    }

    private static VerificationReport withGradient(Path folder, VerificationReport report, Path data)
            throws IOException {
        if (!Files.isDirectory(folder.resolve("releases"))) {
            throw new BadInputException(
                    "--data: the columns are named in the folder of the model, and " + folder + " is not one");
        }
        Path release = Optional.ofNullable(report.certificate().getParent()).orElseThrow();
        List<Check> checks = new ArrayList<>(report.checks());
        checks.add(GradientCheck.of(folder, release, data));
        return new VerificationReport(report.certificate(), checks);
    }

    private List<VerificationReport> verified(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new BadInputException("there is no " + path);
        }
        List<VerificationReport> reports = new ArrayList<>();
        if (Files.isDirectory(path.resolve("releases"))) {
            List<Path> certificates = certificates(path.resolve("releases"));
            VerifierInputs inputs =
                    ofFolder(path).withCertificates(certificates).withReleases(path.resolve("releases"));
            for (Path certificate : certificates) {
                boolean newest = certificate.equals(certificates.get(certificates.size() - 1));
                reports.add(CertificateVerifier.verify(certificate, ofRelease(certificate, newest, inputs)));
            }
        } else if (Files.isDirectory(path)) {
            Path certificate = path.resolve(CertificateFile.NAME);
            reports.add(certificate(certificate, ofRelease(certificate, true, known)));
        } else {
            reports.add(certificate(path, opened(known)));
        }
        if (reports.isEmpty()) {
            throw new BadInputException(path + " has no certificates yet: nobody was forgotten");
        }
        return reports;
    }

    private static VerificationReport certificate(Path file, VerifierInputs inputs) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("there is no certificate " + file);
        }
        return CertificateVerifier.verify(file, inputs);
    }

    /** Certificates of releases, oldest first. */
    private static List<Path> certificates(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(release -> release.getFileName().toString().matches("\\d{1,9}"))
                    .sorted(Comparator.comparingInt(
                            release -> Integer.parseInt(release.getFileName().toString())))
                    .map(release -> release.resolve(CertificateFile.NAME))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }

    private VerifierInputs ofFolder(Path folder) {
        VerifierInputs inputs = ledger.isPresent() ? known : known.withLedger(folder.resolve(LEDGER));
        return inputs.withKeyRing(folder.resolve("vault").resolve("keys.ring"));
    }

    /** Of older releases nothing is left but the certificate; of the newest everything must be there. */
    private VerifierInputs ofRelease(Path certificate, boolean newest, VerifierInputs inputs) throws IOException {
        Path release =
                Optional.ofNullable(certificate.toAbsolutePath().getParent()).orElseThrow();
        try (Stream<Path> files = Files.list(release)) {
            boolean more = files.anyMatch(file -> !file.getFileName().toString().equals(CertificateFile.NAME));
            VerifierInputs whole = more || newest ? inputs.withRelease(release) : inputs;
            return newest ? opened(whole) : whole;
        }
    }

    private VerifierInputs opened(VerifierInputs inputs) {
        return opening.isPresent() ? inputs.withOpening(opening.get()) : inputs;
    }

    private static Report report(List<VerificationReport> reports, Optional<Path> html) {
        VerificationReport.Result worst = worst(reports);
        Facts facts = new Facts(
                worst,
                worst == VerificationReport.Result.VALID,
                reports.stream().map(One::of).toList(),
                html.map(Path::toString));
        List<String> lines =
                reports.stream().flatMap(report -> report.lines().stream()).toList();
        String told = String.join(System.lineSeparator(), lines);
        if (worst == VerificationReport.Result.UNAUTHENTICATED) {
            told += System.lineSeparator()
                    + "UNAUTHENTICATED: nothing is wrong, but anybody can have signed this; give the"
                    + " issuer's key, known from elsewhere, with --public-key";
        }
        return new Report(facts, told);
    }

    private static VerificationReport.Result worst(List<VerificationReport> reports) {
        return reports.stream()
                .map(VerificationReport::result)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /**
     * For JSON.
     *
     * @param result the worst of all
     * @param html the page for people
     */
    private record Facts(
            VerificationReport.Result result, boolean valid, List<One> certificates, Optional<String> html) {}

    /** One certificate. */
    private record One(String file, VerificationReport.Result result, List<Checked> checks) {

        private static One of(VerificationReport report) {
            return new One(
                    report.certificate().toString(),
                    report.result(),
                    report.checks().stream()
                            .map(check -> new Checked(check.name(), check.outcome(), check.sentence()))
                            .toList());
        }
    }

    /** One check. */
    private record Checked(String name, Check.Outcome outcome, String sentence) {}
}
