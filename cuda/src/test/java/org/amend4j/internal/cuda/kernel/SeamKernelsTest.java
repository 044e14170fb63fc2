/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What mma.cuh says of tensor cores: every element of every fragment is where PTX's tables have it. */
class SeamKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("seam");
    private static final int ROWS = 16;
    private static final int COLUMNS = 8;

    private static MachineArray in0(Device device, float... values) {
        MachineArray array = device.allocate("input", ElementType.FLOAT, values.length);
        device.upload(values, array);
        return array;
    }

    /** Everywhere something else, in as few bits as all formats have. */
    private static float[] distinct(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i + 1;
        }
        return values;
    }

    /** Every left factor with a single one, times distinct numbers: a row of them in one row of the sums, and nothing elsewhere. */
    private static void oneAtATime(Device device, KernelSource source, String kernel, int inner) {
        int cases = ROWS * inner;
        float[] left = new float[cases * cases];
        float[] right = new float[cases * inner * COLUMNS];
        float[] sums = new float[cases * ROWS * COLUMNS];
        Arrays.fill(sums, 1000);
        for (int one = 0; one < cases; one++) {
            left[one * cases + one] = 1;
            System.arraycopy(distinct(inner * COLUMNS), 0, right, one * inner * COLUMNS, inner * COLUMNS);
        }
        float[] got = product(device, source, kernel, cases, left, right, sums);
        for (int i = 0; i < got.length; i++) {
            int one = i / (ROWS * COLUMNS);
            int row = i / COLUMNS % ROWS;
            float there = row == one / inner ? 1 + one % inner * COLUMNS + i % COLUMNS : 0;
            assertEquals(1000 + there, got[i], "the one at " + one + ", element " + i);
        }
    }

    /** Distinct numbers times a right factor that is the identity, and beside it zeros. */
    private static void identity(Device device, KernelSource source, String kernel, int inner) {
        for (int from = 0; from < inner; from += COLUMNS) {
            float[] right = new float[inner * COLUMNS];
            for (int k = 0; k < COLUMNS; k++) {
                right[(from + k) * COLUMNS + k] = 1;
            }
            float[] left = distinct(ROWS * inner);
            float[] got = product(device, source, kernel, 1, left, right, new float[ROWS * COLUMNS]);
            for (int i = 0; i < got.length; i++) {
                assertEquals(left[i / COLUMNS * inner + from + i % COLUMNS], got[i], "element " + i);
            }
        }
    }

    private static float[] product(
            Device device, KernelSource source, String kernel, int cases, float[] left, float[] right, float[] sums) {
        try (MachineArray a = in0(device, left);
                MachineArray b = in0(device, right);
                MachineArray c = in0(device, sums)) {
            device.load(source).launch(kernel, new LaunchShape(cases, 1, 32, 0), in(a), in(b), out(c));
            return device.downloadFloats(c);
        }
    }

    private static void matrices(Device device, KernelSource source) {
        float[] values = distinct(128);
        for (int bytes = 0; bytes <= 16; bytes += 4) {
            try (MachineArray from = in0(device, values);
                    MachineArray to = device.allocate("result", ElementType.FLOAT, 128)) {
                device.load(source)
                        .launch("matrices", new LaunchShape(1, 1, 32, 32 * 32), in(from), out(to), integer(bytes));
                float[] got = device.downloadFloats(to);
                for (int i = 0; i < 128; i++) {
                    assertEquals(i % 4 * 4 < bytes ? values[i] : 0, got[i], "word " + i + " of " + bytes + " bytes");
                }
            }
        }
    }

    private static void products(Device device, KernelSource source) {
        oneAtATime(device, source, "product_bf16", 16);
        oneAtATime(device, source, "product_tf32", 8);
        identity(device, source, "product_bf16", 16);
        identity(device, source, "product_tf32", 8);
    }

    @Test
    void everyElementOfAProductIsWherePtxHasIt() {
        Caught.holds(SOURCE, SeamKernelsTest::products);
    }

    @Test
    void everyWordOfFourMatricesGoesToItsLane() {
        Caught.holds(SOURCE, SeamKernelsTest::matrices);
    }

    /** To nearest: halves to even in bfloat16, away from zero in tf32; what is no number or none that is finite stays so. */
    @Test
    void numbersAreRoundedAsCardsDo() {
        float[] values = new float[32];
        values[0] = 1 + 0x1p-8f;
        values[1] = 1 + 3 * 0x1p-8f;
        values[2] = 1 + 0x1p-8f + 0x1p-23f;
        values[3] = -1 - 0x1p-11f;
        values[4] = 1 + 0x1p-11f - 0x1p-23f;
        values[5] = Float.POSITIVE_INFINITY;
        values[6] = Float.NaN;
        values[7] = -0x1p-100f;
        Caught.holds(SOURCE, (device, source) -> {
            try (MachineArray from = in0(device, values);
                    MachineArray pairs = device.allocate("bf16", ElementType.FLOAT, 64);
                    MachineArray tf32 = device.allocate("tf32", ElementType.FLOAT, 32)) {
                device.load(source).launch("rounded", new LaunchShape(1, 1, 32, 0), in(from), out(pairs), out(tf32));
                float[] bf16 = {1, 1 + 0x1p-6f, 1 + 0x1p-7f, -1, 1, Float.POSITIVE_INFINITY, Float.NaN, -0x1p-100f};
                float[] got = device.downloadFloats(pairs);
                float[] finer = device.downloadFloats(tf32);
                for (int i = 0; i < bf16.length; i++) {
                    assertEquals(bf16[i], got[2 * i], "bfloat16 of " + values[i]);
                    assertEquals(2 * bf16[i], got[2 * i + 1], "bfloat16 of twice " + values[i]);
                }
                float[] eleven = {
                    values[0], values[1], values[0], -1 - 0x1p-10f, 1, values[5], values[6], values[7],
                };
                for (int i = 0; i < eleven.length; i++) {
                    assertEquals(eleven[i], finer[i], "tf32 of " + values[i]);
                }
            }
        });
    }

    static Stream<Planted> faultsOfProducts() {
        return Planted.in(
                SOURCE,
                new Fault("rows of the left factor swapped", "i % 4 < 2 ? group", "i % 4 >= 2 ? group"),
                new Fault(
                        "columns of the left factor swapped",
                        "i < 2 ? within : within + 4",
                        "i % 2 == 0 ? within : within + 4"),
                new Fault(
                        "rows of the right factor swapped",
                        "i == 0 ? within : within + 4",
                        "i == 1 ? within : within + 4"),
                new Fault("words of a pair swapped", "first = bf16_pair(b[0], b[1])", "first = bf16_pair(b[1], b[0])"),
                new Fault("a factor that is not rounded", "tf32_of(left[", "(unsigned)(1 + left["),
                new Fault(
                        "half a warp",
                        "    mma_bf16_16816(c, words, first, second);",
                        "    if (threadIdx.x < 16) mma_bf16_16816(c, words, first, second);"),
                new Fault(
                        "two products for two halves of a warp",
                        "    mma_tf32_1688(c, a, b[0], b[1]);",
                        "    if (threadIdx.x < 16) mma_tf32_1688(c, a, b[0], b[1]);\nelse\nmma_tf32_1688(c, a, b[0], b[1]);"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faultsOfProducts")
    void aWrongProductIsNoticed(Planted fault) {
        Caught.mustFail(fault, SeamKernelsTest::products);
    }

    static Stream<Planted> faultsOfMatrices() {
        return Planted.in(
                SOURCE,
                new Fault("a row at a misaligned address", "(const unsigned *)row", "(const unsigned *)row + 1"),
                new Fault("a row outside", "(const unsigned *)row", "(const unsigned *)row + 256"),
                new Fault(
                        "a copy to a misaligned address", "cp_async16(shared + other", "cp_async16(shared + 1 + other"),
                new Fault("a copy from a misaligned address", "from + other * 4", "from + other * 4 + 1"),
                new Fault("no wait", "    cp_async_wait<0>();\n", ""),
                new Fault("a wait for all groups but the last", "cp_async_wait<0>", "cp_async_wait<1>"),
                new Fault("a group that is not closed", "    cp_async_commit();\n", ""),
                new Fault(
                        "no barrier before what others copied is read",
                        "    __syncthreads();\n    unsigned",
                        "    unsigned"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faultsOfMatrices")
    void aWrongCopyIsNoticed(Planted fault) {
        Caught.mustFail(fault, SeamKernelsTest::matrices);
    }
}
