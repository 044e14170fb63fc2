/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A dense layer of the base, with or without an adapter. Input [batch, nIn], output [batch, nOut]. */
public final class LoraDense extends AdaptableLayer {

    private static final long serialVersionUID = 1L;

    private final transient ActivationPass activation;

    /**
     * @param conf around the stock layer
     * @param base weights of the base by Deeplearning4j's keys, only read; none if the layer trains its own
     */
    public LoraDense(NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        super(conf, base, type);
        this.activation = new ActivationPass(layerConf().getActivationFn());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        requireShape();
        INDArray x = input.castTo(dataType);
        INDArray z = preActivation(x, training, workspaces);
        if (maskArray != null) {
            applyMask(z);
        }
        INDArray a = activation.forwardInPlace(z, training, workspaces);
        if (maskArray != null) {
            applyMask(a);
        }
        keepForward(training);
        return a;
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        requireForward(workspaces);
        INDArray delta = activation.backward(epsilon.castTo(dataType));
        if (maskArray != null) {
            delta = delta == epsilon ? delta.dup(delta.ordering()) : delta;
            applyMask(delta);
        }
        Optional<INDArray> dx = backward(delta, ArrayType.ACTIVATION_GRAD, order(), workspaces);
        return new Pair<>(gradients(), dx.orElse(null));
    }

    private INDArray preActivation(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
        if (!training && order() == 'f') {
            return asStockDoes(x, ArrayType.ACTIVATIONS, workspaces);
        }
        INDArray z = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {x.size(0), columns()}, order());
        forward(x, z, training, ArrayType.ACTIVATIONS, workspaces);
        return z;
    }

    /** Rows of tokens stay as other layers on them have them: those of both orders are slow to add. */
    private char order() {
        return isMixed() || isOfTokens() ? 'c' : 'f';
    }

    private void requireShape() {
        if (input.rank() != 2 || input.size(1) != product().rows()) {
            throw new DL4JInvalidInputException("input must be [batch, "
                    + product().rows() + "], got shape " + Arrays.toString(input.shape()) + " " + layerId());
        }
    }

    @Override
    public void clear() {
        super.clear();
        activation.clear();
    }
}
