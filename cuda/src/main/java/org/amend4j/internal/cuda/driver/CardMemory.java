/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.amend4j.internal.cuda.driver.CompiledKernels.attribute;
import static org.amend4j.internal.cuda.driver.Status.check;
import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED;
import static org.bytedeco.cuda.global.cudart.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
import static org.bytedeco.cuda.global.cudart.CU_MEM_ALLOCATION_TYPE_PINNED;
import static org.bytedeco.cuda.global.cudart.CU_MEM_HANDLE_TYPE_NONE;
import static org.bytedeco.cuda.global.cudart.CU_MEM_LOCATION_TYPE_DEVICE;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemAllocFromPoolAsync;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemFreeAsync;
import static org.bytedeco.cuda.global.cudart.cuMemPoolCreate;
import static org.bytedeco.cuda.global.cudart.cuMemPoolDestroy;
import static org.bytedeco.cuda.global.cudart.cuMemPoolSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.cuda.cudart.CUmemPoolHandle_st;
import org.bytedeco.cuda.cudart.CUmemPoolProps_v1;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A card's memory. What is given back soon comes from a pool, in the order of a stream, and nothing waits for it; what stays does not:
 * a pool's memory is cut and mapped by the driver as it sees fit. Where a card has no pools, all memory is of the second kind, and
 * giving it back waits for the stream. For use in the context that it was made in.
 */
final class CardMemory implements AutoCloseable {

    /**
     * What a pool keeps of what was given back. With CUDA's 0 everything is unmapped whenever a stream is waited for, and mapped anew in
     * the next step. A step's tokens and places of words take some megabytes; more than this would be missing elsewhere.
     */
    static final long KEPT_BYTES = 64L << 20;

    private final CUstream_st stream;
    private final Optional<CUmemPoolHandle_st> pool;
    /** What came from the pool. */
    private final Set<Long> pooled = new HashSet<>();
    /** What was to be given back when waiting for the stream failed: work may still use it. */
    private final Set<Long> inUse = new HashSet<>();

    /** @param device the card of the context, as CUDA counts */
    CardMemory(int device, CUstream_st stream) {
        this.stream = stream;
        this.pool = attribute(CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, device) == 0
                ? Optional.empty()
                : Optional.of(newPool(device));
    }

    private static CUmemPoolHandle_st newPool(int device) {
        CUmemPoolHandle_st pool = new CUmemPoolHandle_st();
        try (CUmemPoolProps_v1 settings = new CUmemPoolProps_v1();
                LongPointer kept = new LongPointer(new long[] {KEPT_BYTES})) {
            Pointer.memset(settings, 0, settings.sizeof());
            settings.allocType(CU_MEM_ALLOCATION_TYPE_PINNED).handleTypes(CU_MEM_HANDLE_TYPE_NONE);
            settings.location().type(CU_MEM_LOCATION_TYPE_DEVICE).id(device);
            check(cuMemPoolCreate(pool, settings), "cuMemPoolCreate");
            try {
                check(cuMemPoolSetAttribute(pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, kept), "cuMemPoolSetAttribute");
            } catch (RuntimeException e) {
                check(cuMemPoolDestroy(pool), "cuMemPoolDestroy");
                throw e;
            }
        }
        return pool;
    }

    /** Memory that stays. */
    long allocate(long bytes, String description) {
        long[] address = new long[1];
        check(cuMemAlloc(address, Math.max(1, bytes)), "allocation of " + description);
        return address[0];
    }

    /** Memory that is given back soon. */
    long allocateBriefly(long bytes, String description) {
        if (pool.isEmpty()) {
            return allocate(bytes, description);
        }
        long[] address = new long[1];
        check(cuMemAllocFromPoolAsync(address, Math.max(1, bytes), pool.get(), stream), "allocation of " + description);
        pooled.add(address[0]);
        return address[0];
    }

    /** Gives either kind back, after what uses it. */
    void free(long address) {
        if (pooled.remove(address)) {
            check(cuMemFreeAsync(address, stream), "cuMemFreeAsync");
            return;
        }
        int waited = cuStreamSynchronize(stream);
        if (waited != CUDA_SUCCESS) {
            inUse.add(address);
        }
        check(waited, "cuStreamSynchronize");
        check(cuMemFree(address), "cuMemFree");
    }

    /** Gives the pool back, and what waiting failed for, once nothing is in use. */
    @Override
    public void close() {
        inUse.forEach(address -> check(cuMemFree(address), "cuMemFree"));
        pool.ifPresent(there -> check(cuMemPoolDestroy(there), "cuMemPoolDestroy"));
    }
}
