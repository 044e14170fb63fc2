/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A stock wrapper (last step, masked steps) around {@link FrozenSequence}s, which are told whether this is training. */
class FrozenSequenceWrapper extends FrozenStock {

    private static final long serialVersionUID = 1L;

    FrozenSequenceWrapper(Layer wrapper) {
        super(wrapper, false);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        return underlying.activate(training, workspaces);
    }

    @Override
    public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaces) {
        setInput(input, workspaces);
        return underlying.activate(training, workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        return inputGradientOnly(underlying.backpropGradient(epsilon, workspaces));
    }
}
