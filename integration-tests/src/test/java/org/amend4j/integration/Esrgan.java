/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Super-resolution networks that Keras made: three times larger with its weights, eight times larger with drawn ones. */
final class Esrgan {

    private static final String FOLDER = "/org/amend4j/integration/esrgan/";

    private Esrgan() {}

    /** The shipped network; pictures have channels last and values in [0, 255]. */
    static ComputationGraph threefold() throws IOException {
        try (InputStream in = open("esrgan-x3.dl4j.zip")) {
            return withoutDropout(ModelSerializer.restoreComputationGraph(in, false));
        }
    }

    /** The topology of the eightfold one through Deeplearning4j's importer, with weights as Keras would draw them. */
    static ComputationGraph eightfold() throws Exception {
        return withoutDropout(LayersModel.topology(read("model-x8.json")));
    }

    /** What TensorFlow.js makes of the threefold network and {@code 255 · ((7919 i) mod 1000) / 1000} at flat index i. */
    static JsonNode reference() throws IOException {
        return read("reference-x3.json");
    }

    private static JsonNode read(String name) throws IOException {
        try (InputStream in = open(name)) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static InputStream open(String name) throws FileNotFoundException {
        InputStream in = Esrgan.class.getResourceAsStream(FOLDER + name);
        if (in == null) {
            throw new FileNotFoundException(FOLDER + name);
        }
        return in;
    }

    /** The importer left dropout that keeps everything on each layer; on channels last its backward pass throws. */
    private static ComputationGraph withoutDropout(ComputationGraph network) {
        network.getConfiguration().getVertices().values().forEach(vertex -> {
            if (vertex instanceof LayerVertex layer) {
                layer.getLayerConf().getLayer().setIDropout(null);
            }
        });
        return network;
    }

    /** The same network with a loss of squares behind its last layer. */
    static ComputationGraph withLoss(ComputationGraph network) {
        ComputationGraphConfiguration configuration = ComputationGraphConfiguration.fromJson(
                network.getConfiguration().toJson());
        CnnLossLayer loss = new CnnLossLayer.Builder(LossFunction.L2)
                .format(CNN2DFormat.NHWC)
                .activation(Activation.IDENTITY)
                .build();
        loss.setLayerName("loss");
        NeuralNetConfiguration layer = new NeuralNetConfiguration.Builder()
                .dataType(network.getConfiguration().getDataType())
                .layer(loss)
                .build();
        configuration.getVertices().put("loss", new LayerVertex(layer, null));
        configuration.getVertexInputs().put("loss", List.of("SR"));
        configuration.setNetworkOutputs(List.of("loss"));
        configuration.setTopologicalOrder(null);
        configuration.setTopologicalOrderStr(null);
        ComputationGraph result = new ComputationGraph(configuration);
        result.init();
        network.paramTable().forEach(result::setParam);
        return result;
    }
}
