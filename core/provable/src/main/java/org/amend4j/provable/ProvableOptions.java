/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.amend4j.graph.Clipping;
import org.amend4j.internal.validation.Checks;

/**
 * What the caller of {@link ProvableGraphs} decides. All numbers are public: chosen without looking at the records.
 *
 * @param featureRadius a bound on the norm of the input of the lowest trained layer; every record is checked.
 *     Not needed above a vertex that clips or normalises
 * @param normaliser by which the sum over records is divided; without it, it is their number
 * @param weightDecay λ of {@code (λ/2)·‖θ‖²} on every trained parameter, >= 0
 * @param clipping of records' or subjects' gradients
 * @param parameterRadius of the ball in which all trained parameters are kept together
 * @param layerRadii of smooth networks' layers
 * @param radiiOf layers with radii of their own
 * @param factors which factors of an adapter on the output layer are trained
 * @param ignoreUpdater whether to run plain gradient descent whatever updater the graph has
 * @param gradients what computes them
 */
public record ProvableOptions(
        OptionalDouble featureRadius,
        OptionalDouble normaliser,
        double weightDecay,
        Optional<Clipping> clipping,
        OptionalDouble parameterRadius,
        Optional<LayerRadii> layerRadii,
        Map<String, LayerRadii> radiiOf,
        TrainedFactors factors,
        boolean ignoreUpdater,
        GradientMethod gradients) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public ProvableOptions {
        featureRadius.ifPresent(r -> Checks.positive("the radius of the features", r));
        normaliser.ifPresent(n -> Checks.positive("the normaliser", n));
        Checks.notNegative("the weight decay", weightDecay);
        Objects.requireNonNull(clipping, "clipping");
        parameterRadius.ifPresent(r -> Checks.positive("the radius of the parameters", r));
        Objects.requireNonNull(layerRadii, "layerRadii");
        radiiOf = Map.copyOf(radiiOf);
        Objects.requireNonNull(factors, "factors");
        Objects.requireNonNull(gradients, "gradients");
        if (gradients == GradientMethod.AS_FITTED && clipping.isPresent()) {
            throw new IllegalArgumentException(
                    "gradients as fit computes them cannot be clipped, got " + clipping.get());
        }
    }

    /** No weight decay, no clipping, no balls, the mean over records, B alone of an adapter, gradients by row where possible. */
    public static ProvableOptions defaults() {
        return new ProvableOptions(
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                0,
                Optional.empty(),
                OptionalDouble.empty(),
                Optional.empty(),
                Map.of(),
                TrainedFactors.ONLY_B,
                false,
                GradientMethod.BY_ROW);
    }

    public ProvableOptions withFeatureRadius(double radius) {
        return new ProvableOptions(
                OptionalDouble.of(radius),
                normaliser,
                weightDecay,
                clipping,
                parameterRadius,
                layerRadii,
                radiiOf,
                factors,
                ignoreUpdater,
                gradients);
    }

    public ProvableOptions withNormaliser(double fixed) {
        return new ProvableOptions(
                featureRadius,
                OptionalDouble.of(fixed),
                weightDecay,
                clipping,
                parameterRadius,
                layerRadii,
                radiiOf,
                factors,
                ignoreUpdater,
                gradients);
    }

    public ProvableOptions withWeightDecay(double lambda) {
        return new ProvableOptions(
                featureRadius,
                normaliser,
                lambda,
                clipping,
                parameterRadius,
                layerRadii,
                radiiOf,
                factors,
                ignoreUpdater,
                gradients);
    }

    public ProvableOptions withClipping(Clipping value) {
        return new ProvableOptions(
                featureRadius,
                normaliser,
                weightDecay,
                Optional.of(value),
                parameterRadius,
                layerRadii,
                radiiOf,
                factors,
                ignoreUpdater,
                gradients);
    }

    public ProvableOptions withParameterRadius(double radius) {
        return new ProvableOptions(
                featureRadius,
                normaliser,
                weightDecay,
                clipping,
                OptionalDouble.of(radius),
                layerRadii,
                radiiOf,
                factors,
                ignoreUpdater,
                gradients);
    }

    /** Of every layer that has none of its own. */
    public ProvableOptions withLayerRadii(double weights, double bias) {
        return new ProvableOptions(
                featureRadius,
                normaliser,
                weightDecay,
                clipping,
                parameterRadius,
                Optional.of(new LayerRadii(weights, bias)),
                radiiOf,
                factors,
                ignoreUpdater,
                gradients);
    }

    /** Of one layer. */
    public ProvableOptions withLayerRadii(String layer, double weights, double bias) {
        Map<String, LayerRadii> all = new TreeMap<>(radiiOf);
        all.put(layer, new LayerRadii(weights, bias));
        return new ProvableOptions(
                featureRadius,
                normaliser,
                weightDecay,
                clipping,
                parameterRadius,
                layerRadii,
                all,
                factors,
                ignoreUpdater,
                gradients);
    }

    public ProvableOptions withFactors(TrainedFactors value) {
        return new ProvableOptions(
                featureRadius,
                normaliser,
                weightDecay,
                clipping,
                parameterRadius,
                layerRadii,
                radiiOf,
                value,
                ignoreUpdater,
                gradients);
    }

    /** Says that plain gradient descent will be run, so that the graph's updaters do not matter. */
    public ProvableOptions ignoringUpdater() {
        return new ProvableOptions(
                featureRadius,
                normaliser,
                weightDecay,
                clipping,
                parameterRadius,
                layerRadii,
                radiiOf,
                factors,
                true,
                gradients);
    }

    /** Chooses what computes gradients; {@link GradientMethod#AS_FITTED} cannot be clipped. */
    public ProvableOptions withGradients(GradientMethod value) {
        return new ProvableOptions(
                featureRadius,
                normaliser,
                weightDecay,
                clipping,
                parameterRadius,
                layerRadii,
                radiiOf,
                factors,
                ignoreUpdater,
                value);
    }

    /** The radii of a layer. */
    Optional<LayerRadii> radii(String layer) {
        return Optional.ofNullable(radiiOf.get(layer)).or(() -> layerRadii);
    }
}
