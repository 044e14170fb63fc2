/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amend4j.verify.Check.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each demand on the claims alone, and where exactly it begins: what is just allowed passes, what is just not fails with its sentence. */
class ClaimRulesTest {

    private static final String HEAD = "Logistic on features of norm <= ";

    static Document start(String name) {
        Scenario plain = Scenario.stronglyConvex();
        return switch (name) {
            case "plain" -> Document.of(plain);
            case "exact" -> Document.of(plain.exact());
            case "way" -> Document.of(Scenario.noiseOnTheWay());
            case "assumed" -> Document.of(Scenario.assumed());
            case "nonconvex" -> Document.of(Scenario.nonconvexMean());
            case "convex" -> Document.of(Scenario.convexMean());
            case "unknown" -> Document.of(Scenario.unknownSmoothness());
            case "softmax" -> Document.of(Scenario.softmax());
            case "first" -> Document.format1(plain.certificate(Scenario.ZEROS, 0));
            case "firstExact" -> Document.format1(plain.exact());
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Check check(String start, String edits, String name) {
        Document document = edits == null ? start(start) : start(start).with(edits);
        return check(document, name);
    }

    private static Check check(Document document, String name) {
        return Document.named(name, new ClaimChecks(document.read()).all());
    }

    private static List<Check> all(Document document) {
        List<Check> all = new ArrayList<>(new FormChecks(document.read()).all());
        all.addAll(new ClaimChecks(document.read()).all());
        return all;
    }

    static List<Scenario> certified() {
        return Scenario.certified();
    }

    @ParameterizedTest
    @MethodSource("certified")
    void whatIsTrueFailsNowhereAndIsNotTooLarge(Scenario scenario) {
        for (Check check : all(Document.of(scenario))) {
            assertFalse(check.outcome() == Outcome.FAILED, check.toString());
            assertFalse(check.sentence().contains("more than it need be"), check.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exact", "first", "firstExact"})
    void whatIsExactOrOfFormat1FailsNowhere(String start) {
        for (Check check : all(start(start))) {
            assertFalse(check.outcome() == Outcome.FAILED, check.toString());
        }
    }

    /** The exact rewind of {@link Scenario#exact} goes to step 7. */
    @ParameterizedTest
    @ValueSource(ints = {7, 12})
    void noiseOnTheWayThatIsDrawnAnewLeavesARewindExact(int noisyStep) {
        Document document = start("exact")
                .with("algorithm.boundedSteps=" + noisyStep + " && bound.steps.0.count=" + noisyStep + " && title=\""
                        + "1 subject with 5 records forgotten by exact rewind to step 7: distributed like"
                        + " retraining without them\"");
        for (Check check : all(document)) {
            assertFalse(check.outcome() == Outcome.FAILED, check.toString());
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            plain | algorithm.redone=6 | consistency | were redone after a rewind to 15
            plain | algorithm.boundedSteps=19 | consistency | 19 of 20 steps are bounded
            plain | algorithm.boundedSteps=21 | consistency | 21 of 20 steps are bounded
            way | algorithm.boundedSteps=21 | consistency | 21 of 20 steps are bounded
            exact | algorithm.boundedSteps=21 | consistency | 21 of 20 steps are bounded
            exact | algorithm.boundedSteps=6 && bound.steps.0.count=6 | consistency | 6 of 20 steps are bounded
            plain | algorithm.noisePlacement="none" | consistency | CERTIFIED does not go with noise at: none
            exact | algorithm.noisePlacement="end" | consistency | EXACT does not go with noise at: end
            exact | algorithm.name="certified rewind" | consistency | EXACT does not go with: certified rewind
            plain | algorithm.name="exact rewind" | consistency | CERTIFIED does not go with: exact rewind
            exact | algorithm.name="retraining" | consistency | retraining must begin at step 0
            plain | deletion.records=6 | consistency | 5 were deleted ever and 6 now
            plain | deletion.recordsBefore=4 | consistency | of 4 records, 5 were deleted ever
            plain | bound.steps.0.deleted=6 | consistency | 995 retained and 6 deleted records, more than there are
            plain | bound.steps.0.retained=996 | consistency | 996 retained and 5 deleted records, more than there are
            plain | bound.steps.1.deleted=1 | consistency | up to 20 used deleted records, but were redone from step 15
            plain | bound.steps.0.count=16 | consistency | up to 16 used deleted records, but were redone from step 15
            plain | bound.steps.1.count=6 | consistency | the bound has 21 steps
            plain | constants.gradientBound.evidence="ENFORCED" | level | rests on what is ENFORCED
            plain | constants.lipschitz.evidence="ENFORCED" | level | rests on what is ENFORCED
            plain | constants.rounding.evidence="ENFORCED" | level | rests on what is ENFORCED
            assumed | constants.diameter.evidence="ESTIMATED" | level | rests on what is ESTIMATED
            assumed | constants.rounding.evidence="ENFORCED" | level | assumed rounding is claimed to be ENFORCED
            assumed | level="ENFORCED" | level | claimed to be ENFORCED, but rests on what is ASSUMED
            plain | verdict="EMPIRICAL" | level | EMPIRICAL: it was rewound to a reconstructed checkpoint
            plain | level="ESTIMATED" | level | nothing can be certified on what is ESTIMATED
            plain | level="ASSUMED" | level | it rests on what is ASSUMED, and the title does not say so
            exact | bound.steps.0.deleted=1 | exactness | a step used deleted records
            exact | bound.exactDelta=0.5 | exactness | an exact result has distance 0
            exact | bound.rounding=0.5 | exactness | an exact result has distance 0
            exact | bound.delta=0.5 | exactness | an exact result has distance 0, not 0.5
            exact | bound.byRecursion=1 | exactness | needs no bounds
            exact | bound.byCap=1 | exactness | needs no bounds
            exact | bound.byRecursion=1 && bound.byCap=1 | exactness | needs no bounds
            exact | bound.byCap=1 && bound.byDiameter=1 | exactness | needs no bounds
            exact | noise.units=1 | exactness | has no noise
            exact | noise.sigma=0.5 | exactness | has no noise
            exact | privacy.mu=0.5 | exactness | mu must be 0
            exact | noise.gridExponent=1 | exactness | has no grid
            exact | noise.parameterBound=0.5 | exactness | has no grid
            exact | noise.source="dice" | exactness | has no source of noise
            exact | noise.dimension=0 | exactness | there must be parameters
            exact | privacy.points=[{"delta":0.5,"epsilon":1}] | exactness | needs no delta
            exact | privacy.deltaAtBudget=0.5 | exactness | needs no delta
            exact | privacy.attackAuc=0.75 | exactness | as good as guessing
            exact | privacy.attackAdvantage=0.5 | exactness | as good as guessing
            convex | bound.steps.0.retained=0 | distance | divides by its number of records retains none (step 0)
            convex | bound.steps.1.retained=0 | distance | retains none (step 15)
            plain | bound.exactDelta=*0.999 | distance | the distance is claimed to be
            plain | bound.exactDelta=*2 | distance | more than it need be
            plain | bound.byRecursion=19 | distance | recursion is claimed to bound 19 steps, but does 20
            plain | bound.byRecursion=21 | distance | recursion is claimed to bound 21 steps, but does 20
            plain | bound.byCap=1 | distance | cap is claimed to bound 1 steps, but does 0
            plain | bound.byDiameter=1 | distance | diameter is claimed to bound 1 steps, but does 0
            plain | bound.byDiameter=1 | distance | another number of steps than 20
            plain | bound.exactDelta=*2 && bound.byRecursion=19 | distance | another number of steps than 20
            plain | bound.rounding=*0.99 | rounding | rounding is claimed to be
            plain | bound.rounding=*2 | rounding | the distance with rounding is claimed to be
            plain | bound.rounding=0 && bound.delta=0.02027807690876262 | rounding | the distance with rounding is claimed to be
            plain | bound.rounding=1 && bound.delta=2 | rounding | double precision cannot carry this
            plain | constants.rounding.numbers.gradientBound=0.5 | rounding | the rounding model's gradient bound
            plain | constants.rounding.numbers.featureRadius=0.5 | rounding | the rounding model's feature radius
            plain | retention.keptCheckpoints.3=21 | retention | a checkpoint is kept of step 21
            plain | retention.keptContaminated=[15,20] | retention | the kept checkpoints [4], unsaid
            plain | retention.keptContaminated=[4,15] | retention | the kept checkpoints [20], unsaid
            way | retention.keptCheckpoints=[0,11] | retention | the kept checkpoints [11], unsaid
            plain | noise.units=1048575 | noise | must be 2^20 to 2^45 steps
            plain | noise.units=35184372088833 | noise | must be 2^20 to 2^45 steps
            plain | noise.gridExponent=-43 | noise | sigma is not 1330849495106 times 2^-43
            plain | noise.dimension=0 | noise | there must be parameters
            plain | noise.parameterBound=6.4 | noise | the bound of the parameters
            plain | noise.parameterBound=0 && constants.reach=0 | noise | the grid is too fine
            plain | noise.parameterBound=512 | noise | the grid is too fine
            plain | noise.dimension=9 | noise | the number of parameters
            plain | noise.source=" " | noise | must come from somewhere
            plain | constants.movement=0.2 | noise | larger than all that training can do
            plain | privacy.mu=*0.999999 | privacy | mu is claimed to be
            plain | privacy.budget.delta=*0.999 | privacy | the budget is 9.99
            plain | privacy.budget.delta=1 | privacy | the budget is 1.0
            plain | privacy.deltaAtBudget=*0.999 | privacy | delta at the budget's epsilon
            plain | privacy.deltaAtBudget=*1.1 | privacy | delta is claimed to be 1.09
            plain | privacy.points.0.delta=*0.999 | privacy | delta at epsilon 0.99
            plain | privacy.points.1.epsilon=*0.999 | privacy | delta at epsilon 1.14
            plain | privacy.composedMu=*0.999 | privacy | mu of all releases together
            plain | privacy.budget.delta=0.01 | privacy | a delta above one over the number of records
            plain | privacy.attackAuc=*0.999 | attacks | area under the curve
            plain | privacy.attackAdvantage=*0.999 | attacks | advantage
            plain | privacy.mu=0.3 | attacks | area under the curve
            plain | privacy.mu=3 | attacks | area under the curve
            plain | privacy.mu=3 && privacy.attackAuc=1 && privacy.attackAdvantage=1 | attacks | attacks can still succeed
            plain | constants.gradientBound.value=0.999 | gradient bound | G is claimed to be 0.999
            plain | constants.lipschitz.value=0.2499 | smoothness | L is claimed to be 0.2499
            softmax | constants.gradientBound.reason="clipping" && constants.gradientBound.value=1.4 | convexity | clipped
            """)
    void whatIsNotAsItMustBeIsSaid(String start, String edits, String name, String fragment) {
        Check check = check(start, edits, name);
        assertTrue(check.sentence().contains(fragment), check.toString());
        boolean note = fragment.contains("need be")
                || fragment.contains("all that training")
                || fragment.contains("claimed to be 1.09")
                || fragment.contains("a delta above")
                || fragment.contains("still succeed");
        assertEquals(note ? Outcome.PASSED : Outcome.FAILED, check.outcome(), check.toString());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            way | algorithm.boundedSteps=20 | consistency | steps are bounded
            exact | algorithm.name="retraining" && algorithm.checkpoint=0 && algorithm.redone=20 | consistency | must
            plain | deletion.recordsBefore=5 | consistency | were deleted ever
            plain | bound.steps.0.deleted=6 | consistency | were redone
            plain | bound.steps.1.deleted=1 | consistency | more than there are
            exact | constants.gradientBound.evidence="ASSUMED" | level | rests
            exact | constants.rounding.evidence="ESTIMATED" | level | rests
            exact | constants.diameter.evidence="ESTIMATED" | level | rests
            plain | constants.diameter.evidence="ESTIMATED" | level | rests
            unknown | constants.lipschitz.evidence="ESTIMATED" | level | rests
            plain | level="ENFORCED" | level | title
            plain | level="ASSUMED" && title="Under Assumptions" | level | it rests
            exact | noise.dimension=1 | exactness | there must be parameters
            firstExact | noise.dimension=0 | exactness | there must be parameters
            plain | bound.exactDelta=*2 && bound.byRecursion=19 | distance | is claimed to bound
            plain | bound.exactDelta=*2 && bound.rounding=0 && bound.delta=1 | rounding | rounding is claimed
            plain | bound.rounding=0.02027807690876262 | rounding | carry
            assumed | constants.rounding.numbers.gradientBound=0.5 | rounding | rounding model
            plain | constants.lipschitz.reason="Logistic on features of norm <= 1.0, through a frozen A" && constants.rounding.numbers.featureRadius=0.5 | rounding | radius
            plain | constants.lipschitz.reason="words" && constants.rounding.numbers.featureRadius=0.5 | rounding | radius
            plain | retention.keptContaminated=[0,4,15,20] | retention | kept
            plain | retention.keptCheckpoints.3=20 | retention | there is not
            way | retention.keptCheckpoints=[0,4,12] | retention | unsaid
            exact | retention.keptCheckpoints=[0,1,20] | retention | unsaid
            plain | noise.units=1048576 | noise | 2^45
            plain | noise.units=35184372088832 | noise | 2^45
            plain | noise.dimension=10 | noise | the number of parameters
            assumed | noise.dimension=1 | noise | the number of parameters
            assumed | noise.dimension=1 | noise | there must be parameters
            plain | noise.parameterBound=511.99 | noise | too fine
            plain | constants.movement=0.24 | noise | larger than all
            plain | privacy.budget.delta=0.001 | privacy | above one over
            plain | privacy.mu=0.3 && privacy.attackAuc=0.6 && privacy.attackAdvantage=0.2 | attacks | claimed
            plain | constants.gradientBound.value=1 | gradient bound | claimed
            """)
    void whatIsJustAllowedIsNot(String start, String edits, String name, String fragment) {
        Check check = check(start, edits, name);
        assertFalse(check.sentence().contains(fragment) && check.outcome() == Outcome.FAILED, check.toString());
        assertFalse(check.sentence().contains("note that") && check.sentence().contains(fragment), check.toString());
    }

    /** A step of 1/2 on twice as many records as the normaliser says pushes by G; with decay 1/2 it damps by 1/4. */
    @Test
    void theReachIsThatOfTheRecursionOfNorms() {
        String steps =
                "bound.steps=[{\"count\":2,\"stepSize\":0.5,\"weightDecay\":0.5,\"normaliser\":500,\"retained\":3,"
                        + "\"deleted\":1}] && constants.startNorm=0.5";
        assertReach(start("plain").with(steps), 2.03125, 2.46875);
        // more records in a step than there are
        assertReach(start("plain").with(steps + " && bound.steps.0.retained=1999"), 3.78125, 4.28125);
        assertReach(start("plain").with(steps + " && constants.gradientBound.value=2"), 3.78125, 4.28125);
        // a ball: the path is longer than its diameter
        String ball = steps + " && constants.diameter.value=2";
        assertReach(start("plain").with(ball), 1, 1.5);
        assertReach(start("plain").with(ball + " && constants.startNorm=5"), 1, 2.5);
        // a damping above 1 turns the sign: 1/2, then |1 - 2|/2 + 4·2 = 8.5
        assertReach(start("plain").with(steps + " && bound.steps.0.stepSize=4 && bound.steps.0.count=1"), 8.5, 9);
        // the mean pushes by the step alone
        assertReach(start("plain").with(steps + " && bound.steps.0.normaliser=0"), 1.15625, 1.34375);
    }

    private static void assertReach(Document document, double reach, double movement) {
        Document exact = document.with("constants.reach", reach).with("constants.movement", movement);
        assertEquals(
                Outcome.PASSED,
                check(exact, "reach").outcome(),
                check(exact, "reach").sentence());
        for (String less : List.of("constants.reach", "constants.movement")) {
            Check check = check(exact.with(less + "=*0.999999"), "reach");
            assertEquals(Outcome.FAILED, check.outcome(), less);
            String what = "the " + less.substring(10) + " is claimed to be";
            assertTrue(check.sentence().startsWith(what), check.sentence());
        }
    }

    @Test
    void checkpointsUpToTheFirstStepThatUsedADeletedRecordAreClean() {
        Document later = start("plain")
                .with(
                        "bound.steps.0.deleted=0 && bound.steps.0.count=3 && bound.steps.1.deleted=5 && bound.steps.1.count=17");
        assertEquals(
                Outcome.PASSED,
                check(later.with("retention.keptCheckpoints=[0,3] && retention.keptContaminated=[]"), "retention")
                        .outcome());
        assertTrue(check(later.with("retention.keptCheckpoints=[4] && retention.keptContaminated=[]"), "retention")
                .sentence()
                .contains("[4], unsaid"));
    }

    /** What a difference of two sums in doubles has lost is allowed for, and no more. */
    @Test
    void roundingMayBeLessByWhatDoublesLostAndNoMore() {
        Document plain = start("plain");
        Recursion recursion = Recursion.of(plain.read());
        double lost = 4 * 0x1p-52 * Scenario.STEPS * recursion.exact();
        double least = recursion.rounding() * (1 - 1e-9) - lost;
        assertEquals(
                Outcome.PASSED,
                check(plain.with("bound.rounding", least), "rounding").outcome());
        assertEquals(
                Outcome.FAILED,
                check(plain.with("bound.rounding", Math.nextDown(least)), "rounding")
                        .outcome());
    }

    @Test
    void aDistanceIsGenerousAboveAMillionthOnly() {
        Document plain = start("plain");
        double most = Recursion.of(plain.read()).exact() * (1 + 1e-6);
        Check just = check(plain.with("bound.exactDelta", most), "distance");
        assertFalse(just.sentence().contains("need be"), just.sentence());
        Check above = check(plain.with("bound.exactDelta", Math.nextUp(most)), "distance");
        assertTrue(above.sentence().contains("need be"), above.sentence());
    }

    /** Σ = 1/4 of 2^38 steps of 2^-40 for 4 parameters and a distance of 1/4: μ = 1 + 2^-37. */
    @Test
    void theGridCostsItsStepTimesTheRootOfTheDimension() {
        Document document = start("assumed")
                .with("bound.delta=0.25 && noise.gridExponent=-40 && noise.units=274877906944 && noise.sigma=0.25"
                        + " && noise.dimension=4 && privacy.composedMu=2");
        double mu = 1 + 0x1p-37;
        for (double claimed : List.of(mu, mu * (1 - 0.9e-12), mu * (1 - 1.1e-12))) {
            Check check = check(document.with("privacy.mu", claimed), "privacy");
            boolean low = claimed < mu * (1 - 1e-12);
            assertEquals(low, check.sentence().contains("mu is claimed"), check.sentence());
        }
        double both =
                noise(document.with("constants.movement", 0.5)) + noise(document.with("constants.movement", 0.49));
        assertEquals(1, both, "noise of 1/4·√4 is larger than a movement of 0.49, not than one of 0.5");
    }

    private static int noise(Document document) {
        return check(document, "noise").sentence().contains("larger than all") ? 1 : 0;
    }

    /** With μ = 0.1 nearly all of δ(1) is d·0.0202/units²·(1 + e^ε): the noise is discrete. */
    @Test
    void deltaHasAShareForTheNoiseBeingDiscrete() {
        Document document = start("assumed")
                .with("bound.delta=0 && noise.gridExponent=0 && noise.units=1048576 && noise.sigma=1048576"
                        + " && noise.dimension=4 && privacy.mu=0.1 && privacy.composedMu=0.1 && privacy.points=[]");
        double delta = PrivacyProfile.delta(0.1, 1) + 4 * 0.0202 / 0x1p40 * (1 + Math.E);
        Document exact = document.with("privacy.deltaAtBudget", delta).with("privacy.budget.delta", delta);
        assertEquals(
                Outcome.PASSED,
                check(exact, "privacy").outcome(),
                check(exact, "privacy").sentence());
        assertFalse(check(exact, "privacy").sentence().contains("note that"));
        Check low = check(exact.with("privacy.deltaAtBudget=*0.9999999"), "privacy");
        assertTrue(low.sentence().contains("delta at the budget's epsilon is claimed"), low.sentence());
        Check less = check(exact.with("privacy.budget.delta=*0.9999999"), "privacy");
        assertTrue(less.sentence().contains("the budget is"), less.sentence());
        Check budget = check(exact.with("privacy.budget.delta", delta / (1 + 0.5e-12)), "privacy");
        assertEquals(Outcome.PASSED, budget.outcome(), budget.sentence());
        for (double factor : List.of(1 - 0.9e-6, 1 - 1.1e-6)) {
            String point = String.format(
                    Locale.ROOT, "privacy.points=[{\"epsilon\":1,\"delta\":%s}]", Double.toString(delta * factor));
            assertEquals(
                    factor > 1 - 1e-6,
                    check(exact.with(point), "privacy").outcome() == Outcome.PASSED,
                    () -> "delta of a point, times " + factor);
        }
        Check generous = check(exact.with("privacy.deltaAtBudget", delta * (1 + 1.1e-6)), "privacy");
        assertTrue(generous.sentence().contains("more than it need be"), generous.sentence());
        Check not = check(exact.with("privacy.deltaAtBudget", delta * (1 + 0.9e-6)), "privacy");
        assertFalse(not.sentence().contains("more than it need be"), not.sentence());
        Check just = check(exact.with("privacy.deltaAtBudget", delta * (1 + 1e-6)), "privacy");
        assertFalse(just.sentence().contains("more than it need be"), just.sentence());
    }

    /** The double whose product with a factor is another. */
    private static double quotient(double product, double factor) {
        double quotient = product / factor;
        for (double near : new double[] {quotient, Math.nextUp(quotient), Math.nextDown(quotient)}) {
            if (near * factor == product) {
                return near;
            }
        }
        throw new AssertionError(product + " is no product with " + factor);
    }

    @Test
    void whatIsAtTheToleranceExactlyIsAllowed() {
        Document plain = start("plain");
        double mu = plain.read().protection().privacy().mu();
        double units = plain.read().protection().noise().units();
        double delta = PrivacyProfile.delta(mu, 1) + 10 * 0.0202 / (units * units) * (1 + Math.exp(1));
        double budget = quotient(delta, 1 + 1e-12);
        assertEquals(
                Outcome.PASSED,
                check(plain.with("privacy.budget.delta", budget), "privacy").outcome());
        String point = "privacy.points=[{\"epsilon\":1,\"delta\":" + quotient(delta, 1 + 1e-6) + "}]";
        assertEquals(Outcome.PASSED, check(plain.with(point), "privacy").outcome());

        double clipped = Math.sqrt(2) * (1 - 1e-9);
        Document softmax = start("softmax").with("constants.gradientBound.reason=\"clipping\"");
        assertEquals(
                Outcome.PASSED,
                check(softmax.with("constants.gradientBound.value", clipped), "convexity")
                        .outcome());
    }

    @Test
    void attacksSucceedAboveAnAreaOf95PercentOnly() {
        double mu = Math.sqrt(2) * 1.6448536269514722;
        double exactly = 0;
        double near = mu * (1 - 1e-14);
        for (int i = 0; i < 200 && exactly == 0; i++) {
            exactly = PrivacyProfile.auc(near) == 0.95 ? near : 0;
            near = Math.nextUp(near);
        }
        Document document = start("plain").with("privacy.attackAuc=1 && privacy.attackAdvantage=1");
        assertTrue(exactly > 0);
        assertFalse(check(document.with("privacy.mu", exactly), "attacks")
                .sentence()
                .contains("still succeed"));
        assertTrue(check(document.with("privacy.mu", exactly * (1 + 1e-12)), "attacks")
                .sentence()
                .contains("still succeed"));
    }

    /** Reasons that name a linear head: what they give, and what they leave open. */
    @ParameterizedTest(name = "{0}, head {4}: {5}")
    @CsvSource(delimiter = '|', textBlock = """
            SquaredError on features of norm <= 2.0 | 4 | 12 | 4 | true | NOT_CHECKED
            SquaredError on features of norm <= 2.0 | 4 | 11.9 | 4 | true | FAILED
            Sigmoids on features of norm <= 3.0 | 2.25 | 6 | 1 | true | PASSED
            Sigmoids on features of norm <= 2.0 | 1 | 4 | 1 | true | PASSED
            Sigmoids on features of norm <= 3.0 | 2.25 | 5.9 | 1 | true | FAILED
            Sigmoids on features of norm <= 2.0 | 1 | 2 | 1 | false | NOT_CHECKED
            Sigmoids on features of norm <= 2.0 | 1 | 1.9 | 1 | false | FAILED
            Softmax on features of norm <= 2.0 | 2 | 2.8284271247461903 | 4 | true | PASSED
            Softmax on features of norm <= 2.0 | 2 | 2.82 | 4 | true | FAILED
            Logistic on features of norm <= 1.0E-5 | 2.5E-11 | 1.0E-5 | 4 | true | PASSED
            Logistic on features of norm <= 2.0; rows that are longer are shortened | 1 | 2 | 4 | true | PASSED
            Logistic on features of norm <= 2.0; rows that are longer are shortened | 1 | 1.9 | 4 | true | FAILED
            Logistic on features of norm <= 0.0 | 1 | 1 | 4 | true | NOT_CHECKED
            Logistic on features of norm <= 1.0E999 | 1 | 1 | 4 | true | NOT_CHECKED
            Hinge on features of norm <= 1.0 | 1 | 1 | 4 | true | NOT_CHECKED
            Logistic on features of norm <= 2.0, through a frozen A | 1 | 1 | 4 | true | NOT_CHECKED
            """)
    void theGradientBoundIsAtLeastThatOfItsReason(
            String reason, double l, double g, double logits, boolean head, Outcome outcome) {
        // sqrt(4) outputs; a ball of radius 3 for the squared error
        Document document = (head ? start("plain") : start("assumed"))
                .with("constants.diameter.value=6 && constants.gradientBound.reason=\"" + reason
                        + "\" && constants.lipschitz.reason=\"" + reason + "\"")
                .with("constants.gradientBound.value", g)
                .with("constants.lipschitz.value", l);
        if (head) {
            document = document.with("constants.rounding.numbers.logits", reason.startsWith("Sigmoids") ? 4 : logits);
        }
        Check check = check(document, "gradient bound");
        assertEquals(outcome, check.outcome(), check.sentence());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Logistic on features of norm <= 2.0 | 1 | PASSED | is at least the 1.0 that its reason gives
            Logistic on features of norm <= 2.0 | 0.99 | FAILED | L is claimed to be 0.99
            Softmax on features of norm <= 2.0 | 2 | PASSED | is at least the 2.0 that its reason gives
            SquaredError on features of norm <= 2.0 | 3.99 | FAILED | L is claimed to be 3.99
            Logistic on features of norm <= 2.0, through a frozen A | 2.25 | PASSED | is at least the 2.25 that goes with G
            Logistic on features of norm <= 2.0, through a frozen A | 2.24 | FAILED | L is claimed to be 2.24
            Softmax on features of norm <= 2.0, through a frozen A | 2.25 | PASSED | that goes with G
            Softmax on features of norm <= 2.0, through a frozen A, through a frozen A | 2.2 | FAILED | L is claimed
            Sigmoids on features of norm <= 2.0, through a frozen A | 2.25 | NOT_CHECKED | the scale of the frozen factor
            SquaredError on features of norm <= 2.0, through a frozen A | 2.25 | NOT_CHECKED | the scale of the frozen
            words | 2.25 | NOT_CHECKED | because of 'words', which is only said
            """)
    void smoothnessIsAtLeastThatOfItsReason(String reason, double l, Outcome outcome, String fragment) {
        Document document = start("plain")
                .with("constants.gradientBound.value=3 && constants.gradientBound.reason=\"" + reason
                        + "\" && constants.lipschitz.reason=\"" + reason + "\"")
                .with("constants.lipschitz.value", l);
        Check check = check(document, "smoothness");
        assertEquals(outcome, check.outcome(), check.sentence());
        assertTrue(check.sentence().contains(fragment), check.sentence());
        Check other = check(document.with("constants.gradientBound.reason=\"" + HEAD + "7.0\""), "smoothness");
        assertTrue(!reason.contains("frozen") || other.outcome() == Outcome.NOT_CHECKED, other.sentence());
    }

    @Test
    void nothingIsClaimedOfAnInfiniteSmoothness() {
        assertEquals(Outcome.PASSED, check("unknown", null, "smoothness").outcome());
        assertTrue(check("unknown", null, "smoothness").sentence().contains("nothing is claimed"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nonconvex | constants.lipschitz.reason="words" | PASSED | none is claimed
            plain | constants.lipschitz.reason="words" | NOT_CHECKED | STRONGLY_CONVEX is only said
            plain | constants.gradientBound.reason="clipping" && constants.gradientBound.value=0.5 | PASSED | is convex
            softmax | constants.gradientBound.reason="clipping" && constants.gradientBound.value=1 | FAILED | clipped
            softmax | constants.gradientBound.reason="clipping" && constants.gradientBound.value=1.42 | PASSED | is convex
            softmax | constants.gradientBound.reason="clipping" && constants.gradientBound.value=1.4142135616 | PASSED | is
            softmax | constants.gradientBound.value=1 | PASSED | is convex
            softmax | constants.gradientBound.reason="clipping" && constants.gradientBound.value=1 && constants.lipschitz.reason="Softmax on features of norm <= 1.0, through a frozen A" | PASSED | is convex
            softmax | constants.gradientBound.reason="clipping" && constants.gradientBound.value=0.9 && constants.lipschitz.reason="Sigmoids on features of norm <= 1.0" | FAILED | clipped
            """)
    void clippingCanEndTheConvexityOfSeveralOutputs(String start, String edits, Outcome outcome, String fragment) {
        Check check = check(start, edits, "convexity");
        assertEquals(outcome, check.outcome(), check.sentence());
        assertTrue(check.sentence().contains(fragment), check.sentence());
    }
}
