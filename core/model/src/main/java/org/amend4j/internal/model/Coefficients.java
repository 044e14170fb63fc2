/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A network's parameters as {@code Nd4j.write} puts them: two buffers, each with a kind, a length and a type before its
 * numbers, the first with the shape. {@code Nd4j.read} trusts all of them and crashes the process on a wrong one, so the
 * numbers are read here, after everything else has been checked.
 */
public final class Coefficients {

    private static final Set<String> KINDS = Set.of("MIXED_DATA_TYPES", "LONG_SHAPE");

    /** Until 1.0.0-beta3; the length has four bytes then. */
    private static final Set<String> OLD_KINDS = Set.of("DIRECT", "HEAP", "JAVACPP");

    /** What Deeplearning4j's networks may have. */
    private static final Set<DataType> FLOATING = Set.of(DataType.DOUBLE, DataType.FLOAT, DataType.FLOAT16);

    /** Around the shape and the strides of a shape's buffer: rank, options, element stride, order. */
    private static final int SHAPE_EXTRAS = 4;

    private static final int MOST_DIMENSIONS = 32;
    private static final int CHUNK = 1 << 16;

    private final DataInputStream in;
    private final String name;
    private final Memory memory;

    private Coefficients(DataInputStream in, String name, Memory memory) {
        this.in = in;
        this.name = name;
        this.memory = memory;
    }

    /** Where numbers go. */
    @FunctionalInterface
    public interface Memory {

        /** As much as there is room for, as any array. */
        Memory ANY = Nd4j::createUninitialized;

        /**
         * Fresh memory.
         *
         * @param shape with one dimension that is not 1
         */
        INDArray row(DataType type, long[] shape, char order) throws IOException;
    }

    /**
     * Reads a vector.
     *
     * @param size bytes there are
     * @param count how many parameters the network has
     * @param stated their type if the configuration says it
     */
    static INDArray read(DataInputStream in, long size, long count, Optional<DataType> stated, Memory memory)
            throws IOException {
        Coefficients file = new Coefficients(in, ModelSerializer.COEFFICIENTS_BIN, memory);
        return file.read(file.shapeInfo(), size, count, stated);
    }

    /**
     * Reads a vector that is as long as its file says.
     *
     * @param name of the file, for messages
     * @param size bytes there are at most
     * @return [1, length]
     */
    static INDArray row(DataInputStream in, String name, long size) throws IOException {
        Coefficients file = new Coefficients(in, name, Memory.ANY);
        long[] info = file.shapeInfo();
        long length = 1;
        long rank = Math.min(info[0], (info.length - SHAPE_EXTRAS) / 2);
        for (int k = 1; k <= rank; k++) {
            if (length != 1 && info[k] != 1) {
                throw new IOException(name + " must hold single rows of numbers, got a table");
            }
            length = Math.max(length, info[k]);
        }
        return file.read(info, size, length, Optional.empty()).reshape(1, length);
    }

    private INDArray read(long[] info, long size, long count, Optional<DataType> stated) throws IOException {
        long[] shape = shape(info, count);
        Header header = header();
        DataType type = type(header.type(), stated);
        if (header.length() != count) {
            throw misfit(count, "" + header.length());
        }
        if (count > size / type.width()) {
            throw new IOException(
                    name + " must hold " + count + " numbers of type " + type + ", got only " + size + " bytes");
        }
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray vector = memory.row(type, shape, (char) info[info.length - 1]);
            fill(vector.reshape(count), type);
            return vector;
        }
    }

    private record Header(long length, String type) {}

    private Header header() throws IOException {
        String kind = in.readUTF();
        if (!KINDS.contains(kind) && !OLD_KINDS.contains(kind)) {
            throw new IOException(name + " has a buffer of an unknown kind");
        }
        return new Header(OLD_KINDS.contains(kind) ? in.readInt() : in.readLong(), in.readUTF());
    }

    private long[] shapeInfo() throws IOException {
        Header header = header();
        boolean ints = header.type().equals("INT");
        if ((!ints && !header.type().equals("LONG"))
                || header.length() < SHAPE_EXTRAS
                || header.length() > SHAPE_EXTRAS + 2 * MOST_DIMENSIONS) {
            throw new IOException(name + " must begin with a shape, got " + header.length() + " numbers");
        }
        long[] info = new long[(int) header.length()];
        for (int i = 0; i < info.length; i++) {
            info[i] = ints ? in.readInt() : in.readLong();
        }
        return info;
    }

    /** The shape of a row of {@code count} numbers; strides and options in the file then have nothing to say. */
    private long[] shape(long[] info, long count) throws IOException {
        long rank = info[0];
        long order = info[info.length - 1];
        if (2 * rank + SHAPE_EXTRAS != info.length || (order != 'c' && order != 'f')) {
            throw new IOException(name + " does not begin with a valid shape");
        }
        long[] shape = Arrays.copyOfRange(info, 1, 1 + (int) rank);
        long others = LongStream.of(shape).filter(length -> length != 1).count();
        if (others > 1 || LongStream.of(shape).max().orElse(1) != count) {
            throw misfit(count, "the shape " + Arrays.toString(shape));
        }
        return shape;
    }

    private IOException misfit(long count, String stated) {
        return new IOException(
                "the network has " + count + " parameters by its configuration, but " + name + " states " + stated);
    }

    private DataType type(String written, Optional<DataType> stated) throws IOException {
        DataType type = FLOATING.stream()
                .filter(floating -> floating.name().equals(written))
                .findFirst()
                .orElseThrow(() -> new IOException("the parameters in " + name + " must be DOUBLE, FLOAT or HALF"));
        if (stated.isPresent() && stated.get() != type) {
            throw new IOException(
                    "the parameters are " + stated.get() + " by the configuration, but " + type + " in " + name);
        }
        return type;
    }

    private void fill(INDArray vector, DataType type) throws IOException {
        long count = vector.length();
        for (long at = 0; at < count; at += CHUNK) {
            int length = (int) Math.min(CHUNK, count - at);
            byte[] bytes = in.readNBytes(length * type.width());
            if (bytes.length < length * type.width()) {
                throw new EOFException();
            }
            vector.get(NDArrayIndex.interval(at, at + length)).assign(numbers(ByteBuffer.wrap(bytes), type, length));
        }
    }

    private static INDArray numbers(ByteBuffer bytes, DataType type, int length) {
        if (type == DataType.DOUBLE) {
            double[] doubles = new double[length];
            bytes.asDoubleBuffer().get(doubles);
            return Nd4j.createFromArray(doubles);
        }
        float[] floats = new float[length];
        for (int i = 0; i < length; i++) {
            floats[i] = type == DataType.FLOAT ? bytes.getFloat() : HalfIndexer.toFloat(bytes.getShort());
        }
        return Nd4j.createFromArray(floats);
    }
}
