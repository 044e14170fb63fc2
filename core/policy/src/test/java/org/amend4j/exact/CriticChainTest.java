/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Golden;
import org.amend4j.environment.Transition;
import org.amend4j.environment.XorMdp;
import org.amend4j.numeric.Matrices;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stationary laws and fixed points of temporal differences. */
class CriticChainTest {

    private static final double TOLERANCE = 1e-12;

    static IntStream seeds() {
        return IntStream.range(0, 50);
    }

    @Test
    void theLazyXorChainIsTheReferences() {
        for (JsonNode reference : GoldenJson.read(Golden.class, "xor_mdp.json").get("lazy")) {
            double gamma = reference.get("gamma").doubleValue();
            double stay = reference.get("epsilon").doubleValue();
            FiniteMdp lazy = XorMdp.lazy(stay).mdp();
            double[] theta = GoldenJson.numbers(reference.get("theta"));
            ExactReturn returns = ExactReturn.of(XorMdp.lazy(stay), new LogitMap.Bernoulli(2), gamma);
            CriticChain chain = CriticChain.ofPairs(lazy, returns.policy(theta));
            Close.toMatrix(reference.get("transition"), chain.transition(), TOLERANCE);
            Close.toNumbers(reference.get("stationary_distribution"), chain.stationary(), TOLERANCE);
            assertEquals(1, chain.period());
            double[] q = Close.flat(returns.values(theta).actionValues());
            Close.toNumbers(reference.get("Q"), q, TOLERANCE);
            Close.toNumber(reference.get("J"), returns.expectedReturn(theta), TOLERANCE);
            Close.toNumber(reference.get("c_eps"), new XorReturn(gamma, stay).best(), TOLERANCE);
            if (reference.has("linear_features")) {
                compareFixedPoint(reference.get("linear_features"), chain, gamma, q);
            }
        }
    }

    private static void compareFixedPoint(JsonNode reference, CriticChain chain, double gamma, double[] q) {
        TdFixedPoint point = TdFixedPoint.of(chain, GoldenJson.matrix(reference.get("phi")), gamma);
        Close.toMatrix(reference.get("A"), point.matrix(), TOLERANCE);
        Close.toNumbers(reference.get("b"), point.right(), TOLERANCE);
        Close.toNumbers(reference.get("w_star"), point.weights(), TOLERANCE);
        Close.toNumber(reference.get("q_error_D_norm_sq"), point.squaredError(q), TOLERANCE);
        Close.toNumber(reference.get("omega"), point.smallestCurvature(), TOLERANCE);
    }

    @Test
    void thePlainXorChainHasPeriodTwo() {
        double[][] fair = {{0.5, 0.5}, {0.5, 0.5}, {0.5, 0.5}};
        assertEquals(2, CriticChain.ofPairs(XorMdp.plain().mdp(), fair).period());
        assertEquals(2, CriticChain.ofStates(XorMdp.plain().mdp(), fair).period());
    }

    /** With a feature per state the fixed point is the exact value, ends of episodes and restarts included. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneFeaturePerStateGivesExactValues(int seed) {
        Random random = new Random(seed);
        FiniteMdp mdp = RandomProcess.tables(random, 2 + random.nextInt(5), 2 + random.nextInt(2), 0.2);
        double[][] policy = new double[mdp.states()][];
        for (int state = 0; state < policy.length; state++) {
            policy[state] = RandomProcess.distribution(random, mdp.actions());
        }
        CriticChain chain = CriticChain.ofPairs(mdp, policy);
        double[] stationary = chain.stationary();
        double[] after = Matrices.multiply(new double[][] {stationary}, chain.transition())[0];
        Close.to(stationary, after, 1e-14);
        assertEquals(1, Arrays.stream(stationary).sum(), 1e-14);
        PolicyValues exact = PolicyValues.of(mdp, policy, 0.9);
        TdFixedPoint pairs = TdFixedPoint.of(chain, Matrices.identity(chain.size()), 0.9);
        Close.to(Close.flat(exact.actionValues()), pairs.approximation(), 1e-10);
        TdFixedPoint states = TdFixedPoint.of(CriticChain.ofStates(mdp, policy), Matrices.identity(mdp.states()), 0.9);
        Close.to(exact.values(), states.approximation(), 1e-10);
    }

    @Test
    void severalStationaryLawsAreRefused() {
        List<List<Transition>> first = List.of(List.of(new Transition(1, 0, 0, false)));
        List<List<Transition>> second = List.of(List.of(new Transition(1, 1, 1, false)));
        FiniteMdp apart = new FiniteMdp(List.of(first, second), new double[] {0.5, 0.5});
        CriticChain chain = CriticChain.ofStates(apart, new double[][] {{1}, {1}});
        IllegalStateException refused = assertThrows(IllegalStateException.class, chain::stationary);
        assertEquals(
                "a chain must have one recurrent class to have one stationary law, but 0 never leads to 1",
                refused.getMessage());
    }

    @Test
    void dependentFeaturesAreRefused() {
        double[][] fair = {{0.5, 0.5}, {0.5, 0.5}, {0.5, 0.5}};
        CriticChain chain = CriticChain.ofStates(XorMdp.lazy(0.2).mdp(), fair);
        double[][] twice = {{1, 2}, {3, 6}, {-1, -2}};
        ArithmeticException refused = assertThrows(ArithmeticException.class, () -> TdFixedPoint.of(chain, twice, 0.9));
        assertTrue(refused.getMessage().startsWith("a matrix must be regular"), refused::getMessage);
    }
}
