/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.algorithm.Processes;
import org.amend4j.environment.CartPole;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.GraphApproximator;
import org.amend4j.policy.InputShape;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.rollout.Task;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Which components of adapters a report calls dead, on processes of 3 states and 2 actions; adapters of rank 2. */
class DeadComponentsTest {

    private static final int STATES = 3;
    private static final int ACTIONS = 2;
    private static final TabularEnvironment ENVIRONMENT = Processes.random(STATES, ACTIONS, false, 7);
    private static final InputShape ROW = new InputShape.Row(STATES);

    /** Adapters on all layers, all of whose parameters are away from 0. */
    private static ComputationGraph adapted(int inputs, Integer... hidden) {
        ComputationGraph base =
                PolicyGraphs.mlp(PolicyGraphs.Mlp.of(inputs, ACTIONS).withHidden(hidden), 3);
        List<String> targets = new ArrayList<>(List.of("action"));
        IntStream.range(0, hidden.length).forEach(i -> targets.add("hidden" + i));
        ComputationGraph graph = AdaptedModel.attach(
                        BaseModel.of(base),
                        LoraConfig.of(2, 4).withTargets(targets.toArray(String[]::new)),
                        new FineTuneConfiguration.Builder().seed(4).build())
                .graph();
        ParameterVectors.copyInto(graph, Processes.normal((int) graph.numParams(), 1, 5));
        return graph;
    }

    /** By the layer's own arrays, which know nothing of places in the parameter vector. */
    private static void zero(ComputationGraph graph, String layer, int component) {
        INDArray a = graph.getLayer(layer).getParam("A");
        INDArray b = graph.getLayer(layer).getParam("B");
        a.putColumn(component - 1, Nd4j.zeros(a.dataType(), a.size(0)));
        b.putRow(component - 1, Nd4j.zeros(b.dataType(), b.size(1)));
    }

    private static Policy listed(Approximator network) {
        return new Policy(network, new Categorical(ACTIONS), new ObservationEncoder.OneHot(STATES));
    }

    private static SecondOrderReport sampled(Policy policy) {
        return sampled(policy, Task.of("dead", ENVIRONMENT::another));
    }

    private static SecondOrderReport sampled(Policy policy, Task task) {
        return new SecondOrderDiagnosis(
                        SecondOrderDiagnosis.Config.of(Processes.horizon(0.9, 3), 0.1)
                                .withTrajectories(20),
                        task,
                        1)
                .of(policy);
    }

    /** A of hidden0 is [3, 2] and B [2, 4]. */
    @Test
    void aComponentWithBothFactorsZeroIsNamedWhicheverNetworkComputes() {
        ComputationGraph graph = adapted(STATES, 4);
        zero(graph, "hidden0", 2);
        for (Approximator network : List.of(GraphApproximator.of(graph, ROW), Approximators.of(graph))) {
            SecondOrderReport report = sampled(listed(network));
            assertEquals(
                    List.of(new DeadComponent("hidden0", 2, 2, 7, true)),
                    report.dead().components());
            assertEquals(7, report.dead().parameters());
            assertTrue(
                    report.statement()
                            .words()
                            .contains(
                                    " Component 2 of 2 of the adapter on 'hidden0' stays dead: ascent does not move it,"
                                            + " whatever it does along others.\n"),
                    report.statement().words());
        }
    }

    @Test
    void noiseOrAFactorDrawnAtRandomWakesIt() {
        ComputationGraph graph = adapted(STATES, 4);
        zero(graph, "hidden0", 2);
        double[] noise = Processes.normal((int) graph.numParams(), 1e-3, 8);
        double[] theta = ParameterVectors.of(graph);
        ParameterVectors.copyInto(
                graph,
                IntStream.range(0, theta.length)
                        .mapToDouble(i -> theta[i] + noise[i])
                        .toArray());
        assertEquals(List.of(), sampled(listed(Approximators.of(graph))).dead().components());
        ParameterVectors.copyInto(graph, theta);
        graph.getLayer("hidden0").getParam("A").putColumn(1, Nd4j.createFromArray(0.1, -0.2, 0.3));
        SecondOrderReport drawn = sampled(listed(Approximators.of(graph)));
        assertEquals(List.of(), drawn.dead().components());
        // the other half of it: the drawn factor's gradient is a product with the one that is still 0
        assertEquals(3, drawn.dead().parameters());
        assertTrue(drawn.statement()
                .words()
                .contains(" 3 of 26 parameters have a policy gradient of 0 whatever is drawn: ascent does"
                        + " not move them at first"));
    }

    /** The same adapter twice: z = s·A·B of a graph without hidden layers, and the oracle's map. */
    @Test
    void sampledAndExactReportsAgree() {
        ComputationGraph graph = adapted(STATES);
        LogitMap map = new LogitMap.LowRank(new double[STATES][ACTIONS], 2, 2);
        for (int component = 0; component <= 2; component++) {
            if (component > 0) {
                zero(graph, "action", component);
            }
            double[] theta = transposed(graph);
            ExactReturn exact = ExactReturn.of(ENVIRONMENT, map, 0.9);
            List<DeadComponent> known =
                    ExactDiagnosis.of(exact, theta, 0.1, 1).dead().components();
            List<DeadComponent> seen =
                    sampled(listed(Approximators.of(graph))).dead().components();
            assertEquals(component, known.size());
            assertEquals(
                    known.stream()
                            .map(one -> new DeadComponent(
                                    "action", one.component(), one.rank(), one.parameters(), one.permanent()))
                            .toList(),
                    seen);
        }
    }

    /** The map's θ: B's rows, each a component, then A row by row. */
    private static double[] transposed(ComputationGraph graph) {
        INDArray a = graph.getLayer("action").getParam("A");
        INDArray b = graph.getLayer("action").getParam("B");
        double[] theta = new double[2 * (STATES + ACTIONS)];
        for (int k = 0; k < 2; k++) {
            for (int action = 0; action < ACTIONS; action++) {
                theta[k * ACTIONS + action] = b.getDouble(k, action);
            }
            for (int state = 0; state < STATES; state++) {
                theta[2 * ACTIONS + 2 * state + k] = a.getDouble(state, k);
            }
        }
        return theta;
    }

    @Test
    void exactAscentAlongOthersNeverMovesWhatStaysDead() {
        ExactReturn exact = ExactReturn.of(ENVIRONMENT, new LogitMap.LowRank(new double[STATES][ACTIONS], 2, 2), 0.9);
        double[] theta = Processes.normal(10, 1, 9);
        int[] component = {2, 3, 5, 7, 9};
        Arrays.stream(component).forEach(i -> theta[i] = 0);
        double[] start = theta.clone();
        for (int step = 0; step < 100; step++) {
            double[] gradient = exact.returnGradient(theta);
            Arrays.setAll(theta, i -> theta[i] + 0.1 * gradient[i]);
        }
        Arrays.stream(component).forEach(i -> assertEquals(0, theta[i]));
        assertNotEquals(start[0], theta[0]);
        assertEquals(
                List.of(new DeadComponent("logits", 2, 2, 5, true)),
                ExactDiagnosis.of(exact, theta, 0.1, 1).dead().components());
    }

    /** A row of B that is the same for all actions moves no probability, and A is 0: no gradient, yet not both factors 0. */
    @Test
    void aComponentThatOthersMightWakeIsNotSaidToStayDead() {
        ExactReturn exact = ExactReturn.of(ENVIRONMENT, new LogitMap.LowRank(new double[STATES][ACTIONS], 2, 2), 0.9);
        double[] theta = Processes.normal(10, 1, 9);
        for (int i : new int[] {5, 7, 9}) {
            theta[i] = 0;
        }
        theta[2] = 0.5;
        theta[3] = 0.5;
        SecondOrderReport report = ExactDiagnosis.of(exact, theta, 0.1, 1);
        assertEquals(
                List.of(new DeadComponent("logits", 2, 2, 5, false)),
                report.dead().components());
        assertTrue(
                report.statement()
                        .words()
                        .contains(" Component 2 of 2 of the adapter on 'logits' has a policy gradient of 0 whatever is"
                                + " drawn, as long as the other parameters stay as they are."),
                report.statement().words());
    }

    /** Observations are numbers, so scores of those not seen are unknown: only zeros prove something, and halves of them nothing. */
    @Test
    void whereObservationsCannotBeListedOnlyZeroFactorsAreSaidToBeDead() {
        ComputationGraph graph = adapted(4, 3);
        Task pole = Task.of("pole", CartPole::new);
        zero(graph, "action", 1);
        graph.getLayer("hidden0").getParam("B").assign(0);
        SecondOrderReport report = sampled(numbers(graph), pole);
        assertEquals(
                List.of(new DeadComponent("action", 1, 2, 5, true)),
                report.dead().components());
        assertEquals(5, report.dead().parameters());
        graph.getLayer("action").getParam("B").putScalar(0, 1, 1e-3);
        SecondOrderReport awake = sampled(numbers(graph), pole);
        assertEquals(List.of(), awake.dead().components());
        assertEquals(0, awake.dead().parameters());
        assertFalse(
                awake.statement().words().contains("whatever is drawn"),
                awake.statement().words());
    }

    private static Policy numbers(ComputationGraph graph) {
        return new Policy(Approximators.of(graph), new Categorical(ACTIONS), new ObservationEncoder.AsIs(4));
    }

    @Test
    void manyComponentsAreRangesAndManyAdaptersTheFirstFew() {
        assertEquals("", DeadWords.of(new DeadParts(0, List.of()), 9));
        assertEquals(
                " All 4 components of the adapter on 'a'; the only component of the adapter on 'b'; components 1-3, 5 of 8 of"
                        + " the adapter on 'c' stay dead: ascent does not move them, whatever it does along others. Besides, 2 of"
                        + " 99 parameters have a policy gradient of 0 whatever is drawn: ascent does not move them at first"
                        + " (factors of an adapter beside one that is 0), or ever (weights that the policy does not use).",
                DeadWords.of(
                        parts(2, List.of(dead("a", 4, 1, 2, 3, 4), dead("b", 1, 1), dead("c", 8, 1, 2, 3, 5))), 99));
        assertTrue(DeadWords.of(parts(0, List.of(dead("a", 32, 1, 3, 5, 6, 8, 10, 12))), 99)
                .startsWith(" Components 1, 3, 5-6 and 3 more of 32 of the adapter on 'a' stay dead: "));
        assertTrue(DeadWords.of(
                        parts(0, List.of(dead("a", 1, 1), dead("b", 1, 1), dead("c", 1, 1), dead("d", 2, 1, 2))), 99)
                .contains("the adapter on 'c'; 2 more of other adapters stay dead: "));
        assertTrue(DeadWords.of(parts(0, List.of(dead("a", 2, 1, 2))), 99)
                .startsWith(" Both components of the adapter on 'a' stay dead: "));
    }

    private static List<DeadComponent> dead(String layer, int rank, int... components) {
        return Arrays.stream(components)
                .mapToObj(k -> new DeadComponent(layer, k, rank, 5, true))
                .toList();
    }

    private static DeadParts parts(int others, List<List<DeadComponent>> adapters) {
        List<DeadComponent> all = adapters.stream().flatMap(List::stream).toList();
        return new DeadParts(5 * all.size() + others, all);
    }
}
