/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;

/** tanh behind a {@link Gate}: a network with it can be stopped on its way forward, on one executor of a cluster. */
public final class GatedTanh extends ActivationTanH {

    private static final long serialVersionUID = 1;

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
        Gate.pass();
        return super.getActivation(in, training);
    }
}
