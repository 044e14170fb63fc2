/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.verify.Check.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A certificate against a ledger, certificates and a key ring that were written for the purpose. */
class OutsideRulesTest {

    private static final String SUBJECT = Scenario.SUBJECT;
    private static final String HASH = "f".repeat(64);
    private static final String MODEL = "701e82de383c5837b29e07e1f7435ae046fd43d11dbc259d10836f322cd832f5";

    @TempDir
    Path temp;

    private Document document;
    private String intent;
    private String released;
    private String certified;
    private String subject;
    private String asking;
    private String intentTime;
    private String releasedTime;
    private String certifiedTime;
    private LedgerFormat format;
    private VerifierInputs inputs;

    @BeforeEach
    void aTrueLedger() {
        format = LedgerFormat.TREE;
        document = Document.of(Scenario.stronglyConvex());
        intent = "\"checkpoint\":\"15\",\"checkpointCommitment\":\""
                + document.certificate().at("/commitments/checkpoint").textValue()
                + "\",\"sigma\":\"0.07565003529100522\",\"way\":\"certified rewind\"";
        released = "\"model\":\"" + MODEL + "\",\"release\":\"1\"";
        certified = "\"certificate\":\"" + HASH + "\"";
        subject = SUBJECT;
        asking = SUBJECT;
        intentTime = "2026-01-02T03:04:05Z";
        releasedTime = "2026-01-02T03:04:05.900Z";
        certifiedTime = "2026-01-02T03:04:05.900Z";
        inputs = VerifierInputs.none();
    }

    /** OPENED, RECEIVED, INTENT (which the certificate names), RELEASED, CERTIFIED, ERASED. */
    private WrittenLedger ledger() {
        List<String> all = List.of(subject);
        WrittenLedger ledger = new WrittenLedger(format)
                .at(intentTime)
                .opened()
                .entry("RECEIVED", List.of(asking), "")
                .entry("INTENT", all, intent);
        String head = ledger.hash();
        document = document.with("hashes.ledgerSequence=2 && hashes.ledgerHead=\"" + head + "\"");
        return ledger.at(releasedTime)
                .entry("RELEASED", all, released)
                .at(certifiedTime)
                .entry("CERTIFIED", all, certified)
                .entry("ERASED", all, "\"keys\":\"k0,k1,k2\"");
    }

    private Check check(String name, WrittenLedger ledger) throws IOException {
        Path file = Files.writeString(temp.resolve("ledger"), ledger.text());
        return Document.named(name, new OutsideChecks(document.signed(HASH), inputs.withLedger(file)).all());
    }

    private static void assertPasses(Check check) {
        assertEquals(Outcome.PASSED, check.outcome(), check.sentence());
    }

    private static void assertFails(String fragment, Check check) {
        assertEquals(Outcome.FAILED, check.outcome(), check.sentence());
        assertTrue(check.sentence().contains(fragment), check.sentence());
    }

    @ParameterizedTest
    @EnumSource(LedgerFormat.class)
    void aTrueLedgerPasses(LedgerFormat either) throws IOException {
        format = either;
        for (String name : List.of("ledger", "request", "erasure")) {
            Check check = check(name, ledger());
            assertPasses(check);
            assertFalse(check.sentence().contains("note that"), check.sentence());
        }
        assertTrue(check("ledger", ledger()).sentence().contains("6 entries in format " + either.version()));
    }

    @Test
    void theLedgersOddnessIsNoted() throws IOException {
        WrittenLedger ledger = ledger();
        Path file = Files.writeString(temp.resolve("ledger"), ledger.text() + "{");
        Check torn = Document.named("ledger", new OutsideChecks(document.signed(HASH), inputs.withLedger(file)).all());
        assertPasses(torn);
        assertTrue(torn.sentence().contains("last line cannot be read"));
        format = LedgerFormat.CHAIN;
        intentTime = "2027-01-02T03:04:05Z";
        assertTrue(check("ledger", ledger()).sentence().contains("times in it run backwards"));
    }

    @Test
    void theEntryThatItNamesIsThere() throws IOException {
        WrittenLedger ledger = ledger();
        document = document.with("hashes.ledgerSequence=3");
        assertFails("entry 3 is not the one", check("ledger", ledger));
        document = document.with("hashes.ledgerSequence=6");
        assertFails("entry 6 is not the one", check("ledger", ledger));
        document = document.with("hashes.ledgerSequence=2 && hashes.ledgerHead=\"" + HASH + "\"");
        assertFails("entry 2 is not the one", check("ledger", ledger));
        document = document.with("hashes.ledgerSequence=5 && hashes.ledgerHead=\"" + ledger.hash() + "\"");
        assertPasses(check("ledger", ledger));
    }

    @ParameterizedTest
    @CsvSource({
        "way, certified rewind, exact rewind",
        "checkpoint, \"15\", \"14\"",
        "checkpointCommitment, 18133dd6, 08133dd6",
        "sigma, 0.0756, 0.0757"
    })
    void whatWasToBeDoneIsWhatWasDone(String name, String said, String other) throws IOException {
        assertTrue(intent.contains(said), intent);
        intent = intent.replace(said, other);
        assertFails("the entry INTENT has " + name + " '", check("request", ledger()));
    }

    @Test
    void theModelAndTheNumberOfTheReleaseAreThoseReleased() throws IOException {
        released = released.replace("701e82", "801e82");
        assertFails("the entry RELEASED has model '801e82", check("request", ledger()));
        released = "\"model\":\"" + MODEL + "\",\"release\":\"2\"";
        assertFails("has release '2', the certificate '1'", check("request", ledger()));
        released = "\"model\":\"" + MODEL + "\"";
        assertFails("has release '', the certificate '1'", check("request", ledger()));
        document = document.with("algorithm.earlier=[{\"checkpoint\":3,\"recordsEver\":2}]");
        released = "\"model\":\"" + MODEL + "\",\"release\":\"2\"";
        assertPasses(check("request", ledger()));
    }

    /** Certificates have whole seconds. */
    @ParameterizedTest
    @CsvSource({
        "2026-01-02T03:04:05.900Z, 2026-01-02T03:04:05.950Z, true",
        "2026-01-02T03:04:05Z, 2026-01-02T03:04:05Z, true",
        "2026-01-02T03:04:06Z, 2026-01-02T03:04:07Z, false",
        "2026-01-02T03:04:04Z, 2026-01-02T03:04:04.999Z, false"
    })
    void itWasIssuedBetweenReleasedAndCertified(String before, String after, boolean between) throws IOException {
        intentTime = "2026-01-02T03:04:04Z";
        releasedTime = before;
        certifiedTime = after;
        Check check = check("request", ledger());
        if (between) {
            assertPasses(check);
        } else {
            assertFails("not between its entries RELEASED and CERTIFIED", check);
        }
    }

    @Test
    void theRequestIsOfTheseSubjects() throws IOException {
        certified = "\"certificate\":\"" + "e".repeat(64) + "\"";
        assertFails("no entry CERTIFIED has the hash", check("request", ledger()));
        assertEquals(Outcome.NOT_CHECKED, check("erasure", ledger()).outcome());
        certified = "\"certificate\":\"" + HASH + "\"";
        subject = "cd".repeat(32);
        Check check = check("request", ledger());
        assertFails("the entry CERTIFIED is about other subjects", check);
        assertTrue(check.sentence().contains("no entry INTENT about these subjects"));
        assertTrue(check.sentence().contains("no entry RELEASED about these subjects"));
    }

    @Test
    void whoIsForgottenAskedBeforeItWasDecided() throws IOException {
        asking = "cd".repeat(32);
        String unasked = "no entry RECEIVED was made before for 1 of these subjects";
        assertFails(unasked, check("request", ledger()));
        WrittenLedger late = ledger().entry("RECEIVED", List.of(subject), "");
        assertFails(unasked, check("request", late));
    }

    @Test
    void theEntryThatItNamesIsBeforeItsOwn() throws IOException {
        WrittenLedger ledger = ledger();
        for (long sequence : new long[] {4, 5, Long.MAX_VALUE - 1023}) {
            document = document.with("hashes.ledgerSequence=" + sequence);
            assertFails("names an entry that was made after it", check("request", ledger));
        }
        document = document.with("hashes.ledgerSequence=3");
        assertPasses(check("request", ledger));
        // the intent must be there by the entry that is named
        document = document.with("hashes.ledgerSequence=0");
        assertFails("no entry INTENT about these subjects", check("request", ledger));
    }

    /** Of two intents the last before the entry that is named counts; of two releases the last before the certificate. */
    @Test
    void whatCameAfterwardsDoesNotCount() throws IOException {
        WrittenLedger ledger = ledger();
        ledger.entry("INTENT", List.of(subject), "").entry("RELEASED", List.of(subject), "");
        assertPasses(check("request", ledger));
    }

    @Test
    void format1NamesNeitherWayNorNumber() throws IOException {
        document = ClaimRulesTest.start("first");
        intent = "";
        released = "\"model\":\"" + MODEL + "\"";
        releasedTime = "2027-01-01T00:00:00Z";
        certifiedTime = releasedTime;
        assertPasses(check("request", ledger()));
        released = "";
        assertFails("the entry RELEASED has model ''", check("request", ledger()));
    }

    @Test
    void everyDestroyedKeyIsNoted() throws IOException {
        document = document.with("retention.destroyedKeys=[\"k1\",\"k3\",\"k\"]");
        assertFails("does not note that keys were destroyed: [k, k3]", check("erasure", ledger()));
        WrittenLedger none = new WrittenLedger(format).opened().entry("CERTIFIED", List.of(subject), certified);
        assertEquals(Outcome.NOT_CHECKED, check("erasure", none).outcome());
        assertTrue(check("erasure", none).sentence().contains("no entry ERASED"));
        none.entry("ERASED", List.of(subject), "");
        document = document.with("retention.destroyedKeys=[]");
        assertPasses(check("erasure", none));
    }

    @Test
    void everyCertificateThatTheLedgerKnowsIsAtHand() throws IOException {
        Path other = Files.writeString(temp.resolve("other.json"), "other");
        String hash = new Sha256().add("other").hex();
        WrittenLedger ledger = ledger().entry("CERTIFIED", List.of(subject), "\"certificate\":\"" + hash + "\"");
        assertEquals(Outcome.NOT_CHECKED, check("releases", ledger).outcome());
        inputs = inputs.withCertificates(List.of());
        assertFails("certificates of the ledger's entries [6] are missing", check("releases", ledger));
        inputs = inputs.withCertificates(List.of(other));
        assertPasses(check("releases", ledger));
        inputs = inputs.withCertificates(List.of(other, temp.resolve("nowhere")));
        assertFails("certificates cannot be read", check("releases", ledger));
        try (var file = new java.io.RandomAccessFile(other.toFile(), "rw")) {
            file.setLength(1L << 40); // of holes: reading it to its end takes an hour
        }
        inputs = inputs.withCertificates(List.of(other));
        assertFails("is larger than", check("releases", ledger));
    }

    /** Earlier releases keep nothing but their certificates, once the deletion came to its end. */
    @Test
    void whatLiesBesideTheReleaseIsFoundOnceTheDeletionIsAtItsEnd() throws IOException {
        Path releases = temp.resolve("releases");
        Files.createDirectories(releases.resolve("1/old"));
        Files.writeString(releases.resolve("1/certificate.json"), "");
        Files.createDirectories(releases.resolve("2/part"));
        Files.createDirectories(releases.resolve(".unfinished"));
        Files.writeString(releases.resolve("3"), "");
        Files.createDirectories(releases.resolve("04"));
        Files.createSymbolicLink(releases.resolve("0"), releases.resolve("2"));
        document = document.with("algorithm.earlier=[{\"checkpoint\":3,\"recordsEver\":2}]");
        inputs = inputs.withCertificates(List.of()).withReleases(releases);
        String left = "models that were to be removed, or that no certificate is of, lie beside the release: ";
        assertFails(left + "[0, 04, 1/old, 3]", check("releases", ledger()));
        WrittenLedger unfinished = new WrittenLedger(format).opened().entry("CERTIFIED", List.of(subject), certified);
        assertPasses(check("releases", unfinished));
        document = document.with(
                "algorithm.earlier=[{\"checkpoint\":3,\"recordsEver\":2},{\"checkpoint\":3,\"recordsEver\":3}]");
        assertFails(left + "[0, 04, 1/old, 2/part, 3]", check("releases", ledger()));
        document = ClaimRulesTest.start("first");
        assertPasses(check("releases", ledger()));
        document = Document.of(Scenario.stronglyConvex());
        for (String name : List.of("0", "04", "3")) {
            Files.delete(releases.resolve(name));
        }
        assertPasses(check("releases", ledger()));
        inputs = inputs.withReleases(temp.resolve("nowhere"));
        assertFails("certificates cannot be read", check("releases", ledger()));
    }

    @Test
    void aDamagedOrMissingLedgerLeavesTheRestOpen() throws IOException {
        WrittenLedger damaged = new WrittenLedger(format).entry("CUT", List.of(), "");
        assertFails("the ledger is damaged: it must begin", check("ledger", damaged));
        List<Check> without = new OutsideChecks(document.signed(HASH), inputs).all();
        for (String name : List.of("kept head", "releases", "request", "erasure")) {
            assertEquals(Outcome.NOT_CHECKED, check(name, damaged).outcome());
            assertEquals(Outcome.NOT_CHECKED, Document.named(name, without).outcome());
        }
        assertEquals(Outcome.NOT_CHECKED, Document.named("ledger", without).outcome());
        String none = "no head of the ledger that was kept elsewhere was given";
        assertTrue(check("kept head", damaged).sentence().startsWith(none));
        inputs = inputs.withHead(temp.resolve("head"));
        assertEquals("the ledger is damaged", check("kept head", damaged).sentence());
    }

    @Test
    void noDestroyedKeyIsInTheRing() throws IOException {
        assertEquals(Outcome.NOT_CHECKED, ring(inputs).outcome());
        Path file = temp.resolve("ring");
        VerifierInputs given = inputs.withKeyRing(file);
        assertFails("is not a file", ring(given));
        Files.writeString(file, "a ring\nkey k1.more label k2\n");
        assertFails("is no key ring", ring(given));
        Files.writeString(file, "amend4j key ring 1\nkey k1.more label k2\n");
        assertFails("it still has keys that are said to be destroyed: [k2]", ring(given));
        Files.writeString(file, "amend4j key ring 1\nkey k1.more label k2-1 xk1 é\n");
        assertPasses(ring(given));
    }

    private Check ring(VerifierInputs given) {
        return Document.named("key ring", new OutsideChecks(document.signed(HASH), given).all());
    }

    @Test
    void theIssuerIsTheTrustedOne() {
        List<Check> mine = new OutsideChecks(document.signed(HASH), inputs.withTrustedKey(" key\n")).all();
        assertPasses(Document.named("issuer", mine));
        List<Check> other = new OutsideChecks(document.signed(HASH), inputs.withTrustedKey("other")).all();
        assertFails("not the trusted one", Document.named("issuer", other));
        List<Check> none = new OutsideChecks(document.signed(HASH), inputs).all();
        assertEquals(Outcome.NOT_CHECKED, Document.named("issuer", none).outcome());
    }
}
