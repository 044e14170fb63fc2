/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.SmallTransformer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;

/** Language models whose texts have several lengths, in single precision on every machine. */
class TokensOnMachinesTest {

    private static final int RECORDS = 5;

    private static ComputationGraph graph() {
        return graph("query", "key", "value", "gate", "up", "down");
    }

    private static ComputationGraph graph(String... targets) {
        LoraConfig config = LoraConfig.of(2, 4).withTargets(targets);
        ComputationGraph plain = SmallTransformer.graph(DataType.DOUBLE);
        return SmallNetworks.moved(SmallNetworks.adapted(plain, config).graph(), new Random(3), 0.3);
    }

    private static DataSet data() {
        return SmallTransformer.data(DataType.DOUBLE, RECORDS);
    }

    @Test
    void steps_are_those_of_fit() {
        requireStepsOfFit(graph());
    }

    @Test
    void adapters_on_words_and_heads_take_the_steps_of_fit() {
        requireStepsOfFit(graph("embedding", "query", "head"));
    }

    private static void requireStepsOfFit(ComputationGraph graph) {
        double[] start = ParameterVectors.of(graph);
        try (Machine machine = LawMachines.checking();
                PlannedTraining training =
                        PlannedTraining.of(machine, graph, Records.of(data()), RECORDS, Arithmetic.SINGLE)) {
            assertEquals(Optional.empty(), training.delegation());
            for (int step = 0; step < 3; step++) {
                training.step(0, 1, 2, 3, 4);
                graph.fit(data());
                assertEquals(graph.score(), training.loss(), Agreement.SINGLE * graph.score());
            }
            double[] fitted = ParameterVectors.of(graph);
            training.copyInto(graph);
            double apart = distance(fitted, ParameterVectors.of(graph));
            double moved = distance(start, fitted);
            assertTrue(apart <= 3 * Agreement.SINGLE * moved, apart + " after " + moved);
        }
    }

    @Test
    void a_walk_in_given_batches_makes_the_steps_on_them() {
        List<int[]> batches = List.of(new int[] {3, 0}, new int[] {4}, new int[] {1, 2});
        ComputationGraph walked = graph();
        ComputationGraph stepped = walked.clone();
        Records records = Records.of(data());
        try (Machine machine = LawMachines.plain();
                PlannedTraining walk = PlannedTraining.of(machine, walked, records, 2, Arithmetic.SINGLE);
                PlannedTraining steps = PlannedTraining.of(machine, stepped, records, 2, Arithmetic.SINGLE)) {
            walk.begin(batches);
            for (int[] batch : batches) {
                walk.next();
                steps.step(batch);
            }
            assertFalse(walk.hasNext());
            walk.copyInto(walked);
            steps.copyInto(stepped);
        }
        assertTrue(ArrayBytes.same(walked.params(), stepped.params()));
    }

    private static double distance(double[] x, double[] y) {
        double[] difference = x.clone();
        for (int k = 0; k < y.length; k++) {
            difference[k] -= y[k];
        }
        return Vectors.norm(difference);
    }

    @Test
    void objectives_and_clipped_gradients_are_the_references() {
        requireReferences(graph());
    }

    @Test
    void objectives_and_clipped_gradients_of_all_parameters_are_the_references() {
        requireReferences(SmallTransformer.graph(DataType.DOUBLE));
    }

    private static void requireReferences(ComputationGraph graph) {
        Records records = Records.of(data());
        GraphObjective reference = GraphObjective.of(graph, records);
        double[] theta = reference.parameters();
        try (Machine machine = LawMachines.plain();
                PlannedObjective objective =
                        PlannedObjective.of(machine, graph, records, PlanSettings.DEFAULT.withChunk(2))) {
            Agreement.assertAgree(reference, objective, theta, Agreement.SINGLE, "plain");
            Clipping clipping = Clipping.perRecord(0.5 * Vectors.norm(gradient(reference, theta)));
            Agreement.assertAgree(
                    ClippedByDefinition.of(reference, records, clipping),
                    objective.clipped(clipping),
                    theta,
                    3 * Agreement.SINGLE,
                    "clipped");
        }
    }

    /** Of all products' factors, attention's included: a hundredth of the norm is four units of bfloat16. */
    @Test
    void gradients_with_rounded_factors_are_near_the_references_and_not_those_of_single_precision() {
        assumeFalse(LawMachines.isHost(), "the host has one precision");
        ComputationGraph graph = graph();
        Records records = Records.of(data());
        GraphObjective reference = GraphObjective.of(graph, records);
        double[] theta = reference.parameters();
        double[] right = gradient(reference, theta);
        Map<ProductPrecision, Double> most = Map.of(ProductPrecision.TF32, 0.0025, ProductPrecision.BF16, 0.02);
        most.forEach((precision, tolerance) -> {
            try (Machine machine = LawMachines.plain();
                    PlannedObjective objective = PlannedObjective.of(
                            machine,
                            graph,
                            records,
                            PlanSettings.DEFAULT.withArithmetic(Arithmetic.single(precision)))) {
                double error = Agreement.error(right, gradient(objective, theta));
                assertTrue(error > 10 * Agreement.SINGLE && error <= tolerance, precision + ": error " + error);
            }
        });
    }

    private static double[] gradient(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.valueAndGradient(theta, gradient);
        return gradient;
    }
}
