/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer of the base with something to train below it, or with adapters. In inference it is Deeplearning4j's own, bit for bit; in
 * training the forward pass is ours, and the backward pass computes the input's gradient from the values it kept, without the weights'
 * gradients. What these are made of it can show.
 */
abstract class ShowingStock extends FrozenStock {

    private static final long serialVersionUID = 1L;

    private boolean forwardKept;
    private boolean showing;
    private boolean inputWanted = true;

    ShowingStock(Layer stock) {
        super(stock, false);
    }

    @Override
    public final void setInput(INDArray input, LayerWorkspaceMgr workspaces) {
        super.setInput(input, workspaces);
        forwardKept = false;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        return training ? forward(workspaces) : super.activate(false, workspaces);
    }

    @Override
    public final INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaces) {
        setInput(input, workspaces);
        return activate(training, workspaces);
    }

    /** Our own forward pass, which is {@linkplain #keepForward kept}. */
    abstract INDArray forward(LayerWorkspaceMgr workspaces);

    final void keepForward() {
        forwardKept = true;
    }

    /** Makes a forward pass, unless the last one is kept. */
    final void requireForward(LayerWorkspaceMgr workspaces) {
        if (!forwardKept) {
            forward(workspaces);
        }
    }

    /** From now on backward passes show what the weights' gradients are made of, and hand down the input's only if it is wanted. */
    final void show(boolean wantsInput) {
        showing = true;
        inputWanted = wantsInput;
    }

    final boolean isShowing() {
        return showing;
    }

    final boolean isInputWanted() {
        return inputWanted;
    }

    /** What the last backward pass showed, weight by weight in the order of the parameters. */
    abstract List<WeightRows> shown();

    /** The rows whose sum is each bias' gradient, in the order of the parameters. */
    abstract List<INDArray> shownOfBiases();

    @Override
    public void clear() {
        super.clear();
        forwardKept = false;
    }
}
