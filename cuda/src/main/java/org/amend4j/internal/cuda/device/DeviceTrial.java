/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.util.Arrays;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.backend.Epilogue;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Recording;

/**
 * A quick test that a device works at all: copies, a fill, a kernel, a product with an epilogue and a recording, on four numbers. So a
 * library that is missing or does not match the driver is detected before work begins.
 */
public final class DeviceTrial {

    private static final KernelSource DOUBLING = KernelSource.of("doubling", """
            extern "C" __global__ void doubling(float *x, int n) {
                const int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) {
                    x[i] *= 2;
                }
            }
            """);
    private static final LaunchShape ONE_WARP = new LaunchShape(1, 1, 32, 0);
    private static final int LENGTH = 4;

    private DeviceTrial() {}

    /**
     * Tries a device; it must be open and is left as it was, but for the kernel that was loaded.
     *
     * @throws MachineException if it refuses something or a number is wrong
     */
    public static void of(Device device) {
        float[] expected = {28, 40, 60, 88};
        float[] found = compute(device);
        if (!Arrays.equals(expected, found)) {
            throw new MachineException("it computes " + Arrays.toString(found) + " where " + Arrays.toString(expected)
                    + " would be right");
        }
    }

    /** 2 · 2 · X², X = [1 2; 3 4]. */
    private static float[] compute(Device device) {
        try (MachineArray x = device.allocate("x of a trial", new float[] {1, 2, 3, 4});
                MachineArray y = device.allocateBriefly("y of a trial", ElementType.FLOAT, LENGTH);
                MachineArray bias = device.allocateBriefly("bias of a trial", ElementType.FLOAT, 2)) {
            KernelModule kernels = device.load(DOUBLING);
            device.fill(y, Float.NaN);
            device.fill(bias, 0);
            device.multiply(Gemm.rows(2, 2, 2), x, x, y, new Epilogue.Bias(bias));
            device.multiply(Gemm.rows(2, 2, 2), x, x, y);
            device.millisecondsOf(() -> doubling(kernels, y));
            try (Recording recording = device.record(() -> {
                device.copy(y, x);
                doubling(kernels, x);
            })) {
                recording.replay();
            }
            return device.downloadFloats(x);
        }
    }

    private static void doubling(KernelModule kernels, MachineArray array) {
        kernels.launch("doubling", ONE_WARP, Argument.out(array), Argument.integer(LENGTH));
    }
}
