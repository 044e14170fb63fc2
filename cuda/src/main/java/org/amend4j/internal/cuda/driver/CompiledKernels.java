/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.amend4j.internal.cuda.driver.Status.check;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.cuCtxGetDevice;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuModuleUnload;

import java.util.HashMap;
import java.util.Map;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.KernelSignature;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A kernel source in a card's memory. Its methods work in the CUDA context that is current on the calling thread, which
 * must be the one it was loaded in; any stream of that context can be used, whoever created it.
 */
public final class CompiledKernels {

    private final CUmod_st module = new CUmod_st();
    private final Map<String, CUfunc_st> functions = new HashMap<>();
    private final KernelParameters parameters;

    private CompiledKernels(KernelSource source, byte[] code, KernelParameters parameters) {
        this.parameters = parameters;
        try (BytePointer image = new BytePointer(code)) {
            check(cuModuleLoadData(module, image), "cuModuleLoadData of " + source.name());
        }
        try {
            for (KernelSignature kernel : source.kernels()) {
                CUfunc_st function = new CUfunc_st();
                check(cuModuleGetFunction(function, module, kernel.name()), "cuModuleGetFunction of " + kernel.name());
                functions.put(kernel.name(), function);
            }
        } catch (MachineException e) {
            unloadAfter(e);
            throw e;
        }
    }

    private void unloadAfter(MachineException failure) {
        try {
            unload();
        } catch (MachineException later) {
            failure.addSuppressed(later);
        }
    }

    /**
     * Compiles a source for a card, unless that is done already, and loads it.
     *
     * @param parameters room for launches, which must outlive them
     * @throws MachineException if it does not compile or load
     */
    static CompiledKernels load(KernelSource source, Capability card, CodeCache cache, KernelParameters parameters) {
        return new CompiledKernels(source, KernelCompiler.code(source, card, cache), parameters);
    }

    /**
     * Compiles and loads a source for the card of the current context, whoever made that.
     *
     * @throws MachineException if there is none, or it does not compile or load
     */
    public static CompiledKernels loadInCurrentContext(KernelSource source, CodeCache cache) {
        int device = currentDevice();
        Capability card = new Capability(
                attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device),
                attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device));
        return load(source, card, cache, new KernelParameters());
    }

    /**
     * The card of the current context, as CUDA counts.
     *
     * @throws MachineException if there is none
     */
    public static int currentDevice() {
        int[] device = new int[1];
        check(cuCtxGetDevice(device), "cuCtxGetDevice");
        return device[0];
    }

    static int attribute(int attribute, int device) {
        int[] value = new int[1];
        check(cuDeviceGetAttribute(value, attribute, device), "cuDeviceGetAttribute");
        return value[0];
    }

    /**
     * Starts a kernel; threads may, each on streams of its own.
     *
     * @param stream the stream itself, not where it is kept
     * @param arguments 64 bits each, a smaller value in the lowest bits
     * @throws MachineException if the driver refuses
     */
    public void launch(String kernel, LaunchShape shape, Pointer stream, long[] arguments) {
        CUfunc_st function = functions.get(kernel);
        if (function == null) {
            throw new IllegalArgumentException("no kernel '" + kernel + "'");
        }
        // The driver has copied the values when the call returns.
        synchronized (parameters) {
            check(
                    cuLaunchKernel(
                            function,
                            shape.gridX(),
                            shape.gridY(),
                            1,
                            shape.block(),
                            1,
                            1,
                            shape.sharedBytes(),
                            new CUstream_st(stream),
                            parameters.of(arguments),
                            (PointerPointer<?>) null),
                    "launch of kernel '" + kernel + "' as " + shape);
        }
    }

    void unload() {
        check(cuModuleUnload(module), "cuModuleUnload");
    }
}
