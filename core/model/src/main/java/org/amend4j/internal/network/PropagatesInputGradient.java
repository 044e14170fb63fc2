/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running layer that computes its input's gradient without those of its own parameters, which a frozen one does not need. */
public interface PropagatesInputGradient {

    /**
     * The gradient at the input that is set, an array that lives as long as gradients of activations.
     *
     * @param epsilon the gradient at the output
     */
    INDArray inputGradient(INDArray epsilon, LayerWorkspaceMgr workspaces);
}
