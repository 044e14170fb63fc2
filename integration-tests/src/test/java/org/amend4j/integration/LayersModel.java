/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelUtils;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A TensorFlow.js layers model (Keras topology in JSON, weights in one file of floats) as a graph; nothing needs HDF5. */
final class LayersModel {

    private static final Set<String> REAL =
            Set.of("max_value", "negative_slope", "threshold", "rate", "momentum", "epsilon", "alpha");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode model;
    private final KerasModel keras;
    private final ComputationGraph graph;

    private LayersModel(JsonNode model) throws Exception {
        this.model = model;
        this.keras = keras(model.get("modelTopology"));
        this.graph = keras.getComputationGraph(false);
        graph.init();
    }

    /** The graph of a {@code model.json}, with weights as its initialisers draw them. */
    static ComputationGraph topology(JsonNode model) throws Exception {
        return new LayersModel(model).graph;
    }

    /** Converts: arguments are {@code model.json}, the weight file and the Deeplearning4j zip to write. */
    public static void main(String[] arguments) throws Exception {
        LayersModel converted = new LayersModel(JSON.readTree(Files.readAllBytes(Path.of(arguments[0]))));
        converted.setWeights(Files.readAllBytes(Path.of(arguments[1])));
        ModelSerializer.writeModel(converted.graph, Path.of(arguments[2]).toFile(), false);
    }

    private static KerasModel keras(JsonNode topology) throws Exception {
        ObjectNode configuration = topology.get("model_config").deepCopy();
        configuration.put("keras_version", topology.get("keras_version").asText());
        configuration.put("backend", "tensorflow");
        widen(configuration);
        Path file = Files.createTempFile("keras", ".json");
        try {
            Files.writeString(file, configuration.toString());
            return new KerasModel()
                    .modelBuilder()
                    .modelJsonFilename(file.toString())
                    .enforceTrainingConfig(false)
                    .buildModel();
        } finally {
            Files.delete(file);
        }
    }

    /** JavaScript writes 6.0 as 6, which the importer does not take for a real number. */
    private static void widen(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> {
                if (REAL.contains(field.getKey()) && field.getValue().isInt()) {
                    field.setValue(object.numberNode((double) field.getValue().asInt()));
                }
            });
        }
        node.forEach(LayersModel::widen);
    }

    private void setWeights(byte[] bytes) throws IOException {
        ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Map<String, Map<String, INDArray>> byLayer = new HashMap<>();
        for (JsonNode weight : model.get("weightsManifest").get(0).get("weights")) {
            String name = weight.get("name").asText();
            int slash = name.lastIndexOf('/');
            byLayer.computeIfAbsent(name.substring(0, slash), unused -> new HashMap<>())
                    .put(name.substring(slash + 1), array((ArrayNode) weight.get("shape"), floats));
        }
        if (floats.hasRemaining()) {
            throw new IOException(floats.remaining() + " bytes are left behind the last weight");
        }
        try {
            Map<String, KerasLayer> layers = keras.getLayers();
            for (Map.Entry<String, Map<String, INDArray>> layer : byLayer.entrySet()) {
                Objects.requireNonNull(layers.get(layer.getKey()), layer.getKey())
                        .setWeights(layer.getValue());
            }
            KerasModelUtils.copyWeightsToModel(graph, layers);
        } catch (org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException unfit) {
            throw new IOException(unfit);
        }
    }

    private static INDArray array(ArrayNode sizes, ByteBuffer floats) {
        long[] shape = StreamSupport.stream(sizes.spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
        float[] values = new float[Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact))];
        for (int k = 0; k < values.length; k++) {
            values[k] = floats.getFloat();
        }
        return Nd4j.createFromArray(values).reshape('c', shape);
    }
}
