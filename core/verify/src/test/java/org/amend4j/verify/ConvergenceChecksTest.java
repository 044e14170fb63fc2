/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.verify.Check.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each demand on what a small gradient is said to prove: which check notices what, and where exactly it begins. */
class ConvergenceChecksTest {

    @TempDir
    private Path temp;

    static Document start(String name) {
        return switch (name) {
            case "fixed" -> Document.of(ConvergedScenario.fixed());
            case "mean" -> Document.of(ConvergedScenario.mean());
            case "softmax" -> Document.of(ConvergedScenario.softmax());
            case "assumed" -> Document.of(ConvergedScenario.assumed());
            case "classes" -> Document.of(ConvergedScenario.threeClasses());
            case "until" -> Document.of(ConvergedScenario.untilGradient());
            case "retrained" -> Document.of(ConvergedScenario.retraining());
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static List<Check> all(Document document) {
        List<Check> all = new ArrayList<>(new FormChecks(document.read()).all());
        all.addAll(new ClaimChecks(document.read()).all());
        return all;
    }

    private static String failed(Document document) {
        return String.join(
                ",",
                all(document).stream()
                        .filter(check -> check.outcome() == Outcome.FAILED)
                        .map(Check::name)
                        .toList());
    }

    private static Check check(Document document, String name) {
        return Document.named(name, new ClaimChecks(document.read()).all());
    }

    static List<ConvergedScenario> scenarios() {
        return ConvergedScenario.all();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void whatIsTrueFailsNowhereAndIsNotTooLarge(ConvergedScenario scenario) {
        for (Check check : all(Document.of(scenario))) {
            assertFalse(check.outcome() == Outcome.FAILED, check.toString());
            assertFalse(check.sentence().contains("more than it need be"), check.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void itIsValidWithEverythingAtHand(ConvergedScenario scenario) throws IOException {
        Release release = new Release(temp, scenario);
        VerificationReport report =
                CertificateVerifier.verify(release.certificate, release.inputs().withHead(release.head));
        assertEquals(VerificationReport.Result.VALID, report.result(), () -> String.join("\n", report.lines()));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            fixed | algorithm.name="certified rewind" | form,consistency | and of retraining, not of: certified rewind
            fixed | algorithm.name="retraining" | form,consistency | neither the training nor the deletion does
            retrained | algorithm.stepSizes.kind="constant" | consistency | neither the training nor the deletion does
            fixed | verdict="EXACT" | form,consistency,exactness | EXACT does not go with: convergence
            retrained | verdict="CERTIFIED" | form,consistency,distance,noise,privacy,attacks | does not go with: retraining
            fixed | algorithm.noisePlacement="none" | consistency | CERTIFIED does not go with noise at: none
            fixed | algorithm.noisePlacement="checkpoint" | consistency | CERTIFIED does not go with noise at: checkpoint
            retrained | algorithm.noisePlacement="end" | consistency | EXACT does not go with noise at: end
            fixed | algorithm.checkpoint=19 && algorithm.redone=1 | consistency | goes on from step 20 of 20, not from 19
            fixed | algorithm.redone=1 | consistency | not from 20 with 1 redone
            retrained | algorithm.checkpoint=1 && algorithm.redone=0 | consistency | goes on from step 0 of 1, not from 1
            fixed | algorithm.boundedSteps=19 | consistency | 19 of 20 steps are bounded
            fixed | algorithm.steps=21 | consistency | 20 of 21 steps are bounded
            fixed | bound.steps=[{"count":1,"stepSize":0.5,"weightDecay":0.1,"normaliser":1024,"retained":995,"deleted":5}] | consistency | needs no bounds of steps
            fixed | bound.byRecursion=1 | consistency | needs no bounds of steps
            fixed | bound.byCap=1 | consistency | needs no bounds of steps
            fixed | bound.byDiameter=1 | consistency | needs no bounds of steps
            until | algorithm.steps=2 && algorithm.boundedSteps=2 && algorithm.checkpoint=2 | consistency | count as one
            until | algorithm.batches.kind="keyed" | consistency | count as one, on all records
            until | algorithm.stepSizes.first=2e-9 | consistency | trained until the gradient is at most 2.0E-9
            until | convergence.gradientNorm=5e-10 | consistency | goes on until 5.0E-10
            retrained | convergence.gradientNorm=5e-10 | consistency | goes on until 5.0E-10
            until | algorithm.stepSizes.factor=0.5 | schedule | untilGradient step sizes have factor 1
            fixed | deletion.records=6 | form,schedule,consistency | 5 were deleted ever and 6 now
            mean | deletion.records=1000 && deletion.recordsEver=1000 | form,consistency | a mean must have records
            fixed | constants.gradientBound.evidence="ENFORCED" | level | rests on what is ENFORCED
            fixed | constants.lipschitz.evidence="ENFORCED" | level | rests on what is ENFORCED
            fixed | constants.rounding.evidence="ENFORCED" | level | rests on what is ENFORCED
            assumed | constants.rounding.evidence="ENFORCED" | level | assumed rounding is claimed to be ENFORCED
            assumed | level="ENFORCED" | form,level | claimed to be ENFORCED, but rests on what is ASSUMED
            retrained | bound.exactDelta=1e-9 | exactness | an exact result has distance 0
            retrained | bound.rounding=1e-9 | exactness | an exact result has distance 0
            retrained | bound.delta=1e-9 | exactness | an exact result has distance 0
            retrained | noise.units=1 | exactness | has no noise
            retrained | privacy.mu=0.5 | exactness | mu must be 0
            fixed | constants.curvature="CONVEX" | distance | says nothing where losses are CONVEX
            fixed | constants.curvature="NONCONVEX" | distance | says nothing where losses are NONCONVEX
            fixed | constants.diameter.value=1000 | distance | kept in a set need not have a small gradient
            fixed | bound.exactDelta=*0.999 | distance | the distance is claimed to be 1.99
            fixed | bound.delta=*0.999 | distance | the distance with rounding is claimed to be 1.99
            fixed | bound.exactDelta=*0.999 && bound.delta=*0.999 | distance | the distance is claimed to be 1.99
            fixed | bound.rounding=1e-9 | distance | the distance with rounding is claimed to be
            fixed | convergence.gradientNorm=2e-9 | distance | but must be >= 4.0E-8
            fixed | convergence.gradientNorm=0.3 | distance,radius | so that it says nothing
            fixed | convergence.weightDecay=*0.5 | distance,radius | but must be >= 4.0E-8
            fixed | convergence.records=999 | radius | there were 1000 records, and at most 999 are planned
            mean | convergence.records=999 | radius | there were 1000 records, and at most 999 are planned
            fixed | convergence.records=2048 | radius,rounding | the radius is claimed to be
            fixed | convergence.normaliser=1000 | radius,rounding | the radius is claimed to be
            fixed | convergence.lossAtZero=*0.999 | radius | the loss at zero is claimed to be
            softmax | convergence.lossAtZero=*0.999 | radius | the loss at zero is claimed to be
            classes | convergence.lossAtZero=*0.999 | radius | the loss at zero is claimed to be
            fixed | convergence.radius=*0.999 | radius | the radius is claimed to be
            assumed | convergence.radius=*0.999 | radius | the radius is claimed to be
            fixed | convergence.rounding=*0.999 | rounding | the rounding of a gradient is claimed to be
            mean | convergence.rounding=*0.999 | rounding | the rounding of a gradient is claimed to be
            assumed | convergence.rounding=*0.999 | rounding | the rounding of a gradient is claimed to be
            fixed | convergence.rounding=2.6e-10 | rounding | double precision cannot carry this
            fixed | constants.rounding.numbers.gradientBound=0.5 | rounding | the rounding model's gradient bound
            fixed | constants.rounding.numbers.featureRadius=0.5 | rounding | the rounding model's feature radius
            fixed | constants.rounding.numbers.inputs=20 | rounding,noise | the rounding of a gradient is claimed to be
            mean | constants.rounding.summation="NAIVE" | rounding | the rounding of a gradient is claimed to be
            fixed | constants.reach=*0.999 | reach | the reach is claimed to be
            fixed | constants.movement=*0.999 | reach | the movement is claimed to be
            fixed | constants.startNorm=1 | reach | the movement is claimed to be
            fixed | noise.parameterBound=*0.999 | noise | the bound of the parameters
            fixed | privacy.mu=*0.999 | privacy | mu is claimed to be
            fixed | privacy.attackAuc=*0.999 | attacks | area under the curve is claimed
            fixed | constants.gradientBound.value=0.999 | gradient bound | G is claimed to be 0.999
            fixed | constants.lipschitz.value=0.2499 | smoothness | L is claimed to be 0.2499
            fixed | retention.keptContaminated=[] | retention | the kept checkpoints [20], unsaid
            until | retention.keptContaminated=[] | retention | the kept checkpoints [1], unsaid
            fixed | retention.keptCheckpoints=[0,4,20] | retention | the kept checkpoints [4], unsaid
            fixed | retention.keptCheckpoints=[0,21] && retention.keptContaminated=[21] | retention | kept of step 21
            fixed | exclusions=[] | form | the exclusions are not those of every certificate of format 3
            """)
    void whatIsNotAsItMustBeFailsThereAndNowhereElse(String start, String edits, String names, String fragment) {
        Document document = start(start).with(edits);
        assertEquals(names, failed(document), () -> all(document).toString());
        assertTrue(
                all(document).stream().anyMatch(check -> check.sentence().contains(fragment)),
                () -> all(document).toString());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            fixed | convergence.gradientNorm=5e-10 | more than it need be
            fixed | convergence.weightDecay=0.2 && convergence.rounding=*1.01 | more than it need be
            fixed | convergence.records=1000 |
            mean | convergence.records=1001 |
            fixed | convergence.normaliser=1025 |
            fixed | convergence.rounding=*1.1 |
            fixed | constants.movement=*1.1 |
            fixed | constants.reach=*1.1 && noise.parameterBound=*1.1 |
            fixed | noise.parameterBound=*1.1 |
            fixed | convergence.radius=*1.1 && convergence.rounding=*1.1 && constants.reach=*1.1 && constants.movement=*1.1 && noise.parameterBound=*1.1 |
            assumed | convergence.radius=*1.1 && convergence.rounding=*1.1 && constants.reach=*1.1 && constants.movement=*1.1 && noise.parameterBound=*1.1 |
            fixed | convergence.lossAtZero=0.8 && convergence.radius=*1.1 && convergence.rounding=*1.1 && constants.reach=*1.1 && constants.movement=*1.1 && noise.parameterBound=*1.1 |
            assumed | convergence.lossAtZero=8 | the loss at zero, 8.0, is only said
            retrained | convergence.radius=*0.5 |
            retrained | constants.lipschitz.evidence="ASSUMED" |
            retrained | retention.keptCheckpoints=[0,1] && retention.keptContaminated=[] |
            fixed | retention.keptContaminated=[0,20] |
            fixed | algorithm.steps=21 && algorithm.boundedSteps=21 && algorithm.checkpoint=21 |
            """)
    void aClaimThatIsWeakerPasses(String start, String edits, String note) {
        Document document = start(start).with(edits);
        assertEquals("", failed(document), () -> all(document).toString());
        boolean noted =
                all(document).stream().anyMatch(check -> check.sentence().contains("note that"));
        assertEquals(note != null, noted, () -> all(document).toString());
        assertTrue(note == null
                || all(document).stream().anyMatch(check -> check.sentence().contains(note)));
    }

    /** What the verifier computes is less than what the maker rounds up, by less than half of the tolerance. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bound.exactDelta | distance | 1e-12
            bound.delta | distance | 1e-12
            convergence.lossAtZero | radius | 1e-12
            convergence.radius | radius | 1e-12
            convergence.rounding | rounding | 1e-9
            constants.reach | reach | 1e-12
            constants.movement | reach | 1e-12
            """)
    void aClaimMayBeBelowWhatIsComputedByTheToleranceAndNoMore(String path, String name, double tolerance) {
        Document fixed = start("fixed");
        double claimed = Forger.get(fixed.certificate(), path).doubleValue();
        assertEquals(
                Outcome.PASSED,
                check(fixed.with(path, claimed * (1 - tolerance / 2)), name).outcome());
        // the loss at zero is rounded up by 1e-12, and the rest by a few ulps
        assertEquals(
                Outcome.FAILED,
                check(fixed.with(path, claimed * (1 - 3 * tolerance)), name).outcome());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gradientNorm", "weightDecay", "normaliser", "records", "lossAtZero", "radius", "rounding"})
    void noNumberCanBeLeftOutAndNoneBeAdded(String name) {
        Document fixed = start("fixed");
        String missing = "convergence." + name + " is missing";
        assertEquals(missing, refusal(fixed.with("convergence." + name + "=")));
        assertEquals(
                "convergence." + name + "2 is not known to this version",
                refusal(fixed.with("convergence." + name + "2=1")));
        assertTrue(refusal(fixed.with("convergence." + name + "=-1")).contains("convergence." + name + " must be"));
    }

    private static String refusal(Document document) {
        return assertThrows(RejectedException.class, document::claims).sentence();
    }

    @Test
    void whatRestsOnASmallGradientIsOfFormat3AndNothingElseIs() {
        String known = "convergence is not known to this version";
        for (String start : List.of("fixed", "until", "retrained")) {
            Document document = start(start);
            assertEquals(known, refusal(document.with("version=2")));
            assertEquals("convergence is missing", refusal(document.with("convergence=")));
            String said = check(document.with("version=2 && convergence="), "consistency")
                    .sentence();
            assertTrue(said.contains("what rests on a small gradient is certified in format 3"), said);
        }
        Document rewind = Document.of(Scenario.stronglyConvex());
        assertEquals("convergence is missing", refusal(rewind.with("version=3")));
        String convergence = start("fixed").certificate().get("convergence").toString();
        assertEquals(known, refusal(rewind.with("convergence=" + convergence)));
        assertEquals("form,consistency", failed(rewind.with("version=3 && convergence=" + convergence)));
        Document retraining = Document.of(Scenario.stronglyConvex().exact())
                .with("algorithm.name=\"retraining\" && algorithm.checkpoint=0 && algorithm.redone=20");
        String why = check(retraining.with("version=3 && convergence=" + convergence), "consistency")
                .sentence();
        assertTrue(why.contains("neither the training nor the deletion does"), why);
    }
}
