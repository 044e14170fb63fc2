/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The float tensors of a safetensors file, read in a few lines that share nothing with the library's reader. */
record RawSafetensors(Map<String, Tensor> tensors) {

    /** Values in C order. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Tensor(int[] shape, float[] values) {
        double at(int row, int column) {
            return values[row * shape[1] + column];
        }
    }

    static RawSafetensors read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong();
        JsonNode header = new ObjectMapper().readTree(new String(bytes.array(), 8, length, StandardCharsets.UTF_8));
        Map<String, Tensor> tensors = new TreeMap<>();
        header.properties().forEach(entry -> {
            if (entry.getKey().equals("__metadata__")) {
                return;
            }
            JsonNode info = entry.getValue();
            if (!info.path("dtype").asText().equals("F32")) {
                throw new IllegalArgumentException(entry.getKey() + " must be F32");
            }
            JsonNode sizes = info.path("shape");
            int[] shape = new int[sizes.size()];
            int count = 1;
            for (int i = 0; i < shape.length; i++) {
                shape[i] = sizes.get(i).asInt();
                count *= shape[i];
            }
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = bytes.getFloat(
                        8 + length + info.path("data_offsets").get(0).asInt() + 4 * i);
            }
            tensors.put(entry.getKey(), new Tensor(shape, values));
        });
        return new RawSafetensors(tensors);
    }

    Tensor get(String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }
}
