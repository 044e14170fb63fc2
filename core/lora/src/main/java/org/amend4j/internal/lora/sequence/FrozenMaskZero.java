/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Masks the steps whose features all have one value. Deeplearning4j's {@code MaskZeroLayer} does the same, but recognises
 * channels-last layers only by a class that ours does not extend.
 */
final class FrozenMaskZero extends BaseWrapperLayer {

    private static final long serialVersionUID = 1L;

    private final double maskingValue;
    private final boolean timeBeforeFeatures;

    FrozenMaskZero(Layer masked, double maskingValue, RNNFormat format) {
        super(masked);
        this.maskingValue = maskingValue;
        this.timeBeforeFeatures = format == RNNFormat.NWC;
    }

    @Override
    public Type type() {
        return Type.RECURRENT;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        mask(input());
        return underlying.activate(training, workspaces);
    }

    @Override
    public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaces) {
        setInput(input, workspaces);
        return activate(training, workspaces);
    }

    private void mask(INDArray input) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            int features = timeBeforeFeatures ? 2 : 1;
            INDArray empty = input.eq(maskingValue).castTo(input.dataType()).sum(features);
            underlying.setMaskArray(empty.neq(input.size(features)).castTo(input.dataType()));
        }
    }

    @Override
    public Pair<@Nullable INDArray, MaskState> feedForwardMaskArray(INDArray mask, MaskState state, int minibatchSize) {
        underlying.feedForwardMaskArray(mask, state, minibatchSize);
        return new Pair<>(null, state);
    }
}
