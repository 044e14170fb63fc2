/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostileCertificateTest {

    @TempDir
    Path temp;

    private Release release;
    private VerifierInputs trusted;
    private Path file;

    @BeforeEach
    void aValidCertificate() throws IOException {
        release = new Release(temp, Scenario.stronglyConvex());
        trusted = VerifierInputs.none().withTrustedKey(release.publicKey);
        file = temp.resolve("changed.json");
        assertTrue(CertificateVerifier.verify(release.certificate, trusted).isValid());
    }

    /** The one sentence with which a document is refused. */
    private String refusal() {
        VerificationReport report = CertificateVerifier.verify(file, trusted);
        assertEquals(1, report.checks().size(), String.join("\n", report.lines()));
        Check only = report.checks().get(0);
        assertEquals("document", only.name());
        assertFalse(report.isValid());
        assertFalse(only.sentence().contains("\n") || only.sentence().contains("Exception"), only.sentence());
        return only.sentence();
    }

    private String refusalOf(String text) throws IOException {
        Files.writeString(file, text);
        return refusal();
    }

    private String valid() throws IOException {
        return Files.readString(release.certificate);
    }

    @Test
    void noFlippedBitIsValid() throws IOException {
        byte[] bytes = Files.readAllBytes(release.certificate);
        Random random = new Random(5);
        for (int i = 0; i < Exhaustive.times(100, 2000); i++) {
            byte[] changed = bytes.clone();
            changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, changed);
            VerificationReport report = CertificateVerifier.verify(file, trusted);
            assertFalse(report.isValid(), () -> new String(changed, StandardCharsets.ISO_8859_1));
        }
    }

    /** The bits of the last characters of base64 that do not count, above all. */
    @Test
    void noFlippedBitOfKeyAndSignatureIsValidEvenWithoutATrustedKey() throws IOException {
        byte[] bytes = Files.readAllBytes(release.certificate);
        int from = valid().getBytes(StandardCharsets.UTF_8).length - 180;
        for (int bit = 8 * from; bit < 8 * bytes.length; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, changed);
            assertFalse(CertificateVerifier.verify(file, VerifierInputs.none()).isValid(), "bit " + bit);
        }
    }

    @Test
    void noTruncatedFileIsRead() throws IOException {
        byte[] bytes = Files.readAllBytes(release.certificate);
        for (int length = 0; length < bytes.length; length += length < 100 ? 1 : 7) {
            Files.write(file, Arrays.copyOf(bytes, length));
            refusal();
        }
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertTrue(refusal().contains("line feed"));
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
        refusal();
    }

    @Test
    void hostileJsonIsRefusedWithASentence() throws IOException {
        assertTrue(refusalOf("[".repeat(1_000_000) + "\n").contains("inside of each other"));
        assertTrue(refusalOf("{\"a\":".repeat(100_000) + "\n").contains("inside of each other"));
        assertTrue(refusalOf("[" + "0,".repeat(3_000_000) + "0]\n").contains("more than"));
        assertTrue(refusalOf("{\"a\":" + "9".repeat(1_000_000) + "}\n").contains("canonical"));
        assertTrue(refusalOf("{\"a\":1.0E999999999}\n").contains("canonical"));
        assertTrue(refusalOf("{\"a\":1,\"a\":1}\n").contains("ascend"));
        assertTrue(refusalOf("{\"b\":1,\"a\":1}\n").contains("ascend"));
        assertTrue(refusalOf("{\"a\":null}\n").contains("canonical"));
        assertTrue(refusalOf("{\"a\": 1}\n").contains("canonical"));
        assertTrue(refusalOf("{\"\\u0061\":1}\n").contains("escape"));
        assertTrue(refusalOf("\"text\"\n").contains("no JSON object"));
        assertTrue(refusalOf("{}\n").contains("missing"));
        assertTrue(refusalOf("{}{}\n").contains("follows"));
        for (String number :
                List.of("01", "1.50", "+1", "1e5", "-0", "-0.0", "1.", ".5", "100000000.0", "1.0E5", "NaN")) {
            assertTrue(refusalOf("{\"a\":" + number + "}\n").contains("canonical"), number);
        }
        Files.write(file, new byte[] {'{', '"', (byte) 0xC0, (byte) 0x80, '"', '\n'});
        assertTrue(refusal().contains("UTF-8"));
    }

    @Test
    void missingFilesAndFoldersAreRefused() throws IOException {
        file = temp.resolve("nowhere");
        assertTrue(refusal().contains("not a file"));
        file = temp;
        assertTrue(refusal().contains("not a file"));
        VerificationReport report = CertificateVerifier.verify(
                release.certificate,
                trusted.withLedger(temp.resolve("nowhere"))
                        .withKeyRing(temp.resolve("nowhere"))
                        .withRelease(temp.resolve("nowhere")));
        assertEquals(
                List.of("released files", "ledger", "key ring"),
                report.failed().stream().map(Check::name).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version|4|version is 4",
                "version|3|convergence is missing",
                "version|\"1\"|version must be a whole number",
                "id|7|id must be a text",
                "issued|\"yesterday\"|issued must be a time",
                "verdict|\"PERHAPS\"|verdict must be one of",
                "more|1|more is not known",
                "bound.more|1|bound.more is not known",
                "bound.steps.0.count|0|bound.steps[0].count must be",
                "bound.steps.0.count|99999999999|bound.steps[0].count must be",
                "bound.steps.0.count|1048577|bound.steps[0].count must be",
                "bound.steps.0.count|1048572|bound.steps must be at most",
                "retention.destroyedKeys.0|\"\"|retention.destroyedKeys must be",
                "bound.steps.0.stepSize|0.0|stepSize must be",
                "bound.steps.0.stepSize|\"Infinity\"|stepSize must be",
                "bound.steps|{}|bound.steps must be an array",
                "bound.steps.0|[]|bound.steps[0] must be an object",
                "bound.exactDelta|\"NaN\"|bound.exactDelta must be",
                "bound.exactDelta|-1.0|bound.exactDelta must be",
                "noise.units|1.5|noise.units must be a whole number",
                "noise.sigma|\"1\"|noise.sigma must be a finite number",
                "constants.gradientBound.value|\"Infinity\"|must be finite",
                "constants.lipschitz.value|\"Infinity\"|must be finite",
                "constants.rounding.model|\"other\"|model must be one of",
                "constants.rounding.numbers|{}|is missing",
                "constants.rounding.numbers.inputs|0.5|at least one input",
                "hashes.model|\"00\"|64 hexadecimal digits",
                "privacy.budget.epsilon|100001.0|epsilon must be"
            })
    @OneIn(2)
    void whatIsNoCertificateIsRefusedThoughItIsSigned(String path, String value, String rule)
            throws IOException, GeneralSecurityException {
        ObjectNode certificate = Forger.certificate(release.certificate);
        Forger.set(certificate, path, Forger.MAPPER.readTree(value));
        Forger.with(release.issuerFile).write(certificate, file);
        assertTrue(refusal().contains(rule), refusal());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version|4|version is 4",
                "version|2|convergence is not known",
                "convergence|[]|convergence must be an object",
                "convergence|{}|convergence.gradientNorm is missing",
                "convergence.more|1|convergence.more is not known",
                "convergence.gradientNorm|0|convergence.gradientNorm must be",
                "convergence.gradientNorm|\"Infinity\"|convergence.gradientNorm must be",
                "convergence.weightDecay|0|convergence.weightDecay must be",
                "convergence.weightDecay|-0.1|convergence.weightDecay must be",
                "convergence.normaliser|-1|convergence.normaliser must be",
                "convergence.normaliser|\"0\"|convergence.normaliser must be",
                "convergence.records|0|convergence.records must be",
                "convergence.records|0.5|convergence.records must be",
                "convergence.records|9007199254740994|convergence.records must be",
                "convergence.lossAtZero|\"NaN\"|convergence.lossAtZero must be",
                "convergence.lossAtZero|-1|convergence.lossAtZero must be",
                "convergence.radius|0|convergence.radius must be",
                "convergence.radius|\"Infinity\"|convergence.radius must be",
                "convergence.rounding|-1|convergence.rounding must be",
                "convergence.rounding|\"Infinity\"|convergence.rounding must be",
                "algorithm.name|\"descent to delete\"|algorithm.name must be one of",
                "algorithm.stepSizes.kind|\"newton\"|algorithm.stepSizes.kind must be one of"
            })
    @OneIn(2)
    void whatIsNoCertificateOfASmallGradientIsRefusedThoughItIsSigned(String path, String value, String rule)
            throws IOException, GeneralSecurityException {
        ObjectNode certificate = Forger.certificate(converged().certificate);
        Forger.set(certificate, path, Forger.MAPPER.readTree(value));
        Forger.with(release.issuerFile).write(certificate, file);
        assertTrue(refusal().contains(rule), refusal());
    }

    /** In a folder of its own, with a certificate of format 3 of the same issuer. */
    private Release converged() throws IOException {
        Path folder = temp.resolve("converged");
        Files.createDirectories(folder);
        Files.copy(release.issuerFile, folder.resolve("issuer"));
        return new Release(folder, ConvergedScenario.untilGradient());
    }

    /** Numbers that overflow, vanish or are not numbers, in up to three places: judged or refused, and not valid by overflow. */
    @Test
    void extremeNumbersOfASmallGradientAreJudgedOrRefused() throws IOException, GeneralSecurityException {
        ObjectNode whole = Forger.certificate(converged().certificate);
        List<String> paths = List.of(
                "convergence.gradientNorm",
                "convergence.weightDecay",
                "convergence.normaliser",
                "convergence.records",
                "convergence.lossAtZero",
                "convergence.radius",
                "convergence.rounding",
                "constants.gradientBound.value",
                "constants.rounding.numbers.featureRadius",
                "constants.reach",
                "constants.movement",
                "noise.parameterBound",
                "bound.exactDelta",
                "bound.delta");
        List<String> values =
                List.of("0", "5e-324", "1e-300", "1e300", "1.7976931348623157e308", "9007199254740992", "\"Infinity\"");
        Random random = new Random(11);
        int judged = 0;
        for (int i = 0; i < Exhaustive.times(60, 5000); i++) {
            ObjectNode changed = whole.deepCopy();
            StringBuilder how = new StringBuilder();
            for (int k = random.nextInt(3); k >= 0; k--) {
                String path = paths.get(random.nextInt(paths.size()));
                String value = values.get(random.nextInt(values.size()));
                Forger.set(changed, path, Forger.MAPPER.readTree(value));
                how.append(path).append('=').append(value).append(' ');
            }
            Forger.with(release.issuerFile).write(changed, file);
            VerificationReport report =
                    assertDoesNotThrow(() -> CertificateVerifier.verify(file, trusted), how::toString);
            judged += report.checks().size() > 1 ? 1 : 0;
            // what hides the distance is as before: 2G/λ must not be above it
            double least = 2
                    * changed.at("/convergence/gradientNorm").asDouble()
                    / changed.at("/convergence/weightDecay").asDouble();
            assertTrue(
                    !report.isValid()
                            || least <= Forger.get(whole, "bound.delta").doubleValue(),
                    how::toString);
        }
        assertTrue(judged > 20, judged + " were judged");
    }

    @Test
    void noFieldCanBeLeftOut() throws IOException, GeneralSecurityException {
        ObjectNode whole = Forger.certificate(release.certificate);
        for (String part : List.of(
                "",
                "algorithm",
                "constants",
                "deletion",
                "bound",
                "noise",
                "privacy",
                "commitments",
                "release",
                "hashes")) {
            ObjectNode of = part.isEmpty() ? whole : (ObjectNode) whole.get(part);
            for (String name : List.copyOf(fieldNames(of))) {
                ObjectNode changed = whole.deepCopy();
                ((ObjectNode) (part.isEmpty() ? changed : changed.get(part))).remove(name);
                Forger.with(release.issuerFile).write(changed, file);
                assertTrue(refusal().contains("missing"), name);
            }
        }
    }

    @Test
    void noFieldOfASmallGradientCanBeLeftOut() throws IOException, GeneralSecurityException {
        ObjectNode whole = Forger.certificate(converged().certificate);
        for (String name : List.copyOf(fieldNames((ObjectNode) whole.get("convergence")))) {
            ObjectNode changed = whole.deepCopy();
            ((ObjectNode) changed.get("convergence")).remove(name);
            Forger.with(release.issuerFile).write(changed, file);
            assertTrue(refusal().endsWith("convergence." + name + " is missing"), refusal());
        }
        whole.remove("convergence");
        Forger.with(release.issuerFile).write(whole, file);
        assertTrue(refusal().endsWith("convergence is missing"), refusal());
    }

    private static List<String> fieldNames(ObjectNode node) {
        return node.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** Large but legal: the longest run, with numbers that overflow, is judged, and fails. */
    @Test
    void theLongestRunIsJudged() throws IOException, GeneralSecurityException {
        ObjectNode certificate = Forger.certificate(release.certificate);
        Forger.set(certificate, "constants.curvature", Forger.MAPPER.readTree("\"NONCONVEX\""));
        Forger.set(certificate, "constants.gradientBound.value", Forger.MAPPER.readTree("1e300"));
        Forger.set(certificate, "constants.lipschitz.value", Forger.MAPPER.readTree("1e300"));
        Forger.set(certificate, "bound.steps.0.stepSize", Forger.MAPPER.readTree("1e300"));
        Forger.set(certificate, "bound.steps.0.count", Forger.MAPPER.readTree("1048571"));
        Forger.with(release.issuerFile).write(certificate, file);
        VerificationReport report = CertificateVerifier.verify(file, trusted);
        assertTrue(report.failed().stream().anyMatch(check -> check.name().equals("distance")));
    }

    /** As many earlier rewinds as a file can hold, each of the longest run's steps after all of them: judged, and fails. */
    @Test
    @Tag("exhaustive")
    void theMostRewindsOfTheLongestRunAreJudged() throws IOException, GeneralSecurityException {
        int rewinds = 200_000;
        ObjectNode certificate = Forger.certificate(release.certificate);
        ArrayNode earlier = Forger.MAPPER.createArrayNode();
        for (int i = 1; i <= rewinds; i++) {
            earlier.addObject().put("checkpoint", 1 << 20).put("recordsEver", i);
        }
        Forger.set(certificate, "algorithm.earlier", earlier);
        Forger.set(certificate, "algorithm.batches.kind", Forger.MAPPER.readTree("\"keyed\""));
        for (String number : List.of("steps", "boundedSteps", "checkpoint")) {
            Forger.set(certificate, "algorithm." + number, Forger.MAPPER.readTree("1048576"));
        }
        Forger.set(certificate, "bound.steps.0.count", Forger.MAPPER.readTree("1048571"));
        Forger.set(certificate, "deletion.recordsBefore", Forger.MAPPER.readTree("2000000000"));
        Forger.set(certificate, "deletion.recordsEver", Forger.MAPPER.readTree("1000000"));
        Forger.with(release.issuerFile).write(certificate, file);
        assertFalse(CertificateVerifier.verify(file, trusted).isValid());
    }

    @Test
    void aLedgerOfGarbageIsOneFailedCheck() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < Exhaustive.times(30, 200); i++) {
            byte[] garbage = new byte[random.nextInt(300)];
            random.nextBytes(garbage);
            Files.write(file, garbage);
            VerificationReport report =
                    assertDoesNotThrow(() -> CertificateVerifier.verify(release.certificate, trusted.withLedger(file)));
            assertEquals(
                    List.of("ledger"), report.failed().stream().map(Check::name).toList());
        }
    }

    @Test
    void sentencesAreOnePrintableLine() {
        Check check = Check.failed(
                "name",
                "a\nb\u001b[31m\u202e" + IntStream.range(0, 1000).boxed().toList());
        assertFalse(check.sentence().contains("\n") || check.sentence().contains("\u001b"));
        assertTrue(check.sentence().length() < 700);
    }
}
