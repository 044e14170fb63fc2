/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The adapted MobileNetV2 in libtorch, trained by SGD, written as a DJL user who cares about speed would: channels first
 * (libtorch's default), batch norm folded into the convolutions, no padding copies (see {@link TorchConvolution}), autograd
 * only from the first adapter on, every intermediate freed as soon as nothing needs it. Features and pictures are held
 * turned by 180°; the mean over pixels does not see that.
 */
public final class TorchMobileNet implements LoraPeer {

    private final NDManager manager;
    private final Engine engine;
    private final TorchParameters parameters;
    private final List<TorchBlock> frozen = new ArrayList<>();
    private final List<TorchBlock> adapted = new ArrayList<>();
    private final NDArray headWeight;
    private final NDArray headBias;
    private final NDArray pictures;
    private final NDArray labels;
    private final NDArray features;

    /** Alive as long as the network: see {@link TorchLora}. */
    private final NDArray minusOneOverBatch;

    /** Copies the problem's base, adapters and batch into libtorch and computes the cached features. */
    public TorchMobileNet(MobileNetProblem problem, double learningRate) throws IOException {
        manager = Libtorch.newManager();
        engine = manager.getEngine();
        parameters = new TorchParameters(UpdateRule.SGD, learningRate);
        ComputationGraph base = problem.base(new Sgd(0));
        frozen.add(TorchBlock.stem(manager, base));
        for (int block = 1; block <= MobileNetProblem.LAST_BLOCK; block++) {
            List<TorchBlock> part = block < MobileNetProblem.FIRST_ADAPTED_BLOCK ? frozen : adapted;
            part.add(TorchBlock.inverted(manager, base, block, problem, parameters));
        }
        INDArray weight = base.getLayer(MobileNetProblem.HEAD).getParam("W");
        INDArray bias = base.getLayer(MobileNetProblem.HEAD).getParam("b");
        headWeight = TorchArrays.transposed(
                manager, MergedDl4j.rowMajor(weight), MobileNetProblem.FEATURES, MobileNetProblem.CLASSES);
        headBias = TorchArrays.owned(manager, MergedDl4j.rowMajor(bias), MobileNetProblem.CLASSES);
        parameters.train(MobileNetProblem.HEAD + ".W", headWeight);
        parameters.train(MobileNetProblem.HEAD + ".b", headBias);
        base.close();
        DataSet batch = problem.pictures();
        pictures = pictures(batch.getFeatures());
        labels = TorchArrays.owned(
                manager, MergedDl4j.rowMajor(batch.getLabels()), problem.batch(), MobileNetProblem.CLASSES);
        minusOneOverBatch = TorchArrays.owned(manager, new float[] {-1f / problem.batch()}, 1);
        features = prefix();
    }

    @Override
    public float[] output() {
        try (NDManager scope = scope()) {
            return logits(prefix()).softmax(1).toFloatArray();
        }
    }

    @Override
    public double loss() {
        try (NDManager scope = scope()) {
            return meanLoss(prefix()).getFloat();
        }
    }

    @Override
    public Map<String, float[]> gradients() {
        try (NDManager scope = scope()) {
            backward(prefix());
        }
        return parameters.takeGradients();
    }

    @Override
    public Map<String, float[]> parameters() {
        return parameters.values();
    }

    /** A step from pictures. */
    @Override
    public void step() {
        try (NDManager scope = scope()) {
            backward(prefix());
        }
        parameters.update();
    }

    /** A step from the frozen part's cached features. */
    public void stepFromFeatures() {
        try (NDManager scope = scope()) {
            backward(features);
        }
        parameters.update();
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Arrays alive in this network's own scope: constant over steps, or something leaks. */
    int liveArrays() {
        return manager.getManagedArrays().size();
    }

    /** A scope that takes what is computed from pictures, features or labels, and frees it. */
    private NDManager scope() {
        NDManager scope = manager.newSubManager();
        scope.tempAttachAll(pictures, features, labels);
        return scope;
    }

    /** Output of the frozen blocks. Nothing they read asks for a gradient, so autograd records nothing. */
    private NDArray prefix() {
        return through(frozen, pictures);
    }

    private static NDArray through(List<TorchBlock> blocks, NDArray input) {
        NDArray x = blocks.get(0).forward(input);
        for (TorchBlock block : blocks.subList(1, blocks.size())) {
            try (NDArray below = x) {
                x = block.forward(below);
            }
        }
        return x;
    }

    private void backward(NDArray cut) {
        try (GradientCollector collector = engine.newGradientCollector()) {
            collector.backward(meanLoss(cut));
        }
    }

    private NDArray meanLoss(NDArray cut) {
        return labels.mul(logits(cut).logSoftmax(1)).sum().mul(minusOneOverBatch);
    }

    private NDArray logits(NDArray cut) {
        try (NDArray blocks = through(adapted, cut);
                NDArray pooled = Pool.globalAvgPool2d(blocks)) {
            return Linear.linear(pooled, headWeight, headBias).singletonOrThrow();
        }
    }

    /** Pictures [batch, h, w, channels] as [batch, channels, h, w], turned by 180°. */
    private NDArray pictures(INDArray channelsLast) {
        INDArray channelsFirst = channelsLast.permute(0, 3, 1, 2);
        long pixels = channelsFirst.size(2) * channelsFirst.size(3);
        float[] values = MergedDl4j.rowMajor(channelsFirst);
        float[] turned = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int pixel = (int) (i % pixels);
            turned[(int) (i - pixel + pixels - 1 - pixel)] = values[i];
        }
        return TorchArrays.owned(manager, turned, channelsFirst.shape());
    }
}
