/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.graph.Clipping;
import org.amend4j.internal.validation.Checks;

/**
 * The choices of a caller of {@link ProvableGraphs}. All numbers are public: chosen without looking at the records.
 *
 * @param featureRadius a bound on the norm of the input of the lowest trained layer; every record is checked.
 *     Not needed above a vertex that clips or normalises
 * @param normaliser by which the sum over records is divided; without it, it is their number
 * @param weightDecay λ of {@code (λ/2)·‖θ‖²} on every trained parameter, >= 0
 * @param factors which factors of an adapter on the output layer are trained
 * @param balls in which parameters are kept
 * @param gradients how they are computed and used
 */
@RecordBuilder
public record ProvableOptions(
        OptionalDouble featureRadius,
        OptionalDouble normaliser,
        double weightDecay,
        TrainedFactors factors,
        Balls balls,
        GradientOptions gradients)
        implements ProvableOptionsBuilder.With {

    /** @throws IllegalArgumentException if a number is out of its range */
    public ProvableOptions {
        Checks.present("featureRadius", featureRadius);
        Checks.present("normaliser", normaliser);
        Checks.present("factors", factors);
        Checks.present("balls", balls);
        Checks.present("gradients", gradients);
        featureRadius.ifPresent(r -> Checks.positive("the radius of the features", r));
        normaliser.ifPresent(n -> Checks.positive("the normaliser", n));
        Checks.notNegative("the weight decay", weightDecay);
    }

    /** No weight decay, no clipping, no balls, the mean over records, B alone of an adapter, gradients by row where possible. */
    public static ProvableOptions defaults() {
        return new ProvableOptions(
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                0,
                TrainedFactors.ONLY_B,
                Balls.NONE,
                new GradientOptions(GradientMethod.BY_ROW, Optional.empty(), false, Optional.empty()));
    }

    public ProvableOptions withFeatureRadius(double radius) {
        return withFeatureRadius(OptionalDouble.of(radius));
    }

    public ProvableOptions withNormaliser(double fixed) {
        return withNormaliser(OptionalDouble.of(fixed));
    }

    public ProvableOptions withParameterRadius(double radius) {
        return withBalls(balls.withParameterRadius(OptionalDouble.of(radius)));
    }

    /** Of every layer that has none of its own. */
    public ProvableOptions withLayerRadii(double weights, double bias) {
        return withBalls(balls.withEveryLayer(Optional.of(new LayerRadii(weights, bias))));
    }

    /** Of one layer. */
    public ProvableOptions withLayerRadii(String layer, double weights, double bias) {
        return withBalls(balls.with(layer, new LayerRadii(weights, bias)));
    }

    public ProvableOptions withClipping(Clipping value) {
        return withGradients(gradients.withClipping(Optional.of(value)));
    }

    /** Chooses what computes gradients; {@link GradientMethod#AS_FITTED} cannot be clipped. */
    public ProvableOptions withGradients(GradientMethod value) {
        return withGradients(gradients.withMethod(value));
    }

    /**
     * Has gradients added up in blocks, by the graph, so that they can be computed on a cluster with the same bits. Needs a fixed
     * {@link #normaliser}; the chunk is the blocks'.
     */
    public ProvableOptions withBlocks(GradientBlocks blocks) {
        return withGradients(gradients.withMethod(GradientMethod.BY_GRAPH).withBlocks(Optional.of(blocks)));
    }

    /** Says that plain gradient descent will be run, so that the graph's updaters do not matter. */
    public ProvableOptions ignoringUpdater() {
        return withGradients(gradients.withIgnoreUpdater(true));
    }
}
