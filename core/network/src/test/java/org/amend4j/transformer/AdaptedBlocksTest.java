/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Random;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.ArrayBytes;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.SmallNetworks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** Adapters on the linear layers of transformers: everything else is frozen, and hands derivatives down. */
class AdaptedBlocksTest {

    private static final LoraConfig CONFIG = LoraConfig.of(2, 4).withTargets("query", "value", "down");

    private static final FineTuneConfiguration TRAINING =
            FineTuneConfiguration.builder().updater(new Sgd(0.5)).build();

    private static ComputationGraph network(DataType type) {
        AttentionRule rule = AttentionRule.causal(3).withKeyValueHeads(1).withRotary(BlocksTest.rotary(100, 4));
        return BlocksTest.graph(type, rule, RowNorm.Kind.ROOT_MEAN_SQUARE);
    }

    @Test
    void gradients_are_differences_and_the_base_stays_as_it_was() {
        BaseModel base = BaseModel.of(network(DataType.DOUBLE));
        AdaptedModel model = AdaptedModel.attach(base, CONFIG, TRAINING);
        SmallNetworks.moved(model.graph(), new Random(3), 0.3);
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        INDArray before = base.network().params().dup();
        assertEquals(60, Gradients.check(model.graph(), data.toMultiDataSet(), 60, BlocksTest.SEED));
        for (int step = 0; step < 3; step++) {
            model.graph().fit(data);
        }
        assertTrue(ArrayBytes.same(before, base.network().params()));
    }

    @Test
    void merged_is_adapted_and_saved_is_loaded(@TempDir Path folder) throws Exception {
        BaseModel base = BaseModel.of(network(DataType.DOUBLE));
        AdaptedModel model = AdaptedModel.attach(base, CONFIG, TRAINING);
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
}
