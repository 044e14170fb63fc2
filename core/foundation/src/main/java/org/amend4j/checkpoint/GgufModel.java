/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.amend4j.gguf.GgufFile;
import org.amend4j.gguf.GgufMetadata;
import org.amend4j.gguf.GgufTensor;
import org.amend4j.safetensors.Printable;

/**
 * A model in a GGUF file, of a supported architecture: its configuration, and its tensors under Hugging Face's names. It is checked that
 * the tensors are exactly those that the configuration asks for, each with its shape. Values are read on demand and are those that the
 * blocks stand for.
 */
public final class GgufModel implements Weights, Closeable {

    private final GgufFile file;
    private final TextConfig config;
    private final Map<String, List<Long>> shapes;

    private GgufModel(GgufFile file, TextConfig config) throws CheckpointException {
        this.file = file;
        this.config = config;
        this.shapes = CheckpointFiles.shapes(config);
        requireTensors();
    }

    /**
     * Opens a file.
     *
     * @throws org.amend4j.gguf.GgufException if it breaks a rule of its format
     * @throws CheckpointException if its architecture is not known, or the tensors are not those that its keys ask for
     * @throws IOException if it cannot be read
     */
    public static GgufModel open(Path path) throws IOException {
        GgufFile file = GgufFile.open(path);
        try {
            return new GgufModel(file, GgufConfig.read(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void requireTensors() throws CheckpointException {
        Set<String> left = new HashSet<>(file.tensors().keySet());
        if (config instanceof DecoderConfig decoder && decoder.family() == DecoderFamily.LLAMA) {
            left.remove(GgufConfig.FREQUENCIES);
        }
        for (Map.Entry<String, List<Long>> wanted : shapes.entrySet()) {
            String name = GgufNames.of(wanted.getKey());
            GgufTensor tensor =
                    Optional.ofNullable(file.tensors().get(name)).orElseThrow(() -> broken(name, "is missing"));
            if (!tensor.shape().equals(wanted.getValue())) {
                throw broken(
                        name,
                        "must have the shape " + wanted.getValue() + " by the file's keys, got " + tensor.shape());
            }
            left.remove(name);
        }
        for (String name : left) {
            throw broken(name, "has no place in a " + config.modelType() + " model with these keys");
        }
    }

    private CheckpointException broken(String tensor, String rule) {
        return new CheckpointException(file.path(), "the tensor " + Printable.quoted(tensor) + " " + rule);
    }

    /** What the file says of the model, its tokenizer among it. */
    public GgufMetadata metadata() {
        return file.metadata();
    }

    /** The shapes of its tensors by Hugging Face's names; matrices are [outputs, inputs]. */
    Map<String, List<Long>> shapes() {
        return Collections.unmodifiableMap(shapes);
    }

    /** What it computes. */
    public TextConfig config() {
        return config;
    }

    /**
     * A tensor's values by Hugging Face's name, in its order.
     *
     * @throws IllegalArgumentException if there is no such tensor
     * @throws org.amend4j.gguf.GgufException if a value is NaN or infinite
     */
    @Override
    public float[] values(String name) throws IOException {
        if (!shapes.containsKey(name)) {
            throw new IllegalArgumentException("the model has no tensor " + Printable.quoted(name));
        }
        float[] values = file.readFloats(GgufNames.of(name));
        if (!(config instanceof DecoderConfig decoder)) {
            return values;
        }
        if (decoder.family() == DecoderFamily.LLAMA && name.contains(".self_attn.")) {
            AttentionShape attention = decoder.attention();
            if (name.contains(".q_proj.")) {
                return inHalves(values, attention.heads(), attention.headSize());
            }
            if (name.contains(".k_proj.")) {
                return inHalves(values, attention.keyValueHeads(), attention.headSize());
            }
        }
        if (decoder.family().hasGainsAroundOne() && name.endsWith("norm.weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] -= 1;
            }
        }
        return values;
    }

    /** Positions turn the rows 2j and 2j + 1 of a head in a Llama's file, j and j + D/2 in Hugging Face's layout. */
    private static float[] inHalves(float[] values, int heads, int headSize) {
        int width = values.length / (heads * headSize);
        float[] halves = new float[values.length];
        for (int row = 0; row < heads * headSize; row++) {
            int within = row % headSize;
            int target = row - within + within % 2 * (headSize / 2) + within / 2;
            System.arraycopy(values, row * width, halves, target * width, width);
        }
        return halves;
    }

    /**
     * Writes {@code config.json} and {@code model.safetensors} ({@link CheckpointFiles#write}). The caller puts a tokenizer next to them.
     *
     * @param directory created if missing
     * @throws IllegalArgumentException if a {@code config.json} cannot say what it computes
     * @throws IOException if the files cannot be written, or the weights not read
     */
    public void save(Path directory) throws IOException {
        CheckpointFiles.write(directory, config, this);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
