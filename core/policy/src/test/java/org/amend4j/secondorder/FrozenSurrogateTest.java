/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.amend4j.algorithm.GpomdpEstimator;
import org.amend4j.algorithm.LogitNetwork;
import org.amend4j.algorithm.Processes;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.environment.XorMdp;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.exact.XorReturn;
import org.amend4j.objective.HessianVector;
import org.amend4j.objective.Precision;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.GraphApproximator;
import org.amend4j.policy.InputShape;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrozenSurrogateTest {

    /** Products by differences err by about 1e-10 here, second differences of log-probabilities by as much. */
    private static final double DIFFERENCES = 1e-7;

    private static final double[] DIAGONAL = {Math.sqrt(0.5), Math.sqrt(0.5)};

    @Test
    void explicitTrajectoriesHaveTheReferencesGradientAndHessian() {
        int compared = 0;
        for (JsonNode golden : Processes.golden().get("trajectories")) {
            Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, Processes.numbers(golden.get("theta")));
            TakenSteps steps = Trajectories.xor(policy, Processes.numbers(golden.get("actions")));
            assertArrayEquals(Processes.numbers(golden.get("rewards")), steps.rewards());
            double gamma = golden.get("gamma").doubleValue();
            FrozenSurrogate surrogate = new FrozenSurrogate(policy, steps, gamma);
            double[] gradient = Processes.numbers(golden.get("grad_estimate"));
            assertArrayEquals(gradient, surrogate.homeGradient(), 1e-12);
            double[][] hessian = hessian(surrogate);
            TrajectorySlopes along = surrogate.along(new double[] {3, 4});
            double curvature = 0;
            for (int i = 0; i < 2; i++) {
                double[] row = Processes.numbers(golden.get("hessian_estimate").get(i));
                assertArrayEquals(row, hessian[i], DIFFERENCES);
                curvature += (3 + i) / 5.0 * (0.6 * row[0] + 0.8 * row[1]);
            }
            assertEquals(0.6 * gradient[0] + 0.8 * gradient[1], along.slopes()[0], 1e-10);
            assertEquals(curvature, along.curvatures()[0], DIFFERENCES);
            compared++;
        }
        assertEquals(2, compared);
    }

    /** The only difference is the order of sums, and that logarithms of discounts are added. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void gradientAtHomeIsTheGpomdpEstimate(long seed) {
        TabularEnvironment environment = Processes.random(4, 3, seed % 2 == 0, seed);
        Policy policy = LogitNetwork.policy(new LogitMap.Table(4, 3), Processes.normal(12, 1, seed));
        TakenSteps steps = Trajectories.sampled(environment, policy, 600, 9, seed);
        assertArrayEquals(
                new GpomdpEstimator(policy, 0.9).gradient(steps),
                new FrozenSurrogate(policy, steps, 0.9).homeGradient(),
                1e-12);
        assertArrayEquals(
                new GpomdpEstimator(policy, 1).gradient(steps),
                new FrozenSurrogate(policy, steps, 1).homeGradient(),
                1e-12);
    }

    /** Central differences of the value, error h² = 1e-10 and rounding 1e-16/h = 1e-11, times derivatives of order 10. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void gradientAwayFromHomeIsTheValuesDerivative(long seed) {
        FrozenSurrogate surrogate = tabular(seed, 50);
        double[] theta = surrogate.home();
        double[] away = Processes.normal(theta.length, 0.3, ~seed);
        for (int i = 0; i < theta.length; i++) {
            theta[i] += away[i];
        }
        double[] gradient = new double[theta.length];
        assertEquals(surrogate.value(theta), surrogate.valueAndGradient(theta, gradient), 1e-13);
        for (int i = 0; i < theta.length; i++) {
            double middle = theta[i];
            theta[i] = middle + 1e-5;
            double above = surrogate.value(theta);
            theta[i] = middle - 1e-5;
            double below = surrogate.value(theta);
            theta[i] = middle;
            assertEquals((above - below) / 2e-5, gradient[i], 1e-7);
        }
    }

    /** mean Σ γ^t r_t (c cᵀ + Σ∇²log π), by its definition for a table of logits; twins: a term dropped, a discount too many. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void hessianByDifferencesIsTheExplicitFormula(long seed) {
        TabularEnvironment environment = Processes.random(4, 3, seed % 2 == 0, seed);
        Policy policy = LogitNetwork.policy(new LogitMap.Table(4, 3), Processes.normal(12, 1, seed));
        TakenSteps steps = Trajectories.sampled(environment, policy, 40, 8, seed);
        double[][] measured = hessian(new FrozenSurrogate(policy, steps, 0.9));
        assertTrue(distance(explicit(policy, steps, 0.9, 1, 0), measured) <= DIFFERENCES);
        assertTrue(distance(explicit(policy, steps, 0.9, 0, 0), measured) > 1e-3);
        assertTrue(distance(explicit(policy, steps, 0.9, 1, 1), measured) > 1e-3);
    }

    /** Row by row with products of opposite steps; the defect is that of differences. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void hessianIsSymmetricForEveryBatch(long seed) {
        HessianVector hessian = tabular(seed, 3).homeHessian();
        assertTrue(hessian.symmetryDefect(10, seed).relative() < 1e-8);
        Policy network = network(seed);
        TakenSteps steps = Trajectories.sampled(Processes.random(4, 3, true, seed), network, 20, 12, seed);
        HessianVector ofNetwork = new FrozenSurrogate(network, steps, 0.9).homeHessian();
        assertTrue(ofNetwork.symmetryDefect(5, seed).relative() < 1e-7);
    }

    /** More rows than fit in one piece, episodes that end, a network with two layers: along v is what the pieces sum to. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void trajectoriesAlongADirectionAverageToGradientAndHessianOfANetwork(long seed) {
        Policy network = network(seed);
        TakenSteps steps = Trajectories.sampled(Processes.random(4, 3, true, seed), network, 1_500, 12, seed);
        assertTrue(steps.rows() > 4_096);
        FrozenSurrogate surrogate = new FrozenSurrogate(network, steps, 0.9);
        double[] v = Processes.normal(surrogate.dimension(), 1, seed + 7);
        double[] product = new double[v.length];
        surrogate.homeHessian().apply(v, product);
        double norm = Math.sqrt(dot(v, v));
        TrajectorySlopes along = surrogate.along(v);
        assertEquals(dot(v, new GpomdpEstimator(network, 0.9).gradient(steps)) / norm, mean(along.slopes()), 1e-9);
        assertEquals(-dot(v, product) / norm / norm, mean(along.curvatures()), DIFFERENCES);
        double[][] each = new GpomdpEstimator(network, 0.9).perTrajectory(steps);
        for (int i = 0; i < each.length; i += 100) {
            assertEquals(dot(v, each[i]) / norm, along.slopes()[i], 1e-9);
        }
    }

    /** The same of a Deeplearning4j graph, 4-16-16-3, 403 parameters, with larger weights in its head than it begins with. */
    @Test
    void trajectoriesAlongADirectionAverageToGradientAndHessianOfAGraph() {
        GraphApproximator graph = GraphApproximator.of(
                PolicyGraphs.mlp(PolicyGraphs.Mlp.of(4, 3).withHidden(16, 16), 5), new InputShape.Row(4));
        assertEquals(403, graph.dimension());
        graph.setParameters(Processes.normal(403, 0.4, 5));
        Policy policy = new Policy(graph, new Categorical(3), new ObservationEncoder.OneHot(4));
        TakenSteps steps = Trajectories.sampled(Processes.random(4, 3, true, 5), policy, 60, 12, 5);
        FrozenSurrogate surrogate = new FrozenSurrogate(policy, steps, 0.9);
        assertArrayEquals(new GpomdpEstimator(policy, 0.9).gradient(steps), surrogate.homeGradient(), 1e-12);
        assertTrue(surrogate.homeHessian().symmetryDefect(5, 5).relative() < 1e-7);
        double[] v = Processes.normal(403, 1, 6);
        double[] product = new double[403];
        surrogate.homeHessian().apply(v, product);
        TrajectorySlopes along = surrogate.along(v);
        assertEquals(dot(v, surrogate.homeGradient()) / Math.sqrt(dot(v, v)), mean(along.slopes()), 1e-9);
        assertEquals(-dot(v, product) / dot(v, v), mean(along.curvatures()), DIFFERENCES);
        assertSameBytes(Processes.normal(403, 0.4, 5), policy.parameters());
    }

    /** No sampling: all strings of actions, weighted by their probability. */
    @ParameterizedTest(name = "H = {0}, theta = ({1}, {2})")
    @CsvSource({"2, 0, 0", "4, 0, 0", "6, 0, 0", "10, 0, 0", "6, 0.3, -0.7", "5, 1, 1"})
    void meanCurvatureOverAllActionStringsIsTheExactOne(int horizon, double first, double second) {
        double[] theta = {first, second};
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, theta);
        TakenSteps steps = Trajectories.xor(policy, Trajectories.strings(horizon));
        double[] p = Trajectories.probabilities(steps);
        ExactReturn exact =
                ExactReturn.of(XorMdp.plain(), Processes.XOR_LOGITS, 0.9).truncated(horizon);
        for (double[] v : new double[][] {DIAGONAL, {0.6, -0.8}}) {
            TrajectorySlopes along = new FrozenSurrogate(policy, steps, 0.9).along(v);
            double[][] h = exact.returnHessian(theta);
            double expected = v[0] * v[0] * h[0][0] + 2 * v[0] * v[1] * h[0][1] + v[1] * v[1] * h[1][1];
            assertEquals(expected, dot(p, along.curvatures()), DIFFERENCES);
            assertEquals(dot(v, exact.returnGradient(theta)), dot(p, along.slopes()), 1e-9);
            double[] squares = squares(along.slopes());
            assertEquals(exact.estimateSecondMoment(theta, v), dot(p, squares), 1e-9);
            // another discount is another return
            double[] wrong = new FrozenSurrogate(policy, steps, 1).along(v).curvatures();
            assertTrue(Math.abs(expected - dot(p, wrong)) > 1e-3);
        }
    }

    /** Standard deviations of vᵀĤv: enumerated for H = 10, 20,000 trajectories (5 standard errors below 5 %) for the others. */
    @Test
    void spreadOfTheCurvatureOnXorIsTheReference() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, 0, 0);
        TakenSteps all = Trajectories.xor(policy, Trajectories.strings(10));
        assertEquals(1.1269317048214214, deviation(new FrozenSurrogate(policy, all, 0.9).along(DIAGONAL)), 1e-7);
        TakenSteps twenty = Trajectories.sampled(XorMdp.plain(), policy, 20_000, 20, 1);
        assertEquals(1.69, deviation(new FrozenSurrogate(policy, twenty, 0.9).along(DIAGONAL)), 0.05 * 1.69);
        TakenSteps forty = Trajectories.sampled(XorMdp.plain(), policy, 20_000, 40, 1);
        assertEquals(1.85, deviation(new FrozenSurrogate(policy, forty, 0.9).along(DIAGONAL)), 0.05 * 1.85);
    }

    @ParameterizedTest(name = "H = {0}")
    @ValueSource(ints = {2, 4, 10})
    void noiseAtTheXorSaddleIsTheClosedForm(int horizon) {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, 0, 0);
        TakenSteps all = Trajectories.xor(policy, Trajectories.strings(horizon));
        double[] slopes = new FrozenSurrogate(policy, all, 0.9).along(DIAGONAL).slopes();
        assertEquals(new XorReturn(0.9, 0).saddleVariance(horizon), mean(squares(slopes)), 1e-9);
    }

    /** Ratios of e^1172 and discounts of 1e-468, in products of e^65. */
    @Test
    void ratiosThatOverflowTimesDiscountsThatUnderflowAreTheirProduct() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, -30, -30);
        double[] ones = new double[40];
        Arrays.fill(ones, 1);
        FrozenSurrogate surrogate = new FrozenSurrogate(policy, Trajectories.xor(policy, ones), 1e-12);
        double[] gradient = new double[2];
        double step = 30 + Math.log1p(Math.exp(-30)) - Math.log(2);
        double expected = 0;
        for (int t = 1; t < 40; t += 2) {
            expected += Math.exp((t + 1) * step + t * Math.log(1e-12));
        }
        double value = surrogate.valueAndGradient(new double[2], gradient);
        assertEquals(1, -value / expected, 1e-10);
        assertTrue(Double.isFinite(gradient[0]) && gradient[0] < 0);
    }

    @Test
    void whatOverflowsOrIsNotDefinedIsNotFinite() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, -30, -30);
        double[] ones = new double[40];
        Arrays.fill(ones, 1);
        FrozenSurrogate surrogate = new FrozenSurrogate(policy, Trajectories.xor(policy, ones), 0.9);
        double[] gradient = new double[2];
        assertEquals(Double.NEGATIVE_INFINITY, surrogate.valueAndGradient(new double[2], gradient));
        assertTrue(Double.isNaN(gradient[0]));
        assertTrue(Double.isNaN(surrogate.valueAndGradient(new double[] {0, Double.NaN}, gradient)));
        assertTrue(Double.isNaN(surrogate.value(new double[] {Double.POSITIVE_INFINITY, 0})));
        assertArrayEquals(new double[] {-30, -30}, policy.parameters());
    }

    @ParameterizedTest(name = "{0} passes before the failure")
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void parametersAreRestoredByteForByteAlsoAfterAnException(int passes) {
        TroubledNetwork network =
                new TroubledNetwork(new LogitNetwork(Processes.XOR_LOGITS, -0.0, 0.1), Precision.DOUBLE);
        Policy policy = new Policy(network, new Categorical(2), new ObservationEncoder.OneHot(2));
        FrozenSurrogate surrogate =
                new FrozenSurrogate(policy, Trajectories.xor(policy, new double[] {1, 0, 1, 1}), 0.9);
        double[] elsewhere = {5, 6};
        policy.setParameters(new double[] {-0.0, 0.3});
        network.failAfter(passes);
        assertThrows(IllegalStateException.class, () -> {
            surrogate.value(elsewhere);
            surrogate.valueAndGradient(elsewhere, new double[2]);
            surrogate.along(DIAGONAL);
        });
        assertSameBytes(new double[] {-0.0, 0.3}, policy.parameters());
    }

    @Test
    void parametersAreRestoredByteForByte() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, -0.0, 0.1);
        FrozenSurrogate surrogate =
                new FrozenSurrogate(policy, Trajectories.xor(policy, new double[] {1, 0, 1, 1}), 0.9);
        surrogate.value(DIAGONAL);
        surrogate.valueAndGradient(DIAGONAL, new double[2]);
        surrogate.along(DIAGONAL);
        surrogate.homeHessian().apply(DIAGONAL, new double[2]);
        assertSameBytes(new double[] {-0.0, 0.1}, policy.parameters());
    }

    @Test
    void floatIsRefused() {
        Policy policy = new Policy(
                new TroubledNetwork(new LogitNetwork(Processes.XOR_LOGITS, 0, 0), Precision.FLOAT),
                new Categorical(2),
                new ObservationEncoder.OneHot(2));
        TakenSteps steps = Trajectories.xor(policy, new double[] {1, 1});
        assertEquals(
                "second-order numbers need a policy that computes in DOUBLE, got FLOAT",
                refusal(policy, steps).getMessage());
    }

    @Test
    void normaliserThatMovesIsRefused() {
        NormalisingEncoder encoder = new NormalisingEncoder(2);
        Policy policy = new Policy(new LogitNetwork(Processes.XOR_LOGITS, 0, 0), new Categorical(2), encoder);
        TakenSteps one = Trajectories.xor(LogitNetwork.policy(Processes.XOR_LOGITS, 0, 0), new double[] {1, 1});
        FrozenSurrogate surrogate = new FrozenSurrogate(policy, one, 0.9);
        assertEquals(-0.9, surrogate.value(new double[2]), 1e-15);
        encoder.learn(new double[] {1, 2});
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> surrogate.value(new double[2]));
        assertTrue(refused.getMessage().startsWith("the policy's normaliser must stand still"));
    }

    @Test
    void trajectoriesOfAnotherPolicyAreRefused() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, 0, 0.1);
        TakenSteps steps = Trajectories.xor(policy, new double[] {1, 1});
        policy.setParameters(new double[] {0, 0.11});
        assertTrue(
                refusal(policy, steps).getMessage().startsWith("trajectories must have been taken by the policy as"));
    }

    @Test
    void partsOfTrajectoriesAndMixedHorizonsAreRefused() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, 0, 0);
        TakenSteps mixed = Trajectories.xor(policy, new double[] {1, 1}, new double[] {1, 1, 0});
        assertEquals(
                "trajectories must have one horizon, 3 steps, unless they terminate before, got 2 (trajectory 0)",
                refusal(policy, mixed).getMessage());
        TakenSteps whole = Trajectories.xor(policy, new double[] {1, 1});
        TakenSteps part = new TakenSteps(
                whole.decisions(),
                whole.rewards(),
                whole.logProbabilities(),
                List.of(new Segment(0, 2, 5, false, false, new double[2])));
        assertEquals(
                "trajectories must be whole: their first step has time 0, got 5 (trajectory 0)",
                refusal(policy, part).getMessage());
    }

    @Test
    void gammaAndDirectionsAreChecked() {
        Policy policy = LogitNetwork.policy(Processes.XOR_LOGITS, 0, 0);
        TakenSteps steps = Trajectories.xor(policy, new double[] {1, 1});
        assertEquals(
                "gamma must be in (0, 1], got 0.0",
                assertThrows(IllegalArgumentException.class, () -> new FrozenSurrogate(policy, steps, 0))
                        .getMessage());
        FrozenSurrogate surrogate = new FrozenSurrogate(policy, steps, 0.9);
        assertEquals(
                "the length of a direction must be > 0 and finite, got 0.0",
                assertThrows(IllegalArgumentException.class, () -> surrogate.along(new double[2]))
                        .getMessage());
    }

    private static IllegalArgumentException refusal(Policy policy, TakenSteps steps) {
        return assertThrows(IllegalArgumentException.class, () -> new FrozenSurrogate(policy, steps, 0.9));
    }

    private static FrozenSurrogate tabular(long seed, int trajectories) {
        TabularEnvironment environment = Processes.random(4, 3, seed % 2 == 0, seed);
        Policy policy = LogitNetwork.policy(new LogitMap.Table(4, 3), Processes.normal(12, 1, seed));
        return new FrozenSurrogate(policy, Trajectories.sampled(environment, policy, trajectories, 8, seed), 0.9);
    }

    private static Policy network(long seed) {
        Approximator network = Approximators.random(
                List.of(
                        new DenseShape(4, 8, true, DenseActivation.TANH),
                        new DenseShape(8, 3, true, DenseActivation.IDENTITY)),
                1,
                seed);
        return new Policy(network, new Categorical(3), new ObservationEncoder.OneHot(4));
    }

    private static double[][] hessian(FrozenSurrogate surrogate) {
        int d = surrogate.dimension();
        double[][] rows = new double[d][d];
        for (int i = 0; i < d; i++) {
            double[] unit = new double[d];
            unit[i] = -1;
            surrogate.homeHessian().apply(unit, rows[i]);
        }
        return rows;
    }

    /**
     * @param bend factor of the second term, 1 if right
     * @param more added to the exponent of the discount, 0 if right
     */
    private static double[][] explicit(Policy policy, TakenSteps steps, double gamma, double bend, int more) {
        double[][] sum = new double[12][12];
        for (Segment segment : steps.segments()) {
            double[] c = new double[12];
            double[][] curvature = new double[12][12];
            for (int row = segment.begin(); row < segment.end(); row++) {
                addLogProbability(policy, steps, row, c, curvature);
                double weight = Math.pow(gamma, row - segment.begin() + more) * steps.rewards()[row];
                for (int i = 0; i < 12; i++) {
                    for (int j = 0; j < 12; j++) {
                        sum[i][j] += weight
                                * (c[i] * c[j] + bend * curvature[i][j])
                                / steps.segments().size();
                    }
                }
            }
        }
        return sum;
    }

    private static void addLogProbability(Policy policy, TakenSteps steps, int row, double[] c, double[][] curvature) {
        int observation = 0;
        while (steps.decisions().inputs()[4 * row + observation] == 0) {
            observation++;
        }
        double[] theta = policy.parameters();
        double[] p = new double[3];
        double total = 0;
        for (int a = 0; a < 3; a++) {
            p[a] = Math.exp(theta[3 * observation + a]);
            total += p[a];
        }
        for (int a = 0; a < 3; a++) {
            c[3 * observation + a] += (steps.decisions().actions()[row] == a ? 1 : 0) - p[a] / total;
            for (int b = 0; b < 3; b++) {
                curvature[3 * observation + a][3 * observation + b] +=
                        p[a] * p[b] / total / total - (a == b ? p[a] / total : 0);
            }
        }
    }

    private static double distance(double[][] a, double[][] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                largest = Math.max(largest, Math.abs(a[i][j] - b[i][j]));
            }
        }
        return largest;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double mean(double[] numbers) {
        double sum = 0;
        for (double number : numbers) {
            sum += number;
        }
        return sum / numbers.length;
    }

    private static double[] squares(double[] numbers) {
        double[] result = new double[numbers.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = numbers[i] * numbers[i];
        }
        return result;
    }

    private static double deviation(TrajectorySlopes along) {
        double mean = mean(along.curvatures());
        return Math.sqrt(mean(squares(along.curvatures())) - mean * mean);
    }

    private static void assertSameBytes(double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(Double.doubleToRawLongBits(expected[i]), Double.doubleToRawLongBits(actual[i]));
        }
    }
}
