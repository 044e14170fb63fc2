/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;

/** A small random LoRA adapter in PEFT's layout, on some modules of a {@link TinyCheckpoint}. */
public final class TinyAdapter {

    private final Map<String, Object> config = new TreeMap<>();
    private final Map<String, TensorData> tensors = new TreeMap<>();
    private final Map<String, float[]> deltas = new TreeMap<>();
    private final int rank;
    private final double scaling;
    private final Random random;

    /** Without modules; its scaling is alpha/rank. */
    public TinyAdapter(long seed, int rank, double alpha) {
        this.rank = rank;
        this.scaling = alpha / rank;
        random = new Random(seed);
        config.put("peft_type", "LORA");
        config.put("r", rank);
        config.put("lora_alpha", alpha);
        config.put("target_modules", new ArrayList<String>());
    }

    /** Sets a field of {@code adapter_config.json}. */
    public TinyAdapter with(String field, Object value) {
        config.put(field, value);
        return this;
    }

    /** Adds factors of a weight of this shape, A of [rank, inputs] and B of [outputs, rank]. */
    public TinyAdapter on(String module, int outputs, int inputs) {
        float[] a = gaussian(rank * inputs, 1 / Math.sqrt(inputs));
        float[] b = gaussian(outputs * rank, 0.5);
        String key = "base_model.model." + module;
        tensor(key + ".lora_A.weight", List.of((long) rank, (long) inputs), a);
        tensor(key + ".lora_B.weight", List.of((long) outputs, (long) rank), b);
        float[] delta = new float[outputs * inputs];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                double sum = 0;
                for (int r = 0; r < rank; r++) {
                    sum += (double) b[o * rank + r] * a[r * inputs + i];
                }
                delta[o * inputs + i] = (float) (scaling * sum);
            }
        }
        deltas.put(module, delta);
        config.put("target_modules", List.copyOf(deltas.keySet()));
        return this;
    }

    /** Adds a tensor of any name. */
    public TinyAdapter tensor(String key, List<Long> shape, float[] values) {
        tensors.put(key, TensorData.ofFloats(key, shape, values));
        return this;
    }

    private float[] gaussian(int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * random.nextGaussian());
        }
        return values;
    }

    /** Adds what it does to the weights themselves. */
    public void mergeInto(TinyCheckpoint tiny) {
        deltas.forEach((module, delta) -> {
            float[] weight = tiny.values(module + ".weight");
            for (int i = 0; i < weight.length; i++) {
                weight[i] += delta[i];
            }
        });
    }

    /** Writes {@code adapter_config.json} and {@code adapter_model.safetensors}. */
    public Path write(Path directory) throws IOException {
        Files.createDirectories(directory);
        new ObjectMapper().writeValue(directory.resolve("adapter_config.json").toFile(), config);
        SafetensorsWriter.write(
                directory.resolve("adapter_model.safetensors"), Map.of("format", "pt"), tensors.values());
        return directory;
    }
}
