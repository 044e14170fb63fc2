/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.LedgerReading;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CertificateVerifierTest {

    @TempDir
    Path temp;

    private static String text(VerificationReport report) {
        return String.join("\n", report.lines());
    }

    private static List<String> names(List<Check> checks) {
        return checks.stream().map(Check::name).toList();
    }

    private static Check check(VerificationReport report, String name) {
        return report.checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " in\n" + text(report)));
    }

    private VerificationReport verify(Certificate certificate) throws IOException {
        Issuer issuer = Issuer.openOrCreate(temp.resolve("issuer"));
        Path file = temp.resolve("certificate.json");
        CertificateFile.write(certificate, issuer, file);
        return CertificateVerifier.verify(file, VerifierInputs.none().withTrustedKey(issuer.publicKey()));
    }

    static List<Scenario> certified() {
        return Scenario.certified();
    }

    @ParameterizedTest
    @MethodSource("certified")
    void whatIsTruePassesAndNothingIsFoundTooLarge(Scenario scenario) throws IOException {
        VerificationReport report = verify(scenario.certificate(Scenario.ZEROS, 0));

        assertTrue(report.isValid(), text(report));
        assertFalse(text(report).contains("more than it need be"), text(report));
        for (String computed : List.of("distance", "rounding", "reach", "noise", "privacy", "attacks", "level")) {
            assertEquals(Check.Outcome.PASSED, check(report, computed).outcome(), text(report));
        }
    }

    @Test
    void withEverythingAtHandNothingIsLeftUnchecked() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        VerificationReport report =
                CertificateVerifier.verify(release.certificate, release.inputs().withHead(release.head));

        assertTrue(report.isValid(), text(report));
        // the model of these tests is a text; numbers in networks are read in ReleasedParametersTest
        assertEquals(List.of("parameters"), names(report.notChecked()), text(report));
        assertEquals(VerificationReport.Result.VALID, report.result());
        assertEquals(report.checks().size() + 1, report.lines().size());
    }

    @Test
    void withNothingAtHandItSaysWhatIsOpen() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        VerificationReport report = CertificateVerifier.verify(release.certificate, VerifierInputs.none());

        assertTrue(report.isValid(), text(report));
        assertEquals(
                List.of(
                        "issuer",
                        "released files",
                        "parameters",
                        "ledger",
                        "kept head",
                        "releases",
                        "request",
                        "erasure",
                        "key ring",
                        "opening"),
                names(report.notChecked()));
    }

    @Test
    void whatLiesBesideTheReleasesAndIsNoneOfThemIsNoticed() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        Path releases = Files.createDirectories(temp.resolve("releases"));
        int number = release.scenario
                        .certificate(Scenario.ZEROS, 0)
                        .grounds()
                        .algorithm()
                        .earlier()
                        .size()
                + 1;
        VerifierInputs inputs = release.inputs().withReleases(releases);
        Path old = Files.createDirectory(releases.resolve(Integer.toString(number - 1)));
        Files.writeString(old.resolve(CertificateFile.NAME), "{}");
        Files.createDirectory(releases.resolve(Integer.toString(number)));
        Files.writeString(Files.createDirectory(releases.resolve(".unfinished")).resolve("model.zip"), "half");
        assertEquals(
                Check.Outcome.PASSED,
                check(CertificateVerifier.verify(release.certificate, inputs), "releases")
                        .outcome());
        for (String left : List.of("backup", "0" + number, ".old", (number - 1) + "/model.zip", "7")) {
            Path path = Files.writeString(releases.resolve(left), "a model that saw everybody");
            Check check = check(CertificateVerifier.verify(release.certificate, inputs), "releases");
            assertEquals(Check.Outcome.FAILED, check.outcome(), left);
            assertTrue(check.sentence().contains("[" + left + "]"), check.sentence());
            Files.delete(path);
        }
        Files.createSymbolicLink(releases.resolve("8"), old);
        assertEquals(
                Check.Outcome.FAILED,
                check(CertificateVerifier.verify(release.certificate, inputs), "releases")
                        .outcome());
    }

    @Test
    void aFileThatIsNoKeyRingHoldsNoAnswer() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        Files.writeString(release.keyRing, "");
        assertEquals(
                List.of("key ring"),
                names(CertificateVerifier.verify(release.certificate, release.inputs())
                        .failed()));
    }

    @Test
    void anExactResultPassesWithoutNoise() throws IOException {
        VerificationReport report = verify(Scenario.stronglyConvex().exact());
        assertTrue(report.isValid(), text(report));
        assertEquals(Check.Outcome.PASSED, check(report, "exactness").outcome());
    }

    @Test
    void constantsWithoutAReasonThatCanBeComputedAreLeftOpen() throws IOException {
        VerificationReport report = verify(Scenario.assumed().certificate(Scenario.ZEROS, 0));
        assertTrue(names(report.notChecked()).containsAll(List.of("gradient bound", "smoothness")), text(report));
    }

    /** Paths and what to put there: a factor, or a value; and the check that must notice. */
    record Tampering(Scenario scenario, String notices, Map<String, Object> edits) {

        static Tampering of(String notices, Object... edits) {
            return of(Scenario.stronglyConvex(), notices, edits);
        }

        static Tampering of(Scenario scenario, String notices, Object... edits) {
            Map<String, Object> all = new TreeMap<>();
            for (int i = 0; i < edits.length; i += 2) {
                all.put((String) edits[i], edits[i + 1]);
            }
            return new Tampering(scenario, notices, all);
        }

        void apply(ObjectNode certificate) {
            edits.forEach((path, edit) -> {
                JsonNode before = Forger.get(certificate, path);
                JsonNode after = edit instanceof Times times
                        ? DoubleNode.valueOf(before.doubleValue() * times.factor)
                        : Forger.MAPPER.valueToTree(edit);
                assertFalse(before.isMissingNode(), path);
                assertFalse(before.equals(after), path + " is not changed");
                Forger.set(certificate, path, after);
            });
        }
    }

    private record Times(double factor) {
        @Override
        public String toString() {
            return "times " + factor;
        }
    }

    private static Object times(double factor) {
        return new Times(factor);
    }

    private static String other(String hash) {
        return (hash.charAt(0) == 'f' ? 'e' : 'f') + hash.substring(1);
    }

    static Stream<Tampering> tamperings() {
        String wrong = other("01".repeat(32));
        return Stream.of(
                Tampering.of("noise", "noise.sigma", times(0.5)),
                Tampering.of("privacy", "noise.sigma", times(0.5), "noise.gridExponent", -1000),
                Tampering.of("noise", "noise.gridExponent", -20),
                Tampering.of("noise", "noise.units", 12345),
                Tampering.of("noise", "noise.units", 1L << 46),
                Tampering.of("noise", "noise.dimension", 9),
                Tampering.of("noise", "noise.parameterBound", times(0.99)),
                Tampering.of("noise", "noise.source", ""),
                Tampering.of("distance", "bound.exactDelta", times(1 - 1e-10)),
                Tampering.of("rounding", "bound.delta", times(1 - 1e-10)),
                Tampering.of("rounding", "bound.rounding", times(0.99)),
                Tampering.of("rounding", "bound.rounding", 0.0),
                Tampering.of("rounding", "bound.exactDelta", 1e-20, "bound.delta", 1e-13),
                Tampering.of("distance", "bound.steps.0.deleted", 6),
                Tampering.of("consistency", "bound.steps.0.deleted", 6),
                Tampering.of("distance", "bound.steps.0.weightDecay", times(0.5)),
                Tampering.of("distance", "bound.steps.1.weightDecay", times(0.5)),
                Tampering.of("distance", "bound.steps.0.stepSize", times(1.01)),
                Tampering.of("distance", "bound.steps.1.stepSize", 9.0),
                Tampering.of("distance", "bound.steps.0.normaliser", times(0.5)),
                Tampering.of("consistency", "bound.steps.0.count", 16),
                Tampering.of("distance", "bound.steps.0.count", 16, "bound.steps.1.count", 4),
                Tampering.of("consistency", "bound.steps.0.count", 16, "bound.steps.1.count", 4),
                Tampering.of("consistency", "bound.steps.1.deleted", 1),
                Tampering.of("consistency", "bound.steps.1.retained", 996),
                Tampering.of("distance", "bound.byRecursion", 19),
                Tampering.of("distance", "bound.byCap", 1),
                Tampering.of("distance", "constants.curvature", "CONVEX"),
                Tampering.of("distance", "constants.curvature", "NONCONVEX"),
                Tampering.of("gradient bound", "constants.gradientBound.value", times(0.5)),
                Tampering.of("distance", "constants.gradientBound.value", times(1.5)),
                Tampering.of("smoothness", "constants.lipschitz.value", times(0.5)),
                Tampering.of("gradient bound", "constants.gradientBound.reason", "Logistic on features of norm <= 1.5"),
                Tampering.of("smoothness", "constants.lipschitz.reason", "Softmax on features of norm <= 1.0"),
                Tampering.of("rounding", "constants.rounding.numbers.gradientBound", times(0.5)),
                Tampering.of("rounding", "constants.rounding.numbers.featureRadius", times(0.5)),
                Tampering.of("rounding", "constants.rounding.numbers.inputs", 10000.0),
                Tampering.of("reach", "constants.reach", times(0.9)),
                Tampering.of("reach", "constants.movement", times(0.9)),
                Tampering.of("reach", "constants.startNorm", 1.0),
                Tampering.of("level", "constants.gradientBound.evidence", "ENFORCED"),
                Tampering.of("level", "constants.lipschitz.evidence", "ASSUMED"),
                Tampering.of("level", "constants.rounding.evidence", "ENFORCED"),
                Tampering.of("level", "constants.gradientBound.evidence", "ESTIMATED", "level", "ESTIMATED"),
                Tampering.of("level", "level", "ASSUMED"),
                Tampering.of("privacy", "privacy.mu", times(1 - 1e-9)),
                Tampering.of("privacy", "privacy.budget.delta", times(0.999)),
                Tampering.of("privacy", "privacy.budget.epsilon", times(0.999)),
                Tampering.of("privacy", "privacy.deltaAtBudget", times(1 - 1e-6)),
                Tampering.of("privacy", "privacy.points.0.epsilon", times(0.999)),
                Tampering.of("privacy", "privacy.points.1.delta", times(0.999)),
                Tampering.of("privacy", "privacy.composedMu", times(0.999)),
                Tampering.of("attacks", "privacy.attackAuc", times(0.999)),
                Tampering.of("attacks", "privacy.attackAdvantage", times(0.999)),
                Tampering.of("consistency", "algorithm.checkpoint", 14),
                Tampering.of("consistency", "algorithm.checkpoint", 14, "algorithm.redone", 6),
                Tampering.of("consistency", "algorithm.redone", 4),
                Tampering.of("consistency", "algorithm.steps", 19),
                Tampering.of("consistency", "algorithm.boundedSteps", 19),
                Tampering.of("consistency", "algorithm.noisePlacement", "none"),
                Tampering.of("consistency", "algorithm.name", "exact rewind"),
                Tampering.of("consistency", "algorithm.name", "retraining"),
                Tampering.of("exactness", "verdict", "EXACT"),
                Tampering.of("consistency", "deletion.recordsEver", 1),
                Tampering.of("opening", "deletion.recordsEver", 6),
                Tampering.of("schedule", "deletion.recordsEver", 6),
                Tampering.of("opening", "commitments.deleted", wrong),
                Tampering.of("opening", "commitments.retained", wrong),
                Tampering.of("opening", "commitments.checkpoint", wrong),
                Tampering.of("request", "commitments.checkpoint", wrong),
                Tampering.of("opening", "deletion.recordsBefore", 1001),
                Tampering.of("schedule", "deletion.recordsBefore", 1001),
                Tampering.of("schedule", "algorithm.stepSizes.first", times(1.01)),
                Tampering.of("schedule", "algorithm.stepSizes.factor", times(0.5)),
                Tampering.of("schedule", "algorithm.batches.rate", times(0.5)),
                Tampering.of("schedule", "bound.steps.0.deleted", 4),
                Tampering.of("schedule", "bound.steps.0.normaliser", times(2)),
                Tampering.of("subjects", "deletion.subjects", List.of()),
                Tampering.of("subjects", "deletion.subjects.0", "ada"),
                Tampering.of("form", "id", "release-2-0000000000000000"),
                Tampering.of("form", "title", "certified"),
                Tampering.of("form", "exclusions", List.of()),
                Tampering.of("form", "release.files.0.size", 8),
                Tampering.of("released files", "release.files.0.sha256", wrong),
                Tampering.of("derived", "derived", List.of("the normaliser")),
                Tampering.of("chain", "hashes.previous", wrong),
                Tampering.of("chain", "privacy.composedMu", times(0.999)),
                Tampering.of("request", "issued", "2026-01-02T03:04:04Z"),
                Tampering.of("request", "issued", "2026-01-02T03:04:06Z"),
                Tampering.of("request", "deletion.subjects.0", wrong),
                Tampering.of("request", "id", "another"),
                Tampering.of("form", "hashes.model", wrong),
                Tampering.of("ledger", "hashes.ledgerHead", wrong),
                Tampering.of("ledger", "hashes.ledgerSequence", 1),
                Tampering.of("key ring", "retention.destroyedKeys", List.of("k1", "alive")),
                Tampering.of("retention", "retention.keptContaminated", List.of(4, 20)),
                Tampering.of("retention", "retention.keptCheckpoints.1", 5),
                Tampering.of("retention", "retention.keptCheckpoints.0", 21),
                Tampering.of(Scenario.assumed(), "level", "level", "ENFORCED"),
                Tampering.of(Scenario.assumed(), "form", "title", "certified"),
                Tampering.of(Scenario.assumed(), "level", "constants.rounding.evidence", "PROVED", "level", "ENFORCED"),
                Tampering.of(Scenario.assumed(), "rounding", "constants.rounding.numbers.relative", times(2)),
                Tampering.of(Scenario.assumed(), "distance", "constants.diameter.value", times(2)),
                Tampering.of(Scenario.nonconvexMean(), "distance", "constants.lipschitz.value", times(1.01)),
                Tampering.of(
                        Scenario.softmax(),
                        "convexity",
                        "constants.gradientBound.reason",
                        "clipping",
                        "constants.gradientBound.value",
                        1.0),
                Tampering.of(Scenario.nonconvexMean(), "distance", "bound.steps.0.retained", 0),
                Tampering.of(Scenario.noiseOnTheWay(), "consistency", "algorithm.noisePlacement", "end"));
    }

    @OneIn(8)
    @ParameterizedTest
    @MethodSource("tamperings")
    void eachUnsafeChangeIsNoticedWhereItBelongsThoughTheIssuerSignedIt(Tampering tampering)
            throws IOException, GeneralSecurityException {
        Release release = new Release(temp, tampering.scenario);
        ObjectNode certificate = Forger.certificate(release.certificate);
        tampering.apply(certificate);
        Forger.with(release.issuerFile).write(certificate, release.certificate);

        VerificationReport report = CertificateVerifier.verify(release.certificate, release.inputs());

        assertFalse(report.isValid(), text(report));
        assertTrue(names(report.failed()).contains(tampering.notices), text(report));
        assertEquals(Check.Outcome.PASSED, check(report, "signature").outcome(), text(report));
    }

    @Test
    void signedAgainUnchangedItIsStillValid() throws IOException, GeneralSecurityException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        byte[] before = Files.readAllBytes(release.certificate);
        Forger.with(release.issuerFile).write(Forger.certificate(release.certificate), release.certificate);
        // Ed25519 is deterministic: the forger of these tests changes nothing by itself
        assertEquals(new String(before, StandardCharsets.UTF_8), Files.readString(release.certificate));
    }

    @Test
    void anotherKeyIsNotTheTrustedOne() throws IOException, GeneralSecurityException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        Path other = temp.resolve("other");
        Issuer.openOrCreate(other);
        Forger.with(other).write(Forger.certificate(release.certificate), release.certificate);
        VerificationReport report = CertificateVerifier.verify(release.certificate, release.inputs());

        assertEquals(Check.Outcome.FAILED, check(report, "issuer").outcome());
        assertEquals(Check.Outcome.PASSED, check(report, "signature").outcome());
    }

    @Test
    void aFileOfTheReleaseThatIsChangedAddedOrGoneIsNoticed() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        Path added = Files.writeString(release.folder.resolve("part/added"), "");
        assertReleaseFails(release);
        Files.delete(added);
        Path hidden = Files.writeString(release.folder.resolve(".hidden"), "not named");
        assertReleaseFails(release);
        Files.delete(hidden);
        Path empty = Files.createDirectory(release.folder.resolve("empty"));
        assertReleaseFails(release);
        Files.delete(empty);
        Path link = Files.createSymbolicLink(release.folder.resolve("link"), release.folder.resolve("model.bin"));
        assertReleaseFails(release);
        Files.delete(link);
        Files.writeString(release.folder.resolve("model.bin"), "weightS");
        assertReleaseFails(release);
        Files.delete(release.folder.resolve("model.bin"));
        assertReleaseFails(release);
    }

    private static void assertReleaseFails(Release release) {
        VerificationReport report = CertificateVerifier.verify(release.certificate, release.inputs());
        assertEquals(List.of("released files"), names(report.failed()));
    }

    @Test
    void everyChangedLineOfTheLedgerIsNoticed() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        List<String> lines = Files.readAllLines(release.ledger);
        for (int i = 0; i < lines.size() - 1; i++) {
            String line = lines.get(i);
            List<String> changed = new ArrayList<>(lines);
            changed.set(i, line.replaceFirst("2026", "2027"));
            assertLedgerFails(release, changed);
            changed.remove(i);
            assertLedgerFails(release, changed);
        }
    }

    private static void assertLedgerFails(Release release, List<String> lines) throws IOException {
        Files.write(release.ledger, lines);
        VerificationReport report = CertificateVerifier.verify(release.certificate, release.inputs());
        assertEquals(List.of("ledger"), names(report.failed()), text(report));
    }

    @Test
    void aLedgerCutBeforeTheCertificateDoesNotProveIt() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        List<String> lines = Files.readAllLines(release.ledger);
        Files.write(release.ledger, lines.subList(0, lines.size() - 1));
        VerificationReport notErased = CertificateVerifier.verify(release.certificate, release.inputs());
        assertTrue(notErased.isValid());
        assertEquals(List.of("parameters", "kept head", "erasure"), names(notErased.notChecked()));

        Files.write(release.ledger, lines.subList(0, lines.size() - 2));
        VerificationReport notCertified = CertificateVerifier.verify(release.certificate, release.inputs());
        assertEquals(List.of("request"), names(notCertified.failed()));
    }

    @Test
    void aTornLastLineIsLeftOut() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        Files.writeString(release.ledger, Files.readString(release.ledger) + "{\"facts\":{");
        VerificationReport report = CertificateVerifier.verify(release.certificate, release.inputs());
        assertTrue(report.isValid(), text(report));
        assertTrue(check(report, "ledger").sentence().contains("left out"));
    }

    @Test
    void aDestroyedKeyThatTheLedgerDoesNotNoteIsNoticed() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        // the certificate names k1 and k2; in a ledger whose last entry was never written, nothing is noted of them
        SignedCertificate signed = read(release.certificate);
        LedgerChain chain = chain(release.ledger);
        assertEquals(
                "k0,k1,k2",
                chain.entries().get(chain.entries().size() - 1).facts().get("keys"));
        assertEquals(List.of("k1", "k2"), signed.claims().retention().destroyedKeys());

        List<String> lines = Files.readAllLines(release.ledger);
        String last = lines.get(lines.size() - 1).replace("k0,k1,k2", "k0,k1");
        Files.write(
                release.ledger,
                Stream.concat(lines.subList(0, lines.size() - 1).stream(), Stream.of(rehashed(last)))
                        .toList());
        VerificationReport report = CertificateVerifier.verify(release.certificate, release.inputs());
        assertEquals(List.of("erasure"), names(report.failed()), text(report));
    }

    private static String rehashed(String line) {
        int hash = line.lastIndexOf("\"hash\":\"");
        String body = line.substring(0, hash) + line.substring(hash + 8 + 64 + 2);
        String now = new Sha256().add(new byte[1]).add(body).hex();
        return line.substring(0, hash + 8) + now + line.substring(hash + 8 + 64);
    }

    /** The last version that wrote format 1 wrote it, with a time that runs backwards. */
    @Test
    void aLedgerOfFormat1IsRead() throws Exception {
        Path file = Files.write(temp.resolve("format-1.jsonl"), HeadChecksTest.ledgerOfFormat1());
        LedgerChain chain = chain(file);
        assertEquals(LedgerFormat.CHAIN, chain.format());
        assertEquals(6, chain.entries().size());
        assertTrue(chain.backwards());
        Path folder = Files.createDirectory(temp.resolve("one"));
        Files.copy(file, folder.resolve(DeletionLedger.FILE));
        LedgerReading reading = DeletionLedger.read(folder);
        assertEquals(reading.head().root(), chain.tree().root());
        assertEquals(reading.entries().get(5).hash(), chain.entries().get(5).hash());
    }

    @Test
    void aTimeThatRunsBackwardsIsNoticed() throws IOException {
        Release release = new Release(temp, Scenario.stronglyConvex());
        List<String> lines = new ArrayList<>(Files.readAllLines(release.ledger));
        int last = lines.size() - 1;
        lines.set(last, rehashed(lines.get(last).replaceFirst("\"time\":\"2026", "\"time\":\"2025")));
        assertLedgerFails(release, lines);
        VerificationReport report = CertificateVerifier.verify(release.certificate, release.inputs());
        assertTrue(check(report, "ledger").sentence().contains("its time is before"), text(report));
    }

    private static SignedCertificate read(Path file) {
        try {
            return SignedCertificate.read(file);
        } catch (RejectedException e) {
            throw new AssertionError(e);
        }
    }

    private static LedgerChain chain(Path file) {
        try {
            return LedgerChain.read(file);
        } catch (RejectedException e) {
            throw new AssertionError(e);
        }
    }
}
