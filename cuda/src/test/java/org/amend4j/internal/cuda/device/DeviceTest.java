/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MemoryContract;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What every device promises, on the emulated one: account of memory, copies, checks at the door. */
class DeviceTest implements MemoryContract {

    private static final KernelSource COPY = KernelSource.of("copy", """
            extern "C" __global__ void copy(const float *from, float *to, int count, long long more, float factor) {
                for (int i = threadIdx.x; i < count; i += blockDim.x) to[i] = factor * from[i] + more;
            }
            """);
    private static final LaunchShape ONE_BLOCK = new LaunchShape(1, 1, 32, 0);

    @Override
    public Machine open() {
        return EmulatedDevices.plain();
    }

    /** After an error that sticks, every call fails: all the same each is made, and what was forgotten is told. */
    @Test
    void closingGivesEverythingBackWhateverFailsOnTheWay() {
        List<String> steps = new ArrayList<>();
        Device broken = new ScarceDevice(EmulatedDevices.plain(), 2) {
            @Override
            protected void freeBytes(long address, long bytes) {
                super.freeBytes(address, bytes);
                steps.add("freed " + bytes);
                throw new MachineException("an error that sticks");
            }

            @Override
            protected void closeDevice() {
                super.closeDevice();
                steps.add("closed");
                throw new MachineException("an error that sticks");
            }
        };
        broken.allocate("one", ElementType.FLOAT, 1);
        broken.allocate("two", ElementType.FLOAT, 2);
        MachineException failure = assertThrows(MachineException.class, broken::close);
        assertEquals(List.of("freed 4", "freed 8", "closed"), steps);
        assertTrue(failure.getMessage().startsWith("2 allocations were not freed: 'one'"), failure.getMessage());
        assertTrue(failure.getMessage().endsWith("; an error that sticks"), failure.getMessage());
        assertEquals(3, failure.getSuppressed().length);
        broken.close(); // nothing is given back twice
        assertEquals(3, steps.size());
    }

    @Test
    void aKernelGetsItsArgumentsAndOnlyThose() {
        try (Device device = EmulatedDevices.checking();
                MachineArray from = device.allocate("from", new float[] {1, 2, 3, 4, 5});
                MachineArray to = device.allocate("to", ElementType.FLOAT, 5);
                MachineArray ints = device.allocate("ints", ElementType.INT, 5)) {
            KernelModule module = device.load(COPY);
            Argument in = Argument.in(from);
            Argument out = Argument.out(to);
            Argument count = Argument.integer(5);
            Argument more = Argument.count(-(1L << 33));
            Argument factor = Argument.real(-0.5f);
            module.launch("copy", ONE_BLOCK, in, out, count, Argument.count(-3), factor);
            assertArrayEquals(new float[] {-3.5f, -4, -4.5f, -5, -5.5f}, device.downloadFloats(to));
            module.launch("copy", ONE_BLOCK, in, out, count, more, factor);
            assertEquals(-0x1p33f, device.downloadFloats(to)[0]);
            refused("no kernel 'paste', there are [copy]", () -> module.launch("paste", ONE_BLOCK));
            refused("takes 5 arguments, got 2", () -> module.launch("copy", ONE_BLOCK, in, out));
            refused(
                    "parameter 'from' of kernel 'copy' is const float *",
                    () -> module.launch("copy", ONE_BLOCK, out, out, count, more, factor));
            refused(
                    "parameter 'to' of kernel 'copy' is float *",
                    () -> module.launch("copy", ONE_BLOCK, in, in, count, more, factor));
            refused(
                    "parameter 'from' of kernel 'copy' is const float *",
                    () -> module.launch("copy", ONE_BLOCK, Argument.in(ints), out, count, more, factor));
            refused(
                    "parameter 'count' of kernel 'copy' is int",
                    () -> module.launch("copy", ONE_BLOCK, in, out, Argument.count(5), more, factor));
            refused(
                    "parameter 'factor' of kernel 'copy' is float",
                    () -> module.launch("copy", ONE_BLOCK, in, out, count, more, Argument.absent()));
        }
    }

    @Test
    void shapesOfLaunchesAreThoseThatEveryCardTakes() {
        refused("blocks in x must be >= 1, got 0", () -> new LaunchShape(0, 1, 32, 0));
        refused("blocks in y must be in [1, 65535], got 65536", () -> new LaunchShape(1, 65536, 32, 0));
        refused("threads of a block must be in [32, 1024], got 2048", () -> new LaunchShape(1, 1, 2048, 0));
        refused("threads of a block must be a multiple of 32, got 48", () -> new LaunchShape(1, 1, 48, 0));
        refused("shared bytes must be in [0, 49152], got 49156", () -> new LaunchShape(1, 1, 32, 49156));
    }

    @Test
    void signaturesAreReadFromTheSource() {
        KernelSignature kernel = COPY.kernels().get(0);
        assertEquals("copy", kernel.name());
        assertEquals(
                "[const float * from, float * to, int count, long long more, float factor]",
                kernel.parameters().stream()
                        .map(parameter -> parameter.kind().spelling() + " " + parameter.name())
                        .toList()
                        .toString());
        refused("no extern \"C\" __global__ void in x", () -> KernelSource.of("x", "void f(int a) {}"));
        refused(
                "kernel f has a parameter of type 'double *'",
                () -> KernelSource.of("x", "extern \"C\" __global__ void f(double *a) {}"));
        refused(
                "kernel 'f' is twice in x",
                () -> KernelSource.of(
                        "x", "extern \"C\" __global__ void f(int a) {}\nextern \"C\" __global__ void f(int b) {}"));
    }

    private static void refused(String part, Executable work) {
        RuntimeException refusal = assertThrows(RuntimeException.class, work);
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
