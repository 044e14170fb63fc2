/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Commitment;
import org.amend4j.certificate.Digests;
import org.amend4j.certificate.Issuer;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.StepListener;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is published does not depend on what a forgotten record held: two data sets that differ in one record of somebody who is
 * forgotten lead to the same bytes, but for the noisy model itself, which is left out here. All randomness is fixed. Commitments
 * are ideal ones, which are drawn without looking at the value: under a random salt HMAC-SHA256 cannot be told from that.
 */
class CommitmentSchemeTest {

    private static final String FORGOTTEN = "17";
    private static final int RECORD = 17 * SmallService.ROWS_EACH + 2;
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05.678Z"), ZoneOffset.UTC);
    private static final byte[] SALT = new byte[Commitment.SALT_BYTES];

    @TempDir
    Path temp;

    private Issuer issuer;

    @BeforeEach
    void anIssuer() throws IOException {
        issuer = Issuer.openOrCreate(temp.resolve("issuer"));
    }

    private static ForgettingModel model(Kind kind, boolean changed) {
        ReleasePolicy policy = ReleasePolicy.of(new PrivacyBudget(1, 1e-5)).withLargestSigma(0.02);
        return SmallService.model(kind, policy, (x, labels) -> {
            if (changed) {
                Arrays.setAll(x[RECORD], i -> -x[RECORD][i] / 3);
                labels[RECORD] = 1 - labels[RECORD];
            }
        });
    }

    /** Commitments that no value has a part in. */
    private static CommitmentScheme ideal() {
        return new CommitmentScheme() {
            @Override
            public byte[] salt() {
                return SALT.clone();
            }

            @Override
            public String commitment(byte[] salt, String name, byte[] value) {
                return Commitment.of(salt, name, new byte[0]);
            }
        };
    }

    private static CommitmentScheme real(byte[] salt) {
        return salt::clone;
    }

    /** Everything in the folder that others get, by name. */
    private Map<String, String> published(Kind kind, boolean changed, CommitmentScheme hiding, byte[] salt)
            throws Exception {
        Path run = temp.resolve("run-" + changed + salt[0]);
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = UnlearningService.open(
                        run,
                        model(kind, changed),
                        SmallService.subjects(),
                        (theta, folder) -> Files.writeString(folder.resolve("model"), "a noisy model"),
                        vault,
                        issuer,
                        hiding,
                        CLOCK)) {
            service.train(StepListener.NONE);
            service.request(List.of(FORGOTTEN));
            service.answer(SmallService.cheapest(), StepListener.NONE);
            service.request(List.of("60"));
            service.answer(SmallService.cheapest(), StepListener.NONE);
        }
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(run)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(run.relativize(file).toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        // the operator's
        files.remove("state.json");
        files.remove("records.bin");
        return files;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatIsPublishedHasTheSameBytesWhateverAForgottenRecordHeld(Kind kind) throws Exception {
        Map<String, String> one = published(kind, false, ideal(), SALT);
        Map<String, String> other = published(kind, true, ideal(), SALT);
        assertEquals(
                List.of(
                        "deletions.jsonl",
                        "deletions.lock",
                        "head.txt",
                        "releases/1/certificate.json",
                        "releases/2/certificate.json",
                        "releases/2/model"),
                List.copyOf(one.keySet()));
        assertEquals(one, other);
    }

    /**
     * The twin: with values instead of commitments, as format 1 published them, the same comparison finds the difference, in the
     * ledger as in the certificates.
     */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void openValuesInTheirPlaceTellTheDataApart(Kind kind) throws Exception {
        CommitmentScheme open = new CommitmentScheme() {
            @Override
            public byte[] salt() {
                return SALT.clone();
            }

            @Override
            public String commitment(byte[] salt, String name, byte[] value) {
                return Digests.of(value);
            }
        };
        Map<String, String> one = published(kind, false, open, SALT);
        Map<String, String> other = published(kind, true, open, SALT);
        assertNotEquals(one.get("releases/1/certificate.json"), other.get("releases/1/certificate.json"));
        assertNotEquals(one.get("deletions.jsonl"), other.get("deletions.jsonl"));
    }

    /** Commitments to equal values under different salts share nothing, so that ids cannot be looked up. */
    @Test
    void everyCertificateHasItsOwnSalt() throws Exception {
        byte[] otherSalt = SALT.clone();
        otherSalt[0] = 1;
        published(Kind.ONE_EPOCH, false, real(SALT), SALT);
        published(Kind.ONE_EPOCH, false, real(otherSalt), otherSalt);
        Certificate one = CertificateFile.read(temp.resolve("run-false0/releases/1/certificate.json"));
        Certificate other = CertificateFile.read(temp.resolve("run-false1/releases/1/certificate.json"));
        assertEquals(
                one.references().hashes().model(), other.references().hashes().model());
        assertNotEquals(
                one.references().commitments().deleted(),
                other.references().commitments().deleted());
        assertNotEquals(
                one.references().commitments().retained(),
                other.references().commitments().retained());
        assertNotEquals(
                one.references().commitments().checkpoint(),
                other.references().commitments().checkpoint());
        assertNotEquals(
                one.references().commitments().objective(),
                other.references().commitments().objective());
    }
}
