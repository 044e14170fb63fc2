/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.stream.Stream;
import org.amend4j.internal.network.RowsPerToken;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running layer of a {@link WrappedLayer} configuration. */
public abstract class BaseBackedLayer extends BaseLayer<WrappedLayer> {

    private static final long serialVersionUID = 1L;

    private boolean forwardKept;
    private boolean ofTokens;

    @SuppressWarnings("UnusedVariable") // held, not read: the registry of open bases is weak
    private transient @Nullable BaseModel base;

    protected BaseBackedLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    /** Keeps the base open for as long as this layer lives, though it only reads some of its arrays. */
    public final void keepOpen(BaseModel open) {
        this.base = open;
        this.ofTokens = Stream.of(open.network().getLayers())
                .anyMatch(layer -> Wrappers.innermost(layer.conf().getLayer()) instanceof RowsPerToken);
    }

    /** Whether its graph has a row for every token. */
    final boolean isOfTokens() {
        return ofTokens;
    }

    /** To be called by {@link #activate}: a forward pass in training mode has kept what the backward pass needs. */
    protected final void keepForward(boolean training) {
        forwardKept = training;
    }

    /** Makes the forward pass again if the last one on this input was not in training mode. */
    protected final void requireForward(LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!forwardKept) {
            activate(true, workspaces);
        }
    }

    @Override
    public void setInput(INDArray input, LayerWorkspaceMgr workspaces) {
        super.setInput(input, workspaces);
        forwardKept = false;
    }

    @Override
    public void clear() {
        super.clear();
        forwardKept = false;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public boolean hasBias() {
        return false;
    }

    @Override
    public Layer clone() {
        throw new UnsupportedOperationException("layers are rebuilt from their configuration, not cloned " + layerId());
    }
}
