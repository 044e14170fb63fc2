/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.internal.cuda.device.KernelSignature;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.cuda.device.LoadedCode;

/** The emulated device as somebody sees it who has memory of his own: addresses, and launches without checks. */
public final class RawDevice implements AutoCloseable {

    private final EmulatedDevice device = (EmulatedDevice) EmulatedDevices.checking();
    private final Map<String, KernelSignature> kernels = new HashMap<>();
    private final Map<Long, Long> allocated = new HashMap<>();
    private final LoadedCode code;

    public RawDevice(KernelSource source) {
        code = device.loadCode(source);
        source.kernels().forEach(kernel -> kernels.put(kernel.name(), kernel));
    }

    /** The address of a copy. */
    public long put(float[] values) {
        long bytes = (long) values.length * Float.BYTES;
        ByteBuffer buffer = buffer(bytes);
        buffer.asFloatBuffer().put(values);
        long address = device.allocateBytes(bytes, "foreign memory");
        allocated.put(address, bytes);
        device.copyIn(buffer, address, bytes);
        return address;
    }

    public float[] get(long address) {
        long bytes = allocated.get(address);
        ByteBuffer buffer = buffer(bytes);
        device.copyOut(address, buffer, bytes);
        float[] values = new float[(int) (bytes / Float.BYTES)];
        buffer.asFloatBuffer().get(values);
        return values;
    }

    private static ByteBuffer buffer(long bytes) {
        return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    }

    public void launch(String kernel, LaunchShape threads, long[] arguments) {
        code.launch(kernels.get(kernel), threads, arguments);
    }

    @Override
    public void close() {
        allocated.forEach((address, bytes) -> device.freeBytes(address, bytes));
        code.unload();
        device.close();
    }
}
