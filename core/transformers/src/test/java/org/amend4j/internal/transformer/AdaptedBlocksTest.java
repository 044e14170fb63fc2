/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.transformer.AttentionRule;
import org.amend4j.transformer.BlocksTest;
import org.amend4j.transformer.RowNorm;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** Adapters on the layers of transformers: everything else is frozen, and hands derivatives down. */
class AdaptedBlocksTest {

    static Stream<LoraConfig> configs() {
        LoraConfig plain = LoraConfig.of(2, 4);
        LoraConfig ends = plain.withTargets("embedding", "head", "value");
        return Stream.of(
                plain.withTargets("query", "value", "down"),
                ends,
                plain.withTargets("head"),
                plain.withTargets("query").withTrainedInFull("head"),
                ends.withDora(Dora.TRUE_GRADIENT),
                ends.withBias(BiasMode.ADAPTED),
                plain.withTargets("head").withBiasOnB());
    }

    /** With dropout, too, which tables ignore and files keep. */
    static Stream<LoraConfig> savedConfigs() {
        LoraConfig dropping =
                LoraConfig.of(2, 4).withTargets("embedding", "head", "value").withDropout(0.2);
        return Stream.concat(configs(), Stream.of(dropping, dropping.withDora(Dora.DETACHED_NORM)));
    }

    private static final FineTuneConfiguration TRAINING =
            FineTuneConfiguration.builder().updater(new Sgd(0.5)).build();

    private static ComputationGraph network(DataType type) {
        AttentionRule rule = AttentionRule.causal(3).withKeyValueHeads(1).withRotary(BlocksTest.rotary(100, 4));
        return BlocksTest.graph(type, rule, RowNorm.Kind.ROOT_MEAN_SQUARE);
    }

    @ParameterizedTest
    @MethodSource("configs")
    @OneIn(2)
    void gradients_are_differences_and_the_base_stays_as_it_was(LoraConfig config) {
        BaseModel base = BaseModel.of(network(DataType.DOUBLE));
        AdaptedModel model = AdaptedModel.attach(base, config, TRAINING);
        SmallNetworks.moved(model.graph(), new Random(3), 0.3);
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        INDArray before = base.network().params().dup();
        int checked = (int) Math.min(60, model.graph().numParams());
        assertEquals(checked, Gradients.check(model.graph(), data.toMultiDataSet(), checked, BlocksTest.SEED));
        for (int step = 0; step < 3; step++) {
            model.graph().fit(data);
        }
        assertTrue(ArrayBytes.same(before, base.network().params()));
    }

    @ParameterizedTest
    @MethodSource("savedConfigs")
    void merged_is_adapted_and_saved_is_loaded(LoraConfig config, @TempDir Path folder) throws Exception {
        BaseModel base = BaseModel.of(network(DataType.DOUBLE));
        AdaptedModel model = AdaptedModel.attach(base, config, TRAINING);
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        model.graph().fit(data);
        INDArray adapted = model.graph().outputSingle(data.getFeatures());
        INDArray merged = model.merge().network().outputSingle(data.getFeatures());
        double apart = adapted.sub(merged).amaxNumber().doubleValue();
        assertTrue(apart < 1e-12, "sums in another order: " + apart);
        model.save(folder.resolve("adapter"));
        AdaptedModel loaded = AdaptedModel.load(base, folder.resolve("adapter"), TRAINING);
        assertTrue(ArrayBytes.same(adapted, loaded.graph().outputSingle(data.getFeatures())));
    }

    /** As PEFT's "all" and "lora_only" mean them. */
    @Test
    void biases_of_norms_and_heads_train() {
        BaseModel base = BaseModel.of(BlocksTest.graph(DataType.DOUBLE, AttentionRule.causal(3), RowNorm.Kind.LAYER));
        LoraConfig config = LoraConfig.of(2, 4).withTargets("head", "query");
        AdaptedModel adapted = AdaptedModel.attach(base, config.withBias(BiasMode.ADAPTED), TRAINING);
        assertEquals(List.of("query", "head"), withBiases(adapted.graph()));
        AdaptedModel all = AdaptedModel.attach(base, config.withBias(BiasMode.ALL), TRAINING);
        assertEquals(List.of("norm", "query", "key", "value", "gate", "up", "down", "head"), withBiases(all.graph()));
        SmallNetworks.moved(all.graph(), new Random(3), 0.3);
        int parameters = (int) all.graph().numParams();
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        assertEquals(parameters, Gradients.check(all.graph(), data.toMultiDataSet(), parameters, BlocksTest.SEED));
    }

    private static List<String> withBiases(ComputationGraph graph) {
        return Stream.of(graph.getLayers())
                .filter(layer -> layer.paramTable().containsKey("b"))
                .map(layer -> layer.conf().getLayer().getLayerName())
                .toList();
    }

    @Test
    void switched_off_words_and_heads_are_the_base() {
        BaseModel base = BaseModel.of(network(DataType.DOUBLE));
        AdaptedModel model = AdaptedModel.attach(base, LoraConfig.of(2, 4).withTargets("embedding", "head"), TRAINING);
        SmallNetworks.moved(model.graph(), new Random(3), 0.3);
        INDArray tokens = BlocksTest.data(DataType.DOUBLE, true).getFeatures();
        INDArray expected = base.network().outputSingle(tokens);
        INDArray adapted = model.graph().outputSingle(tokens);
        double moved = adapted.sub(expected).amaxNumber().doubleValue();
        assertTrue(moved > 0.1, "moved by " + moved);
        try (AdapterScope ignored = model.disable()) {
            double apart = model.graph()
                    .outputSingle(tokens)
                    .sub(expected)
                    .amaxNumber()
                    .doubleValue();
            assertTrue(apart < 1e-13, "biases are added in another order: " + apart);
        }
        assertTrue(ArrayBytes.same(adapted, model.graph().outputSingle(tokens)));
    }

    /** More labelled rows than a head takes at once: its gradients are sums over all parts. */
    @Test
    void a_heads_gradients_add_up_over_the_parts_of_a_batch() {
        LoraConfig plain = LoraConfig.of(2, 4).withTargets("head", "embedding").withBias(BiasMode.ADAPTED);
        for (LoraConfig config :
                List.of(plain, plain.withDora(Dora.DETACHED_NORM), plain.withDora(Dora.TRUE_GRADIENT))) {
            AdaptedModel model = AdaptedModel.attach(BaseModel.of(network(DataType.DOUBLE)), config, TRAINING);
            SmallNetworks.moved(model.graph(), new Random(3), 0.3);
            DataSet few = BlocksTest.data(DataType.DOUBLE, true);
            DataSet many = DataSet.merge(Collections.nCopies(40, few)); // 400 labels
            INDArray expected = gradient(model.graph(), few).muli(40);
            double apart =
                    gradient(model.graph(), many).sub(expected).amaxNumber().doubleValue();
            double size = expected.amaxNumber().doubleValue();
            assertTrue(apart < 1e-12 * size, config + ": " + apart + " of " + size);
        }
    }

    private static INDArray gradient(ComputationGraph graph, DataSet data) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.computeGradientAndScore();
        INDArray found = graph.gradient().gradient().dup();
        graph.clear();
        return found;
    }
}
