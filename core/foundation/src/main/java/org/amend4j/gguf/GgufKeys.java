/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a file is to say about its model: keys with their values, in the order in which they were put. Not safe for several threads. */
public final class GgufKeys {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Set<String> keys = new HashSet<>();

    /** A text. */
    public GgufKeys text(String key, String value) {
        begin(key, ValueType.STRING);
        put(bytes, value);
        return this;
    }

    /** A whole number, >= 0. */
    public GgufKeys whole(String key, int value) {
        if (value < 0) {
            throw new IllegalArgumentException("the key " + key + " must be >= 0, got " + value);
        }
        begin(key, ValueType.UINT32);
        put(bytes, Integer.BYTES, value);
        return this;
    }

    /** A fraction, rounded to single precision. */
    public GgufKeys fraction(String key, double value) {
        begin(key, ValueType.FLOAT32);
        put(bytes, Float.BYTES, Float.floatToIntBits((float) value));
        return this;
    }

    /** True or false. */
    public GgufKeys truth(String key, boolean value) {
        begin(key, ValueType.BOOL);
        put(bytes, 1, value ? 1 : 0);
        return this;
    }

    /** Texts. */
    public GgufKeys texts(String key, List<String> values) {
        beginArray(key, ValueType.STRING, values.size());
        values.forEach(value -> put(bytes, value));
        return this;
    }

    /** Whole numbers. */
    public GgufKeys wholes(String key, int... values) {
        beginArray(key, ValueType.INT32, values.length);
        for (int value : values) {
            put(bytes, Integer.BYTES, value);
        }
        return this;
    }

    private void beginArray(String key, ValueType type, int count) {
        begin(key, ValueType.ARRAY);
        put(bytes, Integer.BYTES, type.number());
        put(bytes, Long.BYTES, count);
    }

    private void begin(String key, ValueType type) {
        if (!keys.add(key)) {
            throw new IllegalArgumentException("the key " + key + " must be put once");
        }
        put(bytes, key);
        put(bytes, Integer.BYTES, type.number());
    }

    int count() {
        return keys.size();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    static void put(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        put(out, Long.BYTES, utf8.length);
        out.writeBytes(utf8);
    }

    /** The lowest byte first. */
    static void put(ByteArrayOutputStream out, int count, long value) {
        for (int i = 0; i < count; i++) {
            out.write((int) (value >>> (Byte.SIZE * i)));
        }
    }
}
