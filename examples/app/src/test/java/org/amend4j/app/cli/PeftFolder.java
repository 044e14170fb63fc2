/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;

/** A directory as PEFT writes it. */
final class PeftFolder {

    private PeftFolder() {}

    /** The network that it belongs to. */
    static ComputationGraphConfiguration twin() {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .graphBuilder()
                .addInputs("in")
                .addLayer("layer.0.query", dense(4, 6), "in")
                .addLayer("layer.0.value", dense(6, 6), "layer.0.query")
                .addLayer(
                        "head",
                        new OutputLayer.Builder()
                                .nIn(6)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "layer.0.value")
                .setOutputs("head")
                .build();
    }

    private static DenseLayer dense(int inputs, int outputs) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(Activation.TANH)
                .build();
    }

    static void writeTwin(Path zip) throws IOException {
        ComputationGraph network = new ComputationGraph(twin());
        network.init();
        ModelSerializer.writeModel(network, zip.toFile(), false);
    }

    /** The i-th value of an array. */
    static double value(int seed, int i) {
        return ((seed * 31 + i * 17) % 23 - 11) / 8.0;
    }

    private static TensorData floats(String name, int seed, long... shape) {
        List<Long> sizes = new ArrayList<>();
        int count = 1;
        for (long size : shape) {
            sizes.add(size);
            count *= (int) size;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) value(seed, i);
        }
        return TensorData.ofFloats("base_model.model." + name, sizes, values);
    }

    /** Rank 2 on both dense layers and the head in full, as PEFT writes it. */
    static Path write(Path directory, String query, String valueLayer, String head, String more) throws IOException {
        Files.createDirectories(directory);
        SafetensorsWriter.write(
                directory.resolve("adapter_model.safetensors"),
                Map.of("format", "pt"),
                List.of(
                        floats(query + ".lora_A.weight", 1, 2, 4),
                        floats(query + ".lora_B.weight", 2, 6, 2),
                        floats(valueLayer + ".lora_A.weight", 3, 2, 6),
                        floats(valueLayer + ".lora_B.weight", 4, 6, 2),
                        floats(head + ".weight", 5, 3, 6),
                        floats(head + ".bias", 6, 3)));
        Files.writeString(
                directory.resolve("adapter_config.json"),
                "{" + more + "\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 6, \"alpha_pattern\": {\"value\": 1},"
                        + " \"target_modules\": [\"query\", \"value\"], \"modules_to_save\": [\"head\"],"
                        + " \"peft_version\": \"0.20.1\", \"kasa_config\": null}");
        return directory;
    }
}
