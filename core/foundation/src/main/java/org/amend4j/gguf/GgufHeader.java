/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.safetensors.Printable;

/** Turns a header's bytes into metadata and tensors, refusing everything that the format does not allow. One use per file. */
final class GgufHeader {
    private static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    private static final String ALIGNMENT = "general.alignment";
    private static final int USUAL_ALIGNMENT = 32;

    /** A key of one byte, its length, its type and a value of one byte. */
    private static final int LEAST_PAIR = 14;

    /** A name of one byte, its length, one dimension, their number, the type and the offset. */
    private static final int LEAST_TENSOR = 33;

    private static final int LONGEST_NAME = 63;
    private static final int MOST_DIMENSIONS = 4;

    private final Path file;
    private final HeaderBytes in;
    private final GgufMetadata metadata;
    private final int alignment;
    private final Map<String, GgufTensor> tensors = new LinkedHashMap<>();
    private final long dataStart;

    /** The first byte behind the tensors that were read, counted as their offsets are, and that byte's next multiple of the alignment. */
    private long end;

    private long next;

    GgufHeader(Path file, HeaderBytes in, long length) throws IOException {
        this.file = file;
        this.in = in;
        if (in.word("the word GGUF") != MAGIC) {
            throw broken("must begin with GGUF, and is no model in that format");
        }
        int version = in.word("the version");
        if (version != 2 && version != 3) {
            throw broken("must have the version 2 or 3, little-endian, got " + Integer.toUnsignedString(version));
        }
        int tensorCount = in.count("the number of tensors", LEAST_TENSOR);
        this.metadata = metadata(in.count("the number of keys", LEAST_PAIR));
        metadata.architecture();
        this.alignment = alignment();
        for (int i = 0; i < tensorCount; i++) {
            GgufTensor tensor = tensor(length);
            if (tensors.put(tensor.name(), tensor) != null) {
                throw broken(tensor.name(), "stands twice");
            }
        }
        this.dataStart = tensorCount == 0 ? in.position() : aligned(in.position());
        requireLength(length);
    }

    GgufMetadata metadata() {
        return metadata;
    }

    /** In the order of their bytes. */
    Map<String, GgufTensor> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** From where on offsets are counted. */
    long dataStart() {
        return dataStart;
    }

    private GgufMetadata metadata(int count) throws IOException {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = in.text("a key");
            if (key.isEmpty()) {
                throw broken("a key must have characters, the one before byte " + in.position() + " has none");
            }
            String named = "the key " + Printable.quoted(key);
            if (values.put(key, value(named, type(named))) != null) {
                throw broken(named + " stands twice");
            }
        }
        return new GgufMetadata(file, values);
    }

    private ValueType type(String named) throws IOException {
        int number = in.word("the type of " + named);
        return ValueType.ofNumber(number)
                .orElseThrow(() -> broken(named + " has the unknown type " + Integer.toUnsignedString(number)));
    }

    private MetadataValue value(String named, ValueType type) throws IOException {
        return switch (type) {
            case STRING -> new MetadataValue.Text(in.text(named));
            case ARRAY -> array(named);
            case BOOL -> new MetadataValue.Truth(truth(named));
            case FLOAT32 ->
                new MetadataValue.Fraction(Double.parseDouble(Float.toString(Float.intBitsToFloat(in.word(named)))));
            case FLOAT64 -> new MetadataValue.Fraction(Double.longBitsToDouble(in.longWord(named)));
            default -> whole(named, type);
        };
    }

    private MetadataValue whole(String named, ValueType type) throws IOException {
        long value = type.whole(littleEndian(in.bytes(type.least(), named)), 0);
        if (type == ValueType.UINT64 && value < 0) {
            throw broken(named + " must be below 2^63, got " + Long.toUnsignedString(value));
        }
        return new MetadataValue.Whole(type, value);
    }

    private MetadataValue array(String named) throws IOException {
        ValueType type = type("the elements of " + named);
        if (type == ValueType.ARRAY) {
            throw broken(named + " must be no array of arrays");
        }
        int count = in.count("the number of elements of " + named, type.least());
        if (type == ValueType.STRING) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                texts.add(in.text(named));
            }
            return new MetadataValue.Texts(Collections.unmodifiableList(texts));
        }
        byte[] bytes = in.bytes(count * type.least(), named);
        if (type == ValueType.BOOL) {
            for (byte value : bytes) {
                requireTruth(named, value);
            }
        }
        return new MetadataValue.Numbers(type, littleEndian(bytes));
    }

    private boolean truth(String named) throws IOException {
        int value = in.unsignedByte(named);
        requireTruth(named, value);
        return value == 1;
    }

    private void requireTruth(String named, int value) throws GgufException {
        if (value != 0 && value != 1) {
            throw broken(named + " must be 0 or 1, for false or true, got " + (value & 0xff));
        }
    }

    private int alignment() throws GgufException {
        MetadataValue found =
                metadata.value(ALIGNMENT).orElse(new MetadataValue.Whole(ValueType.UINT32, USUAL_ALIGNMENT));
        if (found instanceof MetadataValue.Whole whole
                && whole.type() == ValueType.UINT32
                && Long.bitCount(whole.value()) == 1
                && whole.value() <= Integer.MAX_VALUE) {
            return (int) whole.value();
        }
        throw broken("the key '" + ALIGNMENT + "' must be a power of two below 2^31 of the type UINT32, got "
                + (found instanceof MetadataValue.Whole whole ? whole.value() + " of " + whole.type() : found.kind()));
    }

    private GgufTensor tensor(long length) throws IOException {
        String name = in.text("a tensor's name");
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            throw broken(name, "must have a name of 1 to " + LONGEST_NAME + " bytes");
        }
        List<Long> shape = shape(name);
        int number = in.word("the type of a tensor");
        GgufType type = GgufType.ofNumber(number)
                .orElseThrow(() -> broken(
                        name,
                        "has the type " + Integer.toUnsignedString(number) + ", which is not read, only "
                                + GgufType.all()));
        long row = shape.get(shape.size() - 1);
        if (row % type.blockValues() != 0) {
            throw broken(
                    name,
                    "must have rows of a multiple of " + type.blockValues() + " values for " + type + ", got " + row);
        }
        long elements = elements(name, shape);
        if (elements / type.blockValues() > length / type.blockBytes()) {
            throw broken(name, "has " + elements + " values of " + type + ", more than the file has bytes for");
        }
        long offset = in.longWord("the offset of a tensor");
        if (offset != next) {
            throw broken(
                    name,
                    "must begin behind the tensor before it, at " + next + ", got " + Long.toUnsignedString(offset));
        }
        GgufTensor tensor = new GgufTensor(name, type, shape, elements, offset);
        end = offset + tensor.bytes();
        if (end > length) {
            throw broken(name, "ends at byte " + end + ", behind the file's end");
        }
        next = aligned(end);
        return tensor;
    }

    /** In C-order: the file's first dimension is the last. */
    private List<Long> shape(String name) throws IOException {
        int dimensions = in.word("the number of dimensions");
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
            throw broken(
                    name,
                    "must have 1 to " + MOST_DIMENSIONS + " dimensions, got " + Integer.toUnsignedString(dimensions));
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            long size = in.longWord("a dimension");
            if (size < 1) {
                throw broken(name, "must have dimensions from 1 to 2^63 - 1, got " + Long.toUnsignedString(size));
            }
            shape.add(0, size);
        }
        return shape;
    }

    private long elements(String name, List<Long> shape) throws GgufException {
        try {
            return shape.stream().reduce(1L, Math::multiplyExact);
        } catch (ArithmeticException tooMany) {
            throw broken(name, "must have fewer than 2^63 values, got the shape " + shape);
        }
    }

    /** The file ends with the last tensor, or with the bytes that pad it. */
    private void requireLength(long length) throws GgufException {
        long found = length - dataStart;
        long padded = tensors.isEmpty() ? aligned(dataStart) - dataStart : next;
        if (found != end && found != padded) {
            throw broken("the tensors must have " + padded + " bytes from byte " + dataStart
                    + " to the file's end, got " + Math.max(0, found));
        }
    }

    private long aligned(long position) {
        return (position + alignment - 1) / alignment * alignment;
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private GgufException broken(String rule) {
        return new GgufException(file, rule);
    }

    private GgufException broken(String tensor, String rule) {
        return new GgufException(file, "tensor " + Printable.quoted(tensor) + " " + rule);
    }
}
