/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.objective.RecordIds;
import org.amend4j.record.RecordCommitments;
import org.amend4j.record.RecordContents;
import org.amend4j.service.ServiceState.Stage;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.testkit.OneIn;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.StepListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service needs the records of those who are forgotten no more, and all others as they were. */
class ServiceRecordsTest {

    @TempDir
    Path temp;

    private static final ForgettingModel MODEL = SmallService.model(Kind.FULL_BATCH);

    /** Content that no record has. */
    private static final byte[] OTHER = {1, 2, 3};

    /** The same model, given other content for some records. */
    private static ForgettingModel without(ForgettingModel model, RecordIds gone) {
        RecordContents records = model.records();
        RecordContents erased = new RecordContents() {
            @Override
            public int size() {
                return records.size();
            }

            @Override
            public long id(int k) {
                return records.id(k);
            }

            @Override
            public long unit(int k) {
                return records.unit(k);
            }

            @Override
            public byte[] content(int k) {
                return gone.contains(records.id(k)) ? OTHER : records.content(k);
            }
        };
        return SmallService.with(model, erased);
    }

    private UnlearningService open(ForgettingModel model, MemoryVault vault) throws IOException {
        return SmallService.open(temp.resolve("run"), model, SmallService::write, vault);
    }

    private static void forget(UnlearningService service, String name) throws Exception {
        service.request(List.of(name));
        service.answer(SmallService.cheapest(), StepListener.NONE);
    }

    private static void refused(String sentence, org.junit.jupiter.api.function.Executable opening) {
        IOException refused = assertThrows(IOException.class, opening);
        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    @OneIn(2)
    void aSecondDeletionDoesNotDependOnTheRecordsOfTheFirst(Kind kind) throws Exception {
        ForgettingModel model = SmallService.model(kind);
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS)) {
            try (UnlearningService service = open(model, vault)) {
                service.train(StepListener.NONE);
                forget(service, "11");
            }
            // the twin: nothing may be missing of somebody who is still there
            refused(
                    "other data: record 248 was changed",
                    () -> open(without(model, SmallService.records("62")), vault));
            try (UnlearningService service = open(without(model, SmallService.records("11")), vault)) {
                assertTrue(service.wasForgotten("11"));
                assertFalse(service.wasForgotten("62"));
                service.request(List.of("11"));
                assertEquals(List.of(), service.pending());
                forget(service, "62");
            }
            double[] after = vault.read(kind.steps());
            try (MemoryVault other = new MemoryVault(SmallService.INPUTS);
                    UnlearningService whole =
                            SmallService.open(temp.resolve("whole"), model, SmallService::write, other)) {
                whole.train(StepListener.NONE);
                forget(whole, "11");
                forget(whole, "62");
                assertArrayEquals(other.read(kind.steps()), after, 0);
            }
        }
    }

    @Test
    void saltsAreDestroyedWhenADeletionIsDoneAndNotBefore() throws Exception {
        RecordIds gone = SmallService.records("11");
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS)) {
            try (UnlearningService service = open(MODEL, vault)) {
                service.train(StepListener.NONE);
                service.request(List.of("11"));
                assertThrows(
                        IllegalStateException.class,
                        () -> service.answer(SmallService.cheapest(), (step, of) -> {
                            throw new IllegalStateException("killed");
                        }));
            }
            assertEquals(0, commitments().tombstones());
            try (UnlearningService service = open(MODEL, vault)) {
                service.finish(StepListener.NONE);
            }
            RecordCommitments after = commitments();
            Set<Long> buried = IntStream.range(0, after.size())
                    .filter(after::isTombstone)
                    .mapToObj(after::id)
                    .collect(Collectors.toSet());
            assertEquals(gone.stream().boxed().collect(Collectors.toSet()), buried);
        }
    }

    /** A kill between the two leaves tombstones and a deletion that is not done: it is finished without the records. */
    @Test
    void aKillBehindTheTombstonesNeedsTheRecordsNoMore() throws Exception {
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS)) {
            try (UnlearningService service = open(MODEL, vault)) {
                service.train(StepListener.NONE);
                forget(service, "11");
            }
            Path run = temp.resolve("run");
            ServiceState state = ServiceState.read(run, SmallService.SEAL);
            state.withLast(state.last().at(Stage.REWOUND)).write(run, SmallService.SEAL);
            try (UnlearningService service = open(without(MODEL, SmallService.records("11")), vault)) {
                assertTrue(service.hasUnfinished());
                service.finish(StepListener.NONE);
                assertEquals(1, service.latestRelease());
            }
            assertEquals(
                    Stage.DONE, ServiceState.read(run, SmallService.SEAL).last().stage());
        }
    }

    private RecordCommitments commitments() throws IOException {
        return ServiceRecords.in(temp.resolve("run"), SubjectKey.of(SmallService.KEY))
                .orElseThrow();
    }

    @Test
    void theNameOfARunAndItsRootStayAndTellNothing() throws Exception {
        Path run = temp.resolve("run");
        String label = ServiceRecords.label(run, MODEL, SubjectKey.of(SmallService.KEY));
        assertEquals(label, ServiceRecords.label(run, MODEL, SubjectKey.of(SmallService.KEY)));
        assertTrue(label.matches("[0-9a-f]{64}"));
        assertNotEquals(MODEL.run().objective().fingerprint(), label);
        // the same records in another folder: nobody can tell that they are the same
        assertNotEquals(label, ServiceRecords.label(temp.resolve("other"), MODEL, SubjectKey.of(SmallService.KEY)));
        String root = ServiceRecords.open(run, MODEL, SmallService.SEAL).root();
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = open(MODEL, vault)) {
            service.train(StepListener.NONE);
            forget(service, "11");
        }
        assertEquals(label, ServiceRecords.label(run, MODEL, SubjectKey.of(SmallService.KEY)));
        assertEquals(root, ServiceRecords.open(run, MODEL, SmallService.SEAL).root());
    }

    /** With the salts fixed, two data sets have commitments that differ in the leaf of the record that differs. */
    @Test
    void commitmentsToTwoDataSetsDifferInTheLeafOfTheRecordThatDiffers() throws Exception {
        SubjectKey key = SubjectKey.of(SmallService.KEY);
        Path a = temp.resolve("a");
        Path b = temp.resolve("b");
        ServiceRecords.label(a, MODEL, key, new Random(3)::nextBytes);
        ServiceRecords.label(b, without(MODEL, RecordIds.of(44)), key, new Random(3)::nextBytes);
        RecordCommitments one = ServiceRecords.in(a, key).orElseThrow();
        RecordCommitments other = ServiceRecords.in(b, key).orElseThrow();
        for (int k = 0; k < SmallService.RECORDS; k++) {
            assertEquals(k != 44, one.leaf(k).equals(other.leaf(k)), "record " + k);
        }
    }

    @Test
    void anotherModelIsRefused() throws Exception {
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS)) {
            open(MODEL, vault).close();
            refused("belongs to another model", () -> open(SmallService.model(Kind.ONE_EPOCH), vault));
        }
    }

    @Test
    void aFolderThatLostItsCommitmentsIsRefused() throws Exception {
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS)) {
            open(MODEL, vault).close();
            Files.delete(temp.resolve("run").resolve(ServiceRecords.FILE));
            refused("has lost its records.bin", () -> open(MODEL, vault));
        }
    }
}
