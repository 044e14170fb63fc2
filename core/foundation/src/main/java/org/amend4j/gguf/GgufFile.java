/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.amend4j.safetensors.Printable;

/**
 * An open GGUF file; its header has passed every rule of the format (versions 2 and 3, little-endian). Values are read on demand, in
 * chunks; the file is not mapped into memory. Opening needs memory in proportion to the header, and reading a tensor needs the tensor's
 * size.
 */
public final class GgufFile implements Closeable {
    private static final int CHUNK = 1 << 16;
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final Path file;
    private final FileChannel channel;
    private final GgufHeader header;

    private GgufFile(Path file, FileChannel channel, GgufHeader header) {
        this.file = file;
        this.channel = channel;
        this.header = header;
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws GgufException if the file breaks a rule of the format, or has tensors of a type that is not read
     * @throws IOException if it cannot be read
     */
    public static GgufFile open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new GgufException(file, "must be an existing regular file");
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new GgufFile(file, channel, new GgufHeader(file, new HeaderBytes(file, channel), channel.size()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The path it was opened with. */
    public Path path() {
        return file;
    }

    /** What the file says about its model. */
    public GgufMetadata metadata() {
        return header.metadata();
    }

    /** All tensors by name, in the order of their bytes. */
    public Map<String, GgufTensor> tensors() {
        return header.tensors();
    }

    /**
     * All values of a tensor in C-order, those of blocks as they stand for them.
     *
     * @throws GgufException if the tensor is missing, too large for one array, or has a value that is not finite
     * @throws IOException if the file cannot be read
     */
    public float[] readFloats(String name) throws IOException {
        GgufTensor tensor = tensors().get(name);
        if (tensor == null) {
            throw new GgufException(file, "tensor " + Printable.quoted(name) + " is missing");
        }
        if (tensor.elements() > LONGEST_ARRAY) {
            throw broken(tensor, "has " + tensor.elements() + " values, more than one array can hold");
        }
        float[] values = new float[(int) tensor.elements()];
        int whole = CHUNK / tensor.type().blockBytes() * tensor.type().blockBytes();
        ByteBuffer chunk =
                ByteBuffer.allocate((int) Math.min(whole, tensor.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        int decoded = 0;
        for (long done = 0; done < tensor.bytes(); done += chunk.limit()) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), tensor.bytes() - done));
            readFully(file, channel, chunk, header.dataStart() + tensor.begin() + done);
            decoded += tensor.type().decode(chunk.flip(), values, decoded);
        }
        requireFinite(tensor, values);
        return values;
    }

    private void requireFinite(GgufTensor tensor, float[] values) throws GgufException {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw broken(tensor, "must have finite values, got " + value);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private GgufException broken(GgufTensor tensor, String rule) {
        return new GgufException(file, "tensor " + Printable.quoted(tensor.name()) + " " + rule);
    }

    /** Fills a buffer from a place of a file. */
    static void readFully(Path file, FileChannel channel, ByteBuffer target, long position) throws IOException {
        int start = target.position();
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position() - start) < 0) {
                throw new GgufException(file, "was truncated while it was read");
            }
        }
    }
}
