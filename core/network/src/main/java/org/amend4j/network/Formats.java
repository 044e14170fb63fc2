package org.amend4j.network;

import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;

/** Which order of dimensions a graph's images have. */
final class Formats {

    private Formats() {}

    /** Whether images come as [channels, height, width]: what its layers say; true if none says anything. */
    static boolean channelsFirst(ComputationGraphConfiguration configuration) {
        Optional<Boolean> known = Optional.empty();
        for (String name : configuration.getTopologicalOrderStr()) {
            if (configuration.getVertices().get(name) instanceof LayerVertex vertex) {
                Optional<Boolean> first =
                        of(LayerReader.inner(vertex.getLayerConf().getLayer())).map(f -> f == CNN2DFormat.NCHW);
                if (known.isPresent() && first.isPresent() && !known.equals(first)) {
                    throw UnsupportedNetworkException.vertex(name, "has its channels elsewhere than layers before it");
                }
                known = known.or(() -> first);
            }
        }
        return known.orElse(true);
    }

    private static Optional<CNN2DFormat> of(Layer layer) {
        if (layer instanceof ConvolutionLayer convolution) {
            return Optional.of(convolution.getCnn2dDataFormat());
        }
        if (layer instanceof SubsamplingLayer pooling) {
            return Optional.of(pooling.getCnn2dDataFormat());
        }
        if (layer instanceof ZeroPaddingLayer padding) {
            return Optional.of(padding.getDataFormat());
        }
        if (layer instanceof Cropping2D cropping) {
            return Optional.of(cropping.getDataFormat());
        }
        if (layer instanceof CnnLossLayer loss) {
            return Optional.of(loss.getFormat());
        }
        return layer.getClass() == Upsampling2D.class
                ? Optional.of(((Upsampling2D) layer).getFormat())
                : Optional.empty();
    }
}
