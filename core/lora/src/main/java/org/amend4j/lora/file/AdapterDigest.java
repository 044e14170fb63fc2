/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;

/**
 * SHA-256 over the facts recorded in a file and over its tensors, whatever their order in the file: per entry of the
 * metadata that begins with {@code amend4j.} (but the digest itself), sorted, key and value; per tensor, sorted, name,
 * type, shape and bytes. A text counts with its length before it; numbers are 64-bit little-endian.
 */
final class AdapterDigest {
    static final String KEY = "amend4j.digest";

    private final MessageDigest sha256 = Sha256.start();

    static String of(Map<String, String> metadata, List<TensorData> tensors) throws IOException {
        AdapterDigest digest = begin(metadata);
        List<TensorData> sorted =
                tensors.stream().sorted(Comparator.comparing(TensorData::name)).toList();
        try (DigestOutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest.sha256)) {
            for (TensorData tensor : sorted) {
                digest.tensor(tensor.name(), tensor.dtype(), tensor.shape());
                tensor.content().writeTo(out);
            }
        }
        return digest.hex();
    }

    /** The digest of a file that is being read: it has the metadata, and is to be given the tensors in order of their names. */
    static AdapterDigest begin(Map<String, String> metadata) {
        AdapterDigest digest = new AdapterDigest();
        digest.metadata(metadata);
        return digest;
    }

    /** The head of the next tensor, whose {@linkplain #bytes bytes} follow. */
    void head(TensorInfo tensor) {
        tensor(tensor.name(), tensor.dtype(), tensor.shape());
    }

    void bytes(ByteBuffer bytes) {
        sha256.update(bytes);
    }

    private void metadata(Map<String, String> metadata) {
        new TreeMap<>(metadata).forEach((key, value) -> {
            if (key.startsWith("amend4j.") && !key.equals(KEY)) {
                text(key);
                text(value);
            }
        });
    }

    private void tensor(String name, DType dtype, List<Long> shape) {
        text(name);
        text(dtype.name());
        number(shape.size());
        shape.forEach(this::number);
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        sha256.update(bytes);
    }

    private void number(long number) {
        sha256.update(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array());
    }

    /** To be asked for once, at the end. */
    String hex() {
        return Sha256.hex(sha256);
    }
}
