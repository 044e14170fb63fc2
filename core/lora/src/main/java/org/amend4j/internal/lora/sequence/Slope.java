/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Set;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.same.TimesOneMinus;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The derivative of an activation function that works element by element: for tanh and the sigmoid from the function's
 * values ({@code 1 - a²}, {@code a(1 - a)}), for every other from its arguments, by Deeplearning4j.
 */
record Slope(IActivation function) {

    /** Exact classes: a subclass may compute something else. */
    private static final Set<Class<?>> ELEMENTWISE = Set.of(
            ActivationCube.class,
            ActivationELU.class,
            ActivationHardSigmoid.class,
            ActivationHardTanH.class,
            ActivationIdentity.class,
            ActivationLReLU.class,
            ActivationReLU.class,
            ActivationReLU6.class,
            ActivationSELU.class,
            ActivationSigmoid.class,
            ActivationSoftPlus.class,
            ActivationSoftSign.class,
            ActivationSwish.class,
            ActivationTanH.class);

    /** Whether a function is one that this class can differentiate. */
    static boolean exists(IActivation function) {
        return ELEMENTWISE.contains(function.getClass());
    }

    /** Whether the derivative is a function of the activation's values; otherwise its arguments must be kept. */
    boolean fromValues() {
        return function instanceof ActivationTanH || function instanceof ActivationSigmoid;
    }

    /** Applies the function in place. */
    void apply(INDArray arguments) {
        function.getActivation(arguments, false);
    }

    /**
     * Overwrites values (or arguments, see {@link #fromValues}) with the derivative there.
     *
     * @param array a contiguous array or view in Fortran order
     */
    void replace(INDArray array) {
        if (function instanceof ActivationSigmoid) {
            Nd4j.exec(new TimesOneMinus(array, array));
        } else if (function instanceof ActivationTanH) {
            array.muli(array).rsubi(1);
        } else {
            INDArray ones = Nd4j.createUninitialized(array.dataType(), array.shape(), 'f')
                    .assign(1);
            array.assign(function.backprop(array.dup('f'), ones).getFirst());
        }
    }
}
