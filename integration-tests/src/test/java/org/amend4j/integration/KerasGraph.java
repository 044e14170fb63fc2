/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.amend4j.app.demo.FashionPictures;
import org.amend4j.data.Labelled;
import org.amend4j.lora.config.Targets;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Graphs of the kinds that Keras users bring, each with a small task on real pictures. */
enum KerasGraph {
    ESRGAN_X3(CNN2DFormat.NHWC, 3),
    ESRGAN_X8(CNN2DFormat.NHWC, 8),
    UNET_FIRST(CNN2DFormat.NCHW, 0),
    UNET_LAST(CNN2DFormat.NHWC, 0),
    CLASSIFYING_UNET_FIRST(CNN2DFormat.NCHW, 0),
    CLASSIFYING_UNET_LAST(CNN2DFormat.NHWC, 0),
    INCEPTION_FIRST(CNN2DFormat.NCHW, 0),
    INCEPTION_LAST(CNN2DFormat.NHWC, 0);

    private static final int CLASSES = 10;

    private final CNN2DFormat format;
    private final int enlarges;

    KerasGraph(CNN2DFormat format, int enlarges) {
        this.format = format;
        this.enlarges = enlarges;
    }

    boolean isSmall() {
        return enlarges == 0;
    }

    /** With a loss at its end. */
    ComputationGraph network(DataType type) throws Exception {
        return switch (this) {
            case ESRGAN_X3 -> Esrgan.withLoss(Esrgan.threefold()).convertDataType(type);
            case ESRGAN_X8 -> Esrgan.withLoss(Esrgan.eightfold()).convertDataType(type);
            case UNET_FIRST, UNET_LAST -> OwnGraphs.unet(type, format);
            case CLASSIFYING_UNET_FIRST, CLASSIFYING_UNET_LAST -> OwnGraphs.classifyingUnet(type, format, CLASSES);
            case INCEPTION_FIRST, INCEPTION_LAST -> OwnGraphs.inception(type, format, CLASSES);
        };
    }

    /** Convolutions at the start, in the middle and at the end, so that gradients go through everything. */
    Targets targets() {
        return switch (this) {
            case ESRGAN_X3, ESRGAN_X8 -> Targets.names("F_0", "F_2_1", "LFF_2", "UPN3", "SR");
            case UNET_FIRST, UNET_LAST -> Targets.names("down0", "down2", "mix1", "map");
            case CLASSIFYING_UNET_FIRST, CLASSIFYING_UNET_LAST -> Targets.names("down0", "down2", "mix2", "out");
            case INCEPTION_FIRST, INCEPTION_LAST -> Targets.names("stem", "mixed0_5b", "half", "mixed1_3b", "out");
        };
    }

    /** The first so many pictures: to be enlarged, to be told from their background, or to be named. */
    MultiDataSet data(DataType type, int examples) throws IOException {
        int side = enlarges == 3 ? 24 : enlarges == 8 ? 32 : OwnGraphs.SIDE;
        Labelled pictures = FashionPictures.training(side);
        int[] chosen = new int[examples];
        Arrays.setAll(chosen, k -> k);
        org.nd4j.linalg.dataset.DataSet read = pictures.batch(chosen);
        INDArray large = read.getFeatures().castTo(type);
        return switch (this) {
            case ESRGAN_X3, ESRGAN_X8 -> data(means(large, enlarges).muli(255), large.mul(255));
            case UNET_FIRST, UNET_LAST -> data(ordered(grey(large)), ordered(middle(grey(large))));
            default -> data(ordered(grey(large)), read.getLabels().castTo(type));
        };
    }

    private static MultiDataSet data(INDArray features, INDArray labels) {
        return new MultiDataSet(new INDArray[] {features}, new INDArray[] {labels});
    }

    /** Means of squares of pixels. */
    private static INDArray means(INDArray pictures, int side) {
        long[] shape = pictures.shape();
        return pictures.reshape('c', new long[] {shape[0], shape[1] / side, side, shape[2] / side, side, shape[3]})
                .mean(2, 4);
    }

    private static INDArray grey(INDArray pictures) {
        return pictures.mean(true, 3);
    }

    /** Whether a pixel is bright, without two at each edge. */
    private static INDArray middle(INDArray pictures) {
        long end = pictures.size(1) - 2;
        return pictures.get(
                        org.nd4j.linalg.indexing.NDArrayIndex.all(),
                        org.nd4j.linalg.indexing.NDArrayIndex.interval(2, end),
                        org.nd4j.linalg.indexing.NDArrayIndex.interval(2, end),
                        org.nd4j.linalg.indexing.NDArrayIndex.all())
                .gt(0.3)
                .castTo(pictures.dataType());
    }

    private INDArray ordered(INDArray channelsLast) {
        return format == CNN2DFormat.NCHW ? channelsLast.permute(0, 3, 1, 2).dup('c') : channelsLast.dup('c');
    }

    /** Normal numbers of this size added to the parameters of a graph. */
    static void move(ComputationGraph graph, double size, long seed) {
        Random random = new Random(seed);
        INDArray parameters = graph.params();
        double[] noise =
                random.doubles(parameters.length()).map(u -> size * (2 * u - 1)).toArray();
        parameters.addi(
                Nd4j.createFromArray(noise).castTo(parameters.dataType()).reshape(parameters.shape()));
    }
}
