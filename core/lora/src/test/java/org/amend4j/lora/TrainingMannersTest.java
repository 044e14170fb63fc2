/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.EarlyStoppingConfiguration;
import org.deeplearning4j.earlystopping.EarlyStoppingResult;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.earlystopping.termination.MaxEpochsTerminationCondition;
import org.deeplearning4j.earlystopping.trainer.EarlyStoppingGraphTrainer;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** Deeplearning4j's own ways of training work on an adapted graph, and wrong use is refused. */
class TrainingMannersTest {

    private static final DataType TYPE = DataType.FLOAT;
    private static final long SEED = 3;

    private static AdaptedModel attach(LoraConfig config) {
        return AdaptedModel.attach(
                BaseModel.of(TestCase.DENSE.network(TYPE, SEED)),
                config,
                FineTuneConfiguration.builder()
                        .updater(new Adam(0.02))
                        .seed(SEED)
                        .build());
    }

    private static DataSet data(int n) {
        MultiDataSet both = TestCase.DENSE.data(TYPE, n, SEED);
        return new DataSet(both.getFeatures(0), both.getLabels(0));
    }

    @Test
    void every_kind_of_iterator_trains_the_same() {
        List<INDArray> results = new ArrayList<>();
        for (int kind = 0; kind < 4; kind++) {
            ComputationGraph graph = attach(LoraConfig.of(2, 2)).graph();
            ListDataSetIterator<DataSet> list = new ListDataSetIterator<>(data(24).asList(), 8);
            switch (kind) {
                case 0 -> graph.fit(list, 2);
                case 1 -> graph.fit(new MultiDataSetIteratorAdapter(list), 2);
                case 2 -> {
                    List<DataSet> batches = new ArrayList<>();
                    list.forEachRemaining(batches::add);
                    graph.fit(new ExistingDataSetIterator(batches), 2);
                }
                default -> {
                    for (int epoch = 0; epoch < 2; epoch++) {
                        list.reset();
                        list.forEachRemaining(graph::fit);
                    }
                }
            }
            results.add(graph.params().dup());
        }
        results.forEach(result -> assertTrue(ArrayBytes.same(results.get(0), result)));
    }

    @Test
    void early_stopping_keeps_the_best_adapter() {
        AdaptedModel model = attach(LoraConfig.of(2, 2));
        ListDataSetIterator<DataSet> list = new ListDataSetIterator<>(data(24).asList(), 8);
        ListDataSetIterator<DataSet> held = new ListDataSetIterator<>(data(16).asList(), 8);
        EarlyStoppingResult<ComputationGraph> result = new EarlyStoppingGraphTrainer(
                        new EarlyStoppingConfiguration.Builder<ComputationGraph>()
                                .epochTerminationConditions(new MaxEpochsTerminationCondition(4))
                                .scoreCalculator(new DataSetLossCalculator(held, true))
                                .evaluateEveryNEpochs(1)
                                .modelSaver(new InMemoryModelSaver<>())
                                .build(),
                        model.graph(),
                        list)
                .fit();
        assertEquals(4, result.getTotalEpochs());
        ComputationGraph best = result.getBestModel();
        assertNotNull(best);
        assertEquals(model.report().trainable(), best.numParams());
        // (getBestModelScore() is always 0 in M2.1)
        assertEquals(
                result.getScoreVsEpoch().get(result.getBestModelEpoch()),
                new DataSetLossCalculator(held, true).calculateScore(best),
                1e-6);
    }

    @Test
    void evaluation_works_on_the_adapted_graph() {
        AdaptedModel model = attach(LoraConfig.of(2, 2));
        double accuracy = model.graph()
                .evaluate(new ListDataSetIterator<>(data(24).asList(), 8))
                .accuracy();
        assertTrue(accuracy >= 0 && accuracy <= 1);
    }

    @Test
    void a_wrong_input_width_is_refused_with_the_layer_and_both_sizes() {
        AdaptedModel model = attach(LoraConfig.of(2, 2).withTargets("dense_0"));
        DL4JInvalidInputException refused = assertThrows(
                DL4JInvalidInputException.class, () -> model.graph().output(Nd4j.zeros(TYPE, 2, 4)));
        assertTrue(refused.getMessage().contains("[batch, 5]"), refused.getMessage());
        assertTrue(refused.getMessage().contains("dense_0"), refused.getMessage());
    }

    @Test
    void targets_that_match_nothing_are_refused_with_the_candidates() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> attach(LoraConfig.of(2, 2).withTargets("dense_0", "dense_9")));
        assertTrue(refused.getMessage().contains("dense_9"), refused.getMessage());
        assertTrue(refused.getMessage().contains("dense_1"), refused.getMessage());
    }

    @Test
    void the_report_counts_by_the_layers_and_names_their_status() {
        AdaptedModel model = attach(LoraConfig.of(2, 4).withTargets("dense_1").withTrainedInFull("out"));
        AdapterReport report = model.report();
        assertEquals(
                List.of(Status.PREFIX, Status.ADAPTED, Status.TRAINED_IN_FULL),
                report.layers().stream().map(AdapterReport.LayerReport::status).toList());
        // rank (rows + columns) of dense_1, and W and b of out
        assertEquals(2 * (7 + 6) + (6 * 3 + 3), report.trainable());
        // every base parameter, the adapter's, and the head once
        assertEquals((5 * 7 + 7) + (7 * 6 + 6) + (6 * 3 + 3) + 2 * (7 + 6), report.total());
        assertEquals("trainable params: 47 || all params: 137 || trainable%: 34.3066", report.summary());
        assertEquals(2.0, report.layers().get(1).scaling());
    }

    @Test
    void one_example_and_one_column_batches_work() {
        ComputationGraph graph = attach(LoraConfig.of(2, 2).withTargets("dense_0", "dense_1", "out"))
                .graph();
        graph.fit(data(1));
        assertEquals(3, graph.output(data(1).getFeatures())[0].length());
    }

    @Test
    void two_adapted_models_on_one_base_do_not_see_each_other() {
        AdaptedModel one = attach(LoraConfig.of(2, 2));
        AdaptedModel two = attach(LoraConfig.of(3, 3));
        INDArray before = two.graph().params().dup();
        one.graph().fit(data(8));
        assertTrue(ArrayBytes.same(before, two.graph().params()));
        assertTrue(one.base() == two.base(), "equal bases are held once");
    }

    @Test
    void dropout_and_rank_stabilised_scaling_reach_the_layers() {
        AdaptedModel model =
                attach(LoraConfig.of(4, 8).withDropout(0.5).withRsLora(true).withTargets("dense_0"));
        assertEquals(4.0, model.adapters().get(0).scaling());
        INDArray before = model.graph().params().dup();
        model.graph().fit(data(16));
        assertFalse(ArrayBytes.same(before, model.graph().params()));
        assertTrue(BaseModel.isFinite(model.graph().params()));
    }
}
