/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import static org.bytedeco.openblas.global.openblas.CblasColMajor;
import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.PlacedProduct;
import org.amend4j.internal.backend.RecordedWork;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.EpiloguePasses;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LoadedCode;
import org.amend4j.internal.cuda.kernel.CudaKernels;

/**
 * A device on the CPU, for tests and for machines without a card. Kernels are compiled by the host's C++ compiler and run one
 * block after the other; products are OpenBLAS's, their factors rounded first when TF32 or BF16 is asked for (to nearest, ties to
 * even). Fresh memory holds NaN, and guard words around every allocation are checked when a kernel ends and when memory is
 * freed. Times are wall-clock times and say nothing about a card.
 */
public final class EmulatedDevice extends Device {

    private final CudaKernels kernels = new CudaKernels(this);

    private final HostCompiler compiler;
    private final CodeCache cache;
    private final List<ThreadOrder> orders;
    private final GuardedMemory memory = new GuardedMemory();
    private final Tape tape = new Tape();
    private final Optional<Watch> watch;

    private EmulatedDevice(HostCompiler compiler, CodeCache cache, List<ThreadOrder> orders, Optional<Watch> watch) {
        this.compiler = compiler;
        this.cache = cache;
        this.orders = orders;
        this.watch = watch;
    }

    /** What is missing for {@link #open}, in a sentence; empty if nothing is. */
    public static Optional<String> missing() {
        return compiler().isPresent()
                ? HostLibrary.missingHeaders()
                : Optional.of("The emulated device needs a C++ compiler (g++, c++ or clang++) on the PATH.");
    }

    /** The C++ compiler that {@link #open} takes, as it calls itself; empty if there is none. */
    public static Optional<String> compiler() {
        return HostCompiler.find().map(HostCompiler::version);
    }

    /**
     * A device that runs every kernel once, threads in ascending order.
     *
     * @throws MachineException if there is no compiler or no jni.h
     */
    public static EmulatedDevice open(CodeCache cache) {
        return with(cache, List.of(ThreadOrder.ASCENDING), Optional.empty());
    }

    /**
     * As {@link #open}, and tells after every kernel which bytes of its arrays it read and wrote: every access of the compiled kernels is
     * noted, which makes them many times slower. Products, copies and fills are not watched.
     *
     * @throws MachineException if there is no compiler or no jni.h
     */
    public static EmulatedDevice watching(CodeCache cache, Consumer<Touched> listener) {
        return with(cache, List.of(ThreadOrder.ASCENDING), Optional.of(new Watch(listener)));
    }

    /**
     * A device that runs every kernel in each {@link ThreadOrder} from the same memory, and refuses kernels whose results are not
     * the same bytes: a barrier is missing, or blocks write to the same place.
     *
     * @throws MachineException if there is no compiler or no jni.h
     */
    public static EmulatedDevice checkingOrders(CodeCache cache) {
        return with(cache, List.of(ThreadOrder.values()), Optional.empty());
    }

    private static EmulatedDevice with(CodeCache cache, List<ThreadOrder> orders, Optional<Watch> watch) {
        HostCompiler compiler = HostCompiler.find()
                .orElseThrow(() -> new MachineException("no C++ compiler (g++, c++ or clang++) on the PATH"));
        HostLibrary.load(compiler, cache);
        return new EmulatedDevice(compiler, cache, orders, watch);
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    protected EpiloguePasses epilogues() {
        return kernels.epilogues();
    }

    @Override
    public String name() {
        return "emulated device (" + compiler.version() + ")";
    }

    /** No kernel is too new for it. */
    @Override
    public int architecture() {
        return Integer.MAX_VALUE;
    }

    @Override
    protected long allocateBytes(long bytes, String description) {
        return memory.allocate(bytes, description);
    }

    @Override
    protected void freeBytes(long address, long bytes) {
        memory.free(address);
    }

    @Override
    protected void copyIn(ByteBuffer from, long address, long bytes) {
        HostLibrary.copyIn(from, address, bytes);
    }

    @Override
    protected void copyOut(long address, ByteBuffer to, long bytes) {
        HostLibrary.copyOut(address, to, bytes);
    }

    @Override
    protected void copyWithin(long from, long to, long bytes) {
        tape.take(() -> HostLibrary.copy(from, to, bytes));
    }

    @Override
    protected void fillWords(long address, int bits, long words) {
        tape.take(() -> HostLibrary.fill(address, words, bits));
    }

    @Override
    protected void multiplyColumns(PlacedProduct product) {
        tape.take(() -> multiplyNow(product));
    }

    private void multiplyNow(PlacedProduct placed) {
        Gemm product = placed.product();
        try (Floats floats = new Floats()) {
            boolean exact = product.precision() == ProductPrecision.FP32;
            long a = exact ? placed.a() : floats.rounded(placed, placed.a(), product.extentA());
            long b = exact ? placed.b() : floats.rounded(placed, placed.b(), product.extentB());
            if (placed.result() == ElementType.FLOAT) {
                sgemm(product, a, b, placed.c());
            } else {
                long c = floats.allocate(product.extentC());
                HostLibrary.widen(placed.c(), c, product.beta() == 0 ? 0 : product.extentC());
                sgemm(product, a, b, c);
                HostLibrary.narrow(c, placed.c(), product.m(), product.n(), product.leadingC());
            }
        }
        memory.check("a matrix product");
    }

    /** Copies in the host's memory. */
    private static final class Floats implements AutoCloseable {

        private final List<Long> addresses = new ArrayList<>();

        long allocate(long count) {
            long address = HostLibrary.allocate(count * Float.BYTES, 0);
            addresses.add(address);
            return address;
        }

        long rounded(PlacedProduct placed, long from, long count) {
            long to = allocate(count);
            if (placed.factors() == ElementType.BFLOAT16) {
                HostLibrary.widen(from, to, count);
            } else {
                HostLibrary.round(from, to, count, droppedBits(placed.product().precision()));
            }
            return to;
        }

        @Override
        public void close() {
            addresses.forEach(address -> HostLibrary.free(address, 0, 0));
        }
    }

    private static int droppedBits(ProductPrecision precision) {
        return switch (precision) {
            case FP32 -> 0;
            case TF32 -> 13;
            case BF16 -> 16;
        };
    }

    private static void sgemm(Gemm product, long a, long b, long c) {
        cblas_sgemm(
                CblasColMajor,
                product.transposeA() ? CblasTrans : CblasNoTrans,
                product.transposeB() ? CblasTrans : CblasNoTrans,
                product.m(),
                product.n(),
                product.k(),
                (float) product.alpha(),
                new RawFloats(a),
                product.leadingA(),
                new RawFloats(b),
                product.leadingB(),
                (float) product.beta(),
                new RawFloats(c),
                product.leadingC());
    }

    @Override
    protected LoadedCode loadCode(KernelSource source) {
        return EmulatedCode.load(compiler, cache, source, memory, orders, tape, watch);
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
    protected RecordedWork note(Runnable work) {
        return tape.record(work);
    }

    @Override
    protected void closeDevice() {}
}
