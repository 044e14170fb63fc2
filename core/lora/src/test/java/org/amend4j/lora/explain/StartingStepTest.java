/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** How far the first step moves a weight, against steps that were taken. */
class StartingStepTest {

    private static final int IN = 90;
    private static final int OUT = 70;
    private static final double RATE = 1e-3;

    /** Square norms of small random matrices against that of large ones, which is not below their mean. */
    private static final double LEAST = 0.6;

    private static final double MOST = 1.1;

    private static final MultiDataSet DATA = new MultiDataSet(
            TestNetworks.normal(DataType.DOUBLE, new Random(1), 16, IN),
            TestNetworks.oneHot(DataType.DOUBLE, new Random(2), 16, 3, 0));

    private static ComputationGraph network() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(RATE))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "it",
                        new DenseLayer.Builder()
                                .nIn(IN)
                                .nOut(OUT)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("out", output(), "it")
                .setOutputs("out")
                .build());
        network.init();
        return network;
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder()
                .nIn(OUT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static LoraConfig config(int rank, double alpha) {
        return LoraConfig.of(rank, alpha).withTargets("it");
    }

    private static ComputationGraph attached(LoraConfig config) {
        return attached(BaseModel.of(network()), config);
    }

    private static ComputationGraph attached(BaseModel base, LoraConfig config) {
        return attached(base, config, new Sgd(RATE));
    }

    private static ComputationGraph attached(BaseModel base, LoraConfig config, IUpdater updater) {
        return AdaptedModel.attach(
                        base,
                        config,
                        new FineTuneConfiguration.Builder()
                                .seed(5)
                                .updater(updater)
                                .build(),
                        Probe.none())
                .graph();
    }

    private static double firstStep(LoraConfig config) {
        return firstStep(BaseModel.of(network()), config);
    }

    private static double firstStep(BaseModel base, LoraConfig config) {
        return LoraExplanation.of(base, config).adapters().get(0).firstStep().orElseThrow();
    }

    /** The square of the largest singular value. */
    private static double squaredNorm(INDArray matrix) {
        INDArray gram = matrix.transpose().mmul(matrix);
        INDArray vector = TestNetworks.normal(DataType.DOUBLE, new Random(7), gram.size(0), 1);
        double value = 0;
        for (int i = 0; i < 500; i++) {
            INDArray next = gram.mmul(vector);
            value = next.norm2Number().doubleValue();
            vector = next.div(Math.max(value, Double.MIN_NORMAL));
        }
        return value;
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "gaussian", "random", "orthogonal"})
    void predicted_norms_are_at_most_a_little_below_those_of_factors_that_are_drawn(String start) {
        LoraConfig config = config(6, 9).withInit(AdapterInit.named(start));
        ComputationGraph graph = attached(config);
        double drawn = 1.5 * 1.5 * (squaredNorm(graph.getParam("it_A")) + squaredNorm(graph.getParam("it_B")));
        double predicted = firstStep(config);
        assertTrue(LEAST * predicted <= drawn && drawn <= MOST * predicted, drawn + " of " + predicted);
    }

    /** A table's A starts at zero and its B is normal, so that rows go far. */
    @Test
    void a_table_s_predicted_norm_is_that_of_its_b() {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("it", new EmbeddingLayer.Builder().nIn(50).nOut(OUT).build(), "in")
                .addLayer("out", output(), "it")
                .setOutputs("out")
                .build());
        network.init();
        BaseModel base = BaseModel.of(network);
        double drawn = squaredNorm(attached(base, config(4, 4)).getParam("it_B").transpose());
        double predicted = firstStep(base, config(4, 4));
        assertTrue(LEAST * predicted <= drawn && drawn <= MOST * predicted, drawn + " of " + predicted);
    }

    private static INDArray change(ComputationGraph graph, double scaling) {
        INDArray before = graph.getParam("it_A").mmul(graph.getParam("it_B"));
        graph.fit(DATA);
        return graph.getParam("it_A").mmul(graph.getParam("it_B")).subi(before).muli(scaling);
    }

    /** The law of the column: no step goes further, and where s is an eighth each is shorter by its square. */
    @Test
    void the_first_step_goes_no_further_and_shrinks_with_the_square_of_the_scaling() {
        ComputationGraph whole = network();
        INDArray weight = whole.getParam("it_W").dup();
        whole.fit(DATA);
        double own = whole.getParam("it_W").sub(weight).norm2Number().doubleValue();
        double at1 = change(attached(config(64, 64)), 1).norm2Number().doubleValue();
        double at8 = change(attached(config(64, 8)), 0.125).norm2Number().doubleValue();
        assertTrue(at1 > 0 && at1 <= firstStep(config(64, 64)) * own, at1 + " of " + own);
        assertTrue(at8 <= firstStep(config(64, 8)) * own, at8 + " of " + own);
        assertEquals(at1 / 64, at8, 1e-6 * at1);
    }

    /** Adam's first step has the same size in each element of B; its epsilon is 1e-8 of a gradient. */
    @Test
    void adam_s_first_step_shrinks_with_the_scaling() {
        BaseModel base = BaseModel.of(network());
        double at1 = change(attached(base, config(64, 64), new Adam(RATE)), 1)
                .norm2Number()
                .doubleValue();
        double at8 = change(attached(base, config(64, 8), new Adam(RATE)), 0.125)
                .norm2Number()
                .doubleValue();
        assertEquals(at1 / 8, at8, 1e-3 * at8);
    }

    @Test
    void a_high_rank_at_a_low_alpha_is_noted_with_what_helps() {
        LoraExplanation explained = LoraExplanation.of(BaseModel.of(network()), config(64, 8));
        List<String> notes = explained.notes();
        assertEquals(1, notes.size(), notes.toString());
        assertTrue(
                notes.get(0).startsWith("rank 64 with alpha 8 scales by 0.1250 ('it'): the first step of SGD moves"),
                notes.get(0));
        assertTrue(notes.get(0).contains("alpha/sqrt(rank) 1.133 times; Adam's"), notes.get(0));
        assertTrue(explained.table().contains(notes.get(0)) && explained.json().contains("\"firstStep\":0.017"));
        assertTrue(
                explained.toHtml().contains("first step") && explained.brief().size() == 3, explained.toHtml());
        assertEquals(
                List.of(),
                LoraExplanation.of(BaseModel.of(network()), config(64, 8).withRsLora(true))
                        .notes());
    }

    @Test
    void what_depends_on_the_weight_is_not_predicted() {
        assertTrue(LoraExplanation.of(BaseModel.of(network()), config(4, 8).withInit(AdapterInit.PISSA))
                .adapters()
                .get(0)
                .firstStep()
                .isEmpty());
    }
}
