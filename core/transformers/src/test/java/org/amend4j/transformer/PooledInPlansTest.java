/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordObjective;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Graphs that read tokens and put out a row for each example, as encoders that classify, are the same by plans. */
class PooledInPlansTest {

    private static final int WIDTH = 12;
    private static final int VOCABULARY = 11;
    private static final int TIME = 6;
    private static final int RECORDS = 7;

    /** Sums of a dozen terms of order 1 in another order, a dozen layers there and back. */
    private static final double ROUNDING = 1e-12;

    /** Adam divides by a gradient's size: where it is small, roundings of the sums that it is made of count for more. */
    private static final double OF_ADAM = 1e-11;

    private static DenseLayer linear(int inputs, int outputs, IActivation activation) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(activation)
                .build();
    }

    private static ComputationGraph plain(Pooling pooling) {
        IActivation identity = Activation.IDENTITY.getActivationFunction();
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.DOUBLE)
                .updater(new Adam(0.01))
                .graphBuilder()
                .addInputs("tokens")
                .addLayer(
                        "embedding",
                        new TransformerEmbedding.Builder()
                                .nIn(VOCABULARY)
                                .nOut(WIDTH)
                                .positions(TIME, 0)
                                .types(2)
                                .factor(1.5)
                                .deviation(1)
                                .build(),
                        "tokens")
                .addLayer(
                        "first",
                        new RowNorm.Builder(RowNorm.Kind.LAYER, 1e-12)
                                .nIn(WIDTH)
                                .build(),
                        "embedding")
                .addLayer("query", linear(WIDTH, WIDTH, identity), "first")
                .addLayer("key", linear(WIDTH, WIDTH, identity), "first")
                .addLayer("value", linear(WIDTH, WIDTH, identity), "first")
                .addVertex(
                        "attention",
                        new MultiHeadAttention(AttentionRule.bidirectional(3)),
                        "query",
                        "key",
                        "value",
                        "tokens")
                .addVertex("residual", new ElementWiseVertex(ElementWiseVertex.Op.Add), "first", "attention")
                .addLayer(
                        "second",
                        new RowNorm.Builder(RowNorm.Kind.LAYER, 1e-12)
                                .nIn(WIDTH)
                                .build(),
                        "residual")
                .addLayer("wide", linear(WIDTH, 16, new Gelu(Gelu.Form.EXACT)), "second")
                .addLayer("narrow", linear(16, WIDTH, new Gelu(Gelu.Form.TANH)), "wide")
                .addVertex("pooled", new SequencePooling(pooling), "narrow", "tokens")
                .addLayer("pooler", linear(WIDTH, 5, Activation.TANH.getActivationFunction()), "pooled")
                .addLayer("out", SmallNetworks.output(5, 3, LossFunction.MCXENT, Activation.SOFTMAX), "pooler")
                .setOutputs("out")
                .build());
        graph.init();
        return SmallNetworks.moved(graph, new Random(2), 0.2);
    }

    private static ComputationGraph adapted(Pooling pooling) {
        LoraConfig config = LoraConfig.of(2, 4).withTargets("query", "value", "wide", "narrow", "pooler", "out");
        return SmallNetworks.moved(SmallNetworks.adapted(plain(pooling), config).graph(), new Random(3), 0.3);
    }

    /** Of 1 to 6 tokens. */
    private static DataSet data() {
        Random random = new Random(5);
        double[][][] tokens = new double[RECORDS][3][TIME];
        double[][] labels = new double[RECORDS][3];
        for (int record = 0; record < RECORDS; record++) {
            labels[record][random.nextInt(3)] = 1;
            for (int step = 0; step < TIME; step++) {
                tokens[record][0][step] = random.nextInt(VOCABULARY);
                tokens[record][1][step] = step <= record % TIME ? 1 : 0;
                tokens[record][2][step] = random.nextInt(2);
            }
        }
        return new DataSet(Nd4j.createFromArray(tokens), Nd4j.createFromArray(labels));
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void a_plan_takes_the_steps_of_fit(Pooling pooling) {
        for (ComputationGraph graph : new ComputationGraph[] {adapted(pooling), plain(pooling)}) {
            ComputationGraph fitted = graph.clone();
            try (HostMachine machine = HostMachine.open(2);
                    PlannedTraining training =
                            PlannedTraining.of(machine, graph, Records.of(data()), RECORDS, Arithmetic.DOUBLE)) {
                assertEquals(Optional.empty(), training.delegation());
                for (int step = 0; step < 3; step++) {
                    training.step(0, 1, 2, 3, 4, 5, 6);
                    fitted.fit(data());
                    assertEquals(fitted.score(), training.loss(), ROUNDING * fitted.score());
                }
                training.copyInto(graph);
            }
            double apart = graph.params().sub(fitted.params()).amaxNumber().doubleValue();
            assertTrue(apart < OF_ADAM, "apart " + apart);
        }
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void objectives_and_clipped_gradients_are_those_of_the_graph(Pooling pooling) {
        for (ComputationGraph graph : new ComputationGraph[] {adapted(pooling), plain(pooling)}) {
            requireSameObjectives(graph);
        }
    }

    private static void requireSameObjectives(ComputationGraph graph) {
        Records records = Records.of(data()).ownedBy(1, 2, 1, 3, 3, 1, 2);
        GraphObjective reference = GraphObjective.of(graph, records);
        double[] theta = reference.parameters();
        PlanSettings settings =
                PlanSettings.DEFAULT.withArithmetic(Arithmetic.DOUBLE).withChunk(3);
        try (HostMachine machine = HostMachine.open(2);
                PlannedObjective objective = PlannedObjective.of(machine, graph, records, settings)) {
            assertTrue(objective.network().hasGradientsOfExamples());
            double[] expected = gradient(reference, theta);
            double norm = Vectors.norm(expected);
            assertArrayEquals(expected, gradient(objective, theta), ROUNDING * norm);
            assertEquals(reference.value(theta), objective.value(theta), ROUNDING * reference.value(theta));
            for (Clipping clipping : List.of(Clipping.perRecord(0.5 * norm), Clipping.perSubject(0.5 * norm))) {
                // both kinds of weights allow for 1e-12
                assertArrayEquals(
                        gradient(ClippedByDefinition.of(reference, records, clipping), theta),
                        gradient(objective.clipped(clipping), theta),
                        4e-12 * norm);
            }
        }
    }

    private static double[] gradient(RecordObjective objective, double[] theta) {
        double[] gradient = new double[theta.length];
        objective.valueAndGradient(theta, gradient);
        return gradient;
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void what_is_put_out_for_each_example_is_the_graphs(Pooling pooling) {
        ComputationGraph graph = plain(pooling);
        INDArray tokens = data().getFeatures();
        INDArray expected = graph.outputSingle(tokens);
        try (HostMachine machine = HostMachine.open(2);
                PlannedPrefix prefix =
                        PlannedPrefix.of(machine, graph, List.of("pooler", "out"), Arithmetic.DOUBLE, 3, tokens)) {
            INDArray[] found = prefix.run(tokens);
            INDArray pooler = graph.feedForward(tokens, false).get("pooler");
            assertEquals(0, pooler.sub(found[0]).amaxNumber().doubleValue(), ROUNDING);
            assertEquals(0, expected.sub(found[1]).amaxNumber().doubleValue(), ROUNDING);
        }
    }
}
