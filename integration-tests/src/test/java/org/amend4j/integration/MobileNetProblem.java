/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * One MobileNetV2 to adapt, a pure function of its components: the shipped backbone up to {@code block_12_add}, average
 * pooling, a new head of ten classes trained in full, adapters of rank 8 on the 1×1 convolutions of blocks 10 to 12, and a
 * batch of pictures. Both adapter factors are non-zero, so both have a gradient.
 *
 * @param batch pictures in the batch, at least 1
 * @param side height and width of a picture, a multiple of 16, so that every layer of stride 2 halves it
 * @param seed the seed of adapters and head
 */
public record MobileNetProblem(int batch, int side, long seed) {

    public static final int RANK = 8;
    public static final double ALPHA = 16;
    public static final int CLASSES = 10;

    /** The last block kept, and the first one with adapters. */
    static final int LAST_BLOCK = 12;

    static final int FIRST_ADAPTED_BLOCK = 10;

    /** Channels that leave the last block. */
    static final int FEATURES = 96;

    static final String HEAD = "head";

    private static final String CUT = "block_" + LAST_BLOCK + "_add";

    public MobileNetProblem {
        if (batch < 1) {
            throw new IllegalArgumentException("batch must be >= 1, got " + batch);
        }
        if (side < 16 || side % 16 != 0) {
            throw new IllegalArgumentException("side must be a positive multiple of 16, got " + side);
        }
    }

    /** The vertices with an adapter. */
    List<String> targets() {
        List<String> names = new ArrayList<>();
        for (int block = FIRST_ADAPTED_BLOCK; block <= LAST_BLOCK; block++) {
            names.add("block_" + block + "_expand");
            names.add("block_" + block + "_project");
        }
        return names;
    }

    /** A [nIn, rank] of a target. */
    float[] adapterA(String target, int nIn) {
        return uniform(target + ".A", nIn * RANK, 1 / Math.sqrt(nIn));
    }

    /** B [rank, nOut] of a target; small, so that the adapted network stays near the base. */
    float[] adapterB(String target, int nOut) {
        return uniform(target + ".B", RANK * nOut, 0.05 / Math.sqrt(RANK));
    }

    /** Pictures [batch, side, side, 3] and one-hot labels [batch, classes]; a new copy. */
    public DataSet pictures() {
        INDArray labels = Nd4j.zeros(batch, CLASSES);
        for (int i = 0; i < batch; i++) {
            labels.putScalar(i, i % CLASSES, 1);
        }
        return new DataSet(MobileNetV2.input(batch, side), labels);
    }

    /** What trains everything that trains. */
    FineTuneConfiguration training(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).seed(seed).build();
    }

    /** The network without adapters, all of it trainable; a new copy. */
    public ComputationGraph base(IUpdater updater) throws IOException {
        ComputationGraph backbone = MobileNetV2.open();
        TransferLearning.GraphBuilder builder =
                new TransferLearning.GraphBuilder(backbone).fineTuneConfiguration(training(updater));
        List<String> order = backbone.getConfiguration().getTopologicalOrderStr();
        for (int i = order.size() - 1; !order.get(i).equals(CUT); i--) {
            builder.removeVertexAndConnections(order.get(i));
        }
        return builder.setInputTypes(InputType.convolutional(side, side, 3, CNN2DFormat.NHWC))
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), CUT)
                .addLayer(
                        HEAD,
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(FEATURES)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs(HEAD)
                .build();
    }

    private float[] uniform(String stream, int length, double bound) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + stream.hashCode());
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return values;
    }
}
