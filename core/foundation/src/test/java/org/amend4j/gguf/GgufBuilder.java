/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files of the version 3 put together value by value, right or wrong. */
final class GgufBuilder {
    private static final List<ValueType> NUMBERS = List.of(ValueType.values());

    private final ByteArrayOutputStream pairs = new ByteArrayOutputStream();
    private final ByteArrayOutputStream tensors = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private int pairCount;
    private int tensorCount;

    GgufBuilder() {
        text("general.architecture", "toy");
    }

    /** A key with the bytes of its value. */
    GgufBuilder pair(String key, ValueType type, byte[] value) {
        text(pairs, key);
        number(pairs, 4, NUMBERS.indexOf(type));
        pairs.writeBytes(value);
        pairCount++;
        return this;
    }

    GgufBuilder text(String key, String value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        text(bytes, value);
        return pair(key, ValueType.STRING, bytes.toByteArray());
    }

    GgufBuilder array(String key, ValueType type, int count, byte[] elements) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        number(bytes, 4, NUMBERS.indexOf(type));
        number(bytes, 8, count);
        bytes.writeBytes(elements);
        return pair(key, ValueType.ARRAY, bytes.toByteArray());
    }

    /** A tensor with its dimensions as the file has them, the row first. */
    GgufBuilder tensor(String name, int type, byte[] bytes, long... dimensions) {
        text(tensors, name);
        number(tensors, 4, dimensions.length);
        for (long dimension : dimensions) {
            number(tensors, 8, dimension);
        }
        number(tensors, 4, type);
        number(tensors, 8, data.size());
        data.writeBytes(bytes);
        pad(data);
        tensorCount++;
        return this;
    }

    Path write(Path file) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(new byte[] {'G', 'G', 'U', 'F'});
        number(all, 4, 3);
        number(all, 8, tensorCount);
        number(all, 8, pairCount);
        all.writeBytes(pairs.toByteArray());
        all.writeBytes(tensors.toByteArray());
        pad(all);
        all.writeBytes(data.toByteArray());
        return Files.write(file, all.toByteArray());
    }

    /** The lowest bytes of a number. */
    static byte[] bytes(int width, long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, width, value);
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(out, 8, bytes.length);
        out.writeBytes(bytes);
    }

    private static void number(ByteArrayOutputStream out, int width, long value) {
        byte[] bytes = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        out.write(bytes, 0, width);
    }

    private static void pad(ByteArrayOutputStream out) {
        while (out.size() % 32 != 0) {
            out.write(0);
        }
    }
}
