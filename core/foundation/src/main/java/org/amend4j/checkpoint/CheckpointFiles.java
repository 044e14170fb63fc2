/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;

/**
 * Writes checkpoints in Hugging Face's layout, which {@link TransformerCheckpoint#open} and Hugging Face's library read. It writes the
 * tensors of a configuration under their names, in single precision; the table of a tied head is written once.
 */
public final class CheckpointFiles {

    private CheckpointFiles() {}

    /**
     * Writes {@code config.json} and {@code model.safetensors}. Both are on disk before the first gets its name; a failure leaves
     * older files as they were. If the machine stops between the two renames over an older checkpoint of other shapes, it is refused
     * when it is opened. Equal models give equal bytes.
     *
     * @param directory created if missing; other files in it are left alone
     * @param weights are asked for one tensor at a time
     * @throws IllegalArgumentException if a {@code config.json} cannot say this configuration, a tensor has another number of values
     *     than it asks for, or a value is not finite
     * @throws IOException if the files or the weights cannot be written or read
     */
    public static void write(Path directory, TransformerConfig config, Weights weights) throws IOException {
        String text = ConfigWriter.text(config);
        List<TensorData> tensors = new ArrayList<>();
        ModelTensors model = ModelTensors.of(config);
        Map<String, List<Long>> shapes = new LinkedHashMap<>(shapes(config));
        if (optionalShapes(config).keySet().stream().anyMatch(weights::hasOptional)) {
            shapes.putAll(optionalShapes(config));
        }
        shapes.forEach((name, shape) -> tensors.add(tensor(model, name, shape, weights)));
        Files.createDirectories(directory);
        try (AtomicFile tensorFile =
                        AtomicFile.create(directory.resolve(TransformerCheckpoint.TENSORS + ".safetensors"));
                AtomicFile configFile = AtomicFile.create(directory.resolve(TransformerCheckpoint.CONFIG))) {
            SafetensorsWriter.write(tensorFile.stream(), Map.of("format", "pt"), tensors);
            configFile.stream().write(text.getBytes(StandardCharsets.UTF_8));
            tensorFile.force();
            configFile.force();
            tensorFile.commit();
            configFile.commit();
        }
    }

    /** Names and shapes of the tensors that a checkpoint has; matrices are [outputs, inputs]. */
    public static Map<String, List<Long>> shapes(TransformerConfig config) {
        ModelTensors tensors = ModelTensors.of(config);
        Map<String, List<Long>> shapes = new LinkedHashMap<>(tensors.outside());
        for (int layer = 0; layer < config.layers(); layer++) {
            shapes.putAll(tensors.ofLayer(layer));
        }
        return shapes;
    }

    /** Names and shapes of tensors that a checkpoint has all or none of: an encoder's pooler where it has no head. */
    public static Map<String, List<Long>> optionalShapes(TransformerConfig config) {
        return ModelTensors.of(config).optional();
    }

    private static TensorData tensor(ModelTensors model, String name, List<Long> shape, Weights weights) {
        List<Long> stored = model.storedShape(name, shape);
        return new TensorData(name, DType.F32, stored, out -> {
            float[] values = weights.values(name);
            for (float value : values) {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "the tensor " + Printable.quoted(name) + " must have finite values, got " + value);
                }
            }
            float[] inOrder = model.isTurned(name) ? turned(values, shape) : values;
            TensorData.ofFloats(name, stored, inOrder).content().writeTo(out);
        });
    }

    /** As it is, and refused, if it has another number of values. */
    private static float[] turned(float[] values, List<Long> shape) {
        int rows = Math.toIntExact(shape.get(0));
        int columns = Math.toIntExact(shape.get(1));
        return values.length == (long) rows * columns ? ModelTensors.turned(values, rows, columns) : values;
    }
}
