/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorFolder;
import org.amend4j.safetensors.TensorInfo;

/**
 * An open checkpoint: its configuration, and its tensors, which are known to be those that the configuration asks for, each once,
 * with their shapes. Values are read on demand.
 */
public final class Checkpoint implements Closeable {

    static final String CONFIG = "config.json";
    static final String TENSORS = "model";

    private final TransformerConfig config;
    private final TensorFolder tensors;
    private final Map<String, List<Long>> shapes;

    private Checkpoint(TransformerConfig config, TensorFolder tensors, Map<String, List<Long>> shapes) {
        this.config = config;
        this.tensors = tensors;
        this.shapes = Collections.unmodifiableMap(shapes);
    }

    /**
     * Opens a folder with {@code config.json} and {@code model.safetensors}, or several files and their
     * {@code model.safetensors.index.json}. The index can name files of the folder only; links are
     * followed, as Hugging Face's cache has them.
     *
     * @throws CheckpointException if the configuration is not known, or the tensors are not those that it asks for
     * @throws org.amend4j.safetensors.SafetensorsException if a file breaks a rule of its format
     * @throws IOException if a file cannot be read
     */
    public static Checkpoint open(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new CheckpointException(directory, "must be a folder with config.json and model.safetensors");
        }
        TransformerConfig config = TransformerConfig.read(directory.resolve(CONFIG));
        requireSafetensors(directory);
        TensorFolder tensors = TensorFolder.open(directory, TENSORS);
        try {
            return new Checkpoint(config, tensors, shapes(config, tensors));
        } catch (IOException | RuntimeException e) {
            tensors.close();
            throw e;
        }
    }

    private static void requireSafetensors(Path directory) throws CheckpointException {
        Path whole = directory.resolve(TENSORS + ".safetensors");
        if (!Files.exists(whole) && !Files.exists(directory.resolve(TENSORS + ".safetensors.index.json"))) {
            boolean pickle = Files.exists(directory.resolve("pytorch_model.bin"))
                    || Files.exists(directory.resolve("pytorch_model.bin.index.json"));
            throw new CheckpointException(
                    whole,
                    pickle
                            ? "is missing, and pytorch_model.bin is a Python pickle, which is never read"
                            : "is missing, and so is its index");
        }
    }

    /** Layer by layer, so that a configuration that claims a milliard of them is refused at the first that is missing. */
    private static Map<String, List<Long>> shapes(TransformerConfig config, TensorFolder tensors)
            throws CheckpointException {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        require(TensorNames.outside(config), tensors, shapes);
        for (int layer = 0; layer < config.layers(); layer++) {
            require(TensorNames.ofLayer(config, layer), tensors, shapes);
        }
        for (String name : tensors.tensors().keySet()) {
            if (!shapes.containsKey(name) && !TensorNames.isIgnored(name, config)) {
                throw new CheckpointException(
                        tensors.path(),
                        "the tensor " + Printable.quoted(name) + " has no place in a "
                                + config.family().modelType() + " model with this config.json");
            }
        }
        return shapes;
    }

    private static void require(Map<String, List<Long>> wanted, TensorFolder tensors, Map<String, List<Long>> shapes)
            throws CheckpointException {
        for (Map.Entry<String, List<Long>> entry : wanted.entrySet()) {
            TensorInfo tensor = tensors.tensors().get(entry.getKey());
            String name = "the tensor " + Printable.quoted(entry.getKey());
            if (tensor == null) {
                throw new CheckpointException(tensors.path(), name + " is missing");
            }
            if (!tensor.shape().equals(entry.getValue())) {
                throw new CheckpointException(
                        tensors.path(),
                        name + " must have the shape " + entry.getValue() + " by config.json, got " + tensor.shape());
            }
            if (!tensor.dtype().fitsFloat()) {
                throw new CheckpointException(
                        tensors.path(), name + " must be of F32, F16 or BF16, got " + tensor.dtype());
            }
            shapes.put(entry.getKey(), entry.getValue());
        }
    }

    /** What the model computes. */
    public TransformerConfig config() {
        return config;
    }

    /** The tensors' shapes by their names; matrices are [outputs, inputs]. */
    public Map<String, List<Long>> shapes() {
        return shapes;
    }

    /**
     * A tensor's values in C-order; those of 16 bits are widened, which changes none.
     *
     * @throws IllegalArgumentException if there is no such tensor
     * @throws CheckpointException if a value is NaN or infinite
     * @throws IOException if the file cannot be read
     */
    public float[] read(String name) throws IOException {
        if (!shapes.containsKey(name)) {
            throw new IllegalArgumentException("the model has no tensor " + Printable.quoted(name));
        }
        float[] values = tensors.readFloats(name);
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new CheckpointException(
                        tensors.path(),
                        "the tensor " + Printable.quoted(name) + " must have finite values, got " + value);
            }
        }
        return values;
    }

    @Override
    public void close() throws IOException {
        tensors.close();
    }
}
