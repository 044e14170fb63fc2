package org.amend4j.lora;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An activation function, forward and backward, that keeps no more than it must. ReLU and ReLU6 are differentiated from
 * their output, the identity from nothing; every other function keeps a copy of its input and is left to Deeplearning4j.
 */
final class ActivationPass {

    private enum Kind {
        IDENTITY,
        RELU,
        RELU6,
        OTHER
    }

    private final IActivation function;
    private final Kind kind;
    private @Nullable INDArray kept;

    ActivationPass(IActivation function) {
        this.function = function;
        this.kind = kindOf(function);
    }

    private static Kind kindOf(IActivation function) {
        if (function instanceof ActivationIdentity) {
            return Kind.IDENTITY;
        }
        if (function.equals(new ActivationReLU())) {
            return Kind.RELU;
        }
        return function instanceof ActivationReLU6 || function.equals(new ActivationReLU(6.0, null, null))
                ? Kind.RELU6
                : Kind.OTHER;
    }

    /**
     * Applies the function in place.
     *
     * @param z pre-activations, overwritten with the activations
     */
    INDArray forwardInPlace(INDArray z, boolean training, LayerWorkspaceMgr workspaces) {
        if (training && kind == Kind.OTHER) {
            kept = workspaces.dup(ArrayType.ACTIVATIONS, z, z.ordering());
        }
        INDArray a = kind == Kind.IDENTITY ? z : function.getActivation(z, training);
        if (training && kind != Kind.OTHER) {
            kept = a;
        }
        return a;
    }

    /**
     * The derivative at the pre-activations.
     *
     * @param epsilon derivative at the activations; not changed
     * @return a new array in the current workspace, or {@code epsilon} itself for the identity
     */
    INDArray backward(INDArray epsilon) {
        if (kind == Kind.IDENTITY) {
            return epsilon;
        }
        INDArray activations = kept;
        if (activations == null) {
            throw new IllegalStateException("a backward pass needs a forward pass in training mode before it");
        }
        if (kind == Kind.OTHER) {
            return function.backprop(activations.dup(activations.ordering()), epsilon.dup(activations.ordering()))
                    .getFirst();
        }
        INDArray result = steps(activations, 0);
        if (kind == Kind.RELU6) {
            double belowSix = activations.dataType() == DataType.DOUBLE ? Math.nextDown(6.0) : Math.nextDown(6.0f);
            result.subi(steps(activations, belowSix));
        }
        return result.muli(epsilon);
    }

    /** 1 where an element exceeds {@code cutoff}, else 0. */
    private static INDArray steps(INDArray x, double cutoff) {
        INDArray result = x.ulike();
        Nd4j.exec(new Step(x, result, cutoff));
        return result;
    }

    void clear() {
        kept = null;
    }
}
