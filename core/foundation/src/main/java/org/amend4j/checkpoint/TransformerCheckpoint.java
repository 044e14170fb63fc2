/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorFolder;

/**
 * An open checkpoint: its configuration and its tensors. It is checked that the tensors are those that the configuration asks for, each
 * once, with their shapes. Values are read on demand.
 */
public final class TransformerCheckpoint implements Closeable {

    static final String CONFIG = "config.json";
    static final String TENSORS = "model";

    private final Path path;
    private final TransformerConfig config;
    private final Map<String, List<Long>> shapes;
    private final Weights weights;
    private final Closeable files;

    private TransformerCheckpoint(
            Path path, TransformerConfig config, Map<String, List<Long>> shapes, Weights weights, Closeable files) {
        this.path = path;
        this.config = config;
        this.shapes = shapes;
        this.weights = weights;
        this.files = files;
    }

    /**
     * Opens a folder with {@code config.json} and {@code model.safetensors}, or several files and their
     * {@code model.safetensors.index.json}; or a GGUF file ({@link GgufModel#open}). The index can name files of the folder only; links are
     * followed, as Hugging Face's cache has them.
     *
     * @throws CheckpointException if the configuration is not known, or the tensors are not those that it asks for
     * @throws org.amend4j.safetensors.SafetensorsException if a file breaks a rule of its format
     * @throws org.amend4j.gguf.GgufException if a GGUF file does
     * @throws IOException if a file cannot be read
     */
    public static TransformerCheckpoint open(Path path) throws IOException {
        return Files.isRegularFile(path) ? ofFile(path) : ofFolder(path);
    }

    /**
     * What a folder's {@code config.json} or a GGUF file says that a model computes; weights are not read.
     *
     * @throws IOException if it cannot be read, or is not known
     */
    public static TransformerConfig configuration(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return TransformerConfig.read(path.resolve(CONFIG));
        }
        try (GgufModel model = GgufModel.open(path)) {
            return model.config();
        }
    }

    private static TransformerCheckpoint ofFile(Path file) throws IOException {
        GgufModel model = GgufModel.open(file);
        return new TransformerCheckpoint(file, model.config(), model.shapes(), model, model);
    }

    private static TransformerCheckpoint ofFolder(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new CheckpointException(
                    directory, "must be a folder with config.json and model.safetensors, or a GGUF file");
        }
        TransformerConfig config = TransformerConfig.read(directory.resolve(CONFIG));
        requireSafetensors(directory);
        TensorFolder tensors = TensorFolder.open(directory, TENSORS);
        try {
            TransformerConfig found = StoredHead.config(config, tensors);
            TensorPlaces places = TensorPlaces.of(found, tensors);
            return new TransformerCheckpoint(
                    tensors.path(), found, places.shapes(), name -> values(tensors, places, name), tensors);
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

    /** What the model computes. A decoder that stores another head than its table is not tied, whatever its config.json says. */
    public TransformerConfig config() {
        return config;
    }

    /**
     * What the model computes, if it says tokens one after the other.
     *
     * @throws CheckpointException if it does not
     */
    public CausalConfig decoder() throws CheckpointException {
        if (config instanceof CausalConfig decoder) {
            return decoder;
        }
        throw new CheckpointException(
                path,
                "a " + config.modelType() + " model is an encoder"
                        + (config instanceof VisionConfig ? " of pictures" : "")
                        + ", it does not say one token after another");
    }

    /**
     * What the model computes, if it reads whole texts or pictures: an {@link EncoderConfig} or a {@link VisionConfig}.
     *
     * @throws CheckpointException if it does not
     */
    public TransformerConfig encoder() throws CheckpointException {
        if (config instanceof EncoderConfig || config instanceof VisionConfig) {
            return config;
        }
        throw new CheckpointException(
                path, "a " + config.modelType() + " model says one token after another, it is no encoder");
    }

    /** The tensors' shapes by their names; matrices are [outputs, inputs]. */
    public Map<String, List<Long>> shapes() {
        return shapes;
    }

    /**
     * A tensor's values in C-order, of a matrix as [outputs, inputs] however the file has it; those of 16 bits are widened, which
     * changes none.
     *
     * @throws IllegalArgumentException if there is no such tensor
     * @throws CheckpointException if a value is NaN or infinite
     * @throws IOException if the file cannot be read
     */
    public float[] read(String name) throws IOException {
        if (!shapes.containsKey(name)) {
            throw new IllegalArgumentException("the model has no tensor " + Printable.quoted(name));
        }
        return weights.values(name);
    }

    private static float[] values(TensorFolder tensors, TensorPlaces places, String name) throws IOException {
        float[] values = tensors.readFloats(places.stored(name));
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new CheckpointException(
                        tensors.path(),
                        "the tensor " + Printable.quoted(name) + " must have finite values, got " + value);
            }
        }
        if (!places.isTurned(name)) {
            return values;
        }
        int outputs = Math.toIntExact(
                Objects.requireNonNull(places.shapes().get(name)).get(0));
        return ModelTensors.turned(values, values.length / outputs, outputs);
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
