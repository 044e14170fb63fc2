/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.PlacedProduct;
import org.amend4j.internal.backend.RecordedWork;
import org.amend4j.internal.backend.StoredMatrix;
import org.amend4j.internal.backend.StoredNumbers;
import org.amend4j.internal.onednn.OneDnn;
import org.amend4j.internal.validation.Checks;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * The processor, in FLOAT and DOUBLE. A kernel or product is the work of the thread that asks for it; threads are used by {@link
 * #sideBySide} only. While products are made here, and for a moment after, ND4J's use one thread, too ({@link BlasThreads}).
 */
public final class HostMachine extends Machine {

    private static final long ALIGNMENT = 256;

    /** Rows below which packing the matrix is much of OpenBLAS's work, see {@link TransposedFactor}. */
    private static final int FEW_ROWS = 512;

    private static final long LARGE = 1 << 18;

    private final WorkerPool crew;
    private final String name;
    private final Scratch scratch = new Scratch();
    private final Optional<OneDnn> library;
    private final Optional<FastFactors> packing;
    private final Kernels kernels = new HostKernels(this);
    /** What was allocated, by the aligned addresses within. */
    private final Map<Long, Pointer> memory = new HashMap<>();

    private @Nullable ByteBuffer staging;
    private long stagingAt;
    /** While work is recorded: where it is noted. */
    private @Nullable List<Runnable> tape;

    private HostMachine(int threads, Optional<OneDnn> library) {
        BlasThreads.now(); // loads OpenBLAS
        this.library = library;
        this.packing = library.map(found -> new FastFactors(this, found));
        this.name = library.map(found -> "host with " + found).orElse("host");
        this.crew = new WorkerPool(threads);
    }

    /**
     * Opens the processor.
     *
     * @param threads that may work side by side, at least 1
     * @throws MachineException if OpenBLAS cannot be loaded
     */
    public static HostMachine open(int threads) {
        return open(threads, OneDnn.here());
    }

    /**
     * Opens the processor.
     *
     * @param threads that may work side by side, at least 1
     * @param library for products of floats with frozen matrices; empty for OpenBLAS alone
     * @throws MachineException if OpenBLAS cannot be loaded
     */
    public static HostMachine open(int threads, Optional<OneDnn> library) {
        Checks.atLeast(1, "threads", threads);
        try {
            return new HostMachine(threads, library);
        } catch (LinkageError e) {
            throw new MachineException("OpenBLAS cannot be loaded on this system: " + e.getMessage());
        }
    }

    /** Opens the processor with a thread for each of its cores. */
    public static HostMachine open() {
        return open(Runtime.getRuntime().availableProcessors());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public boolean computesIn(ElementType type) {
        return type.isReal();
    }

    @Override
    public Set<ProductPrecision> precisions() {
        return Set.of(ProductPrecision.FP32);
    }

    @Override
    public int width() {
        return crew.size();
    }

    @Override
    public boolean computesSideBySide() {
        return true;
    }

    /** Whether products are divided among threads now. */
    private boolean dividing;

    @Override
    public void dividingProducts(Runnable work) {
        boolean before = dividing;
        dividing = true;
        try {
            work.run();
        } finally {
            dividing = before;
        }
    }

    @Override
    public boolean callsOut() {
        return true;
    }

    @Override
    protected Buffer bufferOf(ElementType type, long address, int length) {
        Pointer memory = type == ElementType.DOUBLE ? RawPointers.doubles(address) : RawPointers.floats(address);
        return memory.capacity(length).asBuffer();
    }

    @Override
    protected void performOutside(Runnable work) {
        perform(() -> BlasThreads.all(work));
    }

    @Override
    public Set<ProductPrecision> frozenPrecisions() {
        return library.filter(OneDnn::multipliesBfloat16).isPresent()
                ? Set.of(ProductPrecision.FP32, ProductPrecision.BF16)
                : Set.of(ProductPrecision.FP32);
    }

    @Override
    protected FrozenFactor fastest(String owner, FrozenMatrix matrix) {
        FrozenFactor stored = stored(matrix);
        return packing.flatMap(all -> all.of(owner, matrix, stored)).orElseGet(() -> {
            if (matrix.precision() != ProductPrecision.FP32) {
                return stored; // too small to be worth it: products with it are not rounded
            }
            boolean few = matrix.rows() < FEW_ROWS && matrix.values().length() >= LARGE;
            return few && !matrix.transposed() ? TransposedFactor.of(this, owner, matrix) : stored;
        });
    }

    @Override
    public Set<WeightStorage> storages() {
        return EnumSet.allOf(WeightStorage.class);
    }

    @Override
    protected void encode(MachineArray values, StoredNumbers to) {
        new HostStorage(this, to).encode(this, values);
    }

    @Override
    protected FrozenFactor decoding(StoredMatrix matrix) {
        return new DecodedFactor(this, matrix);
    }

    /** Products with a matrix as it is stored, without rounding. */
    static FrozenFactor stored(FrozenMatrix matrix) {
        return asStored(matrix, ProductPrecision.FP32);
    }

    /**
     * Into how many pieces, of so many blocks, a product is divided now.
     *
     * @param terms it has
     */
    int piecesOfProduct(int blocks, double terms) {
        int worthwhile = (int) Math.min(blocks, 2 * terms / HostProduct.WORTHWHILE_FLOPS);
        return dividing ? Math.max(1, Math.min(crew.size(), worthwhile)) : 1;
    }

    WorkerPool crew() {
        return crew;
    }

    Scratch scratch() {
        return scratch;
    }

    /** Where at least so many floats are. */
    long floats(String what, MachineArray array, long count) {
        if (array.type() != ElementType.FLOAT || array.length() < count) {
            throw new IllegalArgumentException(what + " needs " + count + " floats, got " + array);
        }
        return addressOf(array);
    }

    @Override
    public Optional<MachineArray> adopt(String owner, ElementType type, long length, long address, Object keeper) {
        return Optional.of(adopted(owner, type, length, address, keeper));
    }

    /** The memory is freed by JavaCPP when nobody holds it. */
    @Override
    public MachineArray constant(String owner, float[] values) {
        FloatPointer copy = new FloatPointer(values);
        return adopted(owner, ElementType.FLOAT, values.length, copy.address(), copy);
    }

    @Override
    public MachineArray constant(String owner, double[] values) {
        DoublePointer copy = new DoublePointer(values);
        return adopted(owner, ElementType.DOUBLE, values.length, copy.address(), copy);
    }

    /** Does the work, or notes it while work is recorded. */
    void perform(Runnable work) {
        List<Runnable> noting = tape;
        if (noting == null) {
            work.run();
        } else {
            noting.add(work);
        }
    }

    /** Where an array is. */
    long address(MachineArray array) {
        return addressOf(array);
    }

    /**
     * Where an array of numbers is.
     *
     * @throws IllegalArgumentException if they are not of the type that the others have
     */
    long address(VectorLoops<?> lanes, MachineArray array) {
        if (!array.type().isReal() || VectorLoops.of(array.type()) != lanes) {
            throw new IllegalArgumentException("all numbers of a kernel must have one type, got " + array);
        }
        return addressOf(array);
    }

    @Override
    protected void performSideBySide(int shares, IntConsumer work) {
        List<Runnable> noting = tape;
        if (noting == null) {
            crew.run(shares, work);
            return;
        }
        List<List<Runnable>> tapes = new ArrayList<>();
        try {
            for (int share = 0; share < shares; share++) {
                List<Runnable> own = new ArrayList<>();
                tapes.add(own);
                tape = own;
                work.accept(share);
            }
        } finally {
            tape = noting;
        }
        noting.add(() -> crew.run(shares, share -> tapes.get(share).forEach(Runnable::run)));
    }

    @Override
    protected RecordedWork note(Runnable work) {
        List<Runnable> noted = new ArrayList<>();
        tape = noted;
        try {
            work.run();
        } finally {
            tape = null;
        }
        return new Noted(noted.toArray(Runnable[]::new));
    }

    private static final class Noted implements RecordedWork {

        private final Runnable[] steps;

        Noted(Runnable... steps) {
            this.steps = steps;
        }

        @Override
        public void replay() {
            for (Runnable step : steps) {
                step.run();
            }
        }

        @Override
        public void close() {}
    }

    @Override
    protected long allocateBytes(long bytes, String description) {
        Pointer pointer = Pointer.malloc(bytes + ALIGNMENT);
        if (pointer == null || pointer.isNull()) {
            throw new MachineException("out of memory: " + description);
        }
        long aligned = (pointer.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        memory.put(aligned, pointer);
        return aligned;
    }

    @Override
    protected void freeBytes(long address, long bytes) {
        Pointer pointer = memory.remove(address);
        if (pointer == null) {
            throw new AssertionError("memory of this machine");
        }
        Pointer.free(pointer);
    }

    @Override
    protected void copyIn(ByteBuffer from, long address, long bytes) {
        RawMemory.copy(stagingAddress(from), address, bytes);
    }

    @Override
    protected void copyOut(long address, ByteBuffer to, long bytes) {
        RawMemory.copy(address, stagingAddress(to), bytes);
    }

    /** Asked for once a buffer, as it takes a native call: uploads and downloads always have the same one. One caller at a time. */
    @SuppressWarnings("ReferenceEquality") // not their contents
    private long stagingAddress(ByteBuffer buffer) {
        if (buffer != staging) {
            stagingAt = new Pointer(buffer).address();
            staging = buffer;
        }
        return stagingAt;
    }

    @Override
    protected void copyWithin(long from, long to, long bytes) {
        perform(() -> RawMemory.copy(from, to, bytes));
    }

    @Override
    protected void fillReals(ElementType type, long address, double value, long count) {
        perform(() -> fill(VectorLoops.of(type), address, value, count));
    }

    private static <A> void fill(VectorLoops<A> lanes, long address, double value, long count) {
        int length = (int) Math.min(count, VectorLoops.PIECE);
        A values = lanes.scratch(0, length);
        lanes.fill(values, 0, length, value);
        for (long done = 0; done < count; done += length) {
            lanes.store(values, address + done * lanes.bytes(), (int) Math.min(length, count - done));
        }
    }

    @Override
    protected void multiplyColumns(PlacedProduct product) {
        HostProduct work = new HostProduct(product.product(), product.factors(), product.a(), product.b(), product.c());
        int pieces = dividing ? work.pieces(crew.size()) : 1;
        if (pieces == 1) {
            perform(work);
        } else {
            perform(() -> crew.run(pieces, piece -> work.piece(piece, pieces).run()));
        }
    }

    @Override
    protected void multiplyRows(PlacedProduct product) {
        if (RowProduct.takes(product.product())) {
            perform(new RowProduct<>(
                    VectorLoops.of(product.factors()), product.product(), product.a(), product.b(), product.c()));
        } else {
            super.multiplyRows(product);
        }
    }

    @Override
    protected void await() {}

    @Override
    protected double measure(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    @Override
    protected void closeRaw() {
        packing.ifPresent(FastFactors::close);
        scratch.close();
        crew.close();
    }
}
