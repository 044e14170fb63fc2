/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An array whose memory is a file's: what nobody looks at need not be in memory, and comes back from the file when somebody does. The
 * file has no name from the start and goes with the array, or with the process. Linux.
 */
final class PagedMemory {

    private static final Cleaner CLEANER = Cleaner.create();

    private static final int READ_AND_WRITE = 3; // of protection; 2 of a file that is opened
    private static final int OPEN_TO_WRITE = 2;
    private static final int SHARED = 1;
    private static final int NOT_NEEDED = 4;

    private final INDArray array;
    private final long address;
    private final long bytes;

    private PagedMemory(INDArray array, long address, long bytes) {
        this.array = array;
        this.address = address;
        this.bytes = bytes;
    }

    /**
     * A row of zeros.
     *
     * @param folder on whose disk the file is
     * @param type FLOAT or DOUBLE
     * @param shape with one dimension that is not 1
     * @return empty where the system has no such memory
     * @throws IOException if the file cannot be made as long as that, saying so
     */
    static Optional<PagedMemory> of(Path folder, DataType type, long... shape) throws IOException {
        if (!Platform.isLinux() || (type != DataType.FLOAT && type != DataType.DOUBLE)) {
            return Optional.empty();
        }
        long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        long bytes = count * type.width();
        long address = map(folder, bytes);
        DataBuffer buffer = Nd4j.createBuffer(pointer(type, address, count), count, type);
        CLEANER.register(buffer, () -> Calls.munmap(address, bytes)); // views hold the buffer, too
        return Optional.of(new PagedMemory(Nd4j.create(buffer, shape), address, bytes));
    }

    private static long map(Path folder, long bytes) throws IOException {
        Path file = Files.createTempFile(folder, "amend4j-base", ".tmp");
        try {
            requireSpace(file, bytes);
            try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
                made.setLength(bytes);
            }
            int open = Calls.open(file.toString(), OPEN_TO_WRITE);
            try {
                return Calls.mmap(0, bytes, READ_AND_WRITE, SHARED, open, 0);
            } finally {
                Calls.close(open);
            }
        } catch (LastErrorException e) {
            throw new IOException(
                    "a file of " + bytes + " bytes in " + folder + " cannot be mapped: " + e.getMessage(), e);
        } finally {
            Files.delete(file);
        }
    }

    /** A file with holes that the disk has no room for ends the process when it is written. */
    private static void requireSpace(Path file, long bytes) throws IOException {
        long left = file.toFile().getUsableSpace(); // a FileStore wants a mount point, which a chroot does not show
        if (left < bytes) {
            throw new IOException("there must be " + bytes + " bytes left in " + file.getParent() + ", got " + left);
        }
    }

    /** The array; where it is reachable, or a view of it, so is its memory. */
    INDArray array() {
        return array;
    }

    /** Lets the system have the memory. What is looked at comes back. */
    void rest() {
        Calls.madvise(address, bytes, NOT_NEEDED);
    }

    private static Pointer pointer(DataType type, long address, long count) {
        return type == DataType.FLOAT ? new Floats(address, count) : new Doubles(address, count);
    }

    private static final class Floats extends FloatPointer {
        Floats(long address, long count) {
            this.address = address;
            this.limit = count;
            this.capacity = count;
        }
    }

    private static final class Doubles extends DoublePointer {
        Doubles(long address, long count) {
            this.address = address;
            this.limit = count;
            this.capacity = count;
        }
    }

    /** Of the C library. */
    private static final class Calls {

        static {
            Native.register(Calls.class, Platform.C_LIBRARY_NAME);
        }

        private Calls() {}

        static native int open(String path, int flags) throws LastErrorException;

        static native int close(int file) throws LastErrorException;

        static native long mmap(long address, long bytes, int protection, int flags, int file, long offset)
                throws LastErrorException;

        static native int munmap(long address, long bytes) throws LastErrorException;

        static native int madvise(long address, long bytes, int advice) throws LastErrorException;
    }
}
