/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A recurrent layer where the backward sweep stops. Deeplearning4j looks into a {@code FrozenLayer} to step a recurrent
 * layer, but not to clear its state or to carry it from one segment of truncated back-propagation to the next.
 */
public final class PrefixRecurrent extends FrozenLayer implements FrozenState {

    private static final long serialVersionUID = 1L;

    private final RecurrentLayer recurrent;

    public PrefixRecurrent(RecurrentLayer recurrent) {
        super(recurrent);
        this.recurrent = recurrent;
    }

    @Override
    public RecurrentLayer recurrent() {
        return recurrent;
    }

    @Override
    public Pair<Gradient, INDArray> tbpttBackpropGradient(INDArray epsilon, int length, LayerWorkspaceMgr workspaces) {
        return backpropGradient(epsilon, workspaces);
    }
}
