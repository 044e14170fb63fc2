/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An activation function standing alone, in any shape. */
public final class FrozenActivation extends BaseBackedLayer {

    private static final long serialVersionUID = 1L;

    private final transient ActivationPass activation;

    /** @param conf around the stock layer */
    public FrozenActivation(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
        this.activation = new ActivationPass(layerConf().getActivationFn());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray z = ActivationPass.copy(input.castTo(dataType), workspaces);
        keepForward(training);
        return activation.forwardInPlace(z, training, workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        requireForward(workspaces);
        INDArray dx = layerConf().isInputFrozen()
                ? null
                : workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, activation.backward(epsilon.castTo(dataType)));
        return new Pair<>(new DefaultGradient(), dx);
    }

    @Override
    public void clear() {
        super.clear();
        activation.clear();
    }
}
