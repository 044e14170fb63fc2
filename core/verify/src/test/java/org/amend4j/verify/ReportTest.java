/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.verify.Check.Outcome;
import org.amend4j.verify.VerificationReport.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportTest {

    private static final Path FILE = Path.of("c.json");

    private static Inspection inspection() {
        return new Inspection("n");
    }

    @Test
    void whatIsBrokenOutweighsWhatIsNoted() {
        Inspection all = inspection();
        assertEquals(Check.passed("n", "fine"), all.conclude("fine"));
        all.note(false, "no");
        all.require(true, "no");
        assertEquals(Check.passed("n", "fine"), all.conclude("fine"));
        all.note(true, "a");
        all.note(true, "b");
        assertEquals(Check.passed("n", "fine; note that a; b"), all.conclude("fine"));
        all.require(false, "c");
        all.require(false, "d");
        assertEquals(Check.failed("n", "c; d"), all.conclude("fine"));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0, PASSED",
        "0.75, 1, 0.25, PASSED",
        "0.7499999999999999, 1, 0.25, FAILED",
        "0.9999999999999999, 1, 0, FAILED",
        "NaN, 1, 0.5, FAILED",
        "1, NaN, 0.5, FAILED",
        "Infinity, 1, 0, PASSED"
    })
    void atLeastMeansAtLeastUpToTheTolerance(double claimed, double least, double tolerance, Outcome outcome) {
        Inspection all = inspection();
        all.requireAtLeast("x", claimed, least, tolerance);
        Check check = all.conclude("fine");
        assertEquals(outcome, check.outcome());
        assertEquals(
                outcome == Outcome.PASSED ? "fine" : "x is claimed to be " + claimed + ", but must be >= " + least,
                check.sentence());
    }

    @Test
    void aSentenceIsOnePrintableLineOf600CharactersAtMost() {
        assertEquals("a b", Check.passed("n", "a\r\n\t\u2028\u202e\u2029b").sentence());
        assertEquals("x".repeat(600), Check.failed("n", "x".repeat(600)).sentence());
        assertEquals(
                "x".repeat(600) + "...", Check.notChecked("n", "x".repeat(601)).sentence());
    }

    @Test
    void theResultIsValidOnlyIfNothingFailedAndTheIssuerIsKnown() {
        Check known = Check.passed("issuer", "");
        Check unknown = Check.notChecked("issuer", "");
        Check passed = Check.passed("a", "s");
        Check failed = Check.failed("b", "t");
        assertEquals(Result.VALID, new VerificationReport(FILE, List.of(passed, known)).result());
        assertEquals(Result.UNAUTHENTICATED, new VerificationReport(FILE, List.of(passed, unknown)).result());
        assertEquals(Result.UNAUTHENTICATED, new VerificationReport(FILE, List.of(passed)).result());
        VerificationReport report = new VerificationReport(FILE, List.of(known, failed, unknown));
        assertEquals(Result.NOT_VALID, report.result());
        assertFalse(report.isValid());
        assertTrue(new VerificationReport(FILE, List.of(unknown)).isValid());
        assertEquals(List.of(failed), report.failed());
        assertEquals(List.of(unknown), report.notChecked());
    }

    @Test
    void theReportHasALineForEachCheckBelowTheResult() {
        List<Check> checks = new ArrayList<>(List.of(Check.failed("b", "t"), Check.notChecked("issuer", "u")));
        VerificationReport report = new VerificationReport(FILE, checks);
        checks.clear();
        assertEquals(
                List.of(
                        "c.json: NOT VALID, 1 of 2 checks could not be made",
                        "  failed       b: t",
                        "  not checked  issuer: u"),
                report.lines());
        assertEquals(
                List.of("c.json: UNAUTHENTICATED", "  passed       b: t"),
                new VerificationReport(FILE, List.of(Check.passed("b", "t"))).lines());
    }

    /** Each with-method keeps everything that was given before, and changes nothing in what it is called on. */
    @Test
    void inputsGatherWhatIsGiven() {
        Path a = Path.of("a");
        VerifierInputs none = VerifierInputs.none();
        VerifierInputs all = none.withRelease(a)
                .withLedger(Path.of("b"))
                .withKeyRing(Path.of("c"))
                .withTrustedKey(" key ")
                .withCertificates(List.of(Path.of("d")))
                .withOpening(Path.of("e"))
                .withRetained(1, 2)
                .withDeleted(3)
                .withHead(Path.of("f"))
                .withWitness(" w1 ")
                .withWitness("w2")
                .withReleases(Path.of("g"))
                .withRelease(a);
        assertEquals(Optional.of(a), all.published().release());
        assertEquals(Optional.of(Path.of("b")), all.published().ledger());
        assertEquals(Optional.of(Path.of("g")), all.published().releases());
        assertEquals(Optional.of(Path.of("c")), all.published().keyRing());
        assertEquals(Optional.of("key"), all.trusted().key());
        assertEquals(Optional.of(List.of(Path.of("d"))), all.published().certificates());
        assertEquals(Optional.of(Path.of("e")), all.disclosed().opening());
        assertEquals(2, all.disclosed().retained().orElseThrow().size());
        assertEquals(1, all.disclosed().deleted().orElseThrow().size());
        assertEquals(Optional.of(Path.of("f")), all.trusted().head());
        assertEquals(List.of("w1", "w2"), all.trusted().witnesses());
        assertTrue(none.published().release().isEmpty()
                && none.trusted().witnesses().isEmpty()
                && none.trusted().head().isEmpty());
    }
}
