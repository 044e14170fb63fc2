/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.Function;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Bad input: one sentence with the rule, the value and the place. */
class ObjectiveRefusalsTest {

    private final RandomGraph random = RandomGraph.of(1);
    private final Records records = Records.of(random.data());
    private final GraphObjective objective = GraphObjective.of(random.graph(), records);

    private static ComputationGraph with(Function<DenseLayer.Builder, Layer> hidden) {
        return with(
                hidden,
                new OutputLayer.Builder()
                        .nIn(5)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build());
    }

    private static ComputationGraph with(Function<DenseLayer.Builder, Layer> hidden, Layer output) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hidden.apply(new DenseLayer.Builder().nIn(5).nOut(5)), "in")
                .addLayer("out", output, "hidden")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static void assertRefused(String rule, ComputationGraph graph) {
        refused(rule, () -> GraphObjective.of(graph, Records.of(TestCase.DENSE.data(DataType.DOUBLE, 4, 1))));
    }

    @Test
    void data_that_is_not_finite_is_refused_with_its_record() {
        MultiDataSet data = TestCase.DENSE.data(DataType.DOUBLE, 4, 1);
        data.getFeatures(0).putScalar(2, 1, Double.NaN);
        refused("features 0 must be finite, got NaN or infinity in record 2", () -> Records.of(data));
        MultiDataSet labels = TestCase.DENSE.data(DataType.DOUBLE, 4, 1);
        labels.getLabels(0).putScalar(3, 1, Double.POSITIVE_INFINITY);
        refused("labels 0 must be finite, got NaN or infinity in record 3", () -> Records.of(labels));
    }

    @Test
    void data_of_the_wrong_shape_or_type_is_refused() {
        MultiDataSet data = TestCase.BRANCHING.data(DataType.DOUBLE, 4, 1);
        data.setFeatures(1, Nd4j.zeros(DataType.DOUBLE, 3, 3));
        refused("features 1 must have 4 records as the first features have, got 3", () -> Records.of(data));
        data.setFeatures(1, Nd4j.zeros(DataType.INT32, 4, 3));
        refused("features 1 must be FLOAT or DOUBLE, got INT", () -> Records.of(data));
        refused("ids must be", () -> records.withIds(1));
        refused("record ids must ascend", () -> records.withIds(descending(records.size())));
        refused("subjects must be", () -> records.ownedBy(1));
    }

    private static long[] descending(int n) {
        return java.util.stream.LongStream.range(0, n).map(k -> -k).toArray();
    }

    @Test
    void unknown_repeated_and_missing_ids_are_refused() {
        refused(
                "record ids must be known, got 2 unknown: [-1, 99]",
                () -> objective.restrictedTo(RecordIds.of(0, 99, -1)));
        refused("record ids must differ, got 3 twice", () -> RecordIds.of(3, 1, 3));
        refused("an objective must have records, got an empty subset", () -> objective.restrictedTo(RecordIds.of()));
        refused(
                "record ids must be known",
                () -> objective.restrictedTo(RecordIds.of(0)).restrictedTo(RecordIds.of(1)));
    }

    @Test
    void vectors_of_the_wrong_length_are_refused() {
        int d = objective.dimension();
        refused(
                "the parameter vector must have " + d + " elements, got " + (d + 1),
                () -> objective.value(new double[d + 1]));
        refused("the gradient must have " + d, () -> objective.valueAndGradient(new double[d], new double[1]));
    }

    @Test
    void numbers_out_of_range_are_refused() {
        refused("the normaliser must be > 0 and finite, got 0.0", () -> objective.withNormaliser(0));
        refused("weight decay must be >= 0 and finite, got -1.0", () -> objective.withWeightDecay(-1));
        refused("a chunk must be >= 1 records, got 0", () -> objective.withChunk(0));
        refused("the clipping bound must be > 0 and finite, got NaN", () -> Clipping.perRecord(Double.NaN));
    }

    @Test
    void what_is_no_sum_over_records_is_refused_by_the_layers_name() {
        assertRefused(
                "'hidden' normalises with the batch's statistics",
                with(b -> new BatchNormalization.Builder().nIn(5).nOut(5).build()));
        assertRefused(
                "'hidden' is frozen but in the parameter vector", with(b -> new FrozenLayerWithBackprop(b.build())));
        assertRefused("'hidden' is frozen but in the parameter vector", with(b -> new FrozenLayer(b.build())));
        assertRefused(
                "'hidden' has a random activation",
                with(b -> b.activation(Activation.RRELU).build()));
        assertRefused(
                "'hidden' has a random activation",
                with(b -> new ActivationLayer.Builder()
                        .activation(Activation.RRELU)
                        .build()));
        assertRefused(
                "'out' moves its centres",
                with(
                        DenseLayer.Builder::build,
                        new CenterLossOutputLayer.Builder().nIn(5).nOut(3).build()));
        assertRefused(
                "a loss at every output, got output 'b' without one", TestNetworks.withoutLoss(DataType.DOUBLE, 1));
    }

    @Test
    void what_Deeplearning4j_computes_wrongly_is_refused_by_the_layers_name() {
        ComputationGraph frozenAboveTrained = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("below", new DenseLayer.Builder().nIn(5).nOut(5).build(), "in")
                .addLayer("hidden", new FrozenLayer(new ActivationLayer.Builder().build()), "below")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(5)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build());
        frozenAboveTrained.init();
        assertRefused("'hidden' is frozen and keeps it from 'below' below it, which is not", frozenAboveTrained);
        assertRefused("'out' is an RnnLossLayer in NWC format", with(DenseLayer.Builder::build, rnnLossInNwc()));
    }

    private static RnnLossLayer rnnLossInNwc() {
        return new RnnLossLayer.Builder(LossFunction.MSE)
                .activation(Activation.IDENTITY)
                .dataFormat(RNNFormat.NWC)
                .build();
    }

    /** Left out, they change nothing: the loss is that of the same graph without them. */
    @Test
    void what_only_training_uses_is_refused_or_left_out() {
        List<ComputationGraph> graphs = List.of(
                with(b -> b.dropOut(0.5).build()),
                with(b -> b.l2(0.1).build()),
                with(b -> b.weightDecay(0.1).build()),
                with(b -> b.weightNoise(new org.deeplearning4j.nn.conf.weightnoise.DropConnect(0.5))
                        .build()));
        List<String> what = List.of("has dropout", "has regularisation", "has regularisation", "has weight noise");
        ComputationGraph plain = with(DenseLayer.Builder::build);
        Records data = Records.of(TestCase.DENSE.data(DataType.DOUBLE, 4, 1));
        double[] at = ParameterVectors.of(plain);
        double expected = GraphObjective.of(plain, data).valueAndGradient(at, new double[at.length]);
        for (int k = 0; k < graphs.size(); k++) {
            assertRefused(what.get(k), graphs.get(k));
            GraphObjective without = GraphObjective.of(graphs.get(k), data, TrainingExtras.LEAVE_OUT);
            assertEquals(expected, without.valueAndGradient(at, new double[at.length]));
        }
    }

    @Test
    void an_adapters_dropout_is_refused_or_left_out() {
        LoraConfig plain = LoraConfig.of(2, 2).withTargets("dense_1").withDropout(0.5);
        dropoutIsRefusedOrLeftOut(plain);
        dropoutIsRefusedOrLeftOut(plain.withDora());
        dropoutIsRefusedOrLeftOut(plain.withBias(BiasMode.ADAPTED));
    }

    private static void dropoutIsRefusedOrLeftOut(LoraConfig config) {
        BaseModel base = BaseModel.of(TestNetworks.dense(DataType.DOUBLE, 1));
        ComputationGraph graph = AdaptedModel.attach(
                        base,
                        config,
                        new FineTuneConfiguration.Builder()
                                .updater(new Sgd(0.1))
                                .build())
                .graph();
        assertRefused("'dense_1' has adapter dropout 0.5", graph);
        graph.params().addi(0.1);
        Records data = Records.of(TestCase.DENSE.data(DataType.DOUBLE, 4, 1));
        var batch = data.batch(new int[] {0, 1, 2, 3}, 0, 4);
        double expected = graph.score(batch, false);
        ComputationGraph twin =
                ObservedGraph.of(graph, TrainingExtras.LEAVE_OUT).graph();
        assertEquals(expected, twin.score(batch, true), 1e-14);
        if (!config.scheme().hasMagnitude()) { // of which no objective knows bounds
            GraphObjective without = GraphObjective.of(graph, data, TrainingExtras.LEAVE_OUT);
            assertEquals(expected, without.value(without.parameters()), 1e-14);
        }
    }

    /** Nobody keeps the base but the graph. */
    @Test
    void an_adapted_graph_keeps_its_base_open() {
        ComputationGraph graph = GraphObjectiveTest.adapted(TestCase.ABOVE_A_PREFIX, DataType.DOUBLE, 1);
        System.gc();
        assertEquals(graph.numParams(), graph.clone().numParams());
    }

    @Test
    void the_fingerprint_names_network_data_subset_and_settings_but_not_the_updater() {
        String name = objective.fingerprint();
        assertEquals(name, GraphObjective.of(random.graph(), records).fingerprint());
        List<String> others = List.of(
                GraphObjective.of(RandomGraph.of(1, true).graph(), records).fingerprint(),
                objective.withWeightDecay(0.1).fingerprint(),
                objective.withNormaliser(7).fingerprint(),
                objective.withChunk(1).fingerprint(),
                objective.restrictedTo(RecordIds.of(0)).fingerprint(),
                objective.clipped(Clipping.perRecord(1)).fingerprint(),
                objective.clipped(Clipping.perSubject(1)).fingerprint(),
                GraphObjective.of(random.graph(), records.ownedBy(new long[records.size()]))
                        .fingerprint());
        assertEquals(
                others.size() + 1,
                java.util.stream.Stream.concat(others.stream(), java.util.stream.Stream.of(name))
                        .distinct()
                        .count());
        random.graph().setLearningRate(0.7);
        assertEquals(name, GraphObjective.of(random.graph(), records).fingerprint());
    }
}
