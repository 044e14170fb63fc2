/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Optional;
import org.amend4j.transformer.LanguageModelHead;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running {@link LanguageModelHead} whose parameters train. */
public final class RunningHead extends BaseLayer<LanguageModelHead> implements TokenOutput {

    private static final long serialVersionUID = 1L;

    private final transient FoundLosses found = new FoundLosses();
    private transient @Nullable INDArray labels;

    public RunningHead(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public HeadPass pass() {
        HeadParameters head = HeadParameters.of(paramTable());
        return new HeadPass(
                new WholeHead(head, Optional.ofNullable(gradientViews).map(HeadParameters::of)), input, found);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        return pass().logits(training, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(@Nullable INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        Gradient gradient = new DefaultGradient();
        gradientViews.forEach(gradient::setGradientFor);
        return new Pair<>(gradient, pass().backward(labels, true, workspaces).orElseThrow());
    }

    @Override
    public void setMaskArray(@Nullable INDArray mask) {
        HeadPass.refuseMask(mask, String.valueOf(layerConf().getLayerName()));
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
        found.forget();
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }
}
