/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import org.amend4j.internal.model.SuppressForbidden;
import org.jspecify.annotations.Nullable;

/**
 * Copies between memory outside of the heap and arrays. HotSpot (17) turns loops over arrays into vector instructions, and neither
 * loops over buffers nor over addresses: so kernels copy some rows into arrays, work there, and copy them back. Buffers would do
 * for that, but hold 2 GiB at most. This is the only class that touches {@code sun.misc.Unsafe}.
 */
final class RawMemory {

    private static final MethodHandle COPY;
    static final long FLOATS;
    static final long DOUBLES;
    static final long INTS;
    static final long LONGS;

    static {
        try {
            Object unsafe = theUnsafe();
            Class<?> type = unsafe.getClass();
            MethodType copy =
                    MethodType.methodType(void.class, Object.class, long.class, Object.class, long.class, long.class);
            COPY = MethodHandles.publicLookup()
                    .findVirtual(type, "copyMemory", copy)
                    .bindTo(unsafe);
            FLOATS = type.getField("ARRAY_FLOAT_BASE_OFFSET").getInt(null);
            DOUBLES = type.getField("ARRAY_DOUBLE_BASE_OFFSET").getInt(null);
            INTS = type.getField("ARRAY_INT_BASE_OFFSET").getInt(null);
            LONGS = type.getField("ARRAY_LONG_BASE_OFFSET").getInt(null);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressForbidden("the module jdk.unsupported opens it for this")
    private static Object theUnsafe() throws ReflectiveOperationException {
        Field field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
        field.setAccessible(true);
        return field.get(null);
    }

    private RawMemory() {}

    /** From an address to an array; {@code base} is {@link #FLOATS} or the like, plus the bytes left out at its front. */
    static void read(long from, Object array, long base, long bytes) {
        copy(null, from, array, base, bytes);
    }

    /** The ints at an address. */
    static int[] ints(long from, long count) {
        int[] values = new int[Math.toIntExact(count)];
        read(from, values, INTS, count * Integer.BYTES);
        return values;
    }

    /** From an array to an address. */
    static void write(Object array, long base, long to, long bytes) {
        copy(array, base, null, to, bytes);
    }

    /** From an address to another. */
    static void copy(long from, long to, long bytes) {
        copy(null, from, null, to, bytes);
    }

    /** The bits of one array as elements of another; both have elements of as many bytes. */
    static void reinterpret(Object from, long baseFrom, Object to, long baseTo, long bytes) {
        copy(from, baseFrom, to, baseTo, bytes);
    }

    /** Null stands for "an address", which is how Unsafe has it. */
    private static void copy(@Nullable Object from, long fromAt, @Nullable Object to, long toAt, long bytes) {
        try {
            COPY.invokeExact(from, fromAt, to, toAt, bytes);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
