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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amend4j.certificate.Issuer;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every leaf of a certificate, changed or removed, and signed again: by a stranger, by an issuer who does not touch the ledger, and
 * by an issuer whose ledger is not at hand. What the last can do unnoticed is listed here and in docs/certificate.md.
 */
class MutatedCertificateTest {

    /** By default each leaf's change or removal, in turn: most leaves have four of them. */
    private static final int SLICE = 5;

    /** What only the issuer can know, and nothing at hand contradicts. */
    private static final Map<String, String> UNNOTICED = new LinkedHashMap<>();

    private static final String UNKNOWN = "words that are not known leave a check undone, and the report says so";
    private static final String NO_BOUND = "an exact result has no bound that rests on it";

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
        UNNOTICED.put("constants.gradientBound.reason", UNKNOWN);
        UNNOTICED.put("constants.lipschitz.reason", UNKNOWN);
    }

    /** And where steps are bounded. */
    private static final Map<String, String> OF_STEPS = Map.of(
            "constants.diameter",
            "not used by this bound, and its reason is words",
            "bound.rounding",
            "its last digits, which a difference of sums has lost; the distance with it is exact",
            "constants.movement",
            "for as many records as were planned, these need less",
            "constants.reach",
            "for as many records as were planned, these need less",
            "constants.rounding.numbers",
            "the error that is claimed allows for more than what is left");

    /** And where the gradient is small: the rest of {@code convergence} follows from these. */
    private static final Map<String, String> OF_A_GRADIENT = Map.of(
            "constants.diameter.reason",
            "words, since it is not known",
            "constants.rounding.numbers",
            "the error that is claimed allows for one input less",
            "convergence.normaliser",
            "a larger one, which bounds the parameters by less than is claimed",
            "convergence.records",
            "fewer, but no less than there were, which bound the parameters by less than is claimed");

    /** And where the model was trained by steps, and forgot until the gradient was small. */
    private static final Map<String, String> OF_THE_LAST_GRADIENT = Map.of(
            "convergence.gradientNorm",
            "a smaller one, of which the distance is more than it need be",
            "algorithm.stepSizes.first",
            "no bound rests on it");

    /** And where nothing is hidden: no bound rests on anything. */
    private static final Map<String, String> OF_RETRAINING = Map.of(
            "constants", NO_BOUND, "convergence", NO_BOUND, "noise.dimension", NO_BOUND, "privacy.budget", NO_BOUND);

    private static Map<String, String> unnoticed(Certifiable scenario) {
        Map<String, String> all = new TreeMap<>(UNNOTICED);
        if (scenario instanceof ConvergedScenario converged) {
            all.putAll(converged.retrained() ? OF_RETRAINING : OF_A_GRADIENT);
            all.putAll(converged.trained() ? Map.of() : OF_THE_LAST_GRADIENT);
        } else {
            all.putAll(OF_STEPS);
        }
        if (scenario.way().equals("retraining")) {
            all.remove("noise.source"); // there is none, and that is noticed
        }
        return all;
    }

    /** Numbers that may be larger than they need be: the claim is weaker then. */
    private static final Set<String> LARGER = Set.of(
            "constants.rounding",
            "constants.lipschitz.value",
            "constants.movement",
            "bound.delta",
            "bound.exactDelta",
            "convergence.lossAtZero",
            "convergence.radius",
            "convergence.rounding",
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

    /** Of each format that is written. */
    static List<Certifiable> scenarios() {
        return List.of(
                Scenario.stronglyConvex(),
                ConvergedScenario.fixed(),
                ConvergedScenario.untilGradient(),
                ConvergedScenario.retraining());
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
            List<JsonNode> texts = List.of(new TextNode(flipped), new TextNode(text + " "), new TextNode(""));
            return text.isEmpty() ? texts.subList(0, 2) : texts;
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

    @ParameterizedTest
    @MethodSource("scenarios")
    void withTheLedgerAtHandEveryLeafIsCaughtThoughTheIssuerSignedItAgain(Certifiable scenario) throws Exception {
        release = new Release(temp, scenario);
        List<Mutant> mutants = mutants(Forger.certificate(release.certificate));
        for (Mutant mutant : Exhaustive.oneIn(SLICE, mutants)) {
            VerificationReport report = verify(mutant, release.issuerFile, release.inputs());
            assertFalse(report.isValid(), () -> mutant.path + " " + mutant.how);
        }
        assertTrue(mutants.size() > 270, mutants.size() + " mutants");
    }

    @Test
    void aStrangerIsCaughtByTheKeyAndUnauthenticatedWithoutOne() throws Exception {
        release = new Release(temp, Scenario.stronglyConvex());
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

    @ParameterizedTest
    @MethodSource("scenarios")
    void withoutTheLedgerOnlyTheListedLeavesGoUnnoticed(Certifiable scenario) throws Exception {
        release = new Release(temp, scenario);
        Map<String, String> allowed = unnoticed(scenario);
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
                allowed.keySet().stream()
                        .filter(mutant.path::startsWith)
                        .max(Comparator.comparingInt(String::length))
                        .ifPresentOrElse(unnoticed::add, () -> unlisted.add(mutant.path + " " + mutant.how));
            }
        }
        assertEquals("[]", unlisted.toString());
        assertEquals(new TreeSet<>(allowed.keySet()), unnoticed);
    }
}
