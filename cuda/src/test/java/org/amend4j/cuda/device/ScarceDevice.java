/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.device;

import java.nio.ByteBuffer;

/** A device that has memory for so many allocations only; all else is another device's work. */
public class ScarceDevice extends Device {

    private final Device device;
    private int left;

    public ScarceDevice(Device device, int allocations) {
        this.device = device;
        this.left = allocations;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    protected long allocateBytes(long bytes, String description) {
        if (left-- <= 0) {
            throw new DeviceException("out of memory: " + description);
        }
        return device.allocateBytes(bytes, description);
    }

    @Override
    protected void freeBytes(long address, long bytes) {
        device.freeBytes(address, bytes);
    }

    @Override
    protected void copyIn(ByteBuffer from, long address, long bytes) {
        device.copyIn(from, address, bytes);
    }

    @Override
    protected void copyOut(long address, ByteBuffer to, long bytes) {
        device.copyOut(address, to, bytes);
    }

    @Override
    protected void copyWithin(long from, long to, long bytes) {
        device.copyWithin(from, to, bytes);
    }

    @Override
    protected void fillWords(long address, int bits, long words) {
        device.fillWords(address, bits, words);
    }

    @Override
    protected void multiplyColumns(Gemm product, ElementType factors, long a, long b, long c) {
        device.multiplyColumns(product, factors, a, b, c);
    }

    @Override
    protected LoadedCode loadCode(KernelSource source) {
        return device.loadCode(source);
    }

    @Override
    protected void await() {
        device.await();
    }

    @Override
    protected double measure(Runnable work) {
        return device.measure(work);
    }

    @Override
    protected RecordedWork note(Runnable work) {
        return device.note(work);
    }

    @Override
    protected void closeRaw() {
        device.close();
    }
}
