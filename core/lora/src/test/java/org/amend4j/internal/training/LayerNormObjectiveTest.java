/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.moved;
import static org.amend4j.testkit.SmallNetworks.output;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Dense layers with layer norm: trained in full, and frozen between adapters. */
class LayerNormObjectiveTest {

    private static final int RECORDS = 9;

    /** Products of at most 8 terms and rows of 8 in single precision, three layers: some 1e-6. */
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void valueGradientAndClippedGradientAreTheReferences(boolean adapted) {
        ComputationGraph graph = adapted ? adapted() : plain();
        Records data = data();
        GraphObjective reference = GraphObjective.of(graph, data);
        double[] theta = reference.parameters();
        try (Machine device = LawMachines.checking();
                PlannedObjective objective = PlannedObjective.of(device, graph, data, PlanSettings.DEFAULT)) {
            requireSame(reference, objective, theta);
            Clipping clipping = Clipping.perRecord(0.5 * norm(gradient(reference, theta)));
            requireSame(ClippedByDefinition.of(reference, data, clipping), objective.clipped(clipping), theta);
        }
    }

    private static void requireSame(RecordObjective expected, RecordObjective actual, double[] theta) {
        double value = expected.value(theta);
        assertEquals(value, actual.value(theta), TOLERANCE * value);
        double[] difference = gradient(expected, theta);
        double size = norm(difference);
        double[] computed = gradient(actual, theta);
        for (int k = 0; k < difference.length; k++) {
            difference[k] -= computed[k];
        }
        // clipped shares are smaller by what their norms may be wrong by
        assertTrue(norm(difference) <= 3 * TOLERANCE * size, "relative error " + norm(difference) / size);
    }

    private static double[] gradient(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.valueAndGradient(theta, gradient);
        return gradient;
    }

    private static double norm(double[] vector) {
        double sum = 0;
        for (double v : vector) {
            sum += v * v;
        }
        return Math.sqrt(sum);
    }

    private static Records data() {
        Random random = new Random(4);
        return Records.of(new DataSet(
                TestNetworks.normal(DataType.DOUBLE, random, RECORDS, 5),
                TestNetworks.oneHot(DataType.DOUBLE, random, RECORDS, 3, 0)));
    }

    private static ComputationGraph plain() {
        ComputationGraph graph = initialised(SmallNetworks.builder(DataType.DOUBLE, 2)
                .addInputs("in")
                .addLayer("first", layer(5, true, true), "in")
                .addLayer("second", layer(8, true, false), "first")
                .addLayer("third", layer(8, false, true), "second")
                .addLayer("out", output(8, 3, LossFunction.MCXENT, Activation.SOFTMAX), "third")
                .setOutputs("out"));
        graph.params()
                .assign(TestNetworks.normal(
                                DataType.DOUBLE, new Random(6), graph.params().shape())
                        .muli(0.5));
        return graph;
    }

    private static DenseLayer layer(int in, boolean layerNorm, boolean bias) {
        return new DenseLayer.Builder()
                .nIn(in)
                .nOut(8)
                .hasLayerNorm(layerNorm)
                .hasBias(bias)
                .activation(Activation.TANH)
                .build();
    }

    private static ComputationGraph adapted() {
        LoraConfig config =
                LoraConfig.of(2, 2).withTargets(Targets.names("third")).withTrainedInFull("first", "out");
        return moved(SmallNetworks.adapted(plain(), config).graph(), new Random(8), 0.2);
    }
}
