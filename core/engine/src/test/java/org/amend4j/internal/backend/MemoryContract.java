/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.internal.backend.MachineContract.refused;
import static org.amend4j.internal.backend.MachineContract.typesOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Account of memory, copies, checks at the door. */
public interface MemoryContract extends MachineContract {

    @ParameterizedTest(name = "{0} elements, seed 11")
    @ValueSource(ints = {0, 1, 1000, 131_073, 262_144, 262_145, 700_001})
    default void whatIsUploadedIsDownloaded(int count) {
        Random random = new Random(11);
        float[] floats = new float[count];
        int[] ints = new int[count];
        for (int i = 0; i < count; i++) {
            floats[i] = random.nextFloat();
            ints[i] = random.nextInt();
        }
        try (Machine machine = open()) {
            try (MachineArray a = machine.allocate("floats", floats);
                    MachineArray b = machine.allocate("ints", ints);
                    MachineArray c = machine.allocate("copy", ElementType.FLOAT, count)) {
                machine.copy(a, c);
                assertArrayEquals(floats, machine.downloadFloats(c));
                assertArrayEquals(Values.widened(floats), machine.downloadDoubles(c));
                assertArrayEquals(ints, machine.downloadInts(b));
                assertEquals(12L * count, machine.bytesInUse());
                machine.copy(b.slice(0, count / 2), b.slice(count - count / 2, count / 2));
                System.arraycopy(ints, 0, ints, count - count / 2, count / 2);
                assertArrayEquals(ints, machine.downloadInts(b));
            }
            assertEquals(0, machine.bytesInUse());
        }
    }

    @Test
    default void directBuffersGoThereAndComeBackWhole() {
        ByteBuffer there = ByteBuffer.allocateDirect(40).order(ByteOrder.nativeOrder());
        ByteBuffer back = ByteBuffer.allocateDirect(40).order(ByteOrder.nativeOrder());
        for (int i = 0; i < 10; i++) {
            there.putFloat(4 * i, 0.1f * i);
        }
        try (Machine machine = open();
                MachineArray array = machine.allocate("floats", ElementType.FLOAT, 12)) {
            machine.fill(array, 7);
            machine.upload(there, array.slice(1, 10));
            machine.download(array.slice(1, 10), back);
            assertEquals(there, back);
            assertEquals(7, machine.downloadFloats(array)[0]);
            assertEquals(7, machine.downloadFloats(array)[11]);
            refused("a buffer must have 48 bytes, got 40", () -> machine.upload(there, array));
            refused("a buffer must have 48 bytes, got 40", () -> machine.download(array, back));
        }
    }

    @Test
    default void constantsAreReadLikeOtherMemory() {
        float[] values = {1, -0.5f, 3};
        try (Machine machine = open();
                MachineArray constant = machine.constant("constant", values)) {
            assertArrayEquals(values, machine.downloadFloats(constant));
            if (machine.computesIn(ElementType.DOUBLE)) {
                try (MachineArray wide = machine.constant("wide", Values.widened(values))) {
                    assertArrayEquals(Values.widened(values), machine.downloadDoubles(wide));
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} elements, seed 12")
    @ValueSource(ints = {0, 1, 1000, 131_072, 131_073, 300_001})
    default void doublesAreKeptByWhoComputesInThemAndRoundedIntoFloats(int count) {
        double[] doubles = new Random(12).doubles(count).toArray();
        float[] rounded = new float[count];
        for (int i = 0; i < count; i++) {
            rounded[i] = (float) doubles[i];
        }
        try (Machine machine = open();
                MachineArray floats = machine.allocate("floats", ElementType.FLOAT, count)) {
            machine.upload(doubles, floats);
            assertArrayEquals(rounded, machine.downloadFloats(floats));
            if (machine.computesIn(ElementType.DOUBLE)) {
                try (MachineArray array = machine.allocate("doubles", doubles);
                        MachineArray copy = machine.allocate("copy", ElementType.DOUBLE, count)) {
                    machine.copy(array, copy);
                    assertArrayEquals(doubles, machine.downloadDoubles(copy));
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} elements")
    @ValueSource(ints = {1, 1000, 262_145})
    default void fillingSetsEveryElementOfASliceAndNoOther(int count) {
        try (Machine machine = open()) {
            for (ElementType type : typesOf(machine)) {
                try (MachineArray array = machine.allocate("filled", type, count + 2L)) {
                    machine.fill(array, -0.1);
                    machine.fill(array.slice(1, count), 2.5);
                    machine.fill(array.slice(1, 0), 7);
                    double[] expected = new double[count + 2];
                    Arrays.fill(expected, 2.5);
                    expected[0] = type == ElementType.FLOAT ? -0.1f : -0.1;
                    expected[count + 1] = expected[0];
                    assertArrayEquals(expected, machine.downloadDoubles(array));
                }
            }
        }
    }

    @Test
    default void timedWorkIsDoneOnce() {
        try (Machine machine = open();
                MachineArray array = machine.allocate("array", ElementType.FLOAT, 1 << 16)) {
            int[] runs = {0};
            double one = machine.millisecondsOf(() -> {
                runs[0]++;
                machine.fill(array, 1);
            });
            assertEquals(1, runs[0]);
            assertEquals(1, machine.downloadFloats(array)[7]);
            assertTrue(one >= 0, "milliseconds " + one);
            machine.finish();
        }
    }

    @Test
    default void aViewIsTheMemoryItWasCutFrom() {
        try (Machine machine = open();
                MachineArray whole = machine.allocate("whole", new float[] {0, 1, 2, 3, 4})) {
            MachineArray view = whole.slice(1, 3).slice(1, 2);
            assertArrayEquals(new float[] {2, 3}, machine.downloadFloats(view));
            machine.upload(new float[] {7, 8}, view);
            assertArrayEquals(new float[] {0, 1, 7, 8, 4}, machine.downloadFloats(whole));
            refused("a view does not own its memory", view::close);
            refused("a view must lie within 2 elements, got 2 from 1 on", () -> view.slice(1, 2));
        }
    }

    @Test
    default void memoryIsAlignedAndHasAPlaceOfItsOwnEvenIfEmpty() {
        try (Machine machine = open();
                MachineArray none = machine.allocate("none", ElementType.FLOAT, 0);
                MachineArray noneEither = machine.allocate("none", ElementType.FLOAT, 0);
                MachineArray three = machine.allocate("three", ElementType.FLOAT, 3);
                MachineArray one = machine.allocate("one", ElementType.INT, 1)) {
            long[] addresses = {none.address(), noneEither.address(), three.address(), one.address()};
            assertEquals(4, Arrays.stream(addresses).distinct().count());
            assertTrue(Arrays.stream(addresses).allMatch(address -> address % 256 == 0));
        }
    }

    @Test
    default void leaksAreReportedWithOwnerAndPlaceAndFreedNevertheless() {
        Machine machine = open();
        MachineArray leaked = machine.allocate("the forgotten", ElementType.FLOAT, 3);
        machine.allocate("the freed", ElementType.FLOAT, 3).close();
        String message = assertThrows(MachineException.class, machine::close).getMessage();
        assertTrue(message.contains("1 allocations were not freed: 'the forgotten' (12 bytes"), message);
        assertTrue(message.contains("MemoryContract.leaksAreReported"), message);
        refused("memory was freed", leaked::close);
        machine.close();
    }

    @Test
    default void memoryIsDeadAfterItWasFreedAndAMachineAfterItWasClosed() {
        Machine machine = open();
        MachineArray array = machine.allocate("test", ElementType.FLOAT, 3);
        MachineArray view = array.slice(1, 1);
        array.close();
        refused("memory was freed: 'test'", () -> machine.downloadFloats(view));
        refused("memory was freed: 'test'", array::close);
        machine.close();
        refused("was closed", () -> machine.allocate("test", ElementType.FLOAT, 1));
        refused("was closed", machine::finish);
        refused("was closed", () -> machine.sideBySide(1, share -> {}));
    }

    @Test
    default void argumentsAreCheckedAtTheDoor() {
        try (Machine machine = open();
                Machine other = open();
                MachineArray a = machine.allocate("a", ElementType.FLOAT, 4);
                MachineArray ints = machine.allocate("ints", ElementType.INT, 4);
                MachineArray foreign = other.allocate("foreign", ElementType.FLOAT, 4)) {
            refused("memory needs an owner", () -> machine.allocate(" ", ElementType.FLOAT, 1));
            refused("length must be in [0, 2^59], got -1", () -> machine.allocate("a", ElementType.FLOAT, -1));
            refused("target must be FLOAT[3], got FLOAT[4]", () -> machine.upload(new float[3], a));
            refused("target must be FLOAT[4], got INT[4]", () -> machine.upload(new float[4], ints));
            refused("target must be INT[4], got FLOAT[4]", () -> machine.upload(new int[4], a));
            refused("source must be INT[4], got FLOAT[4]", () -> machine.downloadInts(a));
            refused("source must be FLOAT[4], got INT[4]", () -> machine.downloadFloats(ints));
            refused("target must be FLOAT[4], got INT[4]", () -> machine.copy(a, ints));
            refused("target must be FLOAT[4], got FLOAT[3]", () -> machine.copy(a, a.slice(0, 3)));
            refused("belongs to another machine", () -> machine.copy(a, foreign));
            refused("overlap", () -> machine.copy(a.slice(0, 3), a.slice(1, 3)));
            refused("array must be FLOAT or DOUBLE", () -> machine.fill(ints, 1));
            refused("shares must be in [1, ", () -> machine.sideBySide(0, share -> {}));
            refused("shares must be in [1, ", () -> machine.sideBySide(machine.width() + 1, share -> {}));
        }
    }

    @Test
    default void oneShareIsDoneAtOnce() {
        try (Machine machine = open()) {
            int[] sum = {0};
            machine.sideBySide(1, share -> sum[0] += share + 1);
            assertEquals(1, sum[0]);
        }
    }
}
