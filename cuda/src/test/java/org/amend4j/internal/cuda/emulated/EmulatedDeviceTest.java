/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.cache.CodeCache;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The watch that the emulated device keeps: each kind of mistake, in the smallest kernel that makes it. */
class EmulatedDeviceTest {

    private static final int LENGTH = 64;

    private static KernelSource kernel(String body) {
        return KernelSource.of(
                "small",
                "#ifndef AMEND_EMULATED\n#error\n#endif\nextern \"C\" __global__ void small(float *to, int n) {\n"
                        + body + "\n}\n");
    }

    private static float[] run(Device device, LaunchShape shape, String body, int n) {
        MachineArray to = device.allocate("result", ElementType.FLOAT, LENGTH);
        try {
            device.load(kernel(body)).launch("small", shape, out(to), integer(n));
            return device.downloadFloats(to);
        } finally {
            try {
                to.close();
            } catch (MachineException damagedGuard) {
                // the kernel was told off already
            }
        }
    }

    private static void caught(String part, LaunchShape shape, String body, int n) {
        try (Device device = EmulatedDevices.checking()) {
            String message = assertThrows(MachineException.class, () -> run(device, shape, body, n))
                    .getMessage();
            assertTrue(message.contains(part), message);
        }
    }

    private static LaunchShape shape(int blocks, int threads, int shared) {
        return new LaunchShape(blocks, 1, threads, shared);
    }

    @Test
    void indicesAreCudas() {
        try (Device device = EmulatedDevices.checking()) {
            float[] got = run(
                    device,
                    new LaunchShape(2, 1, 32, 0),
                    "to[blockIdx.x * blockDim.x + threadIdx.x] = 1000 * gridDim.x + 100 * blockDim.x + 10 * blockIdx.x"
                            + " + threadIdx.x + n;",
                    LENGTH);
            for (int i = 0; i < LENGTH; i++) {
                assertEquals(2000 + 3200 + 10 * (i / 32) + i % 32 + LENGTH, got[i]);
            }
        }
    }

    @Test
    void shufflesAreCudas() {
        try (Device device = EmulatedDevices.checking()) {
            float[] got = run(
                    device,
                    shape(1, 64, 0),
                    "int i = threadIdx.x; float v = i; float down = __shfl_down_sync(0xFFFFFFFFu, v, 5);"
                            + " float over = __shfl_xor_sync(0xFFFFFFFFu, v, 3); float all = __shfl_sync(0xFFFFFFFFu, v, 7);"
                            + " to[i] = down + 100 * over + 10000 * all;",
                    LENGTH);
            for (int i = 0; i < LENGTH; i++) {
                int lane = i % 32;
                int down = lane + 5 < 32 ? i + 5 : i;
                assertEquals(down + 100f * (i ^ 3) + 10000f * (i - lane + 7), got[i]);
            }
        }
    }

    @Test
    void memoryThatNobodyWroteIsNaN() {
        try (Device device = EmulatedDevices.plain();
                MachineArray array = device.allocate("fresh", ElementType.FLOAT, 100)) {
            for (float value : device.downloadFloats(array)) {
                assertTrue(Float.isNaN(value));
            }
        }
    }

    @Test
    void sharedMemoryThatNobodyWroteIsNaNInEveryBlock() {
        try (Device device = EmulatedDevices.plain()) {
            float[] got = run(
                    device,
                    shape(2, 32, 128),
                    "SHARED(float, s); to[blockIdx.x * 32 + threadIdx.x] = s[threadIdx.x]; s[threadIdx.x] = 1;",
                    LENGTH);
            for (float value : got) {
                assertTrue(Float.isNaN(value));
            }
        }
    }

    @ParameterizedTest(name = "element {0}")
    @ValueSource(ints = {-200, -1, LENGTH, LENGTH + 200})
    void writesOutsideAreNoticedWithOwnerAndPlace(int place) {
        caught(
                place < 0 ? "bytes before the start of 'result'" : "bytes behind the end of 'result'",
                shape(1, 32, 0),
                "if (threadIdx.x == 3) to[n] = 1;",
                place);
        caught("EmulatedDeviceTest.run", shape(1, 32, 0), "if (threadIdx.x == 3) to[n] = 1;", place);
    }

    @Test
    void damageIsNoticedAgainWhenMemoryIsFreed() {
        try (Device device = EmulatedDevices.plain()) {
            MachineArray to = device.allocate("result", ElementType.FLOAT, LENGTH);
            assertThrows(
                    MachineException.class,
                    () -> device.load(kernel("to[n] = 1;")).launch("small", shape(1, 32, 0), out(to), integer(LENGTH)));
            String message = assertThrows(MachineException.class, to::close).getMessage();
            assertTrue(message.contains("0 bytes behind the end of 'result'"), message);
        }
    }

    @Test
    void writesOutsideSharedMemoryAreNoticed() {
        caught(
                "wrote outside its 128 bytes of shared memory",
                shape(1, 32, 128),
                "SHARED(float, s); s[threadIdx.x + 1] = 1; to[threadIdx.x] = 0;",
                0);
    }

    @Test
    void aMissingBarrierIsNoticed() {
        String body = "SHARED(float, s); s[threadIdx.x] = threadIdx.x; HERE to[threadIdx.x] = s[n - threadIdx.x];";
        caught("gives another result with its threads in order", shape(1, 64, 256), body.replace("HERE", ""), 63);
        try (Device device = EmulatedDevices.checking()) {
            float[] got = run(device, shape(1, 64, 256), body.replace("HERE", "__syncthreads();"), 63);
            for (int i = 0; i < LENGTH; i++) {
                assertEquals(63 - i, got[i]);
            }
        }
    }

    /** Where a card traps; the twins differ in one element of the address. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "float4 | reads 16 bytes | float4 v = *reinterpret_cast<const float4 *>(to + n); to[0] = v.x;",
                "float4 | writes 16 bytes | *reinterpret_cast<float4 *>(to + n) = make_float4(1, 2, 3, 4);",
                "float4 of shared memory | reads 16 bytes | SHARED(float, s); s[threadIdx.x] = 1; __syncthreads();"
                        + " to[threadIdx.x] = float4(*reinterpret_cast<float4 *>(s + n)).w;",
                "float2 | reads 8 bytes | float2 v; v = reinterpret_cast<const float2 *>(to + n)[1]; to[0] = v.x;",
                "int4 | writes 16 bytes | reinterpret_cast<int4 *>(to + n)[1] = make_int4(1, 2, 3, 4);",
                "uint2 | reads 8 bytes | to[0] = uint2(*reinterpret_cast<const uint2 *>(to + n)).y;"
            })
    @OneIn(5)
    void aVectorThatIsNotAlignedIsNoticed(String type, String what, String body) {
        LaunchShape shape = shape(1, 32, 256);
        String once = body.contains("SHARED") ? body : "if (threadIdx.x == 5) {" + body + "}";
        try (Device device = EmulatedDevices.plain()) {
            run(device, shape, once, 4);
        }
        try (Device device = EmulatedDevices.plain()) {
            String message = assertThrows(MachineException.class, () -> run(device, shape, once, 3))
                    .getMessage();
            assertTrue(message.startsWith("kernel 'small': thread "), message);
            assertTrue(message.contains(" of block 0,0,0 " + what + " at once at an address that is not"), message);
        }
    }

    /** In registers there are no addresses. */
    @Test
    void vectorsOfAThreadMayLieAnywhere() {
        try (Device device = EmulatedDevices.checking()) {
            float[] got = run(
                    device,
                    shape(1, 32, 0),
                    "float4 a(1, 2, 3, 4); float odd = n; float4 b = a; float4 c; c = b;"
                            + " to[threadIdx.x] = c.w + odd; to[threadIdx.x + 32] = 0;",
                    5);
            assertEquals(9, got[7]);
        }
    }

    @Test
    void blocksThatRaceAreNoticed() {
        caught("gives another result with its threads in order", shape(2, 32, 0), "to[threadIdx.x] = blockIdx.x;", 0);
    }

    @Test
    void aBarrierThatSomeThreadsMissIsNoticed() {
        caught(
                "waits at the barrier of line",
                shape(1, 64, 0),
                "if (threadIdx.x < 40) __syncthreads();\nto[0] = 0;",
                0);
        caught(
                "meet at different barriers",
                shape(1, 64, 0),
                "if (threadIdx.x < 40) __syncthreads();\nelse __syncthreads();\nto[0] = 0;",
                0);
    }

    @Test
    void aShuffleThatSomeLanesMissIsNoticed() {
        caught(
                "waits at the shuffle of line",
                shape(1, 32, 0),
                "if (threadIdx.x < 16) to[0] = __shfl_xor_sync(0xFFFFFFFFu, 1.0f, 1);",
                0);
        caught("only whole warps are emulated", shape(1, 32, 0), "to[0] = __shfl_xor_sync(0xFFFFu, 1.0f, 1);", 0);
    }

    @Test
    void lanesThatMeetElsewhereAreNoticed() {
        String product = "float sums[4] = {}; unsigned left[4] = {}; HERE to[threadIdx.x] = sums[0];";
        String multiply = "mma_bf16_16816(sums, left, 0, 0);";
        caught(
                "lanes of a warp meet at the product of line",
                shape(1, 32, 0),
                product.replace("HERE", "if (threadIdx.x < 16)\n" + multiply + "\nelse\n" + multiply),
                0);
        caught(
                "waits at the product of line",
                shape(1, 32, 0),
                product.replace("HERE", "if (threadIdx.x < 16) " + multiply),
                0);
        caught(
                "is not rounded to tf32",
                shape(1, 32, 0),
                product.replace("HERE", "left[0] = 1; mma_tf32_1688(sums, left, 0, 0);"),
                0);
    }

    private static final String COPY =
            "SHARED(float, s); const int i = threadIdx.x; s[i] = 5; to[i] = i; __syncthreads();"
                    + " if (i < 8) cp_async16(s + 4 * i, to + 4 * i, 16); cp_async_commit(); const float early = s[i]; HERE"
                    + " __syncthreads(); to[32 + i] = s[i]; to[i] = early;";

    @Test
    void whatIsCopiedIsNaNUntilItIsWaitedFor() {
        try (Device device = EmulatedDevices.plain()) {
            float[] got = run(device, shape(1, 32, 128), COPY.replace("HERE", "cp_async_wait<0>();"), 0);
            for (int i = 0; i < 32; i++) {
                assertEquals(i, got[32 + i]);
            }
            assertTrue(Float.isNaN(got[0]), "the copy of thread 0 is under way when it reads");
        }
        String left = "leaves the kernel without having waited for its copies";
        caught(left, shape(1, 32, 128), COPY.replace("HERE", ""), 0);
        caught(left, shape(1, 32, 128), COPY.replace("HERE", "cp_async_wait<1>();"), 0);
    }

    @Test
    void copiesAndMatricesAtOtherPlacesThanMultiplesOf16AreRefused() {
        String waited = COPY.replace("HERE", "cp_async_wait<0>();");
        caught("is from an address that is not", shape(1, 32, 128), waited.replace(", to + 4", ", to + 1 + 4"), 0);
        caught("which is not a multiple of 16", shape(1, 32, 256), waited.replace("(s + 4", "(s + 1 + 4"), 0);
        caught("which is outside", shape(1, 32, 128), waited.replace("(s + 4", "(s + 64 + 4"), 0);
        caught(
                "the load of matrices of line",
                shape(1, 32, 256),
                "SHARED(float, s); unsigned words[4]; ldmatrix_x4(words, (unsigned *)s + 1); to[threadIdx.x] = words[0];",
                0);
    }

    @Test
    void aSourceThatDoesNotCompileIsRefusedWithTheCompilersWords() {
        caught("does not compile small.cu", shape(1, 32, 0), "int unused = 3;", 0);
        caught("no_such_thing", shape(1, 32, 0), "to[0] = no_such_thing;", 0);
    }

    @Test
    void compiledCodeIsKeptAndLeavesNothingElse(@TempDir Path folder) throws IOException {
        EmulatedDevices.plain().close();
        for (int time = 0; time < 2; time++) {
            try (Device device = EmulatedDevice.open(CodeCache.in(folder))) {
                assertArrayEquals(new float[LENGTH], run(device, shape(1, 64, 0), "to[threadIdx.x] = 0;", 0));
            }
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(
                        1, files.filter(file -> file.toString().endsWith(".so")).count());
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }
}
