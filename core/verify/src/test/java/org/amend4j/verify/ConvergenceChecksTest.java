/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.verify.Check.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each demand on a certificate that rests on a small gradient: what is true passes, what claims a little more fails with its sentence. */
class ConvergenceChecksTest {

    private static Document start(String name) {
        return Document.of(
                switch (name) {
                    case "fixed" -> ConvergedScenario.fixed();
                    case "mean" -> ConvergedScenario.mean();
                    case "retrained" -> ConvergedScenario.retrained();
                    default -> throw new IllegalArgumentException(name);
                });
    }

    private static List<Check> all(Document document) {
        List<Check> all = new ArrayList<>(new FormChecks(document.read()).all());
        all.addAll(new ClaimChecks(document.read()).all());
        return all;
    }

    private static Check check(String start, String edits, String name) {
        return Document.named(name, new ClaimChecks(start(start).with(edits).read()).all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"fixed", "mean", "retrained"})
    void whatIsTrueFailsNowhereAndIsNotTooLarge(String start) {
        for (Check check : all(start(start))) {
            assertFalse(check.outcome() == Outcome.FAILED, check.toString());
            assertFalse(check.sentence().contains("more than it need be"), check.toString());
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            fixed | algorithm.name="exact rewind" | consistency | format 3 is of deletions by convergence and of retraining
            fixed | algorithm.name="retraining" | consistency | neither the training nor the deletion does
            fixed | verdict="EXACT" | consistency | EXACT does not go with: convergence
            retrained | verdict="CERTIFIED" | consistency | CERTIFIED does not go with: retraining
            fixed | algorithm.noisePlacement="none" | consistency | does not go with noise at: none
            retrained | algorithm.noisePlacement="end" | consistency | does not go with noise at: end
            fixed | algorithm.checkpoint=15 && algorithm.redone=5 | consistency | goes on from step 20 of 20
            fixed | algorithm.redone=1 | consistency | with 1 redone
            retrained | algorithm.checkpoint=1 && algorithm.redone=0 | consistency | goes on from step 0
            fixed | algorithm.boundedSteps=19 | consistency | 19 of 20 steps are bounded
            fixed | bound.steps=[{"count":2,"stepSize":0.5,"weightDecay":0.5,"normaliser":500,"retained":3,"deleted":1}] | consistency | needs no bounds of steps
            fixed | bound.byCap=1 | consistency | needs no bounds of steps
            fixed | deletion.records=6 | consistency | 5 were deleted ever and 6 now
            fixed | deletion.recordsBefore=4 | consistency | of 4 records, 5 were deleted ever
            mean | deletion.recordsBefore=5 | consistency | a mean must have records, and all were deleted
            retrained | algorithm.steps=2 && algorithm.redone=2 && algorithm.boundedSteps=2 | consistency | count as one, on all
            retrained | algorithm.batches.kind="keyed" | consistency | count as one, on all records
            retrained | algorithm.stepSizes.first=2e-6 | consistency | and goes on until 1.0E-6
            fixed | constants.gradientBound.evidence="ASSUMED" | level | rests on what is ASSUMED
            fixed | constants.lipschitz.evidence="ASSUMED" | level | rests on what is ASSUMED
            fixed | constants.rounding.evidence="ASSUMED" | level | rests on what is ASSUMED
            retrained | bound.exactDelta=0.5 | exactness | an exact result has distance 0
            retrained | noise.sigma=0.5 | exactness | has no noise
            fixed | constants.curvature="CONVEX" | distance | says nothing where losses are CONVEX
            fixed | constants.diameter.value=4 | distance | kept in a set need not have a small gradient
            fixed | bound.exactDelta=*0.999999 | distance | the distance is claimed to be
            fixed | bound.delta=*0.999999 | distance | the distance with rounding is claimed
            fixed | bound.rounding=1e-6 | distance | the distance with rounding is claimed
            fixed | convergence.gradientNorm=*1.001 | distance | the distance is claimed to be
            fixed | convergence.weightDecay=*0.999 | distance | the distance is claimed to be
            fixed | bound.delta=*2 | distance | more than it need be
            fixed | convergence.records=999 | radius | and at most 999 are planned for
            fixed | convergence.lossAtZero=0.69 | radius | the loss at zero is claimed to be
            fixed | convergence.radius=*0.999999 | radius | the radius is claimed to be
            mean | convergence.radius=*0.999999 | radius | the radius is claimed to be
            fixed | convergence.normaliser=900 | radius | the radius is claimed to be
            fixed | convergence.gradientNorm=0.3 | radius | so that it says nothing
            fixed | convergence.rounding=*0.999 | rounding | the rounding of a gradient is claimed
            fixed | convergence.rounding=3e-7 | rounding | double precision cannot carry this
            fixed | constants.rounding.numbers.gradientBound=0.5 | rounding | the rounding model's gradient bound
            fixed | constants.rounding.numbers.featureRadius=0.5 | rounding | the rounding model's feature radius
            fixed | constants.reach=*0.999999 | reach | the reach is claimed to be
            fixed | constants.movement=*0.999999 | reach | the movement is claimed to be
            fixed | constants.startNorm=0.5 | reach | the movement is claimed to be
            fixed | retention.keptContaminated=[] | retention | the kept checkpoints [20], unsaid
            fixed | retention.keptCheckpoints=[0,21] | retention | a checkpoint is kept of step 21
            fixed | noise.sigma=*0.999 | noise | sigma is not
            fixed | privacy.mu=*0.999 | privacy | mu is claimed to be
            fixed | privacy.attackAuc=*0.9 | attacks | area under the curve
            fixed | constants.gradientBound.value=0.999 | gradient bound | G is claimed to be 0.999
            """)
    void whatIsNotAsItMustBeIsSaid(String start, String edits, String name, String fragment) {
        Check check = check(start, edits, name);
        assertTrue(check.sentence().contains(fragment), check.toString());
        Outcome expected = fragment.contains("need be") ? Outcome.PASSED : Outcome.FAILED;
        assertEquals(expected, check.outcome(), check.toString());
    }

    /** Format 2 has no place for what a small gradient proves, and format 3 has one. */
    @Test
    void theFormatsAreNotMixed() {
        assertTrue(refusal(start("fixed").with("version=2")).contains("convergence is not known"));
        assertTrue(refusal(start("fixed").with("convergence=")).contains("convergence is missing"));
        Document second = Document.of(Scenario.stronglyConvex());
        assertTrue(refusal(second.with("version=3")).contains("convergence is missing"));
        for (String edit : List.of("algorithm.name=\"convergence\"", "algorithm.stepSizes.kind=\"untilGradient\"")) {
            boolean refused = new ClaimChecks(second.with(edit).read())
                    .all().stream().anyMatch(check -> check.outcome() == Outcome.FAILED);
            assertTrue(refused, edit);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            convergence.gradientNorm=0 | gradientNorm must be
            convergence.gradientNorm="NaN" | gradientNorm must be
            convergence.gradientNorm=-1 | gradientNorm must be
            convergence.weightDecay=0 | weightDecay must be
            convergence.weightDecay="Infinity" | weightDecay must be
            convergence.normaliser=-1 | normaliser must be
            convergence.records=0 | records must be
            convergence.records=1.5 | records must be
            convergence.lossAtZero=-1 | lossAtZero must be
            convergence.radius=0 | radius must be
            convergence.rounding=-1 | rounding must be
            convergence.more=1 | more is not known
            convergence.radius= | radius is missing
            convergence=7 | convergence must be an object
            """)
    void whatIsNoNumberInItsRangeIsRefused(String edits, String fragment) {
        assertTrue(
                refusal(start("fixed").with(edits)).contains(fragment),
                refusal(start("fixed").with(edits)));
    }

    private static String refusal(Document document) {
        return assertThrows(RejectedException.class, document::claims).sentence();
    }
}
