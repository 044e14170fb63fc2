/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.Optional;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.sensitivity.SmoothActivation;

/** The constants of what a layer applies to its sums. */
final class SmoothActivations {

    private SmoothActivations() {}

    /** Of an output layer the identity: its loss is on the sums. */
    static SmoothActivation of(String layer, DenseForm form) {
        if (form.applied() instanceof DenseForm.Smooth own) {
            return new SmoothActivation(own.name(), own.slope(), own.bend(), own.atZero(), own.largest());
        }
        return form.applied() instanceof DenseForm.Function function
                ? stock(layer, function)
                : SmoothActivation.IDENTITY;
    }

    private static SmoothActivation stock(String layer, DenseForm.Function function) {
        Optional<Activation> known = function.known();
        double slope = known.filter(elu -> elu.kind() == Activation.Kind.ELU)
                .map(Activation::slope)
                .orElse(1.0);
        if (slope != 1) {
            throw new NotProvedException("activation 'elu' with the factor " + slope
                    + " has a derivative that jumps, so that no L exists (layer '" + layer + "')");
        }
        return known.flatMap(SmoothActivations::smooth)
                .orElseThrow(() ->
                        new NotProvedException(SmoothActivation.refusal(function.name()) + " (layer '" + layer + "')"));
    }

    private static Optional<SmoothActivation> smooth(Activation activation) {
        return switch (activation.kind()) {
            case IDENTITY -> Optional.of(SmoothActivation.IDENTITY);
            case TANH -> Optional.of(SmoothActivation.TANH);
            case SIGMOID -> Optional.of(SmoothActivation.SIGMOID);
            case SOFTPLUS -> Optional.of(SmoothActivation.SOFTPLUS);
            case SWISH -> Optional.of(SmoothActivation.SWISH);
            case ELU -> Optional.of(SmoothActivation.ELU);
            case GELU -> Optional.of(SmoothActivation.GELU);
            case RELU, RELU6, LEAKY_RELU, SELU, HARD_SIGMOID, HARD_TANH, SOFTSIGN, GELU_EXACT, GELU_TANH ->
                Optional.empty();
        };
    }
}
