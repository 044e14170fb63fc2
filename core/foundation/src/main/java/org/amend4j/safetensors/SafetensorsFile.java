/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An open safetensors file; its header has passed every rule of the format. Values are read on demand, in chunks, with long offsets. The
 * file is not mapped into memory, so truncating it causes an exception and nothing else. Opening needs memory proportional to the header;
 * reading a tensor needs the tensor's size.
 */
public final class SafetensorsFile implements Closeable {
    static final long LARGEST_HEADER = 100_000_000;
    static final int LENGTH_BYTES = 8;
    private static final int CHUNK = 1 << 16;

    private final Path file;
    private final FileChannel channel;
    private final long bufferStart;
    private final Map<String, String> metadata;
    private final Map<String, TensorInfo> tensors;

    private SafetensorsFile(Path file, FileChannel channel, long bufferStart, HeaderParser header) {
        this.file = file;
        this.channel = channel;
        this.bufferStart = bufferStart;
        this.metadata = Collections.unmodifiableMap(header.metadata());
        Map<String, TensorInfo> byName = new LinkedHashMap<>();
        header.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
        this.tensors = Collections.unmodifiableMap(byName);
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws SafetensorsException if the file breaks a rule of the format
     * @throws IOException if it cannot be read
     */
    public static SafetensorsFile open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new SafetensorsException(file, "must be an existing regular file");
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return open(file, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static SafetensorsFile open(Path file, FileChannel channel) throws IOException {
        long length = channel.size();
        if (length < LENGTH_BYTES) {
            throw new SafetensorsException(file, "must have at least 8 bytes, got " + length);
        }
        ByteBuffer size = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(file, channel, size, 0);
        long headerLength = size.getLong(0);
        long most = Math.min(LARGEST_HEADER, length - LENGTH_BYTES);
        if (Long.compareUnsigned(headerLength, most) > 0) {
            throw new SafetensorsException(
                    file,
                    "must have a header of at most " + most + " bytes, got " + Long.toUnsignedString(headerLength));
        }
        ByteBuffer header = ByteBuffer.allocate((int) headerLength);
        readFully(file, channel, header, LENGTH_BYTES);
        HeaderParser parser = new HeaderParser(file, length - LENGTH_BYTES - headerLength);
        parser.parse(header.array());
        return new SafetensorsFile(file, channel, LENGTH_BYTES + headerLength, parser);
    }

    /** The path it was opened with. */
    public Path path() {
        return file;
    }

    /** The text entries of {@code __metadata__}; empty if the file has none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** All tensors by name, in the order of their bytes. */
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    /**
     * All values of an F32, F16 or BF16 tensor in C-order; the conversion is exact.
     *
     * @throws SafetensorsException if the tensor is missing, of another type or too large for one array
     */
    public float[] readFloats(String name) throws IOException {
        return readFloats(name, chunk -> {});
    }

    /**
     * As {@link #readFloats(String)}.
     *
     * @param observer gets the raw bytes, as from {@link #forEachChunk}
     * @throws IOException as there
     */
    public float[] readFloats(String name, Consumer<ByteBuffer> observer) throws IOException {
        TensorInfo tensor = require(name);
        if (!tensor.dtype().fitsFloat()) {
            throw unsupported(tensor, "F32, F16 and BF16 can be read as float");
        }
        float[] values = new float[arrayLength(tensor)];
        switch (tensor.dtype()) {
            case F32 -> forEachElement(tensor, observer, (chunk, i) -> values[i] = chunk.getFloat());
            case F16 ->
                forEachElement(tensor, observer, (chunk, i) -> values[i] = HalfFloats.fromF16(chunk.getShort()));
            default ->
                forEachElement(tensor, observer, (chunk, i) -> values[i] = HalfFloats.fromBf16(chunk.getShort()));
        }
        return values;
    }

    /**
     * All values of an F64, F32, F16 or BF16 tensor in C-order; the conversion is exact.
     *
     * @throws SafetensorsException if the tensor is missing, of another type or too large for one array
     */
    public double[] readDoubles(String name) throws IOException {
        return readDoubles(name, chunk -> {});
    }

    /**
     * As {@link #readDoubles(String)}.
     *
     * @param observer gets the raw bytes, as from {@link #forEachChunk}
     * @throws IOException as there
     */
    public double[] readDoubles(String name, Consumer<ByteBuffer> observer) throws IOException {
        TensorInfo tensor = require(name);
        if (!tensor.dtype().fitsDouble()) {
            throw unsupported(tensor, "F64, F32, F16 and BF16 can be read as double");
        }
        double[] values = new double[arrayLength(tensor)];
        switch (tensor.dtype()) {
            case F64 -> forEachElement(tensor, observer, (chunk, i) -> values[i] = chunk.getDouble());
            case F32 -> forEachElement(tensor, observer, (chunk, i) -> values[i] = chunk.getFloat());
            case F16 ->
                forEachElement(tensor, observer, (chunk, i) -> values[i] = HalfFloats.fromF16(chunk.getShort()));
            default ->
                forEachElement(tensor, observer, (chunk, i) -> values[i] = HalfFloats.fromBf16(chunk.getShort()));
        }
        return values;
    }

    /**
     * Hands a tensor's raw little-endian bytes over in chunks that hold whole 64-bit words except perhaps the last one.
     * A chunk is only valid during the call.
     *
     * @throws SafetensorsException if the tensor is missing
     */
    public void forEachChunk(String name, Consumer<ByteBuffer> consumer) throws IOException {
        TensorInfo tensor = require(name);
        ByteBuffer chunk =
                ByteBuffer.allocate((int) Math.min(CHUNK, tensor.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        for (long done = 0; done < tensor.bytes(); ) {
            int size = (int) Math.min(chunk.capacity(), tensor.bytes() - done);
            readFully(file, channel, chunk.clear().limit(size), bufferStart + tensor.begin() + done);
            consumer.accept(chunk.flip());
            done += size;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private TensorInfo require(String name) throws SafetensorsException {
        TensorInfo tensor = tensors.get(name);
        if (tensor == null) {
            throw new SafetensorsException(file, "tensor " + Printable.quoted(name) + " is missing");
        }
        return tensor;
    }

    private int arrayLength(TensorInfo tensor) throws SafetensorsException {
        if (tensor.elements() > Integer.MAX_VALUE - LENGTH_BYTES) {
            throw new SafetensorsException(
                    file,
                    "tensor " + Printable.quoted(tensor.name()) + " has " + tensor.elements()
                            + " values, more than one array can hold");
        }
        return (int) tensor.elements();
    }

    private SafetensorsException unsupported(TensorInfo tensor, String supported) {
        return new SafetensorsException(
                file,
                "tensor " + Printable.quoted(tensor.name()) + " has the dtype " + tensor.dtype() + ", only "
                        + supported);
    }

    private interface ElementReader {
        void read(ByteBuffer chunk, int index);
    }

    private void forEachElement(TensorInfo tensor, Consumer<ByteBuffer> observer, ElementReader reader)
            throws IOException {
        int width = tensor.dtype().bits() / 8;
        Counter index = new Counter();
        forEachChunk(tensor.name(), chunk -> {
            observer.accept(chunk.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
            int count = chunk.remaining() / width;
            for (int i = 0; i < count; i++) {
                reader.read(chunk, index.next + i);
            }
            index.next += count;
        });
    }

    private static final class Counter {
        private int next;
    }

    private static void readFully(Path file, FileChannel channel, ByteBuffer target, long position) throws IOException {
        int start = target.position();
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position() - start) < 0) {
                throw new SafetensorsException(file, "was truncated while it was read");
            }
        }
    }
}
