/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;
import org.amend4j.training.TrainingSnapshot;

/**
 * A training of an adapter between two steps, as a file: safetensors with the settings as metadata, and the SHA-256 of what the file
 * would be without it.
 *
 * @param settings all that the training's numbers depend on, in words by name
 * @param snapshot after the last step
 * @param firstLoss of the first step
 * @param lossSum of the steps in the last one's epoch, added in their order
 */
public record AdapterCheckpoint(
        Map<String, String> settings, TrainingSnapshot snapshot, double firstLoss, double lossSum) {

    private static final String FORMAT = "amend4j adapter training";
    private static final String VERSION = "1";

    private static final String STEPS = "steps";
    private static final String DIGEST = "digest";
    private static final String SETTING = "setting ";
    private static final String PARAMETERS = "parameters";
    private static final String MEMORY = "memory.";
    private static final String FIRST_LOSS = "firstLoss";
    private static final String LOSS_SUM = "lossSum";

    public AdapterCheckpoint {
        settings = Map.copyOf(settings);
    }

    /**
     * Writes it.
     *
     * @throws IOException if that is not possible; an older file is then as it was
     */
    void write(Path file) throws IOException {
        Map<String, String> metadata = metadata();
        metadata.put(DIGEST, digest());
        SafetensorsWriter.write(file, metadata, tensors());
    }

    private Map<String, String> metadata() {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("format", FORMAT);
        metadata.put("version", VERSION);
        metadata.put(STEPS, Integer.toString(snapshot.steps()));
        settings.forEach((name, value) -> metadata.put(SETTING + name, value));
        return metadata;
    }

    private List<TensorData> tensors() {
        List<TensorData> tensors = new ArrayList<>();
        tensors.add(TensorData.ofDoubles(FIRST_LOSS, List.of(1L), new double[] {firstLoss}));
        tensors.add(TensorData.ofDoubles(LOSS_SUM, List.of(1L), new double[] {lossSum}));
        tensors.add(tensor(PARAMETERS, snapshot.parameters()));
        for (int k = 0; k < snapshot.memory().size(); k++) {
            tensors.add(tensor(MEMORY + k, snapshot.memory().get(k)));
        }
        return tensors;
    }

    private TensorData tensor(String name, double[] values) {
        List<Long> shape = List.of((long) values.length);
        if (snapshot.type() == ElementType.DOUBLE) {
            return TensorData.ofDoubles(name, shape, values);
        }
        float[] floats = new float[values.length];
        for (int k = 0; k < floats.length; k++) {
            floats[k] = (float) values[k]; // they were floats
        }
        return TensorData.ofFloats(name, shape, floats);
    }

    private String digest() throws IOException {
        MessageDigest digest = Sha256.start();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            SafetensorsWriter.write(out, metadata(), tensors());
        }
        return Sha256.hex(digest);
    }

    /**
     * Reads one.
     *
     * @throws IOException if it cannot be read, is damaged or something else
     */
    static AdapterCheckpoint read(Path file) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            Map<String, String> metadata = tensors.metadata();
            require(metadata, "format", FORMAT);
            require(metadata, "version", VERSION);
            AdapterCheckpoint checkpoint = new AdapterCheckpoint(
                    settings(metadata),
                    snapshot(tensors),
                    tensors.readDoubles(FIRST_LOSS)[0],
                    tensors.readDoubles(LOSS_SUM)[0]);
            require(metadata, DIGEST, checkpoint.digest());
            return checkpoint;
        } catch (IllegalArgumentException odd) {
            throw new IOException(odd.getMessage(), odd);
        }
    }

    private static void require(Map<String, String> metadata, String key, String value) throws IOException {
        String given = metadata.getOrDefault(key, "");
        if (!given.equals(value)) {
            throw new IOException("its " + key + " must be '" + value + "', got '" + given + "'");
        }
    }

    private static Map<String, String> settings(Map<String, String> metadata) {
        Map<String, String> settings = new TreeMap<>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(SETTING)) {
                settings.put(key.substring(SETTING.length()), value);
            }
        });
        return settings;
    }

    private static TrainingSnapshot snapshot(SafetensorsFile tensors) throws IOException {
        TensorInfo parameters = tensors.tensors().get(PARAMETERS);
        boolean doubles = parameters != null && parameters.dtype() == DType.F64;
        List<double[]> memory = new ArrayList<>();
        while (tensors.tensors().containsKey(MEMORY + memory.size())) {
            memory.add(tensors.readDoubles(MEMORY + memory.size()));
        }
        return new TrainingSnapshot(
                doubles ? ElementType.DOUBLE : ElementType.FLOAT,
                Integer.parseInt(tensors.metadata().getOrDefault(STEPS, "")),
                tensors.readDoubles(PARAMETERS),
                memory);
    }
}
