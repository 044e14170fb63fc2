/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import org.amend4j.verify.Check.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Openings and ids, held against the commitments and digests of a certificate. */
class RecordRulesTest {

    private static final String HASH = "f".repeat(64);

    @TempDir
    Path temp;

    private final Scenario scenario = Scenario.stronglyConvex();
    private Path file;
    private String opening;

    @BeforeEach
    void aTrueOpening() throws IOException {
        file = temp.resolve("opening.json");
        scenario.opening(HASH).write(file);
        opening = Files.readString(file);
    }

    private Check check(Document document, VerifierInputs inputs) {
        return Document.named("opening", new RecordChecks(document.signed(HASH), inputs.withOpening(file)).all());
    }

    private Check check(VerifierInputs inputs) {
        return check(Document.of(scenario), inputs);
    }

    private Check opened(String text) throws IOException {
        Files.writeString(file, text);
        return check(VerifierInputs.none());
    }

    private static void assertFails(String fragment, Check check) {
        assertEquals(Outcome.FAILED, check.outcome(), check.sentence());
        assertTrue(check.sentence().contains(fragment), check.sentence());
    }

    @Test
    void aTrueOpeningPassesAlsoAgainstTheIdsInAnyOrder() {
        assertEquals(
                "5 deleted and 995 retained records are those committed to",
                check(VerifierInputs.none()).sentence());
        long[] retained = scenario.retainedIds();
        long last = retained[994];
        retained[994] = retained[0];
        retained[0] = last;
        Check all = check(VerifierInputs.none().withDeleted(4, 3, 2, 1, 0).withRetained(retained));
        assertEquals(Outcome.PASSED, all.outcome(), all.sentence());
    }

    @Test
    void otherIdsThanOpenedAreNoticed() {
        assertFails("other records are deleted", check(VerifierInputs.none().withDeleted(0, 1, 2, 3, 5)));
        assertFails("other records are retained", check(VerifierInputs.none().withRetained(7)));
        Check none = Document.named(
                "opening", new RecordChecks(Document.of(scenario).signed(HASH), VerifierInputs.none()).all());
        assertEquals(Outcome.NOT_CHECKED, none.outcome());
    }

    @Test
    void countsAreThoseOfTheCertificate() {
        Document document = Document.of(scenario);
        assertFails(
                "there are 6 in the certificate, and 5 were given",
                check(document.with("deletion.recordsEver=6"), VerifierInputs.none()));
        assertFails(
                "there are 996 in the certificate, and 995 were given",
                check(document.with("deletion.recordsBefore=1001"), VerifierInputs.none()));
    }

    @Test
    void anOpeningIsOfThisCertificateAndOfItsValues() throws IOException {
        assertFails("it opens another certificate", opened(opening.replace(HASH, "e".repeat(64))));
        assertFails(
                "the commitment 'checkpoint' is to something else",
                opened(opening.replace(Scenario.CHECKPOINT_HASH, "ce".repeat(32))));
        String last = HexFormat.of().toHexDigits(999L);
        assertFails(
                "the commitment 'retained' is to",
                opened(opening.replace(last, HexFormat.of().toHexDigits(1000L))));
        String begin = "\"ids\":\"" + "0".repeat(16);
        assertFails("the commitment 'deleted' is to", opened(opening.replace(begin, "\"ids\":\"" + "f".repeat(16))));
        assertFails("a record is deleted and retained", opened(opening.replace(last, "0".repeat(16))));
        assertFails(
                "an id was given twice",
                opened(opening.replace(last, HexFormat.of().toHexDigits(998L))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"certificate" | {"a":1,"certificate" | a is not known to this version
            "checkpoint":{ | "checkpoint":{"a":1, | checkpoint.a is not known to this version
            "deleted":{ | "deleted":{"a":1, | deleted.a is not known to this version
            "retained":{ | "retained":{"a":1, | retained.a is not known to this version
            "ids":" | "ids":"0 | ids must be 16 hexadecimal digits each
            "ids":" | "ids":"x0 | ids must be 16 hexadecimal digits each
            "ids":" | "ids":"00 | ids must be 16 hexadecimal digits each
            "key":" | "key":"0 | key must be 64 hexadecimal digits
            """)
    void whatIsNoOpeningIsRefused(String part, String other, String fragment) throws IOException {
        assertFails(fragment, opened(opening.replace(part, other)));
    }

    @Test
    void format1HasPlainDigests() {
        Document first = ClaimRulesTest.start("first").with("deletion.recordsBefore=7 && deletion.recordsEver=5");
        VerifierInputs given = VerifierInputs.none().withDeleted(0, 1, 2, 3, 4).withRetained(8, 7);
        List<Check> checks = new RecordChecks(first.signed(HASH), given).all();
        assertEquals(
                List.of("deleted records", "retained records"),
                checks.stream().map(Check::name).toList());
        for (Check check : checks) {
            assertEquals(Outcome.PASSED, check.outcome(), check.sentence());
        }
        for (Check check : new RecordChecks(first.signed(HASH), VerifierInputs.none()).all()) {
            assertEquals(Outcome.NOT_CHECKED, check.outcome());
        }
        VerifierInputs others = VerifierInputs.none().withDeleted(0, 1, 2, 3).withRetained(7, 7, 8);
        List<Check> failed = new RecordChecks(first.signed(HASH), others).all();
        assertFails("there are 5 in the certificate, and 4 were given", failed.get(0));
        assertFails("their digest is not the one", failed.get(0));
        assertFails("an id was given twice", failed.get(1));
    }

    @Test
    void idsAreWrittenAs8BytesEachAscendingAsSignedNumbers() throws RejectedException {
        Ids ids = new Ids(new long[] {258, -1, 1});
        assertEquals(
                "ffffffffffffffff00000000000000010000000000000102",
                HexFormat.of().formatHex(ids.bytes()));
        assertTrue(Ids.parse(HexFormat.of().formatHex(ids.bytes())).isSameAs(ids));
        assertEquals(new Sha256().add(ids.bytes()).hex(), ids.digest());
        assertEquals(3, ids.size());
        assertEquals(0, Ids.parse("").size());
        assertTrue(ids.areDistinct());
        assertTrue(!new Ids(new long[] {2, 1, 2}).areDistinct());
        assertTrue(ids.isDisjointFrom(new Ids(new long[] {2, 3})));
        for (long id : new long[] {-1, 1, 258}) {
            assertTrue(!ids.isDisjointFrom(new Ids(new long[] {2, id})));
        }
        long[] given = LongStream.range(0, 3).toArray();
        Ids copy = new Ids(given);
        Arrays.fill(given, 7);
        assertTrue(copy.areDistinct());
        assertThrows(RejectedException.class, () -> Ids.parse("0".repeat(17)));
    }
}
