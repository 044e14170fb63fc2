/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Optional;
import org.amend4j.internal.kernel.LoraKernels;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
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

    private static final double SIX = 6;

    private final IActivation function;
    private final Kind kind;
    private final Optional<LoraKernels> kernels;
    private @Nullable INDArray kept;

    ActivationPass(IActivation function) {
        this(function, LoraKernels.available());
    }

    ActivationPass(IActivation function, Optional<LoraKernels> kernels) {
        this.function = function;
        this.kind = kindOf(function);
        this.kernels = kernels;
    }

    private static Kind kindOf(IActivation function) {
        if (function instanceof ActivationIdentity) {
            return Kind.IDENTITY;
        }
        if (function instanceof ActivationReLU6) {
            return Kind.RELU6;
        }
        if (function instanceof ActivationReLU relu && isZero(relu.getThreshold()) && isZero(relu.getNegativeSlope())) {
            return isZero(relu.getMax()) ? Kind.RELU : relu.getMax() == SIX ? Kind.RELU6 : Kind.OTHER;
        }
        return Kind.OTHER;
    }

    private static boolean isZero(@Nullable Double option) {
        return option == null || option == 0;
    }

    /**
     * Applies the function in place.
     *
     * @param z pre-activations, overwritten with the activations
     */
    INDArray forwardInPlace(INDArray z, boolean training, LayerWorkspaceMgr workspaces) {
        if (training && kind == Kind.OTHER) {
            kept = copy(z, workspaces);
        }
        INDArray a = switch (kind) {
            case IDENTITY -> z;
            case RELU -> atLeast(z, 0);
            case RELU6 -> atLeast(atLeast(z.negi(), -SIX).negi(), 0);
            case OTHER -> function.getActivation(z, training);
        };
        if (training && kind != Kind.OTHER) {
            kept = a;
        }
        return a;
    }

    /** The larger of each element and a bound, in place. Unlike ND4J's maximum and minimum it lets NaN through. */
    static INDArray atLeast(INDArray z, double bound) {
        return Nd4j.exec(new RectifiedLinear(z, z, bound));
    }

    /** A copy that lives as long as the activations. (Deeplearning4j's dup is ten times slower in Fortran order.) */
    static INDArray copy(INDArray array, LayerWorkspaceMgr workspaces) {
        return workspaces
                .createUninitialized(ArrayType.ACTIVATIONS, array.dataType(), array.shape(), array.ordering())
                .assign(array);
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
        INDArray result = activations.ulike();
        double most = kind == Kind.RELU6 ? SIX : Double.POSITIVE_INFINITY;
        if (kernels.isPresent() && kernels.get().rectifierGradient(activations, epsilon, most, result)) {
            return result;
        }
        putSteps(activations, 0, result);
        if (kind == Kind.RELU6) {
            double belowSix =
                    activations.dataType() == DataType.DOUBLE ? Math.nextDown(SIX) : Math.nextDown((float) SIX);
            INDArray saturated = activations.ulike();
            putSteps(activations, belowSix, saturated);
            result.subi(saturated);
        }
        return result.muli(epsilon);
    }

    /** 1 where an element exceeds {@code cutoff}, else 0. */
    private static void putSteps(INDArray x, double cutoff, INDArray result) {
        Nd4j.exec(new Step(x, result, cutoff));
    }

    void clear() {
        kept = null;
    }
}
