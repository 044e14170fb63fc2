/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.certificate.Issuer;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every leaf of a certificate, changed or removed, and signed again: by a stranger, by an issuer who does not touch the ledger, and
 * by an issuer whose ledger is not at hand. What the last can do unnoticed is listed here and in docs/certificate.md.
 */
class MutatedCertificateTest {

    /** By default each leaf's change or removal, in turn: most leaves have four of them. */
    private static final int SLICE = 5;

    /** What only the issuer can know, and nothing at hand contradicts. */
    private static final Map<String, String> UNNOTICED = new LinkedHashMap<>();

    static {
        UNNOTICED.put("algorithm.batches.text", "words for people");
        UNNOTICED.put("assumptions", "words for people");
        UNNOTICED.put("build", "what computed it is not in the model");
        UNNOTICED.put("hashes.ledgerHead", "compared with the ledger");
        UNNOTICED.put("hashes.ledgerSequence", "compared with the ledger");
        UNNOTICED.put("hashes.others", "compared with the certificates before");
        UNNOTICED.put("issued", "compared with the ledger");
        UNNOTICED.put("deletion.subjects", "compared with the ledger");
        UNNOTICED.put("commitments.objective", "not opened");
        UNNOTICED.put("noise.source", "where randomness came from is not in the model");
        UNNOTICED.put("retention", "compared with the ledger and the key ring");
        UNNOTICED.put("constants.diameter", "not used by this bound, and its reason is words");
        UNNOTICED.put(
                "constants.gradientBound.reason",
                "words that are not known leave a check undone, and the report says so");
        UNNOTICED.put(
                "constants.lipschitz.reason", "words that are not known leave a check undone, and the report says so");
        UNNOTICED.put(
                "bound.rounding",
                "its last digits, which a difference of sums has lost; the distance with it is exact");
        UNNOTICED.put("constants.movement", "for as many records as were planned, these need less");
        UNNOTICED.put("constants.reach", "for as many records as were planned, these need less");
        UNNOTICED.put("constants.rounding.numbers", "the error that is claimed allows for more than what is left");
    }

    /** Numbers that may be larger than they need be: the claim is weaker then. */
    private static final Set<String> LARGER = Set.of(
            "constants.rounding",
            "constants.lipschitz.value",
            "bound.delta",
            "bound.exactDelta",
            "noise.dimension", // read in the parameters, which the model of these tests has none of
            "noise.parameterBound",
            "privacy");

    private static boolean isLarger(Mutant mutant, ObjectNode original) {
        JsonNode before = Forger.get(original, mutant.path);
        JsonNode after = Forger.get(mutant.certificate, mutant.path);
        return after.isNumber()
                && before.doubleValue() < after.doubleValue()
                && LARGER.stream().anyMatch(mutant.path::startsWith);
    }

    @TempDir
    Path temp;

    private Release release;

    @BeforeEach
    void aValidCertificate() throws Exception {
        release = new Release(temp, Scenario.stronglyConvex());
    }

    private record Mutant(String path, String how, ObjectNode certificate) {}

    private static List<Mutant> mutants(ObjectNode certificate) {
        List<String> paths = new ArrayList<>();
        leaves("", certificate, paths);
        List<Mutant> mutants = new ArrayList<>();
        for (String path : paths) {
            for (JsonNode value : others(Forger.get(certificate, path))) {
                ObjectNode changed = certificate.deepCopy();
                Forger.set(changed, path, value);
                mutants.add(new Mutant(path, value.toString(), changed));
            }
            mutants.add(new Mutant(path, "removed", without(certificate, path)));
        }
        return mutants;
    }

    private static void leaves(String path, JsonNode node, List<String> paths) {
        if (node.isObject()) {
            node.properties()
                    .forEach(member -> leaves(
                            path.isEmpty() ? member.getKey() : path + "." + member.getKey(), member.getValue(), paths));
        } else if (node.isArray() && !node.isEmpty()) {
            for (int i = 0; i < node.size(); i++) {
                leaves(path + "." + i, node.get(i), paths);
            }
        } else if (!node.isArray()) {
            paths.add(path);
        }
    }

    private static List<JsonNode> others(JsonNode leaf) {
        if (leaf.isTextual()) {
            String text = leaf.textValue();
            if (text.endsWith("Z")) {
                return List.of(new TextNode(Instant.parse(text).plusSeconds(1).toString()), new TextNode(text + " "));
            }
            String flipped = text.isEmpty() ? "x" : (text.charAt(0) == 'a' ? "b" : "a") + text.substring(1);
            return List.of(new TextNode(flipped), new TextNode(text + " "), new TextNode(""));
        }
        if (leaf.isIntegralNumber()) {
            long value = leaf.longValue();
            return List.of(new LongNode(value + 1), new LongNode(value - 1), new LongNode(2 * value + 3));
        }
        double value = leaf.doubleValue();
        return List.of(
                new DoubleNode(value == 0 ? 0.25 : value / 2),
                new DoubleNode(value == 0 ? 1.5 : value * 2),
                new DoubleNode(value == 0 ? 1e-9 : value * (1 - 1e-3)));
    }

    private static ObjectNode without(ObjectNode certificate, String path) {
        ObjectNode changed = certificate.deepCopy();
        int dot = path.lastIndexOf('.');
        JsonNode parent =
                dot < 0 ? changed : changed.at("/" + path.substring(0, dot).replace('.', '/'));
        String last = path.substring(dot + 1);
        if (parent instanceof ArrayNode array) {
            array.remove(Integer.parseInt(last));
        } else {
            ((ObjectNode) parent).remove(last);
        }
        return changed;
    }

    private VerificationReport verify(Mutant mutant, Path signer, VerifierInputs inputs) throws Exception {
        Forger.with(signer).write(mutant.certificate, release.certificate);
        return CertificateVerifier.verify(release.certificate, inputs);
    }

    @Test
    void withTheLedgerAtHandEveryLeafIsCaughtThoughTheIssuerSignedItAgain() throws Exception {
        List<Mutant> mutants = mutants(Forger.certificate(release.certificate));
        for (Mutant mutant : Exhaustive.oneIn(SLICE, mutants)) {
            VerificationReport report = verify(mutant, release.issuerFile, release.inputs());
            assertFalse(report.isValid(), () -> mutant.path + " " + mutant.how);
        }
        assertTrue(mutants.size() > 300, mutants.size() + " mutants");
    }

    @Test
    void aStrangerIsCaughtByTheKeyAndUnauthenticatedWithoutOne() throws Exception {
        Path stranger = temp.resolve("stranger");
        Issuer.openOrCreate(stranger);
        ObjectNode same = Forger.certificate(release.certificate);
        Mutant none = new Mutant("", "", same);
        VerifierInputs onlyKey = VerifierInputs.none().withTrustedKey(release.publicKey);
        assertEquals(
                VerificationReport.Result.NOT_VALID,
                verify(none, stranger, onlyKey).result());
        assertEquals(
                VerificationReport.Result.UNAUTHENTICATED,
                verify(none, stranger, VerifierInputs.none()).result());
        assertEquals(
                VerificationReport.Result.VALID,
                verify(none, release.issuerFile, onlyKey).result());
        for (Mutant mutant : Exhaustive.oneIn(SLICE, mutants(same))) {
            assertEquals(
                    VerificationReport.Result.NOT_VALID,
                    verify(mutant, stranger, onlyKey).result());
        }
    }

    @Test
    void withoutTheLedgerOnlyTheListedLeavesGoUnnoticed() throws Exception {
        TreeSet<String> unnoticed = new TreeSet<>();
        TreeSet<String> unlisted = new TreeSet<>();
        VerifierInputs inputs = VerifierInputs.none()
                .withTrustedKey(release.publicKey)
                .withRelease(release.folder)
                .withCertificates(List.of(release.certificate));
        String opened = Files.readString(release.opening);
        String original =
                new Sha256().add(Files.readAllBytes(release.certificate)).hex();
        ObjectNode whole = Forger.certificate(release.certificate);
        for (Mutant mutant : mutants(whole)) {
            Forger.with(release.issuerFile).write(mutant.certificate, release.certificate);
            // a dishonest issuer opens the certificate that he shows
            String hash =
                    new Sha256().add(Files.readAllBytes(release.certificate)).hex();
            Files.writeString(release.opening, opened.replace(original, hash));
            VerificationReport report =
                    CertificateVerifier.verify(release.certificate, inputs.withOpening(release.opening));
            if (report.isValid() && !isLarger(mutant, whole)) {
                UNNOTICED.keySet().stream()
                        .filter(mutant.path::startsWith)
                        .findFirst()
                        .ifPresentOrElse(unnoticed::add, () -> unlisted.add(mutant.path + " " + mutant.how));
            }
        }
        assertEquals("[]", unlisted.toString());
        assertEquals(new TreeSet<>(UNNOTICED.keySet()), unnoticed);
    }
}
