/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.Layer;

/** Deeplearning4j's inference of every vertex's size, against the sizes that the layers were built with. */
final class InferredSizes {

    private InferredSizes() {}

    /**
     * Whether a network's vertices fit inputs of these types, one per input, as far as Deeplearning4j can tell. Its own
     * {@code getLayerActivationTypes} is not asked: it puts preprocessors where it would like them.
     */
    static boolean fit(ComputationGraphConfiguration configuration, List<InputType> inputs) {
        Map<String, InputType> types = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            types.put(configuration.getNetworkInputs().get(i), inputs.get(i));
        }
        try {
            for (String name : configuration.getTopologicalOrderStr()) {
                GraphVertex vertex = configuration.getVertices().get(name);
                if (vertex != null) {
                    InputType[] below = Objects.requireNonNull(
                                    configuration.getVertexInputs().get(name))
                            .stream()
                            .map(types::get)
                            .toArray(InputType[]::new);
                    if (vertex instanceof LayerVertex layer && !fits(layer, below[0])) {
                        return false;
                    }
                    types.put(name, vertex.getOutputType(0, below));
                }
            }
        } catch (RuntimeException unfit) {
            return false;
        }
        return true;
    }

    private static boolean fits(LayerVertex vertex, InputType type) {
        Layer layer = Unfrozen.of(vertex.getLayerConf().getLayer());
        if (LayerKinds.table(layer).isPresent()) {
            return true;
        }
        InputType read = vertex.getPreProcessor() == null
                ? type
                : vertex.getPreProcessor().getOutputType(type);
        boolean known = width(layer) > 0 && width(read) > 0;
        return (!known || width(layer) == width(read)) && isInFormat(layer, read);
    }

    /** Features that a layer, frozen or not, was built to read, or 0 if it does not say. */
    static long width(Layer layer) {
        return LayerKinds.width(Unfrozen.of(layer));
    }

    /** Deeplearning4j infers on where a layer's order of axes is not its input's. */
    private static boolean isInFormat(Layer layer, InputType type) {
        if (type instanceof InputTypeRecurrent sequence) {
            return LayerKinds.sequenceOrder(layer)
                    .map(order -> order == sequence.getFormat())
                    .orElse(true);
        }
        // Pooling and the like, which have no width, Deeplearning4j refuses itself or runs.
        return !(type instanceof InputTypeConvolutional image)
                || width(layer) == 0
                || LayerKinds.channelsFirst(layer)
                        .map(first -> first == (image.getFormat() == CNN2DFormat.NCHW))
                        .orElse(true);
    }

    /** Features of a type, or 0 where that is not one number. */
    private static long width(InputType type) {
        if (type instanceof InputTypeFeedForward row) {
            return row.getSize();
        }
        if (type instanceof InputTypeRecurrent sequence) {
            return sequence.getSize();
        }
        if (type instanceof InputTypeConvolutional3D volume) {
            return volume.getChannels();
        }
        return type instanceof InputTypeConvolutional image ? image.getChannels() : 0;
    }
}
