/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;

/** A saved adapter taken apart, to be put together wrongly but with the right digest, as a careful forger would. */
final class EditedAdapter {
    final Map<String, String> metadata;
    final Map<String, TensorData> tensors = new TreeMap<>();

    private EditedAdapter(Map<String, String> metadata) {
        this.metadata = new TreeMap<>(metadata);
    }

    static EditedAdapter of(Path directory) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve(AdapterFile.TENSORS))) {
            EditedAdapter edited = new EditedAdapter(file.metadata());
            for (TensorInfo info : file.tensors().values()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                file.forEachChunk(info.name(), chunk -> {
                    while (chunk.hasRemaining()) {
                        bytes.write(chunk.get());
                    }
                });
                edited.put(
                        new TensorData(info.name(), info.dtype(), info.shape(), out -> out.write(bytes.toByteArray())));
            }
            return edited;
        }
    }

    EditedAdapter put(TensorData tensor) {
        tensors.put(tensor.name(), tensor);
        return this;
    }

    EditedAdapter remove(String tensor) {
        tensors.remove(tensor);
        return this;
    }

    EditedAdapter replace(String key, String from, String to) {
        String old = metadata.getOrDefault(key, "");
        if (!old.contains(from)) {
            throw new IllegalArgumentException(old + " has no " + from);
        }
        metadata.put(key, old.replace(from, to));
        return this;
    }

    void save(Path directory) throws IOException {
        metadata.put(AdapterDigest.KEY, AdapterDigest.of(metadata, List.copyOf(tensors.values())));
        saveAsItIs(directory);
    }

    void saveAsItIs(Path directory) throws IOException {
        Path file = directory.resolve(AdapterFile.TENSORS);
        Files.delete(file);
        try (OutputStream out = Files.newOutputStream(file)) {
            SafetensorsWriter.write(out, metadata, tensors.values());
        }
    }
}
