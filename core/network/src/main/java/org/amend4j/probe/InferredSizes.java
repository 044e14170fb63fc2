/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.model.Thawed;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeFeedForward;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.jspecify.annotations.Nullable;

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
        Layer layer = Thawed.of(vertex.getLayerConf().getLayer());
        if (layer instanceof EmbeddingLayer || layer instanceof EmbeddingSequenceLayer) {
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
        Layer thawed = Thawed.of(layer);
        if (thawed instanceof FeedForwardLayer plain) {
            return Math.max(0, plain.getNIn());
        }
        if (thawed instanceof SelfAttentionLayer attention) {
            return attention.getNIn();
        }
        if (thawed instanceof LearnedSelfAttentionLayer attention) {
            return attention.getNIn();
        }
        return thawed instanceof RecurrentAttentionLayer attention ? attention.getNIn() : 0;
    }

    /** Deeplearning4j infers on where a layer's order of axes is not its input's. */
    private static boolean isInFormat(Layer layer, InputType type) {
        if (type instanceof InputTypeRecurrent sequence) {
            RNNFormat format = format(layer);
            return format == null || format == sequence.getFormat();
        }
        return !(type instanceof InputTypeConvolutional image
                && layer instanceof ConvolutionLayer convolution
                && convolution.getCnn2dDataFormat() != image.getFormat());
    }

    private static @Nullable RNNFormat format(Layer layer) {
        if (layer instanceof SelfAttentionLayer || layer instanceof LearnedSelfAttentionLayer) {
            return RNNFormat.NCW;
        }
        if (layer instanceof Convolution1DLayer convolution) {
            return convolution.getRnnDataFormat();
        }
        return layer instanceof BaseRecurrentLayer recurrent ? recurrent.getRnnDataFormat() : null;
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
