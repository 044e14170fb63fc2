/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A recurrent layer of the base: stepping, stored state and truncated back-propagation through time still work. */
final class FrozenRecurrent extends FrozenStock implements FrozenState {

    private static final long serialVersionUID = 1L;

    private final RecurrentLayer recurrent;
    private final boolean inputFrozen;

    FrozenRecurrent(RecurrentLayer stock, boolean inputFrozen) {
        super(stock, inputFrozen);
        this.recurrent = stock;
        this.inputFrozen = inputFrozen;
    }

    @Override
    public RecurrentLayer recurrent() {
        return recurrent;
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> tbpttBackpropGradient(
            INDArray epsilon, int length, LayerWorkspaceMgr workspaces) {
        if (inputFrozen) {
            return new Pair<>(new DefaultGradient(), null);
        }
        scratchGradients(epsilon, workspaces);
        return inputGradientOnly(recurrent.tbpttBackpropGradient(epsilon, length, workspaces));
    }
}
