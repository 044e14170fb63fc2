/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.verify.Check.Outcome;
import org.amend4j.verify.Claims.Algorithm;
import org.amend4j.verify.Claims.Grounds;
import org.amend4j.verify.Claims.Rewind;
import org.amend4j.verify.Claims.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What format 2 lets a certificate say in one way only; schedules that are kept to, and steps that are not theirs. */
class FormRulesTest {

    private static final String MODEL = "701e82de383c5837";
    private static final String TWO = "deletion.subjects=[\"" + "0a".repeat(32) + "\",\"" + "0b".repeat(32) + "\"]";

    private static Check check(Document document, String name) {
        return Document.named(name, new FormChecks(document.read()).all());
    }

    private static void assertPasses(Check check) {
        assertEquals(Outcome.PASSED, check.outcome(), check.sentence());
    }

    private static void assertFails(String fragment, Check check) {
        assertEquals(Outcome.FAILED, check.outcome(), check.sentence());
        assertTrue(check.sentence().contains(fragment), check.sentence());
    }

    private static Document plain() {
        return ClaimRulesTest.start("plain");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            deletion.subjects=[] | subjects | nobody is named
            deletion.subjects.0="ada" | subjects | no pseudonym of 64
            deletion.subjects=["0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b","0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"] | subjects | must ascend
            deletion.records=0 | subjects | fewer records than subjects
            id="release-2-701e82de383c5837" | form | the id must be release-1-701e82de383c5837
            title="certified" | form | the title must be: 1 subject with 5 records
            exclusions=[] | form | the exclusions are not those
            release.files=[] && hashes.model="4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945" && id="release-1-4f53cda18c2baa0c" | form | a release has files, and none is named
            release.files.0.size=8 | form | not that of its list of files
            release.files.0.name="model.bi" | form | not that of its list of files
            hashes.previous="abababababababababababababababababababababababababababababababab" | form | names 0 earlier deletions, and a certificate before it
            algorithm.earlier=[{"checkpoint":3,"recordsEver":2}] | form | names 1 earlier deletions, and no certificate before it
            algorithm.earlier=[{"checkpoint":3,"recordsEver":2}] | form | the id must be release-2-701e82de383c5837
            derived=["the mean"] | derived | the level is claimed to be PROVED
            derived=["the mean"] && level="ENFORCED" | derived | the level is claimed to be ENFORCED
            derived=["the mean"," "] && level="ASSUMED" | derived | what was derived is not said
            algorithm.batches.rate=0.5 | schedule | full batches have rate 1, not 0.5
            algorithm.stepSizes.factor=0.5 | schedule | constant step sizes have factor 1, not 0.5
            algorithm.stepSizes.kind="listed" && algorithm.stepSizes.factor=0.5 | schedule | listed step sizes have factor 1
            algorithm.stepSizes.kind="listed" && bound.steps.0.stepSize=0.25 | schedule | step 0 has size 0.25
            bound.steps.1.stepSize=0.25 | schedule | step 15 has size 0.25, the schedule says 0.5
            bound.steps.1.weightDecay=0.2 | schedule | change at step 15
            bound.steps.1.normaliser=1000 | schedule | change at step 15
            deletion.recordsEver=6 | schedule | 0 records were deleted before and 5 now, which is not 6
            bound.steps.0.retained=994 | schedule | step 0 is said to have used 994 retained and 5 deleted records, where 995 and 5 are
            bound.steps.0.deleted=4 | schedule | step 0 is said to have used 995 retained and 4 deleted
            bound.steps.1.deleted=1 | schedule | step 15 is said to have used 995 retained and 1 deleted records, where 995 and 0
            algorithm.batches.kind="keyed" && bound.steps.0.retained=996 | schedule | where at most 995 and 5
            algorithm.batches.kind="keyed" && bound.steps.0.deleted=6 | schedule | where at most 995 and 5
            algorithm.earlier=[{"checkpoint":21,"recordsEver":2}] | schedule | went to step 21, which there is not
            algorithm.earlier=[{"checkpoint":3,"recordsEver":2},{"checkpoint":3,"recordsEver":2}] | schedule | must delete something
            algorithm.earlier=[{"checkpoint":3,"recordsEver":2}] | schedule | 2 records were deleted before and 5 now, which is not 5
            """)
    void whatIsNotInTheFormIsSaid(String edits, String name, String fragment) {
        assertFails(fragment, check(plain().with(edits), name));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            deletion.records=1 | subjects
            level="ASSUMED" && derived=["the mean"] | derived
            algorithm.batches.kind="keyed" && algorithm.batches.rate=0.5 | schedule
            algorithm.batches.kind="keyed" && bound.steps.0.retained=7 && bound.steps.0.deleted=0 | schedule
            algorithm.stepSizes.kind="listed" && bound.steps.1.stepSize=0.25 | schedule
            bound.steps=[] | schedule
            """)
    void whatIsIsNot(String edits, String name) {
        assertPasses(check(plain().with(edits), name));
    }

    @Test
    void whatWasDerivedIsSaid() {
        assertEquals(
                "nothing is said to have been derived from the records",
                check(plain(), "derived").sentence());
        assertEquals(
                "the level allows for what was derived from the records",
                check(plain().with("level=\"ASSUMED\" && derived=[\"a\"]"), "derived")
                        .sentence());
    }

    /** However long the run: steps times rewinds would keep the machine of an auditor busy. */
    @Test
    void noEarlierRewindIsLookedAtForEachStep() {
        int rewinds = 1000;
        AtomicInteger looks = new AtomicInteger();
        List<Rewind> earlier = new AbstractList<>() {
            @Override
            public Rewind get(int i) {
                looks.incrementAndGet();
                return new Rewind(Scenario.STEPS, i + 1);
            }

            @Override
            public int size() {
                return rewinds;
            }
        };
        Claims claims = plain().with("algorithm.batches.kind=\"keyed\"").read();
        Algorithm run = claims.grounds().algorithm();
        Schedule schedule = run.schedule().orElseThrow();
        Schedule many = new Schedule(
                "keyed", schedule.rate(), "", schedule.stepSizes(), schedule.first(), schedule.factor(), earlier);
        Algorithm often = new Algorithm(
                run.name(),
                run.noisePlacement(),
                run.steps(),
                run.boundedSteps(),
                run.checkpoint(),
                run.redone(),
                Optional.of(many));
        Grounds grounds = new Grounds(
                often, claims.grounds().constants(), claims.grounds().bound(), Optional.empty());
        Claims changed = new Claims(
                2,
                claims.claim(),
                claims.deletion(),
                grounds,
                claims.protection(),
                claims.references(),
                claims.retention(),
                claims.conditions());
        List<Check> checks = new ArrayList<>(new FormChecks(changed).all());
        checks.addAll(new ClaimChecks(changed).all());
        assertTrue(checks.stream().anyMatch(check -> check.name().equals("schedule")));
        // once for their order, once for what each step may have used
        assertTrue(looks.get() >= rewinds && looks.get() <= 2 * rewinds, looks + " looks at " + rewinds + " rewinds");
    }

    @Test
    void format1IsNotHeldToTheForm() {
        List<Check> checks = new FormChecks(ClaimRulesTest.start("first").read()).all();
        assertEquals(
                List.of("subjects", "form"), checks.stream().map(Check::name).toList());
        assertEquals(Outcome.NOT_CHECKED, checks.get(1).outcome());
        assertEquals(4, new FormChecks(plain().read()).all().size());
        assertFails("nobody is named", check(ClaimRulesTest.start("first").with("deletion.subjects=[]"), "subjects"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            plain |  | 1 subject with 5 records forgotten by certified rewind to step 15: certified
            plain | level="ENFORCED" | 1 subject with 5 records forgotten by certified rewind to step 15: certified
            plain | level="ASSUMED" | 1 subject with 5 records forgotten by certified rewind to step 15: certified UNDER ASSUMPTIONS
            plain | level="ASSUMED" && derived=["a","b"] | 1 subject with 5 records forgotten by certified rewind to step 15: certified UNDER ASSUMPTIONS: a; b
            plain | verdict="EMPIRICAL" && algorithm.name="empirical rewind" | 1 subject with 5 records forgotten by empirical rewind to step 15, EMPIRICAL: rewound to a reconstructed checkpoint, nothing is certified
            exact |  | 1 subject with 5 records forgotten by exact rewind to step 7: the same bytes as retraining without them
            exact | derived=["a"] | 1 subject with 5 records forgotten by exact rewind to step 7: the same bytes as retraining without them, UNDER ASSUMPTIONS: a
            exact | algorithm.boundedSteps=12 | 1 subject with 5 records forgotten by exact rewind to step 7: distributed like retraining without them
            exact | algorithm.name="retraining" && algorithm.checkpoint=0 | 1 subject with 5 records forgotten by retraining: the same bytes as retraining without them
            plain | TWO && deletion.records=1 | 2 subjects with 1 record forgotten by certified rewind to step 15: certified
            """)
    void theTitleIsTheOneForTheClaims(String start, String edits, String title) {
        Document document = ClaimRulesTest.start(start);
        Document same = edits == null ? document : document.with(edits.replace("TWO", TWO));
        assertPasses(check(same.with("title=\"" + title + "\""), "form"));
        assertFails("the title must be: " + title, check(same.with("title=\"" + title + ".\""), "form"));
    }

    @Test
    void retrainingIsSaidToGoNowhereButEarlierCertificatesSayToTheStart() {
        Document retrained =
                ClaimRulesTest.start("exact").with("algorithm.name=\"retraining\" && algorithm.checkpoint=0");
        String title = "1 subject with 5 records forgotten by retraining%s: the same bytes as retraining without them";
        assertPasses(check(retrained.with("title=\"" + title.replace("%s", " to step 0") + "\""), "form"));
        assertFails(
                "the title must be",
                check(retrained.with("title=\"" + title.replace("%s", " to step 1") + "\""), "form"));
        assertFails(
                "the title must be",
                check(
                        ClaimRulesTest.start("exact")
                                .with("title=\"" + title.replace("%s", "").replace("by retraining", "by exact rewind")
                                        + "\""),
                        "form"));
    }

    @Test
    void aLaterReleaseIsNumberedAndNamesTheOneBefore() {
        assertPasses(check(
                plain().with("algorithm.earlier=[{\"checkpoint\":3,\"recordsEver\":2}] && id=\"release-2-" + MODEL
                        + "\" && hashes.previous=\"" + "ab".repeat(32) + "\""),
                "form"));
    }

    private static String steps(int... countRetainedDeleted) {
        return IntStream.range(0, countRetainedDeleted.length / 3)
                .mapToObj(i -> String.format(
                        Locale.ROOT,
                        "{\"count\":%d,\"stepSize\":0.5,\"weightDecay\":0.1,\"normaliser\":1024,\"retained\":%d,\"deleted\":%d}",
                        countRetainedDeleted[3 * i],
                        countRetainedDeleted[3 * i + 1],
                        countRetainedDeleted[3 * i + 2]))
                .collect(Collectors.joining(",", "bound.steps=[", "]"));
    }

    /** What an earlier rewind redid, it redid without the records deleted by then. */
    @Test
    void stepsUseTheDeletedRecordsThatWereThereWhenTheyWereLastMade() {
        Document once =
                plain().with("deletion.recordsEver=7 && algorithm.earlier=[{\"checkpoint\":3,\"recordsEver\":2}]");
        assertPasses(check(once.with(steps(3, 993, 7, 12, 993, 5, 5, 993, 0)), "schedule"));
        assertFails("step 2 is said", check(once.with(steps(2, 993, 7, 13, 993, 5, 5, 993, 0)), "schedule"));
        assertFails("step 3 is said", check(once.with(steps(4, 993, 7, 11, 993, 5, 5, 993, 0)), "schedule"));
        assertFails("step 14 is said", check(once.with(steps(3, 993, 7, 11, 993, 5, 6, 993, 0)), "schedule"));

        Document forward = plain().with("deletion.recordsEver=9 && algorithm.earlier="
                + "[{\"checkpoint\":2,\"recordsEver\":2},{\"checkpoint\":3,\"recordsEver\":4}]");
        assertPasses(check(forward.with(steps(2, 991, 9, 1, 991, 7, 12, 991, 5, 5, 991, 0)), "schedule"));
        Document back = plain().with("deletion.recordsEver=9 && algorithm.earlier="
                + "[{\"checkpoint\":3,\"recordsEver\":2},{\"checkpoint\":2,\"recordsEver\":4}]");
        assertPasses(check(back.with(steps(2, 991, 9, 13, 991, 5, 5, 991, 0)), "schedule"));
        Document last =
                plain().with("deletion.recordsEver=7 && algorithm.earlier=[{\"checkpoint\":20,\"recordsEver\":2}]");
        assertPasses(check(last.with(steps(15, 993, 7, 5, 993, 0)), "schedule"));
    }

    @Test
    void noiseOnTheWayEndsWhatDeletedRecordsCanDo() {
        Document way = ClaimRulesTest.start("way");
        assertPasses(check(way, "schedule"));
        Document longer = way.with(steps(12, 995, 5, 1, 995, 5));
        assertFails("step 12 is said to have used 995 retained and 5", check(longer, "schedule"));
    }

    @Test
    void geometricStepSizesShrinkByTheirFactor() {
        StringBuilder steps = new StringBuilder("bound.steps=[");
        for (int t = 0; t < 4; t++) {
            steps.append(t == 0 ? "" : ",")
                    .append("{\"count\":1,\"stepSize\":")
                    .append(0.5 * Math.scalb(1.0, -t))
                    .append(",\"weightDecay\":0.1,\"normaliser\":1024,\"retained\":995,\"deleted\":5}");
        }
        Document document = plain().with("algorithm.stepSizes={\"factor\":0.5,\"first\":0.5,\"kind\":\"geometric\"}")
                .with(steps.append("]").toString());
        assertPasses(check(document, "schedule"));
        assertFails("step 3 has size 0.0125", check(document.with("bound.steps.3.stepSize=0.0125"), "schedule"));
    }

    /** 20 steps in epochs of two, on 995 records that are retained and 5 that are deleted: these up to step 15. */
    private static Document epochs() {
        int[] all = IntStream.range(0, 20)
                .flatMap(t -> IntStream.of(1, t % 2 == 0 ? 500 : 495, t >= 15 ? 0 : t % 2 == 0 ? 2 : 3))
                .toArray();
        return plain().with(steps(all) + " && algorithm.batches.kind=\"epochs\" && algorithm.batches.rate=0.5");
    }

    @Test
    void inAnEpochEveryRecordIsUsedOnce() {
        assertPasses(check(epochs(), "schedule"));
        assertPasses(check(epochs().with("algorithm.batches.rate=0.41"), "schedule"));
        assertFails(
                "the epoch before step 2 is said to have used 994 retained and 5 deleted records, each once: there are 995"
                        + " and 5",
                check(epochs().with("bound.steps.1.retained=494"), "schedule"));
        assertFails(
                "before step 4 is said to have used 996 retained",
                check(epochs().with("bound.steps.2.retained=501"), "schedule"));
        assertFails(
                "before step 2 is said to have used 995 retained and 4",
                check(epochs().with("bound.steps.0.deleted=1"), "schedule"));
        // the epoch in which the rewind begins, of which nobody knows who was in which step
        assertPasses(check(epochs().with("bound.steps.14.deleted=0"), "schedule"));
        assertFails(
                "before step 16 is said to have used 994",
                check(epochs().with("bound.steps.15.retained=494"), "schedule"));
        assertFails(
                "before step 20 is said to have used 990 retained and 0 deleted",
                check(epochs().with("bound.steps.18.retained=495"), "schedule"));
        // what is left of an epoch at the end is not counted
        assertPasses(check(epochs().with("bound.steps.19="), "schedule"));
        // the same steps in batches that need not use everybody
        assertPasses(
                check(epochs().with("algorithm.batches.kind=\"keyed\" && bound.steps.1.retained=494"), "schedule"));
        assertPasses(check(plain().with("algorithm.batches.kind=\"epochs\""), "schedule"));
        assertFalse(check(epochs(), "schedule").sentence().contains("note"));
    }

    /** Runs of equal steps are counted step by step. */
    @Test
    void epochsCountEveryStepOfARun() {
        Document document = plain().with("deletion.recordsBefore=1005 && algorithm.batches.kind=\"epochs\" && "
                + "algorithm.batches.rate=0.2 && deletion.records=5 && algorithm.checkpoint=5");
        assertPasses(check(document.with(steps(5, 200, 1, 15, 200, 0)), "schedule"));
        assertFails("before step 10", check(document.with(steps(5, 200, 1, 5, 199, 0, 10, 200, 0)), "schedule"));
        assertFails(
                "before step 15",
                check(document.with("algorithm.checkpoint=15").with(steps(10, 200, 1, 10, 200, 0)), "schedule"));
    }
}
