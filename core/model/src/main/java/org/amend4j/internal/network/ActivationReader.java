/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.Activation.Kind;
import org.amend4j.model.UnsupportedNetworkException;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
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

/** Deeplearning4j's activation functions as the kernels know them. Exact classes: a subclass may compute something else. */
final class ActivationReader {

    private static final Map<Class<?>, Kind> WITHOUT_SETTINGS = Map.ofEntries(
            Map.entry(ActivationIdentity.class, Kind.IDENTITY),
            Map.entry(ActivationReLU6.class, Kind.RELU6),
            Map.entry(ActivationSELU.class, Kind.SELU),
            Map.entry(ActivationSigmoid.class, Kind.SIGMOID),
            Map.entry(ActivationHardSigmoid.class, Kind.HARD_SIGMOID),
            Map.entry(ActivationTanH.class, Kind.TANH),
            Map.entry(ActivationHardTanH.class, Kind.HARD_TANH),
            Map.entry(ActivationSoftPlus.class, Kind.SOFTPLUS),
            Map.entry(ActivationSoftSign.class, Kind.SOFTSIGN),
            Map.entry(ActivationSwish.class, Kind.SWISH));

    private ActivationReader() {}

    /** @throws IllegalArgumentException if no kernel has the function */
    static Activation read(String vertex, IActivation function) {
        return known(function)
                .orElseThrow(
                        () -> UnsupportedNetworkException.vertex(vertex, "has the activation function " + function));
    }

    /** Whether it is GELU in the form that no kernel has. */
    static boolean isPreciseGelu(IActivation function) {
        return function.getClass() == ActivationGELU.class && ((ActivationGELU) function).isPrecise();
    }

    /** The function, if a kernel has it. */
    static Optional<Activation> known(IActivation function) {
        if (function instanceof KnownFunction ours) {
            return Optional.of(ours.activation());
        }
        Kind kind = WITHOUT_SETTINGS.get(function.getClass());
        if (kind != null) {
            return Optional.of(Activation.of(kind));
        }
        if (function.getClass() == ActivationReLU.class) {
            return rectifier((ActivationReLU) function);
        }
        if (function.getClass() == ActivationLReLU.class) {
            return Optional.of(new Activation(Kind.LEAKY_RELU, ((ActivationLReLU) function).getAlpha()));
        }
        if (function.getClass() == ActivationELU.class) {
            return Optional.of(new Activation(Kind.ELU, ((ActivationELU) function).getAlpha()));
        }
        boolean approximate = function.getClass() == ActivationGELU.class && !isPreciseGelu(function);
        return approximate ? Optional.of(Activation.of(Kind.GELU)) : Optional.empty();
    }

    private static Optional<Activation> rectifier(ActivationReLU relu) {
        double threshold = relu.getThreshold() == null ? 0 : relu.getThreshold();
        double most = relu.getMax() == null ? Double.POSITIVE_INFINITY : relu.getMax();
        double slope = relu.getNegativeSlope() == null ? 0 : relu.getNegativeSlope();
        if (threshold == 0 && slope == 0 && most == 6) {
            return Optional.of(Activation.of(Kind.RELU6));
        }
        if (threshold == 0 && Double.isInfinite(most)) {
            return Optional.of(slope == 0 ? Activation.of(Kind.RELU) : new Activation(Kind.LEAKY_RELU, slope));
        }
        return Optional.empty();
    }
}
