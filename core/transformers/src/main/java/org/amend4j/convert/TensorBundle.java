/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.amend4j.safetensors.Printable;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import org.nd4j.shade.protobuf.WireFormat;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.TensorShapeProto;

/** The tensors of a TensorFlow checkpoint, of which the values are in one file, in single precision. */
final class TensorBundle {

    /** The key of what is said about all tensors. */
    private static final String HEADER = "";

    private final Map<String, Entry> entries;
    private final SeekableByteChannel data;

    private TensorBundle(Map<String, Entry> entries, SeekableByteChannel data) {
        this.entries = entries;
        this.data = data;
    }

    /**
     * A BundleEntryProto.
     *
     * @param sum of its bytes
     */
    private record Entry(int type, List<Long> shape, long part, long offset, long size, int sum) {

        static Entry of(byte[] message) throws IOException {
            CodedInputStream in = CodedInputStream.newInstance(message);
            int type = 0;
            List<Long> shape = List.of();
            long[] numbers = new long[3];
            int sum = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 -> type = in.readEnum();
                    case 2 -> shape = shape(TensorShapeProto.parseFrom(in.readByteArray()));
                    case 3, 4, 5 -> numbers[WireFormat.getTagFieldNumber(tag) - 3] = in.readInt64();
                    case 6 -> sum = in.readFixed32();
                    default ->
                        throw new IllegalArgumentException(
                                "is in parts, or says something that is not known: the checkpoint must be saved whole");
                }
            }
            return new Entry(type, shape, numbers[0], numbers[1], numbers[2], sum);
        }

        private static List<Long> shape(TensorShapeProto proto) {
            return proto.getDimList().stream()
                    .map(TensorShapeProto.Dim::getSize)
                    .toList();
        }

        void requireWithin(long length) {
            if (type != DataType.DT_FLOAT.getNumber() || part != 0) {
                throw new IllegalArgumentException("must be in single precision in the first file of values");
            }
            long numbers = 1;
            for (long size : shape) {
                if (size < 1 || size > Integer.MAX_VALUE || numbers > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException("must have a shape of positive sizes, got " + shape);
                }
                numbers *= size;
            }
            if (size != Float.BYTES * numbers || size > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("of the shape " + shape + " has " + size + " bytes");
            }
            if (offset < 0 || offset > length - size) {
                throw new IllegalArgumentException("is outside of the file of values, which has " + length + " bytes");
            }
        }
    }

    /**
     * A checkpoint.
     *
     * @param index {@code variables.index}
     * @param data {@code variables.data-00000-of-00001}
     * @throws IllegalArgumentException if the index is none, or says of a tensor what cannot be
     */
    static TensorBundle of(byte[] index, SeekableByteChannel data) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> stored : LevelTable.entries(index).entrySet()) {
            if (stored.getKey().equals(HEADER)) {
                requireOneFile(stored.getValue());
                continue;
            }
            try {
                Entry entry = Entry.of(stored.getValue());
                entry.requireWithin(data.size());
                entries.put(stored.getKey(), entry);
            } catch (IOException | IllegalArgumentException bad) {
                String reason = bad instanceof IOException ? "has a damaged entry" : String.valueOf(bad.getMessage());
                throw new IllegalArgumentException(
                        "the tensor " + Printable.quoted(stored.getKey()) + " " + reason, bad);
            }
        }
        return new TensorBundle(entries, data);
    }

    /** A BundleHeaderProto: number of files, order of bytes. */
    private static void requireOneFile(byte[] message) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(message);
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int field = WireFormat.getTagFieldNumber(tag);
                long wanted = field == 1 ? 1 : 0;
                if (field > 2) {
                    in.skipField(tag); // versions
                } else if (in.readInt64() != wanted) {
                    throw new IllegalArgumentException(
                            "the model's values must be in one file, numbers from their lowest byte on");
                }
            }
        } catch (InvalidProtocolBufferException bad) {
            throw new IllegalArgumentException("the index says nothing that is known about its values", bad);
        }
    }

    /** Shapes of the tensors. */
    Map<String, List<Long>> shapes() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        entries.forEach((name, entry) -> shapes.put(name, entry.shape()));
        return Collections.unmodifiableMap(shapes);
    }

    /**
     * Reads a tensor.
     *
     * @throws IllegalArgumentException if there is none of this name, or its checksum is another
     */
    float[] values(String name) throws IOException {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("the model has no tensor " + Printable.quoted(name));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) entry.size()).order(ByteOrder.LITTLE_ENDIAN);
        data.position(entry.offset());
        while (bytes.hasRemaining()) {
            if (data.read(bytes) < 0) {
                throw new IOException("the file of values became shorter while it was read");
            }
        }
        CRC32C sum = new CRC32C();
        sum.update(bytes.flip());
        if (LevelTable.masked(sum) != entry.sum()) {
            throw new IllegalArgumentException("the tensor " + Printable.quoted(name) + " is damaged");
        }
        float[] values = new float[bytes.flip().remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
