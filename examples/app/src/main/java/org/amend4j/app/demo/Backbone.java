/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.internal.model.Configurations;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The pretrained MobileNetV2, cut after {@code block_12_add} and given a pooling layer and an untrained classifier. */
public final class Backbone {

    /** The last vertex that is kept: 96 channels, and the best place to cut for other pictures than its own. */
    public static final String LAST = "block_12_add";

    /** The global average pooling, and the new classifier on it. */
    public static final String POOL = "pool";

    public static final String HEAD = "head";

    private static final int CHANNELS = 96;
    private static final String RESOURCE = "/org/amend4j/app/mobilenet_v2/mobilenet_v2.dl4j.zip";

    private Backbone() {}

    /**
     * Input {@code [n, side, side, 3]} with values in [0, 1], output {@code [n, classes]} probabilities.
     *
     * @param side height and width of the pictures in pixels
     * @param seed of the new classifier's first weights
     */
    public static ComputationGraph withNewHead(int side, int classes, long seed) throws IOException {
        ComputationGraph whole = pretrained();
        TransferLearning.GraphBuilder builder = new TransferLearning.GraphBuilder(whole)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .seed(Configurations.seed(seed))
                        .updater(new Adam(1e-3))
                        .build());
        above(whole, LAST).forEach(builder::removeVertexAndConnections);
        return builder.setInputTypes(InputType.convolutional(side, side, 3, CNN2DFormat.NHWC))
                .addLayer(POOL, new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), LAST)
                .addLayer(
                        HEAD,
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nIn(CHANNELS)
                                .nOut(classes)
                                .build(),
                        POOL)
                .setOutputs(HEAD)
                .build();
    }

    private static ComputationGraph pretrained() throws IOException {
        try (InputStream in = Backbone.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("the resource " + RESOURCE + " is missing from the examples");
            }
            ComputationGraph graph = ModelSerializer.restoreComputationGraph(in, false);
            // The importer left dropout that keeps everything on each layer; on NHWC data its backward pass throws.
            graph.getConfiguration().getVertices().values().forEach(vertex -> {
                if (vertex instanceof LayerVertex layer) {
                    layer.getLayerConf().getLayer().setIDropout(null);
                }
            });
            return graph;
        }
    }

    /** Every vertex that reads the given one, directly or not, the last one first. */
    static List<String> above(ComputationGraph graph, String vertex) {
        Map<String, List<String>> inputs = graph.getConfiguration().getVertexInputs();
        Set<String> found = new LinkedHashSet<>(List.of(vertex));
        for (int index : graph.topologicalSortOrder()) {
            String name = graph.getVertices()[index].getVertexName();
            if (inputs.getOrDefault(name, List.of()).stream().anyMatch(found::contains)) {
                found.add(name);
            }
        }
        found.remove(vertex);
        List<String> last = new ArrayList<>(found);
        Collections.reverse(last);
        return last;
    }
}
