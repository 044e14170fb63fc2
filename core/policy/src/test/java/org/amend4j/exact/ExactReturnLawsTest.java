/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.XorMdp;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.objective.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Laws of exact returns on random processes with random observations. */
class ExactReturnLawsTest {

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    @SuppressWarnings("ArrayRecordComponent") // test data
    private record Case(ExactReturn returns, double[] theta, FiniteMdp mdp) {

        static Case of(int seed) {
            Random random = new Random(seed);
            TabularEnvironment environment = RandomProcess.aliased(random);
            LogitMap map = map(seed % 4, random, environment);
            double gamma = 0.3 + 0.6 * random.nextDouble();
            ExactReturn returns = ExactReturn.of(environment, map, gamma);
            return new Case(returns, RandomProcess.normals(random, map.dimension()), environment.mdp());
        }

        private static LogitMap map(int kind, Random random, TabularEnvironment environment) {
            int observations = environment.observationSpace().count();
            int actions = environment.actionSpace().count();
            double[][] base = new double[observations][];
            for (int o = 0; o < observations; o++) {
                base[o] = RandomProcess.normals(random, actions);
            }
            double[][] phi = new double[observations * actions][];
            for (int i = 0; i < phi.length; i++) {
                phi[i] = RandomProcess.normals(random, 3);
            }
            return switch (kind) {
                case 0 -> new LogitMap.LowRank(base, 1.5, 1 + random.nextInt(2));
                case 1 -> new LogitMap.Linear(observations, actions, phi);
                case 2 ->
                    actions == 2 ? new LogitMap.Bernoulli(observations) : new LogitMap.Table(observations, actions);
                default -> new LogitMap.Table(observations, actions);
            };
        }

        double[] moved(int element, double by) {
            double[] result = theta.clone();
            result[element] += by;
            return result;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void gradientAndHessianAreTheDifferencesOfReturns(int seed) {
        Case random = Case.of(seed);
        compareWithDifferences(random, random.returns());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void truncatedGradientAndHessianAreTheDifferencesOfTruncatedReturns(int seed) {
        Case random = Case.of(seed);
        compareWithDifferences(random, random.returns().truncated(1 + seed % 9));
    }

    /**
     * Steps of 1e-3: with |J| ≤ 10 rounding leaves 1.5·2e-16·10/1e-3 = 3e-12, and fifth derivatives, up to about 1e5 for γ = 0.9
     * and features of size 3, h⁴/30·1e5 = 3e-9.
     */
    private static void compareWithDifferences(Case random, ExactReturn returns) {
        double[] gradient = returns.returnGradient(random.theta());
        double[][] hessian = returns.returnHessian(random.theta());
        for (int i = 0; i < gradient.length; i++) {
            int element = i;
            double[] slope = Differences.of(h -> new double[] {returns.expectedReturn(random.moved(element, h))}, 1e-3);
            assertEquals(slope[0], gradient[i], 1e-8);
            double[] bends = Differences.of(h -> returns.returnGradient(random.moved(element, h)), 1e-3);
            assertArrayEquals(bends, hessian[i], 1e-8);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void longHorizonsApproachTheReturnWithoutOne(int seed) {
        Case random = Case.of(seed);
        ExactReturn full = random.returns();
        ExactReturn cut = full.truncated(400); // 0.9^400·400² < 1e-13
        Close.to(full.expectedReturn(random.theta()), cut.expectedReturn(random.theta()), 1e-11);
        Close.to(full.returnGradient(random.theta()), cut.returnGradient(random.theta()), 1e-11);
        Close.to(full.returnHessian(random.theta()), cut.returnHessian(random.theta()), 1e-11);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void curvatureAndItsTruncationAreBelowTheirBounds(int seed) {
        Case random = Case.of(seed);
        LogitMap map = random.returns().map();
        if (map.scoreBound().isEmpty()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ReturnSmoothness.of(
                            random.mdp(), map, random.returns().gamma()));
            return;
        }
        ReturnSmoothness bounds =
                ReturnSmoothness.of(random.mdp(), map, random.returns().gamma());
        double[][] hessian = random.returns().returnHessian(random.theta());
        assertTrue(norm(hessian) <= bounds.lipschitz());
        int horizon = seed % 20 + 1;
        double[][] cut = random.returns().truncated(horizon).returnHessian(random.theta());
        assertTrue(norm(Matrices.plus(cut, -1, hessian)) <= bounds.hessianTruncation(horizon));
    }

    private static double norm(double[][] symmetric) {
        SymmetricSpectrum spectrum = SymmetricSpectrum.of(symmetric);
        return Math.max(Math.abs(spectrum.largest()), Math.abs(spectrum.smallest()));
    }

    /**
     * J* - J ≤ max A/(1 - γ), and every A(s,b) is a gradient's element over d(s)π(b|s): with all states seen apart and
     * started from, a small gradient means a nearly optimal policy, so there is no saddle.
     */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aTableOfAllStatesHasNoSaddle(int seed) {
        Random random = new Random(seed);
        FiniteMdp mdp = RandomProcess.tables(random, 2 + random.nextInt(4), 2 + random.nextInt(2), 0.1);
        LogitMap map = new LogitMap.Table(mdp.states(), mdp.actions());
        ExactReturn returns = ExactReturn.of(mdp.environment(), map, 0.9);
        double[] theta = RandomProcess.normals(random, map.dimension());
        assertTrue(gap(returns, theta, mdp) <= gapBound(returns, theta) + 1e-12);
    }

    @Test
    void anAliasedTableHasOne() {
        ExactReturn returns = ExactReturn.of(XorMdp.plain(), new LogitMap.Table(2, 2), 0.9);
        double[] zero = new double[4];
        assertTrue(gap(returns, zero, XorMdp.plain().mdp()) > 4.7);
        assertEquals(0, gapBound(returns, zero));
    }

    private static double gap(ExactReturn returns, double[] theta, FiniteMdp mdp) {
        return OptimalValues.of(mdp, returns.gamma()).expectedReturn() - returns.expectedReturn(theta);
    }

    private static double gapBound(ExactReturn returns, double[] theta) {
        double[][] policy = returns.policy(theta);
        double[] visits = returns.values(theta).visits();
        double least = Double.POSITIVE_INFINITY;
        for (int state = 0; state < policy.length; state++) {
            for (double probability : policy[state]) {
                least = Math.min(least, visits[state] * probability);
            }
        }
        double[] gradient = returns.returnGradient(theta);
        double greatest = Arrays.stream(gradient).max().orElseThrow();
        return greatest / least / (1 - returns.gamma());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noPolicyIsBetterThanTheBestAndAdvantagesHaveMeanZero(int seed) {
        Case random = Case.of(seed);
        assertTrue(gap(random.returns(), random.theta(), random.mdp()) >= -1e-12);
        double[][] policy = random.returns().policy(random.theta());
        double[][] advantages = random.returns().values(random.theta()).advantages();
        for (int state = 0; state < policy.length; state++) {
            assertEquals(0, Matrices.dot(policy[state], advantages[state]), 1e-14);
        }
    }

    /** γ so near 1 that values' rounding is far above what counts as a gain. */
    @Test
    void bestValuesEndAlsoForVeryLongHorizons() {
        FiniteMdp mdp = RandomProcess.tables(new Random(5), 40, 3, 0);
        OptimalValues best = OptimalValues.of(mdp, 1 - 1e-7);
        assertTrue(best.error() < 1e-3 * Math.abs(best.expectedReturn()));
    }

    @Test
    void asAnObjectiveItIsTheNegativeReturn() {
        Case random = Case.of(3);
        double[] gradient = new double[random.theta().length];
        double value = random.returns().valueAndGradient(random.theta(), gradient);
        assertEquals(-random.returns().expectedReturn(random.theta()), value);
        assertEquals(random.returns().value(random.theta()), value);
        double[] ofReturn = random.returns().returnGradient(random.theta());
        for (int i = 0; i < gradient.length; i++) {
            assertEquals(-ofReturn[i], gradient[i]);
        }
        assertEquals(Precision.DOUBLE, random.returns().precision());
    }

    @Test
    void parametersThatAreNotFiniteGiveNaN() {
        ExactReturn returns = ExactReturn.of(XorMdp.plain(), new LogitMap.Bernoulli(2), 0.9);
        double[] gradient = new double[2];
        assertTrue(Double.isNaN(returns.valueAndGradient(new double[] {Double.NaN, 0}, gradient)));
        assertArrayEquals(new double[] {Double.NaN, Double.NaN}, gradient);
        assertTrue(Double.isNaN(returns.returnHessian(new double[] {0, Double.POSITIVE_INFINITY})[0][0]));
    }

    @Test
    void logitsOfThousandsAreNoTrouble() {
        ExactReturn returns = ExactReturn.of(XorMdp.plain(), new LogitMap.Bernoulli(2), 0.9);
        Close.to(new XorReturn(0.9, 0).best(), returns.expectedReturn(new double[] {5000, 5000}), 1e-12);
        assertArrayEquals(new double[2], returns.returnGradient(new double[] {5000, 5000}));
    }

    @Test
    void everythingItDependsOnIsInTheFingerprint() {
        TabularEnvironment plain = XorMdp.plain();
        LogitMap two = new LogitMap.Bernoulli(2);
        double[][] phi = {{1}, {2}, {3}, {4}};
        double[][] other = {{1}, {2}, {3}, {5}};
        List<ExactReturn> different = List.of(
                ExactReturn.of(plain, two, 0.9),
                ExactReturn.of(plain, two, 0.95),
                ExactReturn.of(plain, two, 0.9).truncated(2),
                ExactReturn.of(plain, two, 0.9).truncated(3),
                ExactReturn.of(XorMdp.lazy(0.1), two, 0.9),
                ExactReturn.of(plain, new LogitMap.Table(2, 2), 0.9),
                ExactReturn.of(plain, new LogitMap.Linear(2, 2, phi), 0.9),
                ExactReturn.of(plain, new LogitMap.Linear(2, 2, other), 0.9),
                ExactReturn.of(plain.mdp().environment(), new LogitMap.Bernoulli(3), 0.9));
        Set<String> prints = new HashSet<>();
        different.forEach(returns -> prints.add(returns.fingerprint()));
        assertEquals(different.size(), prints.size());
        assertEquals(
                different.get(0).fingerprint(),
                ExactReturn.of(XorMdp.plain(), two, 0.9).fingerprint());
    }

    @Test
    void aMapOfAnotherShapeIsRefused() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> ExactReturn.of(XorMdp.plain(), new LogitMap.Table(3, 2), 0.9));
        assertEquals("logits must be of 2 observations and 2 actions, got 3 and 2", refused.getMessage());
    }

    @Test
    void aPolicyThatIsNoDistributionIsRefused() {
        double[][] policy = {{0.5, 0.5}, {0.5, 0.6}, {1, 0}};
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> PolicyValues.of(XorMdp.plain().mdp(), policy, 0.9));
        assertEquals(
                "policy must have 2 probabilities a row, summing to 1, got 2 summing to 1.1 (state 1)",
                refused.getMessage());
    }
}
