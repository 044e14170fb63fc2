/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.transformer.AttentionRule;
import org.amend4j.transformer.BlocksTest;
import org.amend4j.transformer.RowNorm;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Objectives of graphs of transformers by plans are those of their graphs, whatever the lengths of their records. */
class TokenObjectivesTest {

    private static final int RECORDS = 11;
    private static final int TIME = 7;
    private static final int VOCABULARY = 11;

    /** Sums of a dozen terms of order 1 in another order, a dozen layers there and back. */
    private static final double ROUNDING = 1e-12;

    private static ComputationGraph plain() {
        AttentionRule rule = AttentionRule.causal(3).withKeyValueHeads(1).withRotary(BlocksTest.rotary(100, 4));
        return BlocksTest.graph(DataType.DOUBLE, rule, RowNorm.Kind.LAYER);
    }

    private static ComputationGraph adapted() {
        return adapted("query", "key", "value", "gate", "up", "down");
    }

    private static ComputationGraph adapted(String... targets) {
        LoraConfig config = LoraConfig.of(2, 4).withTargets(targets);
        return SmallNetworks.moved(SmallNetworks.adapted(plain(), config).graph(), new Random(3), 0.3);
    }

    /** Of 1 to 7 tokens, padded left or right; one record has no label. */
    private static Records records() {
        Random random = new Random(5);
        double[][][] tokens = new double[RECORDS][3][TIME];
        double[][] labels = new double[RECORDS][TIME];
        for (int record = 0; record < RECORDS; record++) {
            int length = 1 + record % TIME;
            int from = record % 2 == 0 ? 0 : TIME - length;
            for (int step = 0; step < TIME; step++) {
                boolean counts = step >= from && step < from + length;
                tokens[record][0][step] = random.nextInt(VOCABULARY);
                tokens[record][1][step] = counts ? 1 : 0;
                tokens[record][2][step] = random.nextInt(2);
                labels[record][step] = counts && record != 3 && step % 3 != 1 ? random.nextInt(VOCABULARY) : -100;
            }
        }
        return Records.of(new DataSet(Nd4j.createFromArray(tokens), Nd4j.createFromArray(labels)));
    }

    private static double[] gradient(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.valueAndGradient(theta, gradient);
        return gradient;
    }

    private static void requireSame(RecordObjective expected, RecordObjective actual, double[] theta) {
        double value = expected.value(theta);
        assertEquals(value, actual.value(theta), ROUNDING * value);
        double[] gradient = gradient(expected, theta);
        double[] found = gradient(actual, theta);
        double norm = Vectors.norm(gradient);
        assertArrayEquals(gradient, found, ROUNDING * norm);
    }

    @Test
    void values_gradients_and_subsets_are_those_of_the_graph() {
        for (ComputationGraph graph : new ComputationGraph[] {adapted(), plain()}) {
            GraphObjective reference = GraphObjective.of(graph, records());
            double[] theta = reference.parameters();
            try (HostMachine machine = HostMachine.open(2);
                    PlannedObjective objective = PlannedObjective.of(
                            machine,
                            graph,
                            records(),
                            PlanSettings.DEFAULT
                                    .withArithmetic(Arithmetic.DOUBLE)
                                    .withChunk(4))) {
                requireSame(reference, objective, theta);
                RecordIds some = RecordIds.of(2, 3, 8);
                requireSame(reference.restrictedTo(some), objective.restrictedTo(some), theta);
            }
        }
    }

    @Test
    void clipped_gradients_are_those_of_the_graph() {
        Records records = records().ownedBy(1, 2, 1, 2, 3, 3, 1, 4, 5, 2, 1);
        for (ComputationGraph graph : new ComputationGraph[] {adapted(), plain()}) {
            GraphObjective reference = GraphObjective.of(graph, records);
            double[] theta = reference.parameters();
            double bound = 0.5 * Vectors.norm(gradient(reference, theta));
            try (HostMachine machine = HostMachine.open(2);
                    PlannedObjective objective = PlannedObjective.of(
                            machine,
                            graph,
                            records,
                            PlanSettings.DEFAULT
                                    .withArithmetic(Arithmetic.DOUBLE)
                                    .withChunk(4))) {
                assertTrue(objective.network().hasGradientsOfExamples());
                for (Clipping clipping : List.of(Clipping.perRecord(bound), Clipping.perSubject(bound))) {
                    double[] expected = gradient(ClippedByDefinition.of(reference, records, clipping), theta);
                    double[] found = gradient(objective.clipped(clipping), theta);
                    // weights allow for 1e-12
                    assertArrayEquals(expected, found, 4 * ROUNDING * Vectors.norm(expected));
                    assertTrue(Vectors.norm(found) <= Vectors.norm(expected) * (1 + ROUNDING));
                }
            }
        }
    }

    /** Whose bounds are not known. */
    @Test
    void adapters_on_words_and_heads_are_refused() {
        for (String end : new String[] {"embedding", "head"}) {
            ComputationGraph graph = adapted("key", end);
            UnsupportedNetworkException refused =
                    assertThrows(UnsupportedNetworkException.class, () -> GraphObjective.of(graph, records()));
            assertTrue(refused.getMessage().contains("vertex '" + end + "' has others"), refused.getMessage());
        }
    }

    @Tag("kernels")
    @Test
    void no_number_of_threads_changes_a_bit() {
        ComputationGraph graph = adapted();
        double[][] found = new double[2][];
        for (int threads = 1; threads <= 2; threads++) {
            try (HostMachine machine = HostMachine.open(threads);
                    PlannedObjective objective = PlannedObjective.of(
                            machine,
                            graph,
                            records(),
                            PlanSettings.DEFAULT
                                    .withArithmetic(Arithmetic.DOUBLE)
                                    .withChunk(3))) {
                found[threads - 1] = gradient(objective, objective.parameters());
            }
        }
        assertArrayEquals(found[0], found[1]);
    }
}
