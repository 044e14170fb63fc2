/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Golden;
import org.amend4j.environment.Transition;
import org.amend4j.environment.XorMdp;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chains that critics learn from. */
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
            assertEquals(1, CriticChain.ofStates(lazy, returns.policy(theta)).period());
            double[] q = Close.flat(returns.values(theta).actionValues());
            Close.toNumbers(reference.get("Q"), q, TOLERANCE);
            Close.toNumber(reference.get("J"), returns.expectedReturn(theta), TOLERANCE);
            Close.toNumber(reference.get("c_eps"), new XorReturn(gamma, stay).best(), TOLERANCE);
        }
    }

    @Test
    void thePlainXorChainHasPeriodTwo() {
        double[][] fair = {{0.5, 0.5}, {0.5, 0.5}, {0.5, 0.5}};
        assertEquals(2, CriticChain.ofStates(XorMdp.plain().mdp(), fair).period());
    }

    /** Ends of episodes lead to the start again. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void fromEveryStateTheChainIsSomewhereNext(int seed) {
        Random random = new Random(seed);
        FiniteMdp mdp = RandomProcess.tables(random, 2 + random.nextInt(5), 2 + random.nextInt(2), 0.2);
        double[][] policy = new double[mdp.states()][];
        for (int state = 0; state < policy.length; state++) {
            policy[state] = RandomProcess.distribution(random, mdp.actions());
        }
        for (double[] row : CriticChain.ofStates(mdp, policy).transition()) {
            assertEquals(1, Arrays.stream(row).sum(), 1e-14);
        }
    }

    @Test
    void severalStationaryLawsAreRefused() {
        List<List<Transition>> first = List.of(List.of(new Transition(1, 0, 0, false)));
        List<List<Transition>> second = List.of(List.of(new Transition(1, 1, 1, false)));
        FiniteMdp apart = new FiniteMdp(List.of(first, second), new double[] {0.5, 0.5});
        CriticChain chain = CriticChain.ofStates(apart, new double[][] {{1}, {1}});
        IllegalStateException refused = assertThrows(IllegalStateException.class, chain::period);
        assertEquals(
                "a chain must have one recurrent class to have one stationary law, but 0 never leads to 1",
                refused.getMessage());
    }
}
