/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import static org.amend4j.audit.AuditedModel.ORIGINAL;
import static org.amend4j.audit.AuditedModel.RETRAINED;
import static org.amend4j.audit.AuditedModel.UNLEARNED;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.GaussianPrivacy;
import org.junit.jupiter.api.Test;

class MembershipAuditTest {

    private static final int DELETED = 120;
    private static final int UNSEEN = 150;
    private static final CrossValidation VALIDATION = new CrossValidation(3, 1, 20, 1, 1);
    private static final GaussianPrivacy CERTIFIED = new GaussianPrivacy(0.268);

    /** An interval misses with chance 1e-4; with a deviation from 20 permutations, 9e-4 (Student's law). */
    private static final double SURE = 0.9999;

    private final long[] deletedSubjects = subjects(DELETED, 0);
    private final long[] unseenSubjects = subjects(UNSEEN, DELETED);

    /** Six rows without a signal: a false alarm has chance 3e-3 at most. */
    @Test
    void aGoodDeletionIsNotDetectedAndWhatLeaksIs() {
        AuditReport report = audit(3, 0, 0).report(VALIDATION, SURE, CERTIFIED);
        for (AuditRow row : report.rows()) {
            boolean leaks = row.model() == ORIGINAL || row.attack() == Attack.UNLEARNED_VERSUS_ORIGINAL;
            assertEquals(leaks, row.score().detects(), row.toString());
        }
    }

    /** The twin: a deletion that left two thirds of what the model knew of the deleted. */
    @Test
    void aDeletionThatLeavesTracesIsDetected() {
        AuditReport report = audit(3, 0, 2).report(VALIDATION, SURE);
        for (Attack attack : List.of(Attack.LOSS_THRESHOLD, Attack.LOGISTIC_LOSS, Attack.LOGISTIC_LOSS_AND_LOG_ODDS)) {
            assertTrue(score(report, attack, UNLEARNED).detects(), attack.toString());
            assertFalse(score(report, attack, RETRAINED).detects(), attack.toString());
        }
    }

    /** AUC 1/3, an interval from 2/3 of that to 2/3, a level and a mu with more digits than are shown. */
    @Test
    void aViewNeverShowsAnIntervalShorterOrABoundLowerThanItIs() {
        AttackScore score = new AttackScore(1 / 3.0, 2 / 9.0, 2 / 3.0, 0.999999, 0.05, 9, 9, 0.1);
        AuditRow row = new AuditRow(Attack.LOSS_THRESHOLD, RETRAINED, score);
        AuditReport report =
                new AuditReport(List.of(row), Optional.of(ImpliedBounds.of(new GaussianPrivacy(0.268012))));
        String html = report.toHtml();
        assertTrue(html.contains(">0.333<") && html.contains(">0.222 to 0.667<"), html);
        assertTrue(html.contains("holds by itself at 99.99 %"), html);
        assertTrue(html.contains("(mu at most 0.2681) implies: AUC at most 0.5752"), html);
    }

    @Test
    void theLossThresholdAloneIsThatOfTheReportAndTheAreaBelowItsCurve() {
        MembershipAudit audit = audit(3, 0, 2);
        AuditReport report = audit.report(VALIDATION, SURE);
        for (AuditedModel model : AuditedModel.values()) {
            AttackScore score = score(report, Attack.LOSS_THRESHOLD, model);
            assertEquals(score, audit.lossThresholdScore(model, SURE));
            double[] x = audit.lossThresholdCurve(model).falsePositiveRates();
            double[] y = audit.lossThresholdCurve(model).truePositiveRates();
            double area = 0;
            for (int k = 1; k < x.length; k++) {
                area += (x[k] - x[k - 1]) * (y[k] + y[k - 1]) / 2;
            }
            assertEquals(score.auc(), area, 1e-12);
        }
        MembershipAudit without =
                new MembershipAudit(new long[] {1, 2}, new long[] {3, 4}, Map.of(RETRAINED, two(), UNLEARNED, two()));
        refused("must be one of", () -> without.lossThresholdScore(ORIGINAL, SURE));
    }

    private static Observed two() {
        ModelOutputs outputs = new ModelOutputs(new double[] {1, 2}, new double[][] {{0.5}, {0.5}});
        return new Observed(outputs, outputs);
    }

    /** Groups that differ by themselves are told apart under the retrained model as well: that is what its row is for. */
    @Test
    void groupsThatDifferByThemselvesAreDetectedInTheRetrainedModel() {
        AuditReport report = audit(2, 2, 2).report(VALIDATION, SURE);
        assertTrue(score(report, Attack.LOSS_THRESHOLD, RETRAINED).detects());
    }

    /**
     * Records differ by three deviations in how hard they are, members by one: only who has shadows of each record sees that. With 150
     * against 150 the area has a deviation of 0.034, the ratio's about 0.74 and the loss's 0.588 (LikelihoodRatioTest).
     */
    @Test
    void shadowsFindMembersThatLossesDoNot() {
        SplittableRandom random = new SplittableRandom(77);
        int each = 150;
        double[] hard = AucTest.normal(random, 2 * each, 0);
        double[][] with = new double[2 * each][];
        double[][] without = new double[2 * each][];
        for (int i = 0; i < 2 * each; i++) {
            with[i] = AucTest.normal(random, 16, 3 * hard[i] + 1);
            without[i] = AucTest.normal(random, 16, 3 * hard[i]);
        }
        Shadows shadows = new Shadows(
                new Shadows.Group(Arrays.copyOf(with, each), Arrays.copyOf(without, each)),
                new Shadows.Group(
                        Arrays.copyOfRange(with, each, 2 * each), Arrays.copyOfRange(without, each, 2 * each)));
        Map<AuditedModel, Observed> models = Map.of(
                ORIGINAL, confident(random, hard, each, 1),
                RETRAINED, confident(random, hard, each, 0));
        long[] subjects = LongStream.range(0, 2L * each).toArray();
        AuditReport report = new MembershipAudit(
                        Arrays.copyOf(subjects, each),
                        Arrays.copyOfRange(subjects, each, 2 * each),
                        models,
                        Map.of(ORIGINAL, shadows, RETRAINED, shadows))
                .report(VALIDATION, SURE);
        assertTrue(score(report, Attack.LIKELIHOOD_RATIO, ORIGINAL).detects());
        assertFalse(score(report, Attack.LIKELIHOOD_RATIO, RETRAINED).detects());
        assertFalse(score(report, Attack.LOSS_THRESHOLD, ORIGINAL).detects());
        assertThrows(
                IllegalArgumentException.class,
                () -> new MembershipAudit(
                        Arrays.copyOf(subjects, each),
                        Arrays.copyOfRange(subjects, each, 2 * each),
                        models,
                        Map.of(ORIGINAL, shadows)));
    }

    private static Observed confident(SplittableRandom random, double[] hard, int members, double more) {
        double[] losses = new double[hard.length];
        double[][] probabilities = new double[hard.length][1];
        for (int i = 0; i < hard.length; i++) {
            double confidence = 3 * hard[i] + random.nextGaussian() + (i < members ? more : 0);
            losses[i] = Math.log1p(Math.exp(-confidence));
            probabilities[i][0] = Math.exp(-losses[i]);
        }
        ModelOutputs all = new ModelOutputs(losses, probabilities);
        assertEquals(Math.log(probabilities[0][0] / (1 - probabilities[0][0])), all.confidences()[0], 1e-9);
        return new Observed(part(losses, probabilities, 0, members), part(losses, probabilities, members, hard.length));
    }

    private static ModelOutputs part(double[] losses, double[][] probabilities, int from, int to) {
        return new ModelOutputs(Arrays.copyOfRange(losses, from, to), Arrays.copyOfRange(probabilities, from, to));
    }

    @Test
    void everyAttackIsRunOnEveryModelItAppliesTo() {
        AuditReport report = audit(1, 0, 0).report(VALIDATION, 0.95);
        assertEquals(3 * 3 + 2, report.rows().size());
        assertEquals(Optional.empty(), report.row(Attack.UNLEARNED_VERSUS_ORIGINAL, ORIGINAL));
        for (AuditRow row : report.rows()) {
            assertEquals(DELETED, row.score().members());
            assertTrue(row.score().others() <= UNSEEN);
        }
        AuditReport withoutOriginal = new MembershipAudit(
                        deletedSubjects, unseenSubjects, Map.of(RETRAINED, observed(1, 0), UNLEARNED, observed(2, 0)))
                .report(VALIDATION, 0.95);
        assertEquals(3 * 2, withoutOriginal.rows().size());
    }

    @Test
    void subjectsAreScoredByTheirMeanLoss() {
        AttackScore score = score(audit(1, 0, 0).report(VALIDATION, 0.95), Attack.LOSS_THRESHOLD, ORIGINAL);
        Observed original = observed(1, 1);
        double[] deleted = SubjectScores.of("", original.deleted().losses(), deletedSubjects)
                .column(0);
        double[] unseen =
                SubjectScores.of("", original.unseen().losses(), unseenSubjects).column(0);
        assertEquals(1 - Auc.of(deleted, unseen), score.auc(), 1e-15);
    }

    @Test
    void theReportPrintsWhatItHoldsAndWhatTheBoundIsAbout() {
        AuditReport report = audit(1, 0, 0).report(VALIDATION, 0.95, CERTIFIED);
        ImpliedBounds bounds = report.bounds().orElseThrow();
        assertEquals(AttackBounds.auc(CERTIFIED), bounds.auc());
        assertEquals(AttackBounds.advantage(CERTIFIED), bounds.advantage());
        assertEquals(AttackBounds.truePositiveRate(CERTIFIED, 0.01), bounds.truePositiveRateAt1Percent());
        List<List<String>> table = report.table();
        assertEquals(report.rows().size() + 1, table.size());
        assertEquals(List.of("logistic loss", "retrained"), table.get(5).subList(0, 2));
        List<String> lines = report.lines();
        assertTrue(lines.get(0).startsWith("attack"));
        assertTrue(lines.contains(ImpliedBounds.ABOUT));
        assertTrue(
                lines.stream().anyMatch(line -> line.contains("AUC at most 0.5752, advantage at most 0.1066")),
                lines.toString());
        assertTrue(lines.stream().anyMatch(line -> line.contains("at 95.0 %, not all 11 together")), lines.toString());
        assertTrue(audit(1, 0, 0).report(VALIDATION, 0.95).lines().stream()
                .anyMatch(line -> line.contains("No certificate")));
    }

    @Test
    void aReportWithoutTheRetrainedModelIsRefused() {
        AttackScore score = Auc.score(new double[] {1, 2, 3}, new double[] {0, 2, 1});
        AuditRow unlearned = new AuditRow(Attack.LOSS_THRESHOLD, UNLEARNED, score);
        AuditRow retrained = new AuditRow(Attack.LOSS_THRESHOLD, RETRAINED, score);
        AuditRow otherAttack = new AuditRow(Attack.LOGISTIC_LOSS, RETRAINED, score);
        AuditRow otherLevel =
                new AuditRow(Attack.LOSS_THRESHOLD, ORIGINAL, Auc.score(new double[2], new double[2], 0.9));
        refused("on the retrained model as well", () -> report(unlearned));
        refused("on the retrained model as well", () -> report(unlearned, otherAttack));
        refused("at least one row", () -> report());
        refused("twice", () -> report(retrained, unlearned, unlearned));
        refused("the same level, got 0.95 and 0.9", () -> report(retrained, otherLevel));
        assertEquals(2, report(retrained, unlearned).rows().size());
        refused(
                "needs the retrained model and another, got [UNLEARNED]",
                () -> new MembershipAudit(deletedSubjects, unseenSubjects, Map.of(UNLEARNED, observed(1, 0))));
        refused(
                "needs the retrained model and another",
                () -> new MembershipAudit(deletedSubjects, unseenSubjects, Map.of(RETRAINED, observed(1, 0))));
    }

    @Test
    void badInputIsRefused() {
        Map<AuditedModel, Observed> models = Map.of(RETRAINED, observed(1, 0), UNLEARNED, observed(2, 0));
        long[] shared = unseenSubjects.clone();
        shared[5] = 3;
        refused(
                "both deleted and never seen, got subject 3",
                () -> new MembershipAudit(deletedSubjects, shared, models));
        refused(
                "number of deleted subjects must be >= 2, got 1",
                () -> new MembershipAudit(new long[deletedSubjects.length], unseenSubjects, models));
        refused(
                "number of unseen subjects must be >= 2, got 0",
                () -> new MembershipAudit(deletedSubjects, new long[0], models));
        refused(
                "each record needs a subject",
                () -> new MembershipAudit(Arrays.copyOf(deletedSubjects, 50), unseenSubjects, models));
        double[][] half = {{0.5}, {0.5}};
        refused("loss of record 1 must be finite, got NaN", () -> new ModelOutputs(new double[] {0, Double.NaN}, half));
        refused("each record needs a loss and probabilities", () -> new ModelOutputs(new double[1], half));
        refused("must be in [0, 1], got 1.5", () -> new ModelOutputs(new double[1], new double[][] {{1.5}}));
        refused("number of records", () -> new ModelOutputs(new double[0], new double[0][0]));
        ModelOutputs one = new ModelOutputs(new double[2], half);
        refused(
                "as many probabilities, got 1 for the deleted",
                () -> new Observed(one, new ModelOutputs(new double[1], new double[][] {{0.5, 0.5}})));
        refused(
                "as many probabilities, got 2 records by 1 and 1 by 1",
                () -> OutputChange.of(half, new double[][] {{0.5}}));
        refused(
                "losses must be one column, got 2",
                () -> LossThreshold.score(
                        SubjectScores.ofRows("", new double[3][2], new long[] {1, 2, 3}),
                        SubjectScores.of("", new double[2], new long[] {4, 5}),
                        0.95));
    }

    @Test
    void logOddsAreThoseOfTheProbabilitiesAndFinite() {
        double[][] rows = new ModelOutputs(new double[] {7}, new double[][] {{0, 0.25, 1}}).lossesAndLogOdds();
        assertEquals(7, rows[0][0]);
        assertEquals(-Math.log(1e12), rows[0][1], 1e-3);
        assertEquals(Math.log(1.0 / 3), rows[0][2], 1e-15);
        assertEquals(Math.log(1e12), rows[0][3], 1e-3);
    }

    private static AuditReport report(AuditRow... rows) {
        return new AuditReport(List.of(rows), Optional.empty());
    }

    private static AttackScore score(AuditReport report, Attack attack, AuditedModel model) {
        return report.row(attack, model).orElseThrow().score();
    }

    /** How much each model knows of the deleted. */
    private MembershipAudit audit(double original, double retrained, double unlearned) {
        return new MembershipAudit(
                deletedSubjects,
                unseenSubjects,
                Map.of(
                        ORIGINAL, observed(1, original),
                        RETRAINED, observed(2, retrained),
                        UNLEARNED, observed(3, unlearned)));
    }

    /** A binary model whose log odds of the truth are noise of the subject, noise of the model, and what it remembers. */
    private Observed observed(long seed, double remembered) {
        return new Observed(outputs(seed, deletedSubjects, remembered), outputs(seed + 100, unseenSubjects, 0));
    }

    private static ModelOutputs outputs(long seed, long[] subjects, double remembered) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] losses = new double[subjects.length];
        double[][] probabilities = new double[subjects.length][1];
        for (int i = 0; i < subjects.length; i++) {
            double ofSubject = new SplittableRandom(1000 + subjects[i]).nextGaussian();
            double logOdds = ofSubject + 0.3 * random.nextGaussian() + remembered;
            probabilities[i][0] = 1 / (1 + Math.exp(-logOdds));
            losses[i] = -Math.log(probabilities[i][0]);
        }
        return new ModelOutputs(losses, probabilities);
    }

    /** Three records each. */
    private static long[] subjects(int people, long first) {
        long[] subjects = new long[3 * people];
        Arrays.setAll(subjects, i -> first + i % people);
        return subjects;
    }
}
