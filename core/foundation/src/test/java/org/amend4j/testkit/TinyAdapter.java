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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;

/** A small random LoRA adapter in PEFT's layout, on some modules of a {@link TinyCheckpoint}. */
public final class TinyAdapter {

    private final Map<String, Object> config = new TreeMap<>();
    private final Map<String, TensorData> tensors = new TreeMap<>();
    private final Map<String, float[]> deltas = new TreeMap<>();
    private final Map<String, float[]> magnitudes = new TreeMap<>();
    private final Map<String, float[]> biases = new TreeMap<>();
    private final Map<String, float[]> biasesOnB = new TreeMap<>();
    private final Set<String> tables = new TreeSet<>();
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
        added(module, product(b, a, outputs, inputs));
        return this;
    }

    /** Adds factors of an embedding of this shape, A of [rank, rows] and B of [width, rank]. */
    public TinyAdapter onTable(String module, int rows, int width) {
        float[] a = gaussian(rank * rows, 0.5);
        float[] b = gaussian(width * rank, 0.5);
        String key = "base_model.model." + module;
        tensor(key + ".lora_embedding_A", List.of((long) rank, (long) rows), a);
        tensor(key + ".lora_embedding_B", List.of((long) width, (long) rank), b);
        float[] turned = product(b, a, width, rows);
        float[] delta = new float[turned.length];
        for (int i = 0; i < delta.length; i++) {
            delta[i] = turned[i % width * rows + i / width];
        }
        tables.add(module);
        added(module, delta);
        return this;
    }

    private float[] product(float[] b, float[] a, int outputs, int inputs) {
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
        return delta;
    }

    private void added(String module, float[] delta) {
        deltas.put(module, delta);
        config.put("target_modules", List.copyOf(deltas.keySet()));
    }

    /** Gives all factors so far DoRA's magnitudes, which are no norms. */
    public TinyAdapter dora(TinyCheckpoint tiny) {
        config.put("use_dora", true);
        for (String module : deltas.keySet()) {
            int outputs = outputs(tiny, module);
            float[] magnitude = new float[outputs];
            for (int o = 0; o < outputs; o++) {
                magnitude[o] = 0.5f + 2 * random.nextFloat();
            }
            magnitudes.put(module, magnitude);
            tensor("base_model.model." + module + ".lora_magnitude_vector", List.of((long) outputs), magnitude);
        }
        return this;
    }

    /** Trains all biases of a checkpoint. */
    public TinyAdapter biases(TinyCheckpoint tiny) {
        config.put("bias", "all");
        for (String name : tiny.names()) {
            if (name.endsWith(".bias")) {
                String module = name.substring(0, name.length() - ".bias".length());
                float[] bias = gaussian(tiny.values(name).length, 0.5);
                biases.put(module, bias);
                String of = deltas.containsKey(module) ? ".base_layer.bias" : ".bias";
                tensor("base_model.model." + module + of, List.of((long) bias.length), bias);
            }
        }
        return this;
    }

    /** Gives every B a bias. */
    public TinyAdapter biasesOnB(TinyCheckpoint tiny) {
        config.put("lora_bias", true);
        for (String module : deltas.keySet()) {
            float[] bias = gaussian(outputs(tiny, module), 0.5);
            biasesOnB.put(module, bias);
            tensor("base_model.model." + module + ".lora_B.bias", List.of((long) bias.length), bias);
        }
        return this;
    }

    private int outputs(TinyCheckpoint tiny, String module) {
        List<Long> shape = tiny.shape(module + ".weight");
        return shape.get(tables.contains(module) ? 1 : 0).intValue();
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
        magnitudes.forEach(
                (module, magnitude) -> scale(tiny.values(module + ".weight"), magnitude, tables.contains(module)));
        biases.forEach((module, bias) -> tiny.put(module + ".bias", List.of((long) bias.length), bias.clone()));
        biasesOnB.forEach((module, bias) -> {
            float[] sum =
                    tiny.names().contains(module + ".bias") ? tiny.values(module + ".bias") : new float[bias.length];
            for (int i = 0; i < sum.length; i++) {
                sum[i] += (float) (scaling * bias[i]);
            }
            tiny.put(module + ".bias", List.of((long) sum.length), sum);
        });
    }

    /** Gives the weights of each output a norm; of a table they are a column. */
    private static void scale(float[] weight, float[] norms, boolean table) {
        int outputs = norms.length;
        int inputs = weight.length / outputs;
        for (int o = 0; o < outputs; o++) {
            double squares = 0;
            for (int i = 0; i < inputs; i++) {
                float value = weight[table ? i * outputs + o : o * inputs + i];
                squares += (double) value * value;
            }
            for (int i = 0; i < inputs; i++) {
                weight[table ? i * outputs + o : o * inputs + i] *= (float) (norms[o] / Math.sqrt(squares));
            }
        }
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
