/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.internal.file.AtomicFile;

/**
 * Writes safetensors files: tensors sorted by descending type and then by the UTF-8 bytes of their names, metadata sorted
 * by key, the byte buffer aligned to 8. Equal content gives equal bytes.
 */
public final class SafetensorsWriter {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Comparator<TensorData> ORDER =
            Comparator.comparing(TensorData::dtype).thenComparing(SafetensorsWriter::utf8, Arrays::compareUnsigned);

    private SafetensorsWriter() {}

    /**
     * Writes a file, whole or not at all.
     *
     * @throws IllegalArgumentException if two tensors have one name, or a text or the header cannot be written
     * @throws IOException if the file cannot be written; an older file is then as it was
     */
    public static void write(Path file, Map<String, String> metadata, Collection<TensorData> tensors)
            throws IOException {
        byte[] start = start(metadata, sorted(tensors));
        try (AtomicFile target = AtomicFile.create(file)) {
            target.stream().write(start);
            writeBuffer(target.stream(), sorted(tensors));
            target.commit();
        }
    }

    /** Writes a file's content to a stream, under the same rules. */
    public static void write(OutputStream out, Map<String, String> metadata, Collection<TensorData> tensors)
            throws IOException {
        List<TensorData> sorted = sorted(tensors);
        out.write(start(metadata, sorted));
        writeBuffer(out, sorted);
    }

    private static List<TensorData> sorted(Collection<TensorData> tensors) {
        Set<String> names = new HashSet<>();
        for (TensorData tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException("two tensors have the name " + Printable.quoted(tensor.name()));
            }
        }
        if (names.size() > HeaderParser.MOST_TENSORS) {
            throw new IllegalArgumentException(
                    "a file must have at most " + HeaderParser.MOST_TENSORS + " tensors, got " + names.size());
        }
        return tensors.stream().sorted(ORDER).toList();
    }

    /** The length, the header and its padding. */
    private static byte[] start(Map<String, String> metadata, List<TensorData> tensors) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.write(new byte[SafetensorsFile.LENGTH_BYTES], 0, SafetensorsFile.LENGTH_BYTES);
        try (JsonGenerator json = JSON.createGenerator(header)) {
            json.writeStartObject();
            writeMetadata(json, metadata);
            long begin = 0;
            for (TensorData tensor : tensors) {
                writeEntry(json, tensor, begin);
                begin = Math.addExact(begin, tensor.bytes());
            }
            json.writeEndObject();
        }
        while (header.size() % 8 != 0) {
            header.write(' ');
        }
        byte[] bytes = header.toByteArray();
        long length = bytes.length - (long) SafetensorsFile.LENGTH_BYTES;
        if (length > SafetensorsFile.LARGEST_HEADER) {
            throw new IllegalArgumentException(
                    "a header must have at most " + SafetensorsFile.LARGEST_HEADER + " bytes, got " + length);
        }
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        return bytes;
    }

    private static void writeMetadata(JsonGenerator json, Map<String, String> metadata) throws IOException {
        if (metadata.isEmpty()) {
            return;
        }
        json.writeObjectFieldStart(HeaderParser.METADATA);
        for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
            json.writeStringField(unicode(entry.getKey()), unicode(entry.getValue()));
        }
        json.writeEndObject();
    }

    private static void writeEntry(JsonGenerator json, TensorData tensor, long begin) throws IOException {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.dtype().name());
        json.writeArrayFieldStart("shape");
        for (long size : tensor.shape()) {
            json.writeNumber(size);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(begin);
        json.writeNumber(begin + tensor.bytes());
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeBuffer(OutputStream out, List<TensorData> tensors) throws IOException {
        for (TensorData tensor : tensors) {
            CountingStream counting = new CountingStream(out);
            tensor.content().writeTo(counting);
            if (counting.count != tensor.bytes()) {
                throw new IllegalArgumentException("tensor " + Printable.quoted(tensor.name()) + " must write "
                        + tensor.bytes() + " bytes, got " + counting.count);
            }
        }
    }

    private static String unicode(String text) {
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new IllegalArgumentException("the metadata text " + Printable.quoted(text) + " is not valid Unicode");
        }
        return text;
    }

    private static byte[] utf8(TensorData tensor) {
        return tensor.name().getBytes(StandardCharsets.UTF_8);
    }

    private static final class CountingStream extends FilterOutputStream {
        private long count;

        CountingStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
        }
    }
}
