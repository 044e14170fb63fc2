/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A compute device with memory of its own. This class checks every argument and keeps track of memory; subclasses do the
 * raw work. Work is executed in the order of submission (one stream); calls that submit it may return before it is done,
 * downloads return when everything before them is done.
 *
 * <p>Not thread-safe. {@link #close} frees and reports everything that was left open.
 */
public abstract class Device implements AutoCloseable {

    private static final int STAGING_BYTES = 1 << 20;

    private final Set<Allocation> live = new LinkedHashSet<>();
    private final Map<KernelSource, KernelModule> modules = new LinkedHashMap<>();
    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES).order(ByteOrder.nativeOrder());
    private final Set<Recording> recordings = new LinkedHashSet<>();
    /** While work is recorded: the memory that it uses. */
    private Optional<Set<Allocation>> noted = Optional.empty();

    private boolean closed;

    /** What the device calls itself. */
    public abstract String name();

    /**
     * Fresh memory, contents undefined.
     *
     * @param owner who will free it, for reports of leaks
     * @param length elements, at least 0
     * @throws DeviceException if there is not enough memory
     */
    public final DeviceArray allocate(String owner, ElementType type, long length) {
        checkOpen();
        checkNotRecording("an allocation");
        if (owner.isBlank()) {
            throw new IllegalArgumentException("memory needs an owner");
        }
        if (length < 0 || length > Long.MAX_VALUE / 16) {
            throw new IllegalArgumentException(
                    "length must be in [0, 2^59], got " + length + " (owner '" + owner + "')");
        }
        long bytes = length * type.bytes();
        String site = callSite();
        long address = allocateBytes(bytes, Allocation.describe(owner, site, bytes));
        Allocation allocation = new Allocation(this, owner, site, address, bytes);
        live.add(allocation);
        return new DeviceArray(allocation, type, 0, length, false);
    }

    /** Memory that holds a copy of {@code values}. */
    public final DeviceArray allocate(String owner, float[] values) {
        DeviceArray array = allocate(owner, ElementType.FLOAT, values.length);
        upload(values, array);
        return array;
    }

    /** Memory that holds a copy of {@code values}. */
    public final DeviceArray allocate(String owner, int[] values) {
        DeviceArray array = allocate(owner, ElementType.INT, values.length);
        upload(values, array);
        return array;
    }

    final void free(DeviceArray array) {
        checkNotRecording("freeing");
        if (array.isView()) {
            throw new IllegalStateException("a view does not own its memory: " + array);
        }
        Allocation allocation = array.allocation();
        long address = allocation.address();
        allocation.markFreed();
        live.remove(allocation);
        freeBytes(address, allocation.bytes());
    }

    /** Bytes of all memory in use. */
    public final long bytesInUse() {
        long sum = 0;
        for (Allocation allocation : live) {
            sum += allocation.bytes();
        }
        return sum;
    }

    /**
     * Copies to the device.
     *
     * @throws IllegalArgumentException if the lengths differ or the array holds no floats
     */
    public final void upload(float[] from, DeviceArray to) {
        checkNotRecording("an upload");
        long address = checked("target", to, ElementType.FLOAT, from.length);
        int chunk = STAGING_BYTES / Float.BYTES;
        for (int done = 0; done < from.length; done += chunk) {
            int count = Math.min(chunk, from.length - done);
            staging.asFloatBuffer().put(0, from, done, count);
            copyIn(staging, address + (long) done * Float.BYTES, (long) count * Float.BYTES);
        }
    }

    /**
     * Copies to the device, rounding to floats.
     *
     * @throws IllegalArgumentException if the lengths differ or the array holds no floats
     */
    public final void upload(double[] from, DeviceArray to) {
        float[] rounded = new float[from.length];
        for (int k = 0; k < rounded.length; k++) {
            rounded[k] = (float) from[k];
        }
        upload(rounded, to);
    }

    /**
     * Copies to the device, rounding to 8 significant bits, to nearest even.
     *
     * @throws IllegalArgumentException if the lengths differ or the array holds no bfloat16 numbers
     */
    public final void uploadRounded(float[] from, DeviceArray to) {
        checkNotRecording("an upload");
        long address = checked("target", to, ElementType.BFLOAT16, from.length);
        int chunk = STAGING_BYTES / Short.BYTES;
        for (int done = 0; done < from.length; done += chunk) {
            int count = Math.min(chunk, from.length - done);
            ShortBuffer shorts = staging.asShortBuffer();
            for (int k = 0; k < count; k++) {
                shorts.put(k, upperHalf(from[done + k]));
            }
            copyIn(staging, address + (long) done * Short.BYTES, (long) count * Short.BYTES);
        }
    }

    private static short upperHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40); // stays one
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    /**
     * Copies to the device.
     *
     * @throws IllegalArgumentException if the lengths differ or the array holds no ints
     */
    public final void upload(int[] from, DeviceArray to) {
        checkNotRecording("an upload");
        long address = checked("target", to, ElementType.INT, from.length);
        int chunk = STAGING_BYTES / Integer.BYTES;
        for (int done = 0; done < from.length; done += chunk) {
            int count = Math.min(chunk, from.length - done);
            staging.asIntBuffer().put(0, from, done, count);
            copyIn(staging, address + (long) done * Integer.BYTES, (long) count * Integer.BYTES);
        }
    }

    /**
     * Copies from the device, after all work before.
     *
     * @throws IllegalArgumentException if the array holds no floats or more than a Java array can
     */
    public final float[] downloadFloats(DeviceArray from) {
        checkNotRecording("a download");
        float[] to = new float[javaLength(from)];
        long address = checked("source", from, ElementType.FLOAT, to.length);
        int chunk = STAGING_BYTES / Float.BYTES;
        for (int done = 0; done < to.length; done += chunk) {
            int count = Math.min(chunk, to.length - done);
            copyOut(address + (long) done * Float.BYTES, staging, (long) count * Float.BYTES);
            staging.asFloatBuffer().get(0, to, done, count);
        }
        return to;
    }

    /**
     * Copies from the device, after all work before.
     *
     * @throws IllegalArgumentException if the array holds no ints or more than a Java array can
     */
    public final int[] downloadInts(DeviceArray from) {
        checkNotRecording("a download");
        int[] to = new int[javaLength(from)];
        long address = checked("source", from, ElementType.INT, to.length);
        int chunk = STAGING_BYTES / Integer.BYTES;
        for (int done = 0; done < to.length; done += chunk) {
            int count = Math.min(chunk, to.length - done);
            copyOut(address + (long) done * Integer.BYTES, staging, (long) count * Integer.BYTES);
            staging.asIntBuffer().get(0, to, done, count);
        }
        return to;
    }

    /**
     * Copies on the device.
     *
     * @throws IllegalArgumentException if types or lengths differ, or the arrays overlap
     */
    public final void copy(DeviceArray from, DeviceArray to) {
        long source = addressOf(from);
        long target = checked("target", to, from.type(), from.length());
        if (source < target + to.bytes() && target < source + from.bytes()) {
            throw new IllegalArgumentException("source and target of a copy overlap: " + from + ", " + to);
        }
        if (from.length() > 0) {
            copyWithin(source, target, from.bytes());
        }
    }

    /**
     * Sets all elements to one value.
     *
     * @throws IllegalArgumentException if the array holds no floats
     */
    public final void fill(DeviceArray array, float value) {
        long address = checked("array", array, ElementType.FLOAT, array.length());
        if (array.length() > 0) {
            fillWords(address, Float.floatToRawIntBits(value), array.length());
        }
    }

    /**
     * A matrix product. Both factors are floats, or both bfloat16 numbers, which is a product in precision BF16 without rounding;
     * C is floats.
     *
     * @throws IllegalArgumentException if an array is of another type or too short, or C overlaps a factor
     */
    public final void multiply(Gemm product, DeviceArray a, DeviceArray b, DeviceArray c) {
        ElementType factors = factorType(product, a);
        long addressA = checkedMatrix("A", a, factors, product.extentA());
        long addressB = checkedMatrix("B", b, factors, product.extentB());
        long addressC = checkedMatrix("C", c, ElementType.FLOAT, product.extentC());
        if (product.m() == 0 || product.n() == 0) {
            return;
        }
        checkDisjoint("A", addressA, product.extentA() * factors.bytes(), addressC, product.extentC());
        checkDisjoint("B", addressB, product.extentB() * factors.bytes(), addressC, product.extentC());
        if (product.order() == MatrixOrder.ROWS) {
            multiplyColumns(product.inColumns(), factors, addressB, addressA, addressC);
        } else {
            multiplyColumns(product, factors, addressA, addressB, addressC);
        }
    }

    /**
     * Compiles and loads kernels; the same source is loaded once.
     *
     * @throws DeviceException if the source does not compile
     */
    public final KernelModule load(KernelSource source) {
        checkOpen();
        KernelModule module = modules.get(source);
        if (module == null) {
            checkNotRecording("loading a source for the first time");
            module = new KernelModule(this, source, loadCode(source));
            modules.put(source, module);
        }
        return module;
    }

    /** Waits until all work is done. */
    public final void finish() {
        checkOpen();
        checkNotRecording("waiting");
        await();
    }

    /** The time that the work started by {@code work} takes on the device, in milliseconds. */
    public final double millisecondsOf(Runnable work) {
        checkOpen();
        checkNotRecording("timing");
        return measure(work);
    }

    /**
     * Notes the work that {@code work} asks for instead of doing it: launches, products, copies on the device and fills. Anything
     * else is refused meanwhile.
     *
     * @return what was noted, to be replayed; the caller closes it
     * @throws DeviceException if the device refuses
     */
    public final Recording record(Runnable work) {
        checkOpen();
        checkNotRecording("a recording");
        Set<Allocation> memory = new LinkedHashSet<>();
        String site = callSite();
        noted = Optional.of(memory);
        RecordedWork recorded;
        try {
            recorded = note(work);
        } finally {
            noted = Optional.empty();
        }
        Recording recording = new Recording(this, memory, recorded, site);
        recordings.add(recording);
        return recording;
    }

    final void forget(Recording recording) {
        recordings.remove(recording);
    }

    /**
     * Frees everything.
     *
     * @throws DeviceException if there was memory in use, or a recording was not closed, naming each owner and place; everything
     *     is given back nevertheless
     */
    @Override
    public final void close() {
        if (closed) {
            return;
        }
        checkNotRecording("closing the device");
        closed = true;
        Closing closing = new Closing();
        for (Recording recording : List.copyOf(recordings)) {
            closing.forgotten("recordings were not closed", "one made at " + recording.site());
            closing.attempt(recording::giveBack);
        }
        recordings.clear();
        for (Allocation allocation : List.copyOf(live)) {
            closing.forgotten("allocations were not freed", allocation.description());
            long address = allocation.address();
            allocation.markFreed();
            closing.attempt(() -> freeBytes(address, allocation.bytes()));
        }
        live.clear();
        modules.values().forEach(module -> closing.attempt(module::unload));
        closing.attempt(this::closeRaw);
        closing.finish();
    }

    /** Gives back as much as it can, whatever fails on the way, and tells in the end. */
    private static final class Closing {

        private final Map<String, List<String>> forgotten = new LinkedHashMap<>();
        private final List<RuntimeException> failures = new ArrayList<>();

        void forgotten(String what, String which) {
            forgotten.computeIfAbsent(what, any -> new ArrayList<>()).add(which);
        }

        void attempt(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }

        void finish() {
            List<String> complaints = new ArrayList<>();
            forgotten.forEach(
                    (what, which) -> complaints.add(which.size() + " " + what + ": " + String.join(", ", which)));
            failures.stream().findFirst().ifPresent(failure -> complaints.add(failure.getMessage()));
            if (!complaints.isEmpty()) {
                DeviceException exception = new DeviceException(String.join("; ", complaints));
                failures.forEach(exception::addSuppressed);
                throw exception;
            }
        }
    }

    final void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the device " + name() + " was closed");
        }
    }

    /** Refuses what cannot be recorded, while work is recorded. */
    final void checkNotRecording(String what) {
        if (noted.isPresent()) {
            throw new IllegalStateException(
                    what + " cannot be recorded, only launches, products, copies on the device and fills can");
        }
    }

    /** Where an array of this device is; a recording notes that it is used. */
    final long addressOf(DeviceArray array) {
        checkOpen();
        if (array.device() != this) {
            throw new IllegalArgumentException("the array belongs to another device: " + array);
        }
        long address = array.address();
        noted.ifPresent(memory -> memory.add(array.allocation()));
        return address;
    }

    private long checked(String what, DeviceArray array, ElementType type, long length) {
        if (array.type() != type || array.length() != length) {
            throw new IllegalArgumentException(what + " must be " + type + "[" + length + "], got " + array);
        }
        return addressOf(array);
    }

    private static ElementType factorType(Gemm product, DeviceArray a) {
        if (a.type() != ElementType.BFLOAT16) {
            return ElementType.FLOAT;
        }
        if (product.precision() != ProductPrecision.BF16) {
            throw new IllegalArgumentException(
                    "a product of bfloat16 numbers must be in precision BF16, got " + product.precision());
        }
        return ElementType.BFLOAT16;
    }

    private long checkedMatrix(String matrix, DeviceArray array, ElementType type, long extent) {
        if (array.type() != type || array.length() < extent) {
            String what = type == ElementType.FLOAT ? " floats" : " bfloat16 numbers";
            throw new IllegalArgumentException("matrix " + matrix + " needs " + extent + what + ", got " + array);
        }
        return addressOf(array);
    }

    private static void checkDisjoint(String factor, long address, long bytes, long addressC, long extentC) {
        if (address < addressC + extentC * Float.BYTES && addressC < address + bytes) {
            throw new IllegalArgumentException("matrix C overlaps " + factor);
        }
    }

    private static int javaLength(DeviceArray array) {
        if (array.length() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("too long for a Java array: " + array);
        }
        return (int) array.length();
    }

    private static String callSite() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(Device.class.getName()))
                        .findFirst()
                        .map(frame -> frame.toStackTraceElement().toString())
                        .orElse("an unknown place"));
    }

    /**
     * Fresh memory, contents undefined, aligned to 256 bytes; also for 0 bytes an address of its own.
     *
     * @param description owner and place, for reports
     */
    protected abstract long allocateBytes(long bytes, String description);

    protected abstract void freeBytes(long address, long bytes);

    /** Copies the first bytes of a direct buffer; the buffer may be changed as soon as this returns. */
    protected abstract void copyIn(ByteBuffer from, long address, long bytes);

    /** Copies into the first bytes of a direct buffer, after all work before. */
    protected abstract void copyOut(long address, ByteBuffer to, long bytes);

    protected abstract void copyWithin(long from, long to, long bytes);

    protected abstract void fillWords(long address, int bits, long words);

    /**
     * A product in order COLUMNS, m and n > 0.
     *
     * @param factors what A and B hold: FLOAT, or BFLOAT16 in precision BF16
     */
    protected abstract void multiplyColumns(Gemm product, ElementType factors, long a, long b, long c);

    protected abstract LoadedCode loadCode(KernelSource source);

    protected abstract void await();

    protected abstract double measure(Runnable work);

    /** Runs {@code work}, which must do nothing on the device but be noted; whatever it throws, the device can be used after. */
    protected abstract RecordedWork note(Runnable work);

    protected abstract void closeRaw();
}
