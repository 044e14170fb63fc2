/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.layer.AdaptableLayer;
import org.amend4j.internal.network.TrainsTokens;
import org.amend4j.transformer.LanguageModelHead;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A running {@link LanguageModelHead} on a base's parameters, whose gradients are not formed, with or without an adapter. Where it is the
 * table of an embedding some of whose tokens {@linkplain TrainsTokens train}, these have rows of their own here, too.
 */
final class FrozenHead extends AdaptableLayer implements TokenOutput {

    private static final long serialVersionUID = 1L;

    private final transient FoundLosses found = new FoundLosses();
    private final transient Optional<INDArray> bias;
    private transient @Nullable INDArray labels;
    private boolean enabled = true;

    /**
     * @param conf around the stock layer
     * @param base weights of the base by their keys, only read; none if the layer trains its own
     */
    FrozenHead(NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        super(conf, base, type);
        this.bias = Optional.ofNullable(base.get(LanguageModelHead.BIAS));
    }

    @Override
    public void setAdapterEnabled(boolean enabled) {
        this.enabled = enabled;
        super.setAdapterEnabled(enabled);
    }

    private Optional<HeadTokens> ownRows() {
        return enabled && layerConf() instanceof TrainsTokens trains
                ? Optional.of(new HeadTokens(trains.trainedTokens(), getParam(TrainsTokens.ROWS), bias))
                : Optional.empty();
    }

    /** Rows of a batch come a part at a time, whose arrays live no longer than their derivatives. */
    private final class Parts implements HeadWork {

        @Override
        public long vocabulary() {
            return columns();
        }

        @Override
        public void logits(INDArray x, INDArray z, boolean training) {
            forward(x, z, training, ArrayType.FF_WORKING_MEM, LayerWorkspaceMgr.noWorkspaces());
            ownRows().ifPresent(own -> own.logits(x, z));
        }

        @Override
        public void differentiate(INDArray dz, INDArray x, Optional<INDArray> dx, boolean adds) {
            Optional<HeadTokens> own = ownRows();
            Optional<INDArray> ofOwn = own.map(tokens -> tokens.takenFrom(dz));
            backwardOfSome(dz, dx, adds, LayerWorkspaceMgr.noWorkspaces());
            releaseSome(x, dz);
            if (!enabled) {
                noGradients();
            }
            ofOwn.ifPresent(some -> {
                INDArray view = Objects.requireNonNull(gradientViews.get(TrainsTokens.ROWS));
                own.get().differentiate(some, x, view, adds);
                dx.ifPresent(to -> own.get().addTo(to, some));
                some.close();
            });
        }

        @Override
        public void differentiateNothing() {
            noGradients();
        }
    }

    @Override
    public HeadPass pass() {
        return new HeadPass(new Parts(), input, found);
    }

    /** Its rows come in parts, of which nothing is kept to be shown. */
    @Override
    public boolean showsRows() {
        return false;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        return pass().logits(training, workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(
            @Nullable INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        Optional<INDArray> dx = pass().backward(labels, !layerConf().isInputFrozen(), workspaces);
        return new Pair<>(gradients(), dx.orElse(null));
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
