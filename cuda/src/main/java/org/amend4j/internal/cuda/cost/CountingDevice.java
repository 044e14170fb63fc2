/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Epilogue;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.PlacedEpilogue;
import org.amend4j.internal.backend.PlacedProduct;
import org.amend4j.internal.backend.RecordedWork;
import org.amend4j.internal.backend.Shapes;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.EpiloguePasses;
import org.amend4j.internal.cuda.device.KernelSignature;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.cuda.device.LoadedCode;
import org.amend4j.internal.cuda.kernel.CudaKernels;

/**
 * A device without memory that computes nothing: it notes what a card would be asked to do. The very code that drives cards runs on it, so
 * what it counts is what they are asked. Downloads are zeros.
 */
public final class CountingDevice extends Device {

    /** Where no address of this process is, since arrays of the host may be adopted. */
    private static final long FIRST_ADDRESS = 1L << 56;

    private static final long ALIGNMENT = 256;

    private final CudaKernels kernels = new CudaKernels(this);
    private final List<Call> calls = new ArrayList<>();
    private List<Call> noting = calls;
    private Call.Owner owner = new Call.Owner("", "");
    private long next = FIRST_ADDRESS;

    /** What was asked for since the last {@link #forget}, in order; a recording's work when it is replayed. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** Begins anew. */
    public void forget() {
        calls.clear();
    }

    @Override
    public void accountTo(String vertex, String what) {
        owner = new Call.Owner(vertex, what);
    }

    private void note(Call.Kind kind, String name, double flops, Traffic traffic) {
        noting.add(new Call(kind, name, owner, flops, traffic));
    }

    @Override
    protected EpiloguePasses epilogues() {
        return kernels.epilogues();
    }

    @Override
    public String name() {
        return "a device that only counts";
    }

    @Override
    public boolean computes() {
        return false;
    }

    /** As new as every {@link Card}: their kernels are the same. */
    @Override
    public int architecture() {
        return Integer.MAX_VALUE;
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    /** Weights of the host are read nowhere, so they need not be copied. */
    @Override
    public Optional<MachineArray> adopt(String what, ElementType type, long length, long address, Object keeper) {
        return type == ElementType.FLOAT ? Optional.of(adopted(what, type, length, address, keeper)) : Optional.empty();
    }

    @Override
    protected long allocateBytes(long bytes, String description) {
        long address = next;
        next += (bytes / ALIGNMENT + 1) * ALIGNMENT;
        return address;
    }

    @Override
    protected void freeBytes(long address, long bytes) {}

    @Override
    protected void copyIn(ByteBuffer from, long address, long bytes) {
        note(Call.Kind.TRANSFER, "upload", 0, new Traffic(0, bytes));
    }

    @Override
    protected void copyOut(long address, ByteBuffer to, long bytes) {
        note(Call.Kind.TRANSFER, "download", 0, new Traffic(bytes, 0));
        for (int k = 0; k < bytes; k++) {
            to.put(k, (byte) 0);
        }
    }

    @Override
    protected void copyWithin(long from, long to, long bytes) {
        note(Call.Kind.COPY, "copy", 0, new Traffic(bytes, bytes));
    }

    @Override
    protected void fillWords(long address, int bits, long words) {
        note(Call.Kind.FILL, "fill", 0, new Traffic(0, words * Integer.BYTES));
    }

    @Override
    protected void multiplyColumns(PlacedProduct product) {
        note(product, "", Traffic.NONE);
    }

    /** As cuBLASLt does it: C is written once, and what the epilogue reads or writes besides is counted with the product. */
    @Override
    protected boolean multiplyAtOnce(PlacedProduct product, PlacedEpilogue epilogue) {
        long vector = (long) product.product().m() * Float.BYTES;
        long mask =
                (long) product.product().n() * Shapes.ceilDiv(product.product().m(), Byte.SIZE);
        if (epilogue.epilogue() instanceof Epilogue.Bias) {
            note(product, " + bias", new Traffic(vector, 0));
        } else if (epilogue.epilogue() instanceof Epilogue.BiasRectifier) {
            note(product, " + bias, rectified", new Traffic(vector, epilogue.hasMask() ? mask : 0));
        } else {
            note(product, ", where positive", new Traffic(mask, epilogue.sums().isPresent() ? vector : 0));
        }
        return true;
    }

    private void note(PlacedProduct placed, String ending, Traffic more) {
        Gemm product = placed.product();
        long m = product.m();
        long n = product.n();
        long k = product.k();
        long result = m * n * placed.result().bytes();
        long read = (m * k + k * n) * placed.factors().bytes() + (product.beta() == 0 ? 0 : result);
        note(
                Call.Kind.ofProduct(product.m(), product.n(), product.k()),
                "[" + n + ", " + k + "] x [" + k + ", " + m + "]" + ending,
                2.0 * m * n * k,
                new Traffic(read, result).plus(more));
    }

    @Override
    protected LoadedCode loadCode(KernelSource source) {
        return new CountedCode();
    }

    private final class CountedCode implements LoadedCode {

        @Override
        public void launch(KernelSignature kernel, LaunchShape shape, long[] arguments) {
            throw new AssertionError("arrays are given");
        }

        @Override
        public void launch(KernelSignature kernel, LaunchShape shape, long[] arguments, List<Argument> arrays) {
            KernelLaunch launch = new KernelLaunch(kernel, arguments, arrays);
            note(Call.Kind.KERNEL, kernel.name(), KernelArithmetic.of(launch), KernelTraffic.of(launch));
        }

        @Override
        public void unload() {}
    }

    @Override
    protected void await() {}

    @Override
    protected double measure(Runnable work) {
        work.run();
        return 0;
    }

    @Override
    protected RecordedWork note(Runnable work) {
        List<Call> recorded = new ArrayList<>();
        noting = recorded;
        try {
            work.run();
        } finally {
            noting = calls;
        }
        return new RecordedWork() {
            @Override
            public void replay() {
                calls.addAll(recorded);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    protected void closeDevice() {}
}
