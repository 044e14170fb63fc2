/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Deeplearning4j's bidirectional wrapper around two {@link FrozenSequence}s. It refuses single steps and segments. */
final class FrozenBidirectional extends FrozenSequenceWrapper implements FrozenState {

    private static final long serialVersionUID = 1L;

    private final RecurrentLayer stock;

    FrozenBidirectional(RecurrentLayer stock) {
        super(stock);
        this.stock = stock;
    }

    @Override
    public RecurrentLayer recurrent() {
        return stock;
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> tbpttBackpropGradient(
            INDArray epsilon, int length, LayerWorkspaceMgr workspaces) {
        return inputGradientOnly(stock.tbpttBackpropGradient(epsilon, length, workspaces));
    }
}
