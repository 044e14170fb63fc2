/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentBaseTest {

    @TempDir
    private Path temp;

    private SentBase base(int seed) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .list()
                .layer(new OutputLayer.Builder().nIn(3).nOut(2).build())
                .build());
        network.init();
        Path zip = temp.resolve(seed + ".zip");
        ModelSerializer.writeModel(network, zip.toFile(), false);
        return SentBase.at(BaseModel.open(zip).fingerprint().hex(), zip);
    }

    @Test
    void anExecutorKeepsTheTwoBasesThatItOpenedLast() throws Exception {
        List<WeakReference<BaseModel>> opened = new ArrayList<>();
        for (int seed = 1; seed <= 5; seed++) {
            opened.add(new WeakReference<>(base(seed).open()));
        }
        List<WeakReference<BaseModel>> left = opened.subList(0, 3);
        for (int tries = 0; tries < 500 && !left.stream().allMatch(one -> one.refersTo(null)); tries++) {
            System.gc();
            Thread.sleep(20);
        }
        for (WeakReference<BaseModel> old : left) {
            assertNull(old.get());
        }
        for (int seed = 4; seed <= 5; seed++) {
            assertFalse(opened.get(seed - 1).get() == null);
            assertSame(opened.get(seed - 1).get(), base(seed).open());
        }
    }
}
