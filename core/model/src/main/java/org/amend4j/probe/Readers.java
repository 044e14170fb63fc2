/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.Table;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/**
 * The layers that read one network input, directly or through vertices without weights.
 *
 * @param table the table of embeddings that the input is indices into, if it is
 * @param parametrised names of the nearest vertices that have weights
 * @param widths numbers of features that preprocessors and layers name
 */
record Readers(Optional<Table> table, Set<String> parametrised, Set<Long> widths) {

    static Readers of(ComputationGraphConfiguration configuration, String input) {
        Optional<Table> table = Optional.empty();
        Set<String> parametrised = new LinkedHashSet<>();
        Set<Long> widths = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(input));
        Set<String> seen = new LinkedHashSet<>();
        while (!open.isEmpty()) {
            String below = open.remove();
            for (String reader : readers(configuration, below)) {
                GraphVertex vertex =
                        Objects.requireNonNull(configuration.getVertices().get(reader));
                if (vertex instanceof LayerVertex layer) {
                    Optional<Table> read =
                            LayerKinds.table(Unfrozen.of(layer.getLayerConf().getLayer()));
                    if (below.equals(input) && read.isPresent()) {
                        table = read;
                    }
                    widths(layer, widths);
                }
                if (vertex.numParams(false) > 0) {
                    parametrised.add(reader);
                } else if (seen.add(reader)) {
                    open.add(reader);
                }
            }
        }
        return new Readers(table, parametrised, widths);
    }

    private static List<String> readers(ComputationGraphConfiguration configuration, String below) {
        return configuration.getVertexInputs().entrySet().stream()
                .filter(entry -> entry.getValue().contains(below))
                .map(java.util.Map.Entry::getKey)
                .toList();
    }

    private static void widths(LayerVertex vertex, Set<Long> widths) {
        InputPreProcessor preProcessor = vertex.getPreProcessor();
        if (preProcessor instanceof FeedForwardToCnnPreProcessor image) {
            widths.add(image.getInputHeight() * image.getInputWidth() * image.getNumChannels());
        }
        if (preProcessor instanceof CnnToFeedForwardPreProcessor image) {
            widths.add(image.getNumChannels());
        }
        long width = InferredSizes.width(vertex.getLayerConf().getLayer());
        if (width > 0) {
            widths.add(width);
        }
    }
}
