/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.Optional;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * Which order of dimensions a graph's arrays have: what its layers say, channels or features first if none says anything.
 *
 * @param images whether they come as [channels, height, width]
 * @param sequences whether they come as [features, time]
 */
record Formats(boolean images, boolean sequences) {

    static Formats of(ComputationGraphConfiguration configuration) {
        return new Formats(
                common(
                        configuration,
                        "its channels",
                        layer -> LayerKinds.of(layer).flatMap(LayerKinds.Known::channelsFirst)),
                common(
                        configuration,
                        "the steps of sequences",
                        layer -> sequenceOrder(layer).map(order -> order == RNNFormat.NCW)));
    }

    private static Optional<RNNFormat> sequenceOrder(Layer layer) {
        return LayerKinds.sequenceOrder(layer)
                .or(() -> Wrappers.inside(layer).stream()
                        .flatMap(inside -> sequenceOrder(inside).stream())
                        .findFirst());
    }

    private static boolean common(
            ComputationGraphConfiguration configuration, String what, Function<Layer, Optional<Boolean>> isFirst) {
        Optional<Boolean> known = Optional.empty();
        for (String name : configuration.getTopologicalOrderStr()) {
            if (configuration.getVertices().get(name) instanceof LayerVertex vertex) {
                Optional<Boolean> first =
                        isFirst.apply(Wrappers.innermost(vertex.getLayerConf().getLayer()));
                if (known.isPresent() && first.isPresent() && !known.equals(first)) {
                    throw UnsupportedNetworkException.vertex(name, "has " + what + " elsewhere than layers before it");
                }
                known = known.or(() -> first);
            }
        }
        return known.orElse(true);
    }

    /** Whether channels come before pixels in arrays of this layout. */
    boolean channelsFirst(Layout layout) {
        return (layout == Layout.IMAGES && images) || (layout == Layout.SEQUENCES && sequences);
    }

    /** The dimension of an array that channels have. */
    int channelDimension(Layout layout) {
        if (layout == Layout.IMAGES && !images) {
            return 3;
        }
        return layout == Layout.SEQUENCES && !sequences ? 2 : 1;
    }

    /** An example's pixels and channels; the steps of a sequence lie side by side. */
    Shape shape(ArrayForm form) {
        int[] sizes = form.dimensions().stream().mapToInt(Math::toIntExact).toArray();
        return switch (form.layout()) {
            case FEATURES -> Shape.features(sizes[0]);
            case STEPS -> new Shape(1, form.times(), sizes[0]);
            case SEQUENCES -> sequences ? new Shape(1, sizes[1], sizes[0]) : new Shape(1, sizes[0], sizes[1]);
            case IMAGES -> images ? new Shape(sizes[1], sizes[2], sizes[0]) : new Shape(sizes[0], sizes[1], sizes[2]);
            case OTHER, TOKENS, TOKEN_ROWS, POSITIONS -> Shape.features(form.size());
        };
    }
}
