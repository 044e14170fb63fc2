/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.verify.Check.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three certificates of one model, each naming the one before. */
class ChainRulesTest {

    @TempDir
    Path temp;

    private Document first;
    private Document second;
    private Document third;

    @BeforeEach
    void threeDeletions() {
        Document plain = Document.of(Scenario.stronglyConvex());
        first = plain.with("privacy.mu=0.5 && privacy.composedMu=0.5 && hashes.ledgerSequence=1");
        second = plain.with("privacy.mu=1.5 && hashes.ledgerSequence=2 && deletion.records=2 && deletion.recordsEver=7"
                + " && algorithm.checkpoint=9 && algorithm.earlier=[{\"checkpoint\":15,\"recordsEver\":5}]");
        third = plain.with("privacy.mu=1.5 && hashes.ledgerSequence=3 && deletion.records=1 && deletion.recordsEver=8"
                + " && algorithm.checkpoint=4 && privacy.composedMu=2.179449471770337 && algorithm.earlier="
                + "[{\"checkpoint\":15,\"recordsEver\":5},{\"checkpoint\":9,\"recordsEver\":7}]");
    }

    private static String hash(String text) {
        return new Sha256().add(text).hex();
    }

    private static Document after(Document next, Document before) {
        return next.with("hashes.previous=\"" + hash(before.line()) + "\"");
    }

    private Path write(Document document) throws IOException {
        return Files.writeString(temp.resolve(hash(document.line())), document.line());
    }

    /** The third among all. */
    private Check chain() throws IOException {
        Document middle = after(second, first);
        Document last = after(third, middle);
        List<Path> files = List.of(write(last), write(first), write(middle));
        return new ChainChecks(last.signed(hash(last.line())), Optional.of(files)).chain();
    }

    private static void assertFails(String fragment, Check check) {
        assertEquals(Outcome.FAILED, check.outcome(), check.sentence());
        assertTrue(check.sentence().contains(fragment), check.sentence());
    }

    /** μ of all together is √(0.25 + 2.25 + 2.25). */
    @Test
    void aTrueChainPasses() throws IOException {
        Check check = chain();
        assertEquals("2 certificates before it, each the one that the next names", check.sentence());
        assertEquals(Outcome.PASSED, check.outcome());
        third = third.with("privacy.composedMu=2.18");
        assertTrue(chain().sentence().contains("mu of all releases together is claimed to be 2.18, more than it need"));
        third = third.with("privacy.composedMu=2.1794");
        assertFails("mu of all releases together is claimed to be 2.1794", chain());
    }

    @Test
    void aMillionthAboveIsNotCalledMore() throws IOException {
        double together = Math.sqrt(0.25 + 2.25 + 2.25);
        third = third.with("privacy.composedMu", together * (1 + 1e-6));
        assertFalse(chain().sentence().contains("need be"));
        third = third.with("privacy.composedMu", Math.nextUp(together * (1 + 1e-6)));
        assertTrue(chain().sentence().contains("need be"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            issued="2026-01-02T03:04:06Z" | it was issued before the certificate that it names
            deletion.recordsBefore=999 | different numbers of records
            algorithm.steps=21 | different numbers of steps
            algorithm.boundedSteps=19 | different numbers of steps
            hashes.others={} | belong to different bases
            hashes.ledgerSequence=3 | its entry of the ledger is not after
            hashes.ledgerSequence=4 | its entry of the ledger is not after
            deletion.records=3 | its certificates deleted 9 records, not 8
            algorithm.checkpoint=8 | its earlier rewinds are not those
            deletion.recordsEver=6 | its earlier rewinds are not those
            """)
    void theSecondMustGoWithTheThird(String edits, String fragment) throws IOException {
        second = second.with(edits);
        assertFails(fragment, chain());
    }

    @Test
    void theOrderOfEarlierRewindsCounts() throws IOException {
        third = third.with(
                "algorithm.earlier=[{\"checkpoint\":9,\"recordsEver\":7},{\"checkpoint\":15,\"recordsEver\":5}]");
        assertFails("its earlier rewinds are not those", chain());
    }

    @Test
    void anotherIssuerIsNamed() throws IOException {
        String line = first.line().replace("\"publicKey\":\"key\"", "\"publicKey\":\"another\"");
        Path file = Files.writeString(temp.resolve("first"), line);
        Document next = second.with("hashes.previous=\"" + hash(line) + "\"");
        assertFails(
                "a certificate before it has another issuer",
                new ChainChecks(next.signed("0".repeat(64)), Optional.of(List.of(file))).chain());
    }

    @Test
    void format2FollowsFormat1AndNotTheOtherWayRound() throws IOException {
        Document old = ClaimRulesTest.start("first").with("hashes.ledgerSequence=0");
        Path file = write(old);
        Document next = after(second, old);
        Check check = new ChainChecks(next.signed("0".repeat(64)), Optional.of(List.of(file))).chain();
        assertFalse(check.sentence().contains("format"), check.sentence());
        assertFalse(check.sentence().contains("rewinds"), check.sentence());
        Document back = ClaimRulesTest.start("first")
                .with("hashes.ledgerSequence=7 && hashes.previous=\"" + hash(first.line()) + "\"");
        assertFails(
                "a certificate of format 1 cannot follow one of format 2",
                new ChainChecks(back.signed("0".repeat(64)), Optional.of(List.of(write(first)))).chain());
    }

    /** The first by steps, the second by convergence, the third by retraining, in format 2 again. */
    @Test
    void format3FollowsFormat2AndTheOtherWayRound() throws IOException {
        Document converged = Document.of(ConvergedScenario.fixed())
                .with("privacy.mu=1.5 && hashes.ledgerSequence=2 && deletion.records=2 && deletion.recordsEver=7"
                        + " && algorithm.earlier=[{\"checkpoint\":15,\"recordsEver\":5}]"
                        + " && privacy.composedMu=1.5811388300841898");
        Document middle = after(converged, first);
        Check check = new ChainChecks(middle.signed("0".repeat(64)), Optional.of(List.of(write(first)))).chain();
        assertEquals(Outcome.PASSED, check.outcome(), check.sentence());
        Document last = after(
                third.with(
                        "algorithm.earlier=[{\"checkpoint\":15,\"recordsEver\":5},{\"checkpoint\":20,\"recordsEver\":7}]"),
                middle);
        List<Path> files = List.of(write(first), write(middle));
        Check whole = new ChainChecks(last.signed("0".repeat(64)), Optional.of(files)).chain();
        assertEquals(Outcome.PASSED, whole.outcome(), whole.sentence());
        // what it went on from is told as the step that it is, and not as a rewind to the start
        Document other = last.with("algorithm.earlier.1.checkpoint=0");
        assertFails(
                "its earlier rewinds are not those",
                new ChainChecks(other.signed("0".repeat(64)), Optional.of(files)).chain());
    }

    @Test
    void format1FollowsNoneOfFormat3() throws IOException {
        Document converged = Document.of(ConvergedScenario.fixed()).with("hashes.ledgerSequence=1");
        Document back = ClaimRulesTest.start("first")
                .with("hashes.ledgerSequence=7 && hashes.previous=\"" + hash(converged.line()) + "\"");
        assertFails(
                "a certificate of format 1 cannot follow one of format 3",
                new ChainChecks(back.signed("0".repeat(64)), Optional.of(List.of(write(converged)))).chain());
        Document old = ClaimRulesTest.start("first").with("hashes.ledgerSequence=0");
        Document next = after(converged, old);
        Check check = new ChainChecks(next.signed("0".repeat(64)), Optional.of(List.of(write(old)))).chain();
        assertFalse(check.sentence().contains("format"), check.sentence());
    }

    @Test
    void whatIsMissingIsNamedAndWhatIsNotGivenLeftOpen() throws IOException {
        Document next = after(second, first);
        Check open = new ChainChecks(next.signed("0".repeat(64)), Optional.empty()).chain();
        assertEquals(Outcome.NOT_CHECKED, open.outcome());
        Check alone = new ChainChecks(first.signed("0".repeat(64)), Optional.empty()).chain();
        assertEquals(Outcome.PASSED, alone.outcome(), alone.sentence());
        assertFails(
                "hash " + hash(first.line()).substring(0, 16) + "... that it rests on is missing",
                new ChainChecks(next.signed("0".repeat(64)), Optional.of(List.of())).chain());
        // what is there of a chain is added up all the same
        Document last = after(third, next);
        Check broken = new ChainChecks(last.signed("0".repeat(64)), Optional.of(List.of(write(next)))).chain();
        assertFails("that it rests on is missing", broken);
        assertFails("its certificates deleted 3 records, not 8", broken);
        Path none = Files.writeString(temp.resolve("none"), "none\n");
        assertFails(
                "is no certificate: it is not canonical JSON",
                new ChainChecks(first.signed("0".repeat(64)), Optional.of(List.of(none))).chain());
    }

    /** Format 1 has no list of earlier rewinds to compare. */
    @Test
    void aChainOfFormat1IsReadToItsBegin() throws IOException {
        List<Path> files = new ArrayList<>();
        Document old = ClaimRulesTest.start("first").with("privacy.composedMu=9.0");
        files.add(write(old));
        Document next = old.with("hashes.ledgerSequence=1 && deletion.recordsEver=10 && deletion.records=5")
                .with("hashes.previous=\"" + hash(old.line()) + "\"");
        Check check = new ChainChecks(next.signed("0".repeat(64)), Optional.of(files)).chain();
        assertEquals(Outcome.PASSED, check.outcome(), check.sentence());
    }
}
