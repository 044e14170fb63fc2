/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.amend4j.backend.Backend;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;

/**
 * What a plan is computed on: memory, matrix products, and {@link #kernels named computations}. This class checks every argument
 * and keeps track of memory; subclasses do the raw work. Work is executed in the order of submission; calls that submit it may
 * return before it is done, downloads return when everything before them is done.
 *
 * <p>Not thread-safe, but for the shares of {@link #sideBySide}. {@link #close} frees and reports everything that was left open.
 */
public abstract class Machine implements Backend {

    private final Allocations memory = new Allocations(this);
    private final Transfers transfers = new Transfers(this);
    private final Recordings recordings = new Recordings();

    private boolean closed;

    /**
     * The machine that a backend is.
     *
     * @throws IllegalArgumentException if it is somebody else's
     */
    public static Machine of(Backend backend) {
        if (backend instanceof Machine machine) {
            return machine;
        }
        throw new IllegalArgumentException("the backend must be one that amend4j opens, got " + backend.getClass());
    }

    /** The named computations, each group made ready when it is first asked for. */
    public abstract Kernels kernels();

    @Override
    public Set<ProductPrecision> precisions() {
        return Set.copyOf(EnumSet.allOf(ProductPrecision.class));
    }

    /** Whether what it gives back was computed; a machine that only accounts for its work gives zeros. */
    public boolean computes() {
        return true;
    }

    /**
     * Says what the work that follows belongs to, for machines that account for it; others ignore it.
     *
     * @param vertex of a graph
     * @param what is computed there, in words and shapes
     */
    public void accountTo(String vertex, String what) {}

    /** How many shares of work are done side by side at most; 1 where work has one order. */
    public int width() {
        return 1;
    }

    /** Whether the machine could do shares side by side, whatever {@link #width} it was opened with. */
    public boolean computesSideBySide() {
        return false;
    }

    /**
     * Does work for each of some shares, which must not touch what another writes: side by side if the machine can. Shares may
     * run kernels, products, copies, fills, uploads, and allocate memory.
     *
     * @param shares in [1, {@link #width}]
     * @param work given the share's number, from 0
     */
    public final void sideBySide(int shares, IntConsumer work) {
        checkOpen();
        if (shares < 1 || shares > width()) {
            throw new IllegalArgumentException("shares must be in [1, " + width() + "], got " + shares);
        }
        if (shares == 1) {
            work.accept(0);
        } else {
            performSideBySide(shares, work);
        }
    }

    /**
     * Does work whose products may each be divided among threads: for work that is not divided otherwise. The bytes of results then
     * depend on the number of threads.
     */
    public void dividingProducts(Runnable work) {
        work.run();
    }

    /** What it can round rows and matrix of a product with a {@link FrozenMatrix} of floats to. */
    public Set<ProductPrecision> frozenPrecisions() {
        return precisions();
    }

    /** To multiples of how many elements parts of a parameter vector are laid that are read by themselves; 1 where it does not matter. */
    public int parameterAlignment() {
        return 1;
    }

    /** Whether its memory is the processor's, so that other code can compute in it ({@link #callOut}). */
    public boolean callsOut() {
        return false;
    }

    /**
     * Has other code compute in the machine's memory, in the order of other work; it is called again when a recording is replayed.
     * Only for machines that {@linkplain #callsOut call out}.
     *
     * @param arrays of floats or doubles
     * @param work given each array's memory, which it may read and write until it returns
     */
    public final void callOut(List<MachineArray> arrays, Consumer<List<Buffer>> work) {
        checkOpen();
        List<Buffer> buffers = new ArrayList<>();
        for (MachineArray array : arrays) {
            if (!array.type().isReal() || array.bytes() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "other code takes FLOAT and DOUBLE and less than 2 GiB at a time, got " + array);
            }
            buffers.add(bufferOf(array.type(), addressOf(array), (int) array.length()));
        }
        performOutside(() -> work.accept(buffers));
    }

    /** The memory of some floats or doubles. */
    protected Buffer bufferOf(ElementType type, long address, int length) {
        throw new UnsupportedOperationException(name() + " does not call out");
    }

    /** Other code's work. */
    protected void performOutside(Runnable work) {
        throw new UnsupportedOperationException(name() + " does not call out");
    }

    /**
     * A matrix that never changes in the form in which this machine multiplies rows with it fastest: as it is, or a copy. Closed by the
     * caller before the matrix.
     *
     * @param owner of a copy, for reports
     */
    public final FrozenFactor freeze(String owner, FrozenMatrix matrix) {
        checkOpen();
        checkNotRecording("a copy of a matrix");
        addressOf(matrix.values());
        if (!frozenPrecisions().contains(matrix.precision())) {
            throw new IllegalArgumentException("the precision of products with frozen matrices on " + name()
                    + " must be one of " + frozenPrecisions() + ", got " + matrix.precision());
        }
        return matrix.isGapless() ? fastest(owner, matrix) : asStored(matrix, matrix.precision());
    }

    /** What it can round rows and matrix of a product with a {@link StoredMatrix} to. */
    public Set<ProductPrecision> storedPrecisions() {
        return Set.of(ProductPrecision.FP32);
    }

    /** What numbers of frozen matrices can be kept in. */
    public Set<WeightStorage> storages() {
        return Set.of(WeightStorage.FP32);
    }

    /**
     * A copy of some numbers in few bits, closed by the caller.
     *
     * @param owner of it, for reports
     * @param values floats; they are not needed any more
     * @param storage one of {@link #storages}, not FP32
     * @throws IllegalArgumentException if one is not finite, or too large to be rounded
     */
    public final StoredNumbers store(String owner, MachineArray values, WeightStorage storage) {
        checkOpen();
        checkNotRecording("a copy in few bits");
        checked("values", values, ElementType.FLOAT, values.length());
        if (storage == WeightStorage.FP32 || !storages().contains(storage)) {
            throw new IllegalArgumentException(
                    "frozen weights on " + name() + " are kept in one of " + storages() + ", got " + storage);
        }
        StoredNumbers stored = new StoredNumbers(this, owner, values.length(), storage);
        try {
            encode(values, stored);
            return stored;
        } catch (RuntimeException e) {
            stored.close();
            throw e;
        }
    }

    /** Writes numbers in few bits. */
    protected void encode(MachineArray values, StoredNumbers to) {
        throw new UnsupportedOperationException(name() + " keeps frozen weights in FP32");
    }

    /** Products of floats with a matrix in few bits, decoded part by part. Closed by the caller before the matrix. */
    public final FrozenFactor freeze(StoredMatrix matrix) {
        checkOpen();
        addressOf(matrix.values().words());
        if (!storedPrecisions().contains(matrix.precision())) {
            throw new IllegalArgumentException("the precision of products with frozen weights in few bits on " + name()
                    + " must be one of " + storedPrecisions() + ", got " + matrix.precision());
        }
        return decoding(matrix);
    }

    /** Products with a matrix in few bits. */
    protected FrozenFactor decoding(StoredMatrix matrix) {
        throw new UnsupportedOperationException(name() + " keeps frozen weights in FP32");
    }

    /** The form of a matrix, of FLOAT or DOUBLE, in which it is multiplied fastest. */
    protected FrozenFactor fastest(String owner, FrozenMatrix matrix) {
        return asStored(matrix, matrix.precision());
    }

    /**
     * Products with a matrix as it is stored.
     *
     * @param precision of them, one of {@link #precisions}
     */
    protected static FrozenFactor asStored(FrozenMatrix matrix, ProductPrecision precision) {
        return new StoredFactor(matrix, precision);
    }

    /**
     * Fresh memory, contents undefined.
     *
     * @param owner who will free it, for reports of leaks
     * @param length elements, at least 0
     * @throws MachineException if there is not enough memory
     */
    public final MachineArray allocate(String owner, ElementType type, long length) {
        checkOpen();
        checkNotRecording("an allocation");
        return memory.allocate(owner, type, length, false);
    }

    /** As {@link #allocate(String, ElementType, long)}, for memory that is freed soon, within a run: devices wait for nothing then. */
    public final MachineArray allocateBriefly(String owner, ElementType type, long length) {
        checkOpen();
        checkNotRecording("an allocation");
        return memory.allocate(owner, type, length, true);
    }

    /** Memory that holds a copy of {@code values}. */
    public final MachineArray allocate(String owner, float[] values) {
        MachineArray array = allocate(owner, ElementType.FLOAT, values.length);
        upload(values, array);
        return array;
    }

    /** Memory that holds a copy of {@code values}. */
    public final MachineArray allocate(String owner, double[] values) {
        MachineArray array = allocate(owner, ElementType.DOUBLE, values.length);
        upload(values, array);
        return array;
    }

    /** Memory that holds a copy of {@code values}. */
    public final MachineArray allocate(String owner, int[] values) {
        MachineArray array = allocate(owner, ElementType.INT, values.length);
        upload(values, array);
        return array;
    }

    /** Memory that holds a copy of {@code values} and is freed soon, within a run. */
    public final MachineArray allocateBriefly(String owner, int[] values) {
        MachineArray array = allocateBriefly(owner, ElementType.INT, values.length);
        upload(values, array);
        return array;
    }

    final void free(MachineArray array) {
        checkNotRecording("freeing");
        memory.free(array);
    }

    /**
     * Numbers that are in the processor's memory already, as an array of this machine, not copied: to be read, or written where the keeper allows it.
     *
     * @param keeper what keeps the memory alive; held as long as the array
     * @return empty if the machine cannot compute there
     */
    public Optional<MachineArray> adopt(String owner, ElementType type, long length, long address, Object keeper) {
        return Optional.empty();
    }

    /**
     * Numbers that are only read from now on. A machine that computes in the processor's memory keeps them there as long as somebody
     * holds the array: they do not count as memory in use, and closing the array is not necessary.
     */
    public MachineArray constant(String owner, float[] values) {
        return allocate(owner, values);
    }

    /** As {@link #constant(String, float[])}. */
    public MachineArray constant(String owner, double[] values) {
        return allocate(owner, values);
    }

    /** For machines that compute in the processor's memory: {@link #adopt} there. */
    protected final MachineArray adopted(String owner, ElementType type, long length, long address, Object keeper) {
        return memory.adopt(owner, type, length, address, keeper);
    }

    /** Bytes of all memory in use. */
    public final long bytesInUse() {
        return memory.bytesInUse();
    }

    /**
     * Copies to the machine's memory.
     *
     * @throws IllegalArgumentException if the lengths differ or the array holds no floats
     */
    public final void upload(float[] from, MachineArray to) {
        checkNotRecording("an upload");
        transfers.send(from, checked("target", to, ElementType.FLOAT, from.length));
    }

    /**
     * Copies to the machine's memory; rounds to floats if the array holds these.
     *
     * @throws IllegalArgumentException if the lengths differ or the array holds neither doubles nor floats
     */
    public final void upload(double[] from, MachineArray to) {
        checkNotRecording("an upload");
        if (to.type() != ElementType.DOUBLE) {
            upload(Transfers.rounded(from), to);
            return;
        }
        transfers.send(from, checked("target", to, ElementType.DOUBLE, from.length));
    }

    /**
     * Copies to the machine's memory.
     *
     * @param from a direct buffer; all of it, in the processor's order of bytes
     * @throws IllegalArgumentException if it is not as long
     */
    public final void upload(ByteBuffer from, MachineArray to) {
        checkNotRecording("an upload");
        copyIn(from, checkedBytes(from, to), to.bytes());
    }

    private long checkedBytes(ByteBuffer buffer, MachineArray array) {
        if (buffer.capacity() != array.bytes()) {
            throw new IllegalArgumentException(
                    "a buffer must have " + array.bytes() + " bytes, got " + buffer.capacity() + " for " + array);
        }
        return addressOf(array);
    }

    /**
     * Copies to the machine's memory, rounding to 8 significant bits, to nearest even.
     *
     * @throws IllegalArgumentException if the lengths differ or the array holds no bfloat16 numbers
     */
    public final void uploadRounded(float[] from, MachineArray to) {
        checkNotRecording("an upload");
        transfers.sendUpperHalves(from, checked("target", to, ElementType.BFLOAT16, from.length));
    }

    /**
     * Copies to the machine's memory.
     *
     * @throws IllegalArgumentException if the lengths differ or the array holds no ints
     */
    public final void upload(int[] from, MachineArray to) {
        checkNotRecording("an upload");
        transfers.send(from, checked("target", to, ElementType.INT, from.length));
    }

    /**
     * Copies from the machine's memory, after all work before.
     *
     * @throws IllegalArgumentException if the array holds no floats or more than a Java array can
     */
    public final float[] downloadFloats(MachineArray from) {
        checkNotRecording("a download");
        float[] to = new float[javaLength(from)];
        transfers.receive(checked("source", from, ElementType.FLOAT, to.length), to);
        return to;
    }

    /**
     * Copies from the machine's memory, after all work before; floats are widened, which is exact.
     *
     * @throws IllegalArgumentException if the array holds neither doubles nor floats, or more than a Java array can
     */
    public final double[] downloadDoubles(MachineArray from) {
        if (from.type() == ElementType.FLOAT) {
            return Transfers.widened(downloadFloats(from));
        }
        checkNotRecording("a download");
        double[] to = new double[javaLength(from)];
        transfers.receive(checked("source", from, ElementType.DOUBLE, to.length), to);
        return to;
    }

    /**
     * Copies from the machine's memory, after all work before.
     *
     * @param to a direct buffer; all of it, in the processor's order of bytes
     * @throws IllegalArgumentException if it is not as long
     */
    public final void download(MachineArray from, ByteBuffer to) {
        checkNotRecording("a download");
        copyOut(checkedBytes(to, from), to, from.bytes());
    }

    /**
     * Copies from the machine's memory, after all work before.
     *
     * @throws IllegalArgumentException if the array holds no ints or more than a Java array can
     */
    public final int[] downloadInts(MachineArray from) {
        checkNotRecording("a download");
        int[] to = new int[javaLength(from)];
        transfers.receive(checked("source", from, ElementType.INT, to.length), to);
        return to;
    }

    /**
     * Copies within the machine's memory.
     *
     * @throws IllegalArgumentException if types or lengths differ, or the arrays overlap
     */
    public final void copy(MachineArray from, MachineArray to) {
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
     * @param value rounded to float if the array holds these
     * @throws IllegalArgumentException if the array holds neither floats nor doubles
     */
    public final void fill(MachineArray array, double value) {
        if (!array.type().isReal()) {
            throw new IllegalArgumentException("array must be FLOAT or DOUBLE, got " + array);
        }
        long address = addressOf(array);
        if (array.length() > 0) {
            fillReals(array.type(), address, value, array.length());
        }
    }

    /**
     * A matrix product. Factors and result are of one type, floats or doubles; or both factors are bfloat16 numbers, which is a
     * product in precision BF16 without rounding, and C is floats, or bfloat16 numbers too: then each is rounded to nearest even once,
     * when it is written.
     *
     * @throws IllegalArgumentException if an array is of another type or too short, or C overlaps a factor
     */
    public final void multiply(Gemm product, MachineArray a, MachineArray b, MachineArray c) {
        multiply(product, a, b, c, false);
    }

    /**
     * As {@link #multiply}, and where the machine can, each row of C has the same bytes whatever rows are beside it, in order ROWS.
     */
    public final void multiplyRowByRow(Gemm product, MachineArray a, MachineArray b, MachineArray c) {
        multiply(product, a, b, c, product.order() == MatrixOrder.ROWS);
    }

    /** Whether products have {@link Epilogue}s here: where not, kernels do the same in passes of their own. */
    public boolean hasEpilogues() {
        return false;
    }

    /**
     * As {@link #multiply(Gemm, MachineArray, MachineArray, MachineArray)}, with an epilogue; only on machines that {@linkplain #hasEpilogues have
     * them}.
     *
     * @param product in order ROWS
     * @throws IllegalArgumentException if an array of the epilogue is of another type or length than it says, too
     */
    public final void multiply(Gemm product, MachineArray a, MachineArray b, MachineArray c, Epilogue epilogue) {
        if (product.order() != MatrixOrder.ROWS) {
            throw new IllegalArgumentException("a product with an epilogue is in order ROWS, got " + product);
        }
        PlacedProduct placed = PlacedProduct.of(this, product, a, b, c);
        PlacedEpilogue end = PlacedEpilogue.of(this, product, c, epilogue);
        if (placed.isEmpty()) {
            end.sums().filter(sums -> sums.length() > 0).ifPresent(sums -> fill(sums, 0));
        } else {
            multiplyRows(placed, end, c);
        }
    }

    private void multiply(Gemm product, MachineArray a, MachineArray b, MachineArray c, boolean rowByRow) {
        PlacedProduct placed = PlacedProduct.of(this, product, a, b, c);
        if (placed.isEmpty()) {
            return;
        }
        if (rowByRow) {
            multiplyRows(placed);
        } else {
            multiplyColumns(placed.inColumns());
        }
    }

    /** Waits until all work is done. */
    public final void finish() {
        checkOpen();
        checkNotRecording("waiting");
        await();
    }

    /** The time that the work started by {@code work} takes on the machine, in milliseconds. */
    public final double millisecondsOf(Runnable work) {
        checkOpen();
        checkNotRecording("timing");
        return measure(work);
    }

    /**
     * Notes the work that {@code work} asks for instead of doing it: kernels, products, copies within the machine's memory and
     * fills. Anything else is refused meanwhile.
     *
     * @return what was noted, to be replayed; the caller closes it
     * @throws MachineException if the machine refuses
     */
    public final Recording record(Runnable work) {
        checkOpen();
        checkNotRecording("a recording");
        return recordings.record(() -> note(work));
    }

    /**
     * Frees everything.
     *
     * @throws MachineException if there was memory in use, or a recording was not closed, naming each owner and place; everything
     *     is given back nevertheless
     */
    @Override
    public final void close() {
        if (closed) {
            return;
        }
        checkNotRecording("closing the machine");
        closed = true;
        Closing closing = new Closing();
        recordings.close(closing);
        memory.close(closing);
        closing.attempt(this::closeRaw);
        closing.finish();
    }

    /** Refuses everything once the machine was closed. */
    protected final void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the machine " + name() + " was closed");
        }
    }

    /** Refuses what cannot be recorded, while work is recorded. */
    protected final void checkNotRecording(String what) {
        recordings.checkNotRecording(what);
    }

    /** Whether work is recorded now. */
    protected final boolean isRecording() {
        return recordings.isRecording();
    }

    /** Where an array of this machine is; a recording notes that it is used. */
    protected final long addressOf(MachineArray array) {
        checkOpen();
        if (array.machine() != this) {
            throw new IllegalArgumentException("the array belongs to another machine: " + array);
        }
        long address = array.address();
        recordings.uses(array.allocation());
        return address;
    }

    private long checked(String what, MachineArray array, ElementType type, long length) {
        if (array.type() != type || array.length() != length) {
            throw new IllegalArgumentException(what + " must be " + type + "[" + length + "], got " + array);
        }
        return addressOf(array);
    }

    private static int javaLength(MachineArray array) {
        if (array.length() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("too long for a Java array: " + array);
        }
        return (int) array.length();
    }

    /** At least 2 shares, side by side. */
    protected void performSideBySide(int shares, IntConsumer work) {
        throw new AssertionError("a machine that is wider than 1 does this");
    }

    /**
     * Fresh memory, contents undefined, aligned to 256 bytes; also for 0 bytes an address of its own.
     *
     * @param description owner and place, for reports
     */
    protected abstract long allocateBytes(long bytes, String description);

    /** The same for memory that is freed soon. */
    protected long allocateBytesBriefly(long bytes, String description) {
        return allocateBytes(bytes, description);
    }

    /** Gives either kind of memory back, after the work before that uses it. */
    protected abstract void freeBytes(long address, long bytes);

    /** Copies the first bytes of a direct buffer; the buffer may be changed as soon as this returns. */
    protected abstract void copyIn(ByteBuffer from, long address, long bytes);

    /** Copies into the first bytes of a direct buffer, after all work before. */
    protected abstract void copyOut(long address, ByteBuffer to, long bytes);

    protected abstract void copyWithin(long from, long to, long bytes);

    /**
     * Sets some numbers to one value.
     *
     * @param type FLOAT or DOUBLE
     */
    protected abstract void fillReals(ElementType type, long address, double value, long count);

    /** A product in order COLUMNS, m and n > 0. */
    protected abstract void multiplyColumns(PlacedProduct product);

    /** A product in order ROWS, m and n > 0, whose rows should not depend on each other in any bit; otherwise as {@link #multiplyColumns}. */
    protected void multiplyRows(PlacedProduct product) {
        multiplyColumns(product.inColumns());
    }

    /**
     * A product in order ROWS with an epilogue, m and n > 0.
     *
     * @param c where C is, as an array
     */
    protected void multiplyRows(PlacedProduct product, PlacedEpilogue epilogue, MachineArray c) {
        throw new UnsupportedOperationException("products on " + name() + " have no epilogues");
    }

    protected abstract void await();

    protected abstract double measure(Runnable work);

    /** Runs {@code work}, which must do nothing on the machine but be noted; whatever it throws, the machine can be used after. */
    protected abstract RecordedWork note(Runnable work);

    protected abstract void closeRaw();
}
