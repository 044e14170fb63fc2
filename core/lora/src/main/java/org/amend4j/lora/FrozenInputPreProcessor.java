/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Objects;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.SuppressForbidden;
import org.amend4j.internal.network.LayerWrapper;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A preprocessor below which nothing trains: no gradient comes down from its layer, and none is passed on. (Stock
 * preprocessors fail on an absent gradient.) The class name is part of Deeplearning4j's file format.
 */
public final class FrozenInputPreProcessor implements InputPreProcessor, LayerWrapper<InputPreProcessor> {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final InputPreProcessor inner;

    /** @param inner what does the work */
    public FrozenInputPreProcessor(@JsonProperty("inner") InputPreProcessor inner) {
        this.inner = Objects.requireNonNull(inner, "inner");
    }

    @Override
    public InputPreProcessor inner() {
        return inner;
    }

    @Override
    public INDArray preProcess(INDArray input, int batch, LayerWorkspaceMgr workspaces) {
        return inner.preProcess(input, batch, workspaces);
    }

    @Override
    public @Nullable INDArray backprop(@Nullable INDArray output, int batch, LayerWorkspaceMgr workspaces) {
        return null;
    }

    @Override
    @SuppressForbidden("the compiler's bridge to this very method calls it by that name")
    public InputPreProcessor clone() {
        return new FrozenInputPreProcessor(Configurations.copy(inner));
    }

    @Override
    public InputType getOutputType(InputType inputType) {
        return inner.getOutputType(inputType);
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray mask, MaskState state, int batch) {
        return inner.feedForwardMaskArray(mask, state, batch);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FrozenInputPreProcessor that && inner.equals(that.inner);
    }

    @Override
    public int hashCode() {
        return inner.hashCode();
    }
}
