/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HorizonTest {

    private static final RewardRange PLUS_MINUS_ONE = RewardRange.known(-1, 1);
    private static final BiasConstants USUAL = new BiasConstants(0.99, ScoreConstants.tabularSoftmax(), PLUS_MINUS_ONE);

    static Stream<JsonNode> golden() {
        return StreamSupport.stream(
                GoldenJson.read(HorizonTest.class, "horizon.json").get("rows").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("golden")
    void horizonsAreTheReference(JsonNode row) {
        double gamma = row.get("gamma").doubleValue();
        double epsilon = row.get("epsilon").doubleValue();
        assertEquals(row.get("A").intValue(), chosen(BiasBound.A, gamma, PLUS_MINUS_ONE, epsilon));
        assertEquals(row.get("B").intValue(), chosen(BiasBound.B, gamma, PLUS_MINUS_ONE, epsilon));
        assertEquals(row.get("C_rewards_pm1").intValue(), chosen(BiasBound.C, gamma, PLUS_MINUS_ONE, epsilon));
        assertEquals(row.get("C_rewards_01").intValue(), chosen(BiasBound.C, gamma, RewardRange.known(0, 1), epsilon));
    }

    private static int chosen(BiasBound bound, double gamma, RewardRange rewards, double epsilon) {
        return new HorizonChooser(bound, new BiasConstants(gamma, ScoreConstants.tabularSoftmax(), rewards))
                .forStationarity(epsilon)
                .steps();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void theSearchFindsWhatCountingUpFinds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        BiasConstants constants = new BiasConstants(
                random.nextDouble(0.05, 0.995),
                ScoreConstants.known(2, random.nextDouble(4)),
                RewardRange.known(-random.nextDouble(), random.nextDouble(5)));
        double tolerance = Math.exp(random.nextDouble(-15, 5));
        for (BiasBound bound : BiasBound.values()) {
            int steps = 1;
            while (bound.of(constants, steps) > tolerance) {
                steps++;
            }
            Horizon horizon = new HorizonChooser(bound, constants).within(tolerance);
            assertEquals(steps, horizon.steps());
            assertTrue(horizon.bias() <= tolerance);
        }
    }

    /** Eight episodes without the reward that hardly any has. */
    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 1e-9})
    void oneRewardSeenAgainAndAgainBoundsNothing(double reward) {
        RewardRange seen = RewardRange.seen(new double[] {reward, reward, reward});
        BiasConstants constants = new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), seen);
        for (BiasBound bound : BiasBound.values()) {
            assertEquals(Double.POSITIVE_INFINITY, bound.of(constants, 1_000));
            refused("all that were seen are " + reward, () -> new HorizonChooser(bound, constants));
        }
        String sentence = Horizon.given(7, BiasBound.C, constants).sentence();
        assertTrue(sentence.contains("is not known, since all rewards that were seen are " + reward), sentence);
        // a process that keeps to one reward has no bias to bound
        BiasConstants kept = new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), RewardRange.known(reward, reward));
        assertEquals(0, BiasBound.C.of(kept, 1));
    }

    @Test
    void theSentenceHasTheNumbersRoundedUp() {
        Horizon horizon = new HorizonChooser(BiasBound.B, USUAL).within(0.09);
        String sentence = horizon.sentence();
        assertEquals(
                "H = 1,085 (chosen for a bias of at most 0.0900): by bound B cutting off changes the gradient by at most "
                        + Digits.up(horizon.bias())
                        + " (A " + Digits.up(horizon.bias(BiasBound.A)) + ", B " + Digits.up(horizon.bias())
                        + ", C " + Digits.up(horizon.bias(BiasBound.C))
                        + "; gamma = 0.99, rewards in [-1.0, 1.0], R = 1.0, G = 1.42, Lambda = 0.5: tabular softmax).",
                sentence);
    }

    @Test
    void estimatedConstantsMakeAnIndicationOnly() {
        ScoreConstants seen = ScoreConstants.largestSeen(new double[] {0.5, 3, 1});
        Horizon estimated = Horizon.given(50, BiasBound.B, new BiasConstants(0.9, seen, PLUS_MINUS_ONE));
        assertTrue(estimated.sentence().startsWith("H = 50 (given): by bound B "), estimated.sentence());
        assertTrue(estimated.sentence().endsWith("an indication, not a bound."), estimated.sentence());
        assertTrue(estimated.sentence().contains("largest of 3 scores"), estimated.sentence());
        BiasConstants rewards =
                new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), RewardRange.seen(new double[] {1, -2, 0}));
        assertEquals(BoundAssurance.ESTIMATED, rewards.assurance());
        assertEquals(BoundAssurance.KNOWN, USUAL.assurance());
        assertFalse(Horizon.given(50, BiasBound.B, USUAL).sentence().contains("estimated"));
    }

    @Test
    void aHorizonBeyondTheTimeLimitIsSaidWithTheBoundThatIsLeft() {
        Horizon horizon = new HorizonChooser(BiasBound.B, USUAL).within(0.09);
        assertEquals(
                Optional.of(
                        "H = 1,085 exceeds the environment's time limit of 500 steps: trajectories end there, and the "
                                + "bias is only known to be at most "
                                + Digits.up(BiasBound.B.of(USUAL, 500))
                                + "; switch the limit off or accept that."),
                horizon.warning(500));
        assertEquals(Optional.empty(), horizon.warning(1085));
    }

    @Test
    void digitsNeverRoundDown() {
        assertEquals("0.124", Digits.up(0.12301));
        assertEquals("0.123", Digits.nearest(0.12301));
        assertEquals("1.01E-7", Digits.up(1.001e-7));
        assertEquals("0", Digits.up(0));
        assertEquals("unknown", Digits.up(Double.POSITIVE_INFINITY));
    }

    @Test
    void scoresWithoutABoundNeedTheSecondMoment() {
        BiasConstants gaussian = new BiasConstants(0.9, ScoreConstants.gaussian(1, 0.5, false), PLUS_MINUS_ONE);
        refused(
                "bound B must have finite constants, got G = Infinity",
                () -> new HorizonChooser(BiasBound.B, gaussian));
        Horizon horizon = new HorizonChooser(BiasBound.C, gaussian).within(0.1);
        assertTrue(horizon.sentence().contains("A unknown, B unknown, C 0.0"), horizon.sentence());
    }

    @Test
    void badNumbersAreRefused() {
        HorizonChooser chooser = new HorizonChooser(BiasBound.A, USUAL);
        refused("the tolerance of the bias must be > 0", () -> chooser.within(0));
        refused("within 2^30 steps, got 1.0E-310", () -> chooser.within(1e-310));
        refused("epsilon must be > 0", () -> chooser.forStationarity(-1));
        refused("the horizon must be >= 1, got 0", () -> Horizon.given(0, BiasBound.A, USUAL));
        refused(
                "the time limit must be >= 1",
                () -> Horizon.given(1, BiasBound.A, USUAL).warning(0));
        Horizon chosen = chooser.within(1);
        refused(
                "the bias must be at most 1.0, got",
                () -> new Horizon(chosen.steps() - 1, BiasBound.A, chosen.tolerance(), USUAL));
    }

    /** A tolerance that a bound meets to the bit is met, by powers of two and by others. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 37, 64, 511, 1024})
    void aBoundThatIsTheToleranceIsEnough(int steps) {
        for (BiasBound bound : BiasBound.values()) {
            double tolerance = bound.of(USUAL, steps);
            assertEquals(
                    steps, new HorizonChooser(bound, USUAL).within(tolerance).steps(), "bound " + bound);
        }
    }
}
