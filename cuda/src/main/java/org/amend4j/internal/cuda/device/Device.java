/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.PlacedEpilogue;
import org.amend4j.internal.backend.PlacedProduct;
import org.amend4j.internal.backend.StoredMatrix;
import org.amend4j.internal.backend.StoredNumbers;

/**
 * A machine that runs kernels written in C-style CUDA, one stream of work, in single precision: a card, or its imitation on the
 * CPU.
 */
public abstract class Device extends Machine {

    private final Map<KernelSource, KernelModule> modules = new LinkedHashMap<>();
    private final DecodingFactor.Memory forStored = new DecodingFactor.Memory(this);
    private final Scratch scratch = new Scratch(this);

    /** 256 bytes: as what is allocated, for whole lines of memory and loads of 16 bytes. */
    @Override
    public final int parameterAlignment() {
        return 64;
    }

    @Override
    public final boolean computesIn(ElementType type) {
        return type == ElementType.FLOAT;
    }

    @Override
    public final Set<WeightStorage> storages() {
        return EnumSet.allOf(WeightStorage.class);
    }

    @Override
    public final Set<ProductPrecision> storedPrecisions() {
        return precisions();
    }

    @Override
    protected final void encode(MachineArray values, StoredNumbers to) {
        try (MachineArray refused = allocateBriefly("whether a number is refused", new int[1])) {
            kernels().storage().encode(values, to, refused);
            if (downloadInts(refused)[0] != 0) {
                throw new IllegalArgumentException("frozen weights must be finite to be stored in few bits: " + values);
            }
        }
    }

    @Override
    protected final FrozenFactor decoding(StoredMatrix matrix) {
        return new DecodingFactor(this, matrix, forStored);
    }

    /** Where a product has not the epilogue that is wanted, kernels do the same. */
    @Override
    public final boolean hasEpilogues() {
        return true;
    }

    @Override
    protected final void multiplyRows(PlacedProduct product, PlacedEpilogue epilogue, MachineArray c) {
        if (!multiplyAtOnce(product.inColumns(), epilogue)) {
            multiplyColumns(product.inColumns());
            Gemm shape = product.product();
            epilogues().apply(epilogue.epilogue(), c, shape.m(), shape.n(), shape.leadingC());
        }
    }

    /**
     * A product in order COLUMNS whose epilogue, which is of the rows of Cᵀ, is done before C is written, where the device can.
     *
     * @return false if it cannot, and did nothing
     */
    protected boolean multiplyAtOnce(PlacedProduct product, PlacedEpilogue epilogue) {
        return false;
    }

    /** Epilogues in passes of their own. */
    protected abstract EpiloguePasses epilogues();

    /**
     * Floats that kernels may leave something in for the next one; contents undefined.
     *
     * @throws IllegalStateException if there are not as many yet, and work is recorded
     */
    public final MachineArray scratch(long length) {
        checkOpen();
        return scratch.floats(length);
    }

    /**
     * Some thousand zeros that the blocks of a kernel may count with, if they leave zeros behind.
     *
     * @throws IllegalStateException if there are none yet, and work is recorded
     */
    public final MachineArray counters() {
        checkOpen();
        return scratch.counters();
    }

    final Scratch.Kept keep(ElementType type, long length) {
        checkNotRecording("more scratch memory");
        long address = allocateBytes(length * type.bytes(), "scratch memory of the device");
        return new Scratch.Kept(adopted("the device", type, length, address, this), address);
    }

    final void giveBack(Scratch.Kept kept) {
        freeBytes(kept.address(), kept.array().length() * kept.array().type().bytes());
    }

    /** The compute capability whose kernels it runs, 80 for 8.0. */
    public abstract int architecture();

    /**
     * Compiles and loads kernels; the same source is loaded once.
     *
     * @throws MachineException if the source does not compile
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

    final void requireOpen() {
        checkOpen();
    }

    final long address(MachineArray array) {
        return addressOf(array);
    }

    @Override
    protected final void fillReals(ElementType type, long address, double value, long count) {
        if (type != ElementType.FLOAT) {
            throw new IllegalArgumentException("a device fills floats, got " + type);
        }
        fillWords(address, Float.floatToRawIntBits((float) value), count);
    }

    @Override
    protected final void closeRaw() {
        try (Owned owned = new Owned()) {
            owned.add(this::closeDevice);
            owned.add(scratch::free);
            modules.values().forEach(module -> owned.add(module::unload));
        }
    }

    protected abstract LoadedCode loadCode(KernelSource source);

    protected abstract void fillWords(long address, int bits, long words);

    /** Gives the device itself back, after everything on it. */
    protected abstract void closeDevice();
}
