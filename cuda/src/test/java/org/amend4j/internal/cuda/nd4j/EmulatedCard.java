/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.cuda.emulated.RawDevice;
import org.amend4j.internal.cuda.kernel.AdapterKernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The emulated device in the place of ND4J's card: memory with the strides of ND4J's arrays is copied there, and what a kernel
 * wrote is copied back. What lies between the elements must not change.
 */
final class EmulatedCard implements ArrayCard {

    private static final float MARK = 7.25f;

    private boolean isReady = true;

    void breakDown() {
        isReady = false;
    }

    @Override
    public boolean isReady() {
        return isReady;
    }

    @Override
    public void launch(String kernel, LaunchShape threads, ArgumentsAt arguments, INDArray written, INDArray... read) {
        try (RawDevice device = new RawDevice(AdapterKernels.source())) {
            IdentityHashMap<INDArray, Long> addresses = new IdentityHashMap<>();
            List<INDArray> arrays = new ArrayList<>(List.of(read));
            arrays.add(written);
            for (INDArray array : arrays) {
                addresses.computeIfAbsent(array, each -> device.put(memory(each)));
            }
            device.launch(kernel, threads, arguments.of(addresses::get));
            for (Map.Entry<INDArray, Long> entry : addresses.entrySet()) {
                float[] after = device.get(entry.getValue());
                if (entry.getKey() == written) {
                    takeBack(after, written);
                }
                assertEquals(
                        Arrays.toString(memory(entry.getKey())),
                        Arrays.toString(after),
                        "what the kernel does not write must stay");
            }
        }
    }

    /** The floats from an array's first element to its last, in the order of their addresses. */
    private static float[] memory(INDArray array) {
        int extent = (int) ((array.size(0) - 1) * array.stride(0) + (array.size(1) - 1) * array.stride(1) + 1);
        float[] memory = new float[extent];
        Arrays.fill(memory, MARK);
        for (int i = 0; i < array.size(0); i++) {
            for (int j = 0; j < array.size(1); j++) {
                memory[i * array.stride(0) + j * array.stride(1)] = array.getFloat(i, j);
            }
        }
        return memory;
    }

    private static void takeBack(float[] memory, INDArray array) {
        for (int i = 0; i < array.size(0); i++) {
            for (int j = 0; j < array.size(1); j++) {
                array.putScalar(new int[] {i, j}, memory[i * array.stride(0) + j * array.stride(1)]);
            }
        }
    }
}
