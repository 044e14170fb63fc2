/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.amend4j.internal.backend.MachineContract.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recorded work: replaying is doing it, what cannot be recorded is refused, nothing is left behind. */
public interface RecordingContract extends MachineContract {

    /** A place for work in floats. */
    default Workplace workplace(long seed) {
        return new Workplace(open(), ElementType.FLOAT, precisions(), seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13})
    default void replayingIsDoingItBitForBitAlsoWhenInputsHaveChanged(long seed) {
        for (ElementType type : types()) {
            assertTrue(agree(type, seed, 30), "in " + type);
        }
    }

    /** The law's twin: it must not hold for a recording that lacks an operation. */
    @Test
    default void aRecordingWithoutItsLastOperationIsNoticed() {
        for (ElementType type : types()) {
            assertFalse(agree(type, 11, 29), "in " + type);
        }
    }

    private boolean agree(ElementType type, long seed, int recorded) {
        try (Workplace direct = new Workplace(open(), type, precisions(), seed);
                Workplace replayed = new Workplace(open(), type, precisions(), seed);
                Recording recording = replayed.machine().record(() -> replayed.work(seed, recorded))) {
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
    default void recordedWorkIsNotDoneBeforeItIsReplayed() {
        try (Workplace place = workplace(14)) {
            List<double[]> before = place.contents();
            place.machine().record(() -> place.work(14, 30)).close();
            assertArrayEquals(before.toArray(), place.contents().toArray());
            try (Recording nothing = place.machine().record(() -> {})) {
                nothing.replay();
            }
            assertArrayEquals(before.toArray(), place.contents().toArray());
        }
    }

    @Test
    default void whatCannotBeRecordedIsRefusedAndTheMachineGoesOn() {
        try (Workplace place = workplace(15);
                Workplace twin = workplace(15);
                Recording other = place.machine().record(() -> place.work(3, 1))) {
            refusals(place, other).forEach((what, action) -> assertRefused(what, action, place, twin));
        }
    }

    private static Map<String, Runnable> refusals(Workplace place, Recording other) {
        Machine machine = place.machine();
        MachineArray array = place.array(0);
        Map<String, Runnable> refused = new LinkedHashMap<>();
        refused.put("an allocation", () -> machine.allocate("test", ElementType.FLOAT, 1));
        refused.put("freeing", array::close);
        refused.put("an upload", () -> machine.upload(new float[Workplace.LENGTH], array));
        refused.put("a download", () -> machine.downloadFloats(array));
        refused.put("waiting", machine::finish);
        refused.put("timing", () -> machine.millisecondsOf(() -> {}));
        refused.put("a recording", () -> machine.record(() -> {}));
        refused.put("a replay", other::replay);
        refused.put("the end of a recording", other::close);
        refused.put("closing the machine", machine::close);
        return refused;
    }

    /** Work that goes on after a refusal is recorded without what was refused. */
    static void assertRefused(String what, Runnable action, Workplace place, Workplace twin) {
        String sentence = what + " cannot be recorded, only kernels, products, copies on the machine and fills can";
        refused(sentence, () -> place.machine().record(action));
        try (Recording rest = place.machine().record(() -> {
            refused(sentence, action::run);
            place.work(4, 3);
        })) {
            rest.replay();
        }
        twin.work(4, 3);
        assertArrayEquals(twin.contents().toArray(), place.contents().toArray(), what);
    }

    @Test
    default void argumentsAreCheckedWhenTheyAreRecorded() {
        try (Workplace place = workplace(16);
                Workplace other = workplace(16)) {
            MachineArray array = place.array(0);
            refused(
                    "belongs to another machine",
                    () -> place.machine().record(() -> place.mix(other.array(0), array, 1)));
            refused(
                    "matrix C overlaps A",
                    () -> place.machine()
                            .record(() -> place.machine().multiply(Gemm.rows(1, 1, 1), array, array, array)));
        }
    }

    @Test
    default void aRecordingOfFreedMemoryIsRefused() {
        try (Workplace place = workplace(17)) {
            MachineArray array = place.machine().allocate("the freed", new float[3]);
            try (Recording recording =
                    place.machine().record(() -> place.machine().fill(array.slice(1, 2), 1))) {
                recording.replay();
                array.close();
                refused("uses memory that was freed: 'the freed'", recording::replay);
            }
        }
    }

    @Test
    default void unclosedRecordingsAreReportedAndGivenBackNevertheless() {
        Machine machine = open();
        MachineArray array = machine.allocate("the forgotten", ElementType.FLOAT, 1);
        machine.record(() -> machine.fill(array, 0)).close();
        Recording left = machine.record(() -> machine.fill(array, 0));
        String message = assertThrows(MachineException.class, machine::close).getMessage();
        assertTrue(message.contains("1 recordings were not closed: one made at "), message);
        assertTrue(message.contains("RecordingContract.unclosedRecordings"), message);
        assertTrue(message.contains("; 1 allocations were not freed: 'the forgotten'"), message);
        refused("was closed", left::replay);
        refused("was closed", left::close);
    }

    @Test
    default void workThatThrowsIsNotRecorded() {
        try (Workplace place = workplace(18)) {
            List<double[]> before = place.contents();
            IllegalStateException thrown = assertThrows(
                    IllegalStateException.class,
                    () -> place.machine().record(() -> {
                        place.work(18, 5);
                        throw new IllegalStateException("enough");
                    }));
            assertEquals("enough", thrown.getMessage());
            assertArrayEquals(before.toArray(), place.contents().toArray());
            place.work(18, 5);
        }
    }
}
