/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** A running {@link LanguageModelHead}. */
final class RunningHead extends BaseLayer<LanguageModelHead> implements IOutputLayer {

    private static final long serialVersionUID = 1L;

    private transient @Nullable INDArray labels;

    RunningHead(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    private INDArray weight() {
        return getParam(LanguageModelHead.WEIGHT);
    }

    private INDArray labels() {
        if (labels == null) {
            throw new IllegalStateException("a language model's head needs labels for its loss: set them first");
        }
        return labels;
    }

    private TokenLoss loss() {
        TokenLoss loss = TokenLoss.of(labels(), layerConf().getNOut());
        if (input.size(0) != labels().length()) {
            throw new IllegalArgumentException("labels must have a token for each of " + input.size(0)
                    + " positions, got " + Arrays.toString(labels().shape()));
        }
        return loss;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray logits = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {input.size(0), layerConf().getNOut()}, 'f');
        return Nd4j.gemm(input, weight(), logits, false, false, 1, 0);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(@Nullable INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray dx = workspaces.create(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), 'c');
        INDArray view = Objects.requireNonNull(gradientViews.get(LanguageModelHead.WEIGHT));
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            loss().gradients(input, weight(), dx, view);
        }
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(LanguageModelHead.WEIGHT, view);
        return new Pair<>(gradient, dx);
    }

    @Override
    public double computeScore(double regularization, boolean training, LayerWorkspaceMgr workspaces) {
        double[] losses = losses();
        score = Arrays.stream(losses).sum() / losses.length + regularization;
        return score;
    }

    private double[] losses() {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return loss().losses(input, weight(), (int) labels().size(0));
        }
    }

    @Override
    public INDArray computeScoreForExamples(double regularization, LayerWorkspaceMgr workspaces) {
        double[] losses = losses();
        INDArray column = Nd4j.createFromArray(losses).reshape(losses.length, 1).addi(regularization);
        return workspaces.leverageTo(ArrayType.FF_WORKING_MEM, column.castTo(dataType));
    }

    @Override
    public boolean needsLabels() {
        return true;
    }

    @Override
    public void setLabels(@Nullable INDArray labels) {
        this.labels = labels;
    }

    @Override
    public @Nullable INDArray getLabels() {
        return labels;
    }

    @Override
    public void clear() {
        super.clear();
        labels = null;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public int numLabels() {
        return (int) layerConf().getNOut();
    }

    private static UnsupportedOperationException noClassifier() {
        return new UnsupportedOperationException("a language model's head trains within its graph, by the graph's fit");
    }

    @Override
    public double f1Score(DataSet data) {
        throw noClassifier();
    }

    @Override
    public double f1Score(INDArray examples, INDArray numbers) {
        throw noClassifier();
    }

    @Override
    public void fit(DataSetIterator iterator) {
        throw noClassifier();
    }

    @Override
    public int[] predict(INDArray examples) {
        throw noClassifier();
    }

    @Override
    public List<String> predict(DataSet data) {
        throw noClassifier();
    }

    @Override
    public void fit(INDArray examples, INDArray numbers) {
        throw noClassifier();
    }

    @Override
    public void fit(DataSet data) {
        throw noClassifier();
    }

    @Override
    public void fit(INDArray examples, int[] numbers) {
        throw noClassifier();
    }
}
