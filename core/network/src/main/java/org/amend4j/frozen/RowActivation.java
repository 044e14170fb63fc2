/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationRectifiedTanh;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;

/** An elementwise activation: its kind decides whether it is fused into another pass. */
sealed interface RowActivation {

    /** x. */
    record Identity() implements RowActivation {}

    /** max(x, 0), at most high, which is positive and may be infinite. */
    record Rectifier(float high) implements RowActivation {}

    /** x where x is positive, slope times x elsewhere. */
    record Leaky(float slope) implements RowActivation {}

    /** Any other elementwise function, computed by ND4J over the whole buffer. */
    record Native(IActivation function) implements RowActivation {}

    /** ND4J's elementwise activations: those whose result at an element depends on that element alone. */
    Set<Class<?>> ELEMENTWISE = Set.of(
            ActivationCube.class,
            ActivationELU.class,
            ActivationGELU.class,
            ActivationHardSigmoid.class,
            ActivationHardTanH.class,
            ActivationLReLU.class,
            ActivationMish.class,
            ActivationRationalTanh.class,
            ActivationRectifiedTanh.class,
            ActivationSELU.class,
            ActivationSigmoid.class,
            ActivationSoftPlus.class,
            ActivationSoftSign.class,
            ActivationSwish.class,
            ActivationTanH.class,
            ActivationThresholdedReLU.class);

    /** The activation for DL4J's function; empty if it is not known to be elementwise (softmax, say). */
    static Optional<RowActivation> of(IActivation function) {
        if (function.getClass() == ActivationIdentity.class) {
            return Optional.of(new Identity());
        }
        if (function.getClass() == ActivationReLU6.class) {
            return Optional.of(new Rectifier(6));
        }
        if (function.getClass() == ActivationReLU.class) {
            return Optional.of(of((ActivationReLU) function));
        }
        return ELEMENTWISE.contains(function.getClass()) ? Optional.of(new Native(function)) : Optional.empty();
    }

    /** Whether it can be applied to a row while that row is in hand. */
    default boolean ridesAlong() {
        return !(this instanceof Native);
    }

    private static RowActivation of(ActivationReLU relu) {
        if (relu.getThreshold() != null && relu.getThreshold() != 0) {
            return new Native(relu);
        }
        float high =
                relu.getMax() == null ? Float.POSITIVE_INFINITY : relu.getMax().floatValue();
        float slope =
                relu.getNegativeSlope() == null ? 0 : relu.getNegativeSlope().floatValue();
        if (slope == 0 && high > 0) {
            return new Rectifier(high);
        }
        return high == Float.POSITIVE_INFINITY ? new Leaky(slope) : new Native(relu);
    }
}
