/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.keys.SigningKeys;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.transparency.LogCheckpoint;
import org.amend4j.transparency.NoteKey;
import org.amend4j.transparency.SignedNote;
import org.amend4j.transparency.TreeHead;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Ledgers of both formats against heads that were kept elsewhere. */
@ParameterizedClass
@ValueSource(ints = {1, 2})
class HeadChecksTest {

    private static final SubjectKey KEY = SubjectKey.of(new byte[32]);
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
    private static final int ENTRIES = 12;

    @Parameter
    int format;

    @TempDir
    Path temp;

    private Path ledger;
    private Path head;
    private Issuer issuer;
    private List<String> lines;
    private VerifierInputs inputs = VerifierInputs.none();

    @BeforeEach
    void write() throws IOException {
        issuer = Issuer.openOrCreate(temp.resolve("issuer"));
        ledger = begin("ledger", 1);
        try (DeletionLedger requests = DeletionLedger.open(ledger, KEY, CLOCK)) {
            String ada = requests.receive("ada");
            requests.receive(
                    IntStream.range(0, ENTRIES - 3).mapToObj(Integer::toString).toList());
            requests.advance(EntryType.VALIDATED, List.of(ada), Map.of());
            head = keep(requests, issuer);
        }
        lines = Files.readAllLines(ledger.resolve(DeletionLedger.FILE));
        assertEquals(ENTRIES, lines.size());
        inputs = VerifierInputs.none().withHead(head).withTrustedKey(issuer.publicKey());
    }

    /** As the last version that wrote it did; kept with the tests of module unlearn. */
    static List<String> ledgerOfFormat1() throws IOException {
        try (InputStream in = DeletionLedger.class.getResourceAsStream("format-1.jsonl")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    /** A ledger with the first lines of the one that was kept, or of a new one. */
    private Path begin(String name, int kept) throws IOException {
        Path directory = Files.createDirectory(temp.resolve(name));
        List<String> from = lines != null ? lines : format == 1 ? ledgerOfFormat1() : List.of();
        if (!from.isEmpty()) {
            String text = String.join("\n", from.subList(0, kept)) + "\n";
            Files.writeString(directory.resolve(DeletionLedger.FILE), text);
        }
        return directory;
    }

    private Path keep(DeletionLedger requests, Issuer signer) throws IOException {
        SignedNote note = signer.sign(new LogCheckpoint(requests.origin(), requests.head()));
        return Files.write(temp.resolve("kept.txt"), note.bytes());
    }

    private static Check check(VerifierInputs inputs, Path directory) {
        try {
            return HeadChecks.of(inputs, LedgerChain.read(directory.resolve(DeletionLedger.FILE)));
        } catch (RejectedException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertFails(String why, Check check) {
        assertEquals(Check.Outcome.FAILED, check.outcome(), check.sentence());
        assertTrue(check.sentence().contains(why), check.sentence());
    }

    @Test
    void anOlderHeadIsFineAndSaysHowMuchCameAfter() throws IOException {
        assertTrue(check(inputs, ledger).sentence().contains("0 came after"));
        try (DeletionLedger requests = DeletionLedger.open(ledger, KEY, CLOCK)) {
            requests.receive(List.of("x", "y", "z"));
        }
        Check check = check(inputs, ledger);
        assertEquals(Check.Outcome.PASSED, check.outcome());
        assertTrue(check.sentence()
                .contains("begins with the 12 entries of the head, 3 came after; signed by the issuer"));
    }

    @Test
    void withoutAHeadOrAKeyNothingIsSaid() {
        Check none = check(VerifierInputs.none().withTrustedKey(issuer.publicKey()), ledger);
        assertEquals(Check.Outcome.NOT_CHECKED, none.outcome());
        assertTrue(none.sentence().contains("no head of the ledger that was kept elsewhere"));
        Check noKey = check(VerifierInputs.none().withHead(head), ledger);
        assertEquals(Check.Outcome.NOT_CHECKED, noKey.outcome());
        assertTrue(noKey.sentence().contains("anybody can have signed"));
    }

    /** Ledgers that were cut, or written anew from some line on by somebody who has all keys; without the head none is found. */
    @Test
    void rewrittenLedgersFail() throws IOException {
        VerifierInputs blind = VerifierInputs.none().withTrustedKey(issuer.publicKey());
        for (int seed = 0; seed < Exhaustive.times(30, 1000); seed++) {
            Random random = new Random(seed);
            Path other = begin("other-" + seed, 1 + random.nextInt(ENTRIES - 1));
            try (DeletionLedger requests = DeletionLedger.open(other, KEY, CLOCK)) {
                requests.receive(IntStream.range(0, random.nextInt(2 * ENTRIES))
                        .mapToObj(i -> "stranger " + i)
                        .toList());
            }
            assertEquals(Check.Outcome.FAILED, check(inputs, other).outcome(), "seed " + seed);
            assertEquals(Check.Outcome.NOT_CHECKED, check(blind, other).outcome(), "seed " + seed);
        }
    }

    @Test
    void missingEntriesAndOtherEntriesHaveTheirSentences() throws IOException {
        assertFails("had 12 when the head was kept: entries are missing", check(inputs, begin("cut", ENTRIES - 1)));
        Path other = begin("other", ENTRIES - 1);
        try (DeletionLedger requests = DeletionLedger.open(other, KEY, CLOCK)) {
            requests.receive(List.of("x", "y"));
        }
        assertFails("first 12 entries are not those of the head", check(inputs, other));
    }

    @Test
    void aHeadMustBeOfThisLedgerAndOfTheTrustedKey() throws IOException {
        Issuer stranger = Issuer.openOrCreate(temp.resolve("stranger"));
        assertFails("not signed by the trusted key", check(inputs.withTrustedKey(stranger.publicKey()), ledger));
        assertFails("no Ed25519 public key", check(inputs.withTrustedKey("AAAA"), ledger));
        SubjectKey another = SubjectKey.of("another key, 16+".getBytes(StandardCharsets.US_ASCII));
        try (DeletionLedger requests = DeletionLedger.open(temp.resolve("another"), another, CLOCK)) {
            keep(requests, issuer);
        }
        assertFails("of another ledger", check(inputs, ledger));
        Files.writeString(head, "no note");
        assertFails("cannot be read: a signed note must be", check(inputs, ledger));
        Files.delete(head);
        assertFails("is not a file", check(inputs, ledger));
    }

    @Test
    void witnessesThatAreAskedForMustHaveSigned() throws IOException {
        SigningKeys keys = SigningKeys.openOrCreate(temp.resolve("witness"));
        String witness =
                NoteKey.of("w", NoteKey.Kind.COSIGNATURE, keys.publicKey()).toString();
        assertFails("not signed by w", check(inputs.withWitness(witness), ledger));
        SignedNote signed =
                SignedNote.parse(Files.readAllBytes(head)).cosigned("w", keys, Instant.parse("2026-02-03T04:05:06Z"));
        Files.write(head, signed.bytes());
        Check check = check(inputs.withWitness(witness), ledger);
        assertEquals(Check.Outcome.PASSED, check.outcome(), check.sentence());
        assertTrue(check.sentence().endsWith("signed by the issuer, w at 2026-02-03T04:05:06Z"), check.sentence());
        Check alone = check(VerifierInputs.none().withHead(head).withWitness(witness), ledger);
        assertEquals(Check.Outcome.PASSED, alone.outcome());
        assertFails("name+id+base64", check(inputs.withWitness("w"), ledger));
    }

    @Test
    void aWitnessUnderAnotherNameIsNoFurtherWitness() throws IOException {
        SigningKeys keys = SigningKeys.openOrCreate(temp.resolve("witness"));
        SignedNote note = SignedNote.parse(Files.readAllBytes(head));
        for (String name : List.of("v", "w")) {
            note = note.cosigned(name, keys, Instant.parse("2026-02-03T04:05:06Z"));
        }
        Files.write(head, note.bytes());
        VerifierInputs once = inputs.withWitness(
                NoteKey.of("v", NoteKey.Kind.COSIGNATURE, keys.publicKey()).toString());
        String twin =
                NoteKey.of("w", NoteKey.Kind.COSIGNATURE, keys.publicKey()).toString();
        Check twice = check(once.withWitness(once.trusted().witnesses().get(0)), ledger);
        assertEquals(check(once, ledger), twice);
        assertFails("w has the same key as v", check(once.withWitness(twin), ledger));
        String origin = LogCheckpoint.of(note).origin();
        for (NoteKey.Kind kind : NoteKey.Kind.values()) {
            NoteKey itself = NoteKey.of(origin, kind, issuer.publicKey());
            assertFails("has the same key as " + origin, check(inputs.withWitness(itself.toString()), ledger));
        }
    }

    /** The digits of the key in a head's name are the first 32; a ledger with fewer is nobody's. */
    @Test
    void aHeadOfTheSameSizeIsOfTheSameEntriesAndTheSameKey() throws IOException, RejectedException {
        LedgerFormat written = format == 1 ? LedgerFormat.CHAIN : LedgerFormat.TREE;
        for (int digits : new int[] {31, 32, 64}) {
            String key = "a".repeat(digits);
            String opened = "\"key\":\"" + key + "\",\"version\":\"" + format + "\"";
            WrittenLedger mine = new WrittenLedger(written)
                    .entry("OPENED", List.of(), opened)
                    .entry("CUT", List.of(), "");
            WrittenLedger other = new WrittenLedger(written)
                    .entry("OPENED", List.of(), opened)
                    .entry("CUT", List.of(), "\"bytes\":\"3\"");
            String origin = "amend4j/deletions/" + "a".repeat(32);
            Files.write(
                    head,
                    issuer.sign(new LogCheckpoint(origin, new TreeHead(2, mine.root())))
                            .bytes());
            Path file = temp.resolve("written.jsonl");
            Check same = HeadChecks.of(inputs, LedgerChain.read(Files.writeString(file, mine.text())));
            Check changed = HeadChecks.of(inputs, LedgerChain.read(Files.writeString(file, other.text())));
            assertEquals(digits == 31, same.sentence().contains("it is of another ledger"), same.sentence());
            assertEquals(digits == 31 ? Check.Outcome.FAILED : Check.Outcome.PASSED, same.outcome());
            assertFails("the ledger's first 2 entries are not those of the head", changed);
        }
    }
}
