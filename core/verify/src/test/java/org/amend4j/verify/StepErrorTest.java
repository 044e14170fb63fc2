/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.amend4j.numeric.Summation;
import org.amend4j.objective.RecordIds;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.StepMap;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.unlearn.RoundingModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StepErrorTest {

    private static final String ADAPTED =
            "constants.rounding={\"evidence\":\"PROVED\",\"model\":\"adaptedHead\",\"numbers\":"
                    + "{\"baseNorm\":3,\"featureRadius\":2.5,\"inputs\":7,\"logits\":4,\"outputGradient\":1.25,\"rank\":3,"
                    + "\"slope\":0.75},\"summation\":\"NAIVE\"}";

    private static Claims claims(String edits) {
        return Document.of(Scenario.stronglyConvex()).with(edits).read();
    }

    /** To first order in u the formulas are the same; what is left out is below 1e-9 of it. */
    private static void assertSame(RoundingModel model, Claims claims, double norm) {
        Claims.Steps steps = claims.grounds().bound().steps().get(0);
        Normaliser normaliser = steps.isMean() ? new Normaliser.Mean() : new Normaliser.Fixed(steps.normaliser());
        LedgerStep step = new LedgerStep(
                new StepMap(steps.stepSize(), steps.weightDecay(), normaliser), RecordIds.firstN((int) steps.used()));
        double expected = model.ofStep(step, norm);
        double ours = claims.grounds().constants().rounding().ofStep(steps, norm);
        assertTrue(ours <= expected && ours >= expected * (1 - 1e-9), ours + ", " + expected);
    }

    @ParameterizedTest
    @EnumSource(Summation.class)
    void anAdaptersIsFormula8(Summation summation) {
        RoundingModel model = new RoundingModel.AdaptedHead(summation, 1.25, 2.5, 0.75, 3, 7, 3, 4);
        String sums = ADAPTED + " && constants.rounding.summation=\"" + summation + "\"";
        for (String normaliser : new String[] {"0", "8"}) {
            // few records, so that no term hides another
            Claims claims =
                    claims(sums + " && bound.steps.0.retained=9 && bound.steps.0.deleted=2 && bound.steps.0.normaliser="
                            + normaliser);
            assertSame(model, claims, 5);
            assertEquals(
                    1.25 * 2.5 * 0.75, claims.grounds().constants().rounding().gradientBound());
        }
    }

    @ParameterizedTest
    @EnumSource(Summation.class)
    void aHeadsIsFormula7(Summation summation) {
        for (int logits : new int[] {1, 4}) {
            RoundingModel model = new RoundingModel.Head(summation, 1.25, 2.5, 7, logits);
            String head = "constants.rounding.summation=\"" + summation + "\" && constants.rounding.numbers="
                    + "{\"featureRadius\":2.5,\"gradientBound\":1.25,\"inputs\":7,\"logits\":" + logits + "}";
            for (int records : new int[] {1, 2, 3, 1024, 1025}) {
                assertSame(model, claims(head + " && bound.steps.0.deleted=0 && bound.steps.0.retained=" + records), 5);
            }
        }
    }

    private static String numbers(RoundingModel model) {
        if (model instanceof RoundingModel.Head head) {
            return "\"model\":\"head\",\"summation\":\"" + head.summation() + "\",\"numbers\":{\"gradientBound\":"
                    + head.gradientBound() + ",\"featureRadius\":" + head.featureRadius() + ",\"inputs\":"
                    + head.inputs() + ",\"logits\":" + head.logits() + "}";
        }
        if (model instanceof RoundingModel.AdaptedHead head) {
            return "\"model\":\"adaptedHead\",\"summation\":\"" + head.summation()
                    + "\",\"numbers\":{\"outputGradient\":" + head.outputGradient() + ",\"featureRadius\":"
                    + head.featureRadius() + ",\"slope\":" + head.slope() + ",\"baseNorm\":" + head.baseNorm()
                    + ",\"inputs\":" + head.inputs() + ",\"rank\":" + head.rank() + ",\"logits\":" + head.logits()
                    + "}";
        }
        RoundingModel.Assumed said = (RoundingModel.Assumed) model;
        return "\"model\":\"assumed\",\"summation\":\"\",\"numbers\":{\"relative\":" + said.relative()
                + ",\"gradientBound\":" + said.gradientBound() + "}";
    }

    private static StepError error(RoundingModel model) {
        return claims("constants.rounding={\"evidence\":\"" + model.assurance() + "\"," + numbers(model) + "}")
                .grounds()
                .constants()
                .rounding();
    }

    /** Between 1/100 and 100. */
    private static double any(Random random) {
        return Math.exp((random.nextDouble() - 0.5) * 2 * Math.log(100));
    }

    private static RoundingModel model(int kind, Random random) {
        Summation summation = List.of(Summation.NAIVE, Summation.PAIRWISE, Summation.COMPENSATED)
                .get(random.nextInt(3));
        int inputs = 1 + random.nextInt(2000);
        int logits = 1 + random.nextInt(1000);
        return switch (kind) {
            case 0 -> new RoundingModel.Head(summation, any(random), any(random), inputs, logits);
            case 1 -> new RoundingModel.Head(summation, any(random), any(random), inputs, 1);
            case 2 ->
                new RoundingModel.AdaptedHead(
                        summation,
                        any(random),
                        any(random),
                        any(random),
                        random.nextInt(3) * any(random),
                        inputs,
                        1 + random.nextInt(64),
                        logits);
            default -> new RoundingModel.Assumed(1e-12 * any(random), any(random));
        };
    }

    /** To first order in u the formulas are the same, up to a million records: of other sums nu/(1 - nu) is 10^-9 above nu at most. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aGradientsIsFormula9Or10(int kind) {
        Random random = new Random(kind);
        for (int i = 0; i < Exhaustive.times(60, 5000); i++) {
            RoundingModel model = model(kind, random);
            // as often few as many, so that no term hides another in all of them
            double records = Math.rint(Math.pow(1e6, random.nextDouble()));
            double normaliser = records * any(random);
            double lambda = any(random) / 100;
            double norm = any(random);
            double expected = model.ofGradient((long) records, normaliser, lambda, norm);
            double ours = error(model).ofGradient(records, records / normaliser, lambda, norm);
            // of compensated sums 2u + 2(nu)², which is n²u of 2u
            double second = numbers(model).contains("COMPENSATED") ? records * records * 0x1p-53 : 0;
            assertTrue(
                    ours <= expected && ours >= expected * (1 - 1e-9 - second),
                    () -> model + ": " + ours + ", " + expected);
        }
    }

    /** relative·(η·s·G + ‖θ‖) with s = 10/4. */
    @Test
    void whatIsAssumedIsRelative() {
        Claims claims = Document.of(Scenario.assumed())
                .with("bound.steps.0.normaliser=4 && bound.steps.0.retained=8 && bound.steps.0.deleted=2"
                        + " && constants.rounding.numbers.gradientBound=3 && constants.rounding.numbers.relative=0.125")
                .read();
        StepError error = claims.grounds().constants().rounding();
        assertEquals(
                0.125 * (0.5 * 2.5 * 3 + 7),
                error.ofStep(claims.grounds().bound().steps().get(0), 7));
        assertThrows(IllegalArgumentException.class, () -> error.number("inputs"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ADAPTED + " && constants.rounding.numbers.baseNorm=0",
                "constants.rounding.numbers.inputs=1",
                "constants.rounding.numbers.logits=1"
            })
    void whatIsJustInRangeIsRead(String edits) {
        assertTrue(claims(edits).grounds().constants().rounding().isAnalysed());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            constants.rounding.numbers.inputs=0.5 | at least one input
            constants.rounding.numbers.logits=0.5 | at least one input and one logit
            constants.rounding.numbers.featureRadius=0 | featureRadius must be a finite number
            constants.rounding.numbers.more=1 | constants.rounding.numbers.more is not known
            constants.rounding.more=1 | constants.rounding.more is not known
            constants.rounding.summation="" | summation must be one of
            constants.rounding.model="assumed" | must be one of
            """)
    void anythingElseIsRefused(String edits, String fragment) {
        Document document = Document.of(Scenario.stronglyConvex()).with(edits);
        String sentence =
                assertThrows(RejectedException.class, document::claims).sentence();
        assertTrue(sentence.contains(fragment), sentence);
    }
}
