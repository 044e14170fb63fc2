/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.nio.ByteBuffer;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.backend.PlacedProduct;
import org.amend4j.internal.backend.Raw;
import org.amend4j.internal.backend.RecordedWork;
import org.amend4j.internal.cuda.kernel.CudaKernels;

/** A device that has memory for so many allocations only; all else is another machine's work. */
public class ScarceDevice extends Device {

    private final Device device;
    private final CudaKernels kernels = new CudaKernels(this);
    private int left;

    public ScarceDevice(Device device, int allocations) {
        this.device = device;
        this.left = allocations;
    }

    @Override
    public CudaKernels kernels() {
        return kernels;
    }

    @Override
    protected EpiloguePasses epilogues() {
        return kernels.epilogues();
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public int architecture() {
        return device.architecture();
    }

    @Override
    protected long allocateBytes(long bytes, String description) {
        if (left-- <= 0) {
            throw new MachineException("out of memory: " + description);
        }
        return Raw.allocateBytes(device, bytes, description);
    }

    @Override
    protected void freeBytes(long address, long bytes) {
        Raw.freeBytes(device, address, bytes);
    }

    @Override
    protected void copyIn(ByteBuffer from, long address, long bytes) {
        Raw.copyIn(device, from, address, bytes);
    }

    @Override
    protected void copyOut(long address, ByteBuffer to, long bytes) {
        Raw.copyOut(device, address, to, bytes);
    }

    @Override
    protected void copyWithin(long from, long to, long bytes) {
        Raw.copyWithin(device, from, to, bytes);
    }

    @Override
    protected void fillWords(long address, int bits, long words) {
        device.fillWords(address, bits, words);
    }

    @Override
    protected void multiplyColumns(PlacedProduct product) {
        Raw.multiplyColumns(device, product);
    }

    @Override
    protected LoadedCode loadCode(KernelSource source) {
        return device.loadCode(source);
    }

    @Override
    protected void await() {
        Raw.await(device);
    }

    @Override
    protected double measure(Runnable work) {
        return Raw.measure(device, work);
    }

    @Override
    protected RecordedWork note(Runnable work) {
        return Raw.note(device, work);
    }

    @Override
    protected void closeDevice() {
        device.close();
    }
}
