/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.text.Shown;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;

/**
 * One safetensors file with everything that a {@link PolicyTraining} needs to resume: parameters, the optimiser's memory,
 * counters, running episodes and normalisers, the best so far. It appears whole or not at all, and carries a SHA-256 digest
 * of its contents.
 */
public final class TrainingCheckpoint {

    private static final String FORMAT = "amend4j policy training";
    private static final String VERSION = "1";

    private TrainingCheckpoint() {}

    /**
     * Writes a training's state.
     *
     * @throws IOException if the file cannot be written; an older one is then as it was
     */
    public static void write(Path file, PolicyTraining training) throws IOException {
        TrainingState state = training.state();
        Map<String, String> metadata = metadata(training.algorithm().identity());
        metadata.put("digest", digest(metadata, state));
        List<TensorData> tensors = new ArrayList<>();
        state.numbers()
                .forEach((name, values) ->
                        tensors.add(TensorData.ofDoubles(name, List.of((long) values.length), values)));
        state.integers()
                .forEach(
                        (name, values) -> tensors.add(TensorData.ofLongs(name, List.of((long) values.length), values)));
        SafetensorsWriter.write(file, metadata, tensors);
    }

    private static Map<String, String> metadata(Identity identity) {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("format", FORMAT);
        metadata.put("version", VERSION);
        metadata.put("algorithm", identity.algorithm());
        metadata.put("environment", identity.environment());
        metadata.put("policy", identity.policy());
        metadata.put("seed", Long.toString(identity.seed()));
        return metadata;
    }

    /**
     * Resumes a training from a file.
     *
     * @throws IllegalArgumentException if the file is another run's, naming the difference; nothing has changed then
     * @throws IOException if it cannot be read or is damaged; nothing has changed then
     */
    public static void resume(Path file, PolicyTraining training) throws IOException {
        resume(file, training, List.of());
    }

    /**
     * Resumes a run with other settings than it has had so far, such as more steps and schedules that end with these.
     *
     * @param before settings that the file's run may have, in addition to the training's own
     * @throws IllegalArgumentException if the file is another run's, naming the difference; nothing has changed then
     * @throws IOException if it cannot be read or is damaged; nothing has changed then
     */
    public static void resume(Path file, PolicyTraining training, List<? extends AlgorithmConfig> before)
            throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            Map<String, String> metadata = new TreeMap<>(tensors.metadata());
            require(file, metadata, "format", FORMAT);
            require(file, metadata, "version", VERSION);
            TrainingState state = read(tensors);
            String digest = String.valueOf(metadata.remove("digest"));
            if (!digest.equals(digest(metadata, state))) {
                throw new IOException("file '" + file + "': its contents must have the digest " + Shown.of(digest)
                        + ", got others: it is damaged");
            }
            training.algorithm().requireRunOf(identity(file, metadata), before);
            training.restore(state);
        }
    }

    private static Identity identity(Path file, Map<String, String> metadata) throws IOException {
        try {
            return new Identity(
                    metadata.getOrDefault("algorithm", ""),
                    metadata.getOrDefault("environment", ""),
                    metadata.getOrDefault("policy", ""),
                    Long.parseLong(metadata.getOrDefault("seed", "")));
        } catch (NumberFormatException e) {
            throw new IOException("file '" + file + "': its seed must be a number", e);
        }
    }

    private static void require(Path file, Map<String, String> metadata, String key, String value) throws IOException {
        String given = metadata.get(key);
        if (!value.equals(given)) {
            throw new IOException("file '" + file + "': its " + key + " must be '" + value + "', got "
                    + Shown.quoted(String.valueOf(given)));
        }
    }

    private static TrainingState read(SafetensorsFile tensors) throws IOException {
        TrainingState state = new TrainingState();
        for (TensorInfo tensor : tensors.tensors().values()) {
            switch (tensor.dtype()) {
                case F64 -> state.put(tensor.name(), tensors.readDoubles(tensor.name()));
                case I64 -> state.putIntegers(tensor.name(), longs(tensors, tensor));
                default ->
                    throw new IOException("file '" + tensors.path() + "': tensor '" + Shown.of(tensor.name())
                            + "' must be F64 or I64, got " + tensor.dtype());
            }
        }
        return state;
    }

    private static long[] longs(SafetensorsFile tensors, TensorInfo tensor) throws IOException {
        List<Long> values = new ArrayList<>();
        tensors.forEachChunk(tensor.name(), chunk -> {
            while (chunk.remaining() >= Long.BYTES) {
                values.add(chunk.getLong());
            }
        });
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    /** SHA-256 of the metadata without a digest, then of all arrays by name. */
    private static String digest(Map<String, String> metadata, TrainingState state) {
        MessageDigest sha = Sha256.start();
        metadata.forEach((key, value) -> {
            text(sha, key);
            text(sha, value);
        });
        state.numbers().forEach((name, values) -> {
            text(sha, name);
            ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * values.length);
            for (double value : values) {
                bytes.putDouble(value);
            }
            sha.update(bytes.array());
        });
        state.integers().forEach((name, values) -> {
            text(sha, name);
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length);
            for (long value : values) {
                bytes.putLong(value);
            }
            sha.update(bytes.array());
        });
        return Sha256.hex(sha);
    }

    private static void text(MessageDigest sha, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        sha.update(bytes);
    }
}
