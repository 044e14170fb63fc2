/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.app.demo.Backbone;
import org.amend4j.app.demo.FashionPictures;
import org.amend4j.app.demo.PrefixActivations;
import org.amend4j.app.files.Unfinished;
import org.amend4j.app.job.Progress;
import org.amend4j.data.Labelled;
import org.amend4j.internal.prefix.CachedData;
import org.amend4j.internal.prefix.PrefixCache;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.HostPrefix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What a pretrained MobileNetV2 makes of the pictures: 96 averages over its last kept block, and a constant 1 in place of a
 * bias, in double.
 *
 * @param training features [6000, 97] and one-hot labels [6000, 10]
 * @param test the same for 1,000 test pictures
 */
public record ClothesFeatures(DataSet training, DataSet test) {

    /** Features with the constant. */
    public static final int COUNT = 97;

    /** Pixels of a picture, each way. */
    public static final int SIDE = 64;

    private static final long CACHE_BYTES = 1L << 28;

    /** Computes the features, or reads them from the cache of an earlier run. */
    public static ClothesFeatures compute(Path cache, Progress progress) throws IOException {
        BaseModel base = BaseModel.of(Backbone.withNewHead(SIDE, FashionPictures.CLASSES.size(), 1));
        HostPrefix prefix = HostPrefix.of(base.network(), List.of(Backbone.POOL));
        return new ClothesFeatures(
                features(base, prefix, FashionPictures.training(SIDE), cache, progress),
                features(base, prefix, FashionPictures.test(SIDE), cache, progress));
    }

    private static DataSet features(
            BaseModel base, HostPrefix prefix, Labelled pictures, Path cache, Progress progress) {
        try (Progress.Stage stage = progress.stage(
                        String.format(java.util.Locale.ROOT, "MobileNetV2 on %,d pictures", pictures.size()),
                        pictures.size());
                Unfinished unfinished = Unfinished.in(cache, ".tmp");
                CachedData cached = PrefixCache.at(cache, CACHE_BYTES)
                        .compute(prefix, base.fingerprint().hex(), PrefixActivations.inOrder(pictures), stage::reach)) {
            stage.reach(pictures.size());
            stage.note(cached.computed() ? "" : "from the cache of an earlier run");
            return withConstant(PrefixActivations.of(cached, pictures).get(0));
        }
    }

    private static DataSet withConstant(Labelled averages) {
        DataSet batch = averages.batch(IntStream.range(0, averages.size()).toArray());
        INDArray features = Nd4j.ones(DataType.DOUBLE, averages.size(), COUNT);
        features.get(NDArrayIndex.all(), NDArrayIndex.interval(0, COUNT - 1)).assign(batch.getFeatures());
        return new DataSet(features, batch.getLabels().castTo(DataType.DOUBLE));
    }
}
