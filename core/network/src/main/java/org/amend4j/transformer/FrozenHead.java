/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.lora.layer.BaseBackedLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running {@link LanguageModelHead} on a base's parameters, whose gradients are not formed. */
public final class FrozenHead extends BaseBackedLayer implements TokenOutput {

    private static final long serialVersionUID = 1L;

    private final transient HeadParameters head;
    private final transient FoundLosses found = new FoundLosses();
    private transient @Nullable INDArray labels;

    /**
     * A head that never trains.
     *
     * @param conf around the stock layer
     * @param base weights of the base by their keys, only read
     */
    public FrozenHead(NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        super(conf, type);
        this.head = HeadParameters.of(base);
    }

    @Override
    public HeadPass pass() {
        return new HeadPass(head, input, found);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        return pass().logits(workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(
            @Nullable INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        boolean wanted = !layerConf().isInputFrozen();
        return new Pair<>(new DefaultGradient(), wanted ? pass().backward(labels, Optional.empty(), workspaces) : null);
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
}
