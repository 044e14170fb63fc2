/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.amend4j.testkit.SmallNetworks.dense;
import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.moved;
import static org.amend4j.testkit.SmallNetworks.output;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What trains in a product beside its weight and an adapter's factors: DoRA's magnitudes, copies of biases. */
class BesideWeightsTest {

    private static final int RECORDS = 9;
    private static final LoraConfig CONFIG = LoraConfig.of(2, 4).withTargets("first", "second");

    /** Products of at most 8 terms in single precision, norms of columns of 8, three layers: some 1e-6. */
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @EnumSource(value = Dora.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void steps_with_magnitudes_are_those_of_fit(Dora dora) {
        ComputationGraph graph = adapted(CONFIG.withDora(dora).withBias(BiasMode.ALL));
        DataSet data = data();
        double[] start = ParameterVectors.of(graph);
        try (Machine machine = LawMachines.checking();
                PlannedTraining training =
                        PlannedTraining.of(machine, graph, Records.of(data), RECORDS, Arithmetic.SINGLE)) {
            assertEquals(Optional.empty(), training.delegation());
            for (int step = 0; step < 3; step++) {
                training.step(0, 1, 2, 3, 4, 5, 6, 7, 8);
                graph.fit(data);
                assertEquals(graph.score(), training.loss(), TOLERANCE * graph.score());
            }
            double[] fitted = ParameterVectors.of(graph);
            training.copyInto(graph);
            double apart = distance(fitted, ParameterVectors.of(graph));
            double moved = distance(start, fitted);
            assertTrue(apart <= 3 * TOLERANCE * moved, apart + " after " + moved);
        }
    }

    @Test
    void value_gradient_and_clipped_gradient_with_trained_biases_are_the_references() {
        ComputationGraph graph = adapted(CONFIG.withBias(BiasMode.ALL));
        Records data = Records.of(data());
        GraphObjective reference = GraphObjective.of(graph, data);
        double[] theta = reference.parameters();
        try (Machine machine = LawMachines.checking();
                PlannedObjective objective = PlannedObjective.of(machine, graph, data, PlanSettings.DEFAULT)) {
            requireSame(reference, objective, theta);
            Clipping clipping = Clipping.perRecord(0.5 * Vectors.norm(gradient(reference, theta)));
            requireSame(ClippedByDefinition.of(reference, data, clipping), objective.clipped(clipping), theta);
        }
    }

    private static void requireSame(RecordObjective expected, RecordObjective actual, double[] theta) {
        double value = expected.value(theta);
        assertEquals(value, actual.value(theta), TOLERANCE * value);
        double[] gradient = gradient(expected, theta);
        double apart = distance(gradient, gradient(actual, theta));
        // clipped shares are smaller by what their norms may be wrong by
        assertTrue(apart <= 3 * TOLERANCE * Vectors.norm(gradient), apart + " of " + Vectors.norm(gradient));
    }

    private static double distance(double[] x, double[] y) {
        double[] difference = x.clone();
        for (int k = 0; k < y.length; k++) {
            difference[k] -= y[k];
        }
        return Vectors.norm(difference);
    }

    private static double[] gradient(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.valueAndGradient(theta, gradient);
        return gradient;
    }

    private static DataSet data() {
        Random random = new Random(4);
        return new DataSet(
                TestNetworks.normal(DataType.DOUBLE, random, RECORDS, 5),
                TestNetworks.oneHot(DataType.DOUBLE, random, RECORDS, 3, 0));
    }

    private static ComputationGraph adapted(LoraConfig config) {
        ComputationGraph plain = initialised(SmallNetworks.builder(DataType.DOUBLE, 2)
                .addInputs("in")
                .addLayer("first", dense(5, 8, Activation.TANH), "in")
                .addLayer("second", dense(8, 8, Activation.SWISH), "first")
                .addLayer("out", output(8, 3, LossFunction.MCXENT, Activation.SOFTMAX), "second")
                .setOutputs("out"));
        return moved(SmallNetworks.adapted(plain, config).graph(), new Random(8), 0.2);
    }
}
