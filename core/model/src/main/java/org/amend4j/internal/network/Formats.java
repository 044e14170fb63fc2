/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Optional;
import java.util.function.Function;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/**
 * Which order of dimensions a graph's arrays have: what its layers say; where none does, what preprocessors say that flatten arrays
 * or make them; channels or features first if nobody says anything.
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
                        layer -> LayerKinds.of(layer).flatMap(LayerKinds.Known::channelsFirst),
                        Formats::imagesFirst),
                common(
                        configuration,
                        "the steps of sequences",
                        layer -> sequenceOrder(layer).map(order -> order == RNNFormat.NCW),
                        Formats::sequencesFirst));
    }

    private static Optional<RNNFormat> sequenceOrder(Layer layer) {
        return LayerKinds.sequenceOrder(layer)
                .or(() -> Wrappers.inside(layer).stream()
                        .flatMap(inside -> sequenceOrder(inside).stream())
                        .findFirst());
    }

    private static Optional<Boolean> imagesFirst(InputPreProcessor processor) {
        return processor instanceof CnnToFeedForwardPreProcessor flattening
                ? Optional.of(flattening.getFormat() == CNN2DFormat.NCHW)
                : Optional.empty();
    }

    private static Optional<Boolean> sequencesFirst(InputPreProcessor processor) {
        if (processor instanceof RnnToFeedForwardPreProcessor flattening) {
            return Optional.of(flattening.getRnnDataFormat() == RNNFormat.NCW);
        }
        return processor instanceof FeedForwardToRnnPreProcessor making
                ? Optional.of(making.getRnnDataFormat() == RNNFormat.NCW)
                : Optional.empty();
    }

    private static boolean common(
            ComputationGraphConfiguration configuration,
            String what,
            Function<Layer, Optional<Boolean>> layers,
            Function<InputPreProcessor, Optional<Boolean>> preprocessors) {
        return common(configuration, what, vertex -> layer(vertex).flatMap(layers))
                .or(() -> common(
                        configuration, what, vertex -> preprocessor(vertex).flatMap(preprocessors)))
                .orElse(true);
    }

    private static Optional<Layer> layer(GraphVertex vertex) {
        return vertex instanceof LayerVertex layer
                ? Optional.of(Wrappers.innermost(layer.getLayerConf().getLayer()))
                : Optional.empty();
    }

    private static Optional<InputPreProcessor> preprocessor(GraphVertex vertex) {
        Optional<InputPreProcessor> given = vertex instanceof LayerVertex layer
                ? Optional.ofNullable(layer.getPreProcessor())
                : Optional.of(vertex)
                        .filter(PreprocessorVertex.class::isInstance)
                        .map(flat -> ((PreprocessorVertex) flat).getPreProcessor());
        return given.map(processor ->
                processor instanceof LayerWrapper<?> frozen && frozen.inner() instanceof InputPreProcessor inner
                        ? inner
                        : processor);
    }

    private static Optional<Boolean> common(
            ComputationGraphConfiguration configuration,
            String what,
            Function<GraphVertex, Optional<Boolean>> isFirst) {
        Optional<Boolean> known = Optional.empty();
        for (String name : configuration.getTopologicalOrderStr()) {
            Optional<Boolean> first = Optional.ofNullable(
                            configuration.getVertices().get(name))
                    .map(Wrappers::innermost)
                    .flatMap(isFirst);
            if (known.isPresent() && first.isPresent() && !known.equals(first)) {
                throw UnsupportedNetworkException.vertex(name, "has " + what + " elsewhere than layers before it");
            }
            known = known.or(() -> first);
        }
        return known;
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
