/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.amend4j.internal.validation.Checks;

/**
 * The balls in which parameters are kept.
 *
 * @param parameterRadius of all trained parameters together
 * @param everyLayer of each layer of a smooth network
 * @param byLayer layers with radii of their own
 */
@RecordBuilder
public record Balls(OptionalDouble parameterRadius, Optional<LayerRadii> everyLayer, Map<String, LayerRadii> byLayer)
        implements BallsBuilder.With {

    static final Balls NONE = new Balls(OptionalDouble.empty(), Optional.empty(), Map.of());

    /** @throws IllegalArgumentException if a radius is out of its range */
    public Balls {
        Checks.present("parameterRadius", parameterRadius);
        Checks.present("everyLayer", everyLayer);
        Checks.present("byLayer", byLayer);
        parameterRadius.ifPresent(r -> Checks.positive("the radius of the parameters", r));
        byLayer = Map.copyOf(byLayer);
    }

    /** The radii of a layer. */
    Optional<LayerRadii> radii(String layer) {
        return Optional.ofNullable(byLayer.get(layer)).or(() -> everyLayer);
    }

    Balls with(String layer, LayerRadii radii) {
        Map<String, LayerRadii> all = new TreeMap<>(byLayer);
        all.put(layer, radii);
        return withByLayer(all);
    }
}
