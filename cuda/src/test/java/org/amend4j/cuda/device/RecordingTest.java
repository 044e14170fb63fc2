/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.cuda.LawDevices;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Gemm;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MachineException;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.machine.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recorded work: replaying is doing it, what cannot be recorded is refused, nothing is left behind. */
class RecordingTest {

    private static final KernelSource MIX = KernelSource.of("mix", """
            extern "C" __global__ void mix(const float *from, float *to, int count, float factor) {
                for (int i = threadIdx.x; i < count; i += blockDim.x) to[i] = 0.5f * to[i] + factor * from[i];
            }
            """);
    private static final LaunchShape ONE_BLOCK = new LaunchShape(1, 1, 32, 0);
    private static final int SIDE = 7;
    private static final int LENGTH = SIDE * SIDE;
    private static final int ARRAYS = 4;

    /** Some arrays, and random work on them that is the same for the same seed. */
    private static final class Workplace implements AutoCloseable {

        private final Device device = LawDevices.checking();
        private final KernelModule mix = device.load(MIX);
        private final List<MachineArray> arrays = new ArrayList<>();

        Workplace(long seed) {
            Random random = new Random(seed);
            for (int i = 0; i < ARRAYS; i++) {
                arrays.add(device.allocate("array " + i, normal(random)));
            }
        }

        void work(long seed, int operations) {
            Random random = new Random(seed);
            for (int i = 0; i < operations; i++) {
                int from = random.nextInt(ARRAYS);
                int to = (from + 1 + random.nextInt(ARRAYS - 1)) % ARRAYS;
                operation(random, arrays.get(from), arrays.get(to));
            }
        }

        private void operation(Random random, MachineArray from, MachineArray to) {
            switch (random.nextInt(5)) {
                case 0 -> mix(from, to, LENGTH, random.nextFloat());
                case 1 -> device.multiply(product(ProductPrecision.FP32), from, from, to);
                case 2 -> device.multiply(product(ProductPrecision.TF32), from, from, to);
                case 3 -> device.copy(from.slice(3, 20), to.slice(11, 20));
                default -> device.fill(to.slice(random.nextInt(LENGTH), 1), random.nextFloat());
            }
        }

        /** Factors keep the numbers small, however often this is done. */
        private static Gemm product(ProductPrecision precision) {
            return Gemm.rows(SIDE, SIDE, SIDE).withFactors(0.1f, 0.5f).withPrecision(precision);
        }

        void mix(MachineArray from, MachineArray to, int count, float factor) {
            mix.launch(
                    "mix",
                    ONE_BLOCK,
                    Argument.in(from),
                    Argument.out(to),
                    Argument.integer(count),
                    Argument.real(factor));
        }

        void change(long seed) {
            device.upload(normal(new Random(seed)), arrays.get(1));
        }

        List<float[]> contents() {
            return arrays.stream().map(device::downloadFloats).toList();
        }

        private static float[] normal(Random random) {
            float[] values = new float[LENGTH];
            for (int i = 0; i < LENGTH; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return values;
        }

        @Override
        public void close() {
            arrays.forEach(MachineArray::close);
            device.close();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13})
    void replayingIsDoingItBitForBitAlsoWhenInputsHaveChanged(long seed) {
        assertTrue(agree(seed, 30));
    }

    /** The law's twin: it must not hold for a recording that lacks an operation. */
    @Test
    void aRecordingWithoutItsLastOperationIsNoticed() {
        assertFalse(agree(11, 29));
    }

    private static boolean agree(long seed, int recorded) {
        try (Workplace direct = new Workplace(seed);
                Workplace replayed = new Workplace(seed);
                Recording recording = replayed.device.record(() -> replayed.work(seed, recorded))) {
            boolean same = true;
            for (int time = 0; time < 4; time++) {
                direct.change(seed + time);
                replayed.change(seed + time);
                direct.work(seed, 30);
                recording.replay();
                same &= Arrays.deepEquals(
                        direct.contents().toArray(), replayed.contents().toArray());
            }
            return same;
        }
    }

    @Test
    void recordedWorkIsNotDoneBeforeItIsReplayed() {
        try (Workplace place = new Workplace(14)) {
            List<float[]> before = place.contents();
            place.device.record(() -> place.work(14, 30)).close();
            assertArrayEquals(before.toArray(), place.contents().toArray());
            try (Recording nothing = place.device.record(() -> {})) {
                nothing.replay();
            }
            assertArrayEquals(before.toArray(), place.contents().toArray());
        }
    }

    @Test
    void whatCannotBeRecordedIsRefusedAndTheDeviceGoesOn() {
        try (Workplace place = new Workplace(15);
                Workplace twin = new Workplace(15);
                Recording other = place.device.record(() -> place.work(3, 1))) {
            Device device = place.device;
            MachineArray array = place.arrays.get(0);
            Map<String, Runnable> refused = new LinkedHashMap<>();
            refused.put("an allocation", () -> device.allocate("test", ElementType.FLOAT, 1));
            refused.put("freeing", array::close);
            refused.put("an upload", () -> device.upload(new float[LENGTH], array));
            refused.put("a download", () -> device.downloadFloats(array));
            refused.put("waiting", device::finish);
            refused.put("timing", () -> device.millisecondsOf(() -> {}));
            refused.put("a recording", () -> device.record(() -> {}));
            refused.put("a replay", other::replay);
            refused.put("the end of a recording", other::close);
            refused.put("closing the machine", device::close);
            refused.put("loading a source for the first time", () -> device.load(KernelSource.of("new", """
                    extern "C" __global__ void none(int count) {
                    }
                    """)));
            refused.forEach((what, action) -> {
                String sentence =
                        what + " cannot be recorded, only kernels, products, copies on the machine and fills can";
                refused(sentence, () -> device.record(action));
                // Work that goes on after a refusal is recorded without what was refused.
                try (Recording rest = device.record(() -> {
                    refused(sentence, action);
                    place.work(4, 3);
                })) {
                    rest.replay();
                }
                twin.work(4, 3);
                assertArrayEquals(twin.contents().toArray(), place.contents().toArray(), what);
            });
        }
    }

    @Test
    void argumentsAreCheckedWhenTheyAreRecorded() {
        try (Workplace place = new Workplace(16);
                Workplace other = new Workplace(16)) {
            MachineArray array = place.arrays.get(0);
            refused(
                    "belongs to another machine",
                    () -> place.device.record(() -> place.mix(other.arrays.get(0), array, LENGTH, 1)));
            refused(
                    "matrix C overlaps A",
                    () -> place.device.record(() -> place.device.multiply(Gemm.rows(1, 1, 1), array, array, array)));
        }
    }

    @Test
    void aRecordingOfFreedMemoryIsRefused() {
        try (Workplace place = new Workplace(17)) {
            MachineArray array = place.device.allocate("the freed", new float[LENGTH]);
            try (Recording recording = place.device.record(() -> place.device.fill(array.slice(1, 2), 1))) {
                recording.replay();
                array.close();
                refused("uses memory that was freed: 'the freed'", recording::replay);
            }
        }
    }

    @Test
    void unclosedRecordingsAreReportedAndGivenBackNevertheless() {
        Device device = EmulatedDevices.plain();
        MachineArray array = device.allocate("the forgotten", ElementType.FLOAT, 1);
        device.record(() -> device.fill(array, 0)).close();
        Recording left = device.record(() -> device.fill(array, 0));
        String message = assertThrows(MachineException.class, device::close).getMessage();
        assertTrue(message.contains("1 recordings were not closed: one made at "), message);
        assertTrue(message.contains("RecordingTest.unclosedRecordings"), message);
        assertTrue(message.contains("; 1 allocations were not freed: 'the forgotten'"), message);
        refused("was closed", left::replay);
        refused("was closed", left::close);
    }

    @Test
    void workThatThrowsIsNotRecorded() {
        try (Workplace place = new Workplace(18)) {
            List<float[]> before = place.contents();
            IllegalStateException thrown = assertThrows(
                    IllegalStateException.class,
                    () -> place.device.record(() -> {
                        place.work(18, 5);
                        throw new IllegalStateException("enough");
                    }));
            assertEquals("enough", thrown.getMessage());
            assertArrayEquals(before.toArray(), place.contents().toArray());
            place.work(18, 5);
        }
    }

    /** The emulated device's watch is kept at every replay. */
    @Test
    void aKernelThatWritesOutsideIsNoticedWhenItIsReplayed() {
        KernelSource put = KernelSource.of("put", """
                extern "C" __global__ void put(float *to, int place) {
                    to[place] = 1;
                }
                """);
        Device device = EmulatedDevices.plain();
        KernelModule module = device.load(put);
        MachineArray to = device.allocate("to", new float[LENGTH]);
        try (Recording recording =
                device.record(() -> module.launch("put", ONE_BLOCK, Argument.out(to), Argument.integer(LENGTH)))) {
            String message =
                    assertThrows(MachineException.class, recording::replay).getMessage();
            assertTrue(message.contains("kernel 'put' wrote 0 bytes behind the end of 'to'"), message);
        }
        assertThrows(MachineException.class, to::close);
        device.close();
    }

    private static void refused(String part, Runnable work) {
        RuntimeException refusal = assertThrows(RuntimeException.class, work::run);
        assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
}
