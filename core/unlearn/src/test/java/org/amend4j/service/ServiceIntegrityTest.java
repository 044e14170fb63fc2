/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.internal.file.Folders;
import org.amend4j.record.RecordCommitments;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.StepListener;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is changed in a service's folder, at any stage of a deletion, is refused or changes nothing of the end. */
class ServiceIntegrityTest {

    private static final String NAME = "37";
    private static final String BYSTANDER = "38";
    private static final String RUN = "run";

    /** Entries of a ledger: opened, received, validated, scheduled, intent, unlearned, released, certified, erased. */
    private static final int ENTRIES = 9;

    /** More than a run of the tests keeps. */
    private static final int MOST_CHECKPOINTS = 1000;

    @TempDir
    private Path temp;

    private Issuer issuer;

    @BeforeEach
    void anIssuer() throws IOException {
        issuer = Issuer.openOrCreate(temp.resolve("issuer"));
    }

    /** Ends like a killed process instead of telling the time for the ledger's {@code last + 1}-st entry. */
    private static Clock stoppedAfter(int last) {
        int[] entries = {0};
        InstantSource source = () -> {
            if (entries[0]++ == last) {
                throw new IllegalStateException("killed");
            }
            return Instant.parse("2026-01-02T03:04:05.678Z");
        };
        return source.withZone(ZoneOffset.UTC);
    }

    private UnlearningService open(Path folder, MemoryVault vault, Clock clock) throws IOException {
        return UnlearningService.open(
                folder.resolve(RUN),
                SmallService.model(Kind.ONE_EPOCH),
                SmallService.subjects(),
                SmallService::write,
                vault,
                issuer,
                clock);
    }

    /** A trained service that is asked to forget {@value #NAME} and stopped when its ledger has so many entries. */
    private MemoryVault stopped(Path folder, int entries) throws Exception {
        Files.createDirectory(folder);
        MemoryVault vault = new MemoryVault(SmallService.INPUTS);
        try (UnlearningService service = open(folder, vault, stoppedAfter(entries))) {
            service.train(StepListener.NONE);
            service.request(List.of(NAME));
            service.answer(SmallService.exact(), StepListener.NONE);
        } catch (IOException | IllegalStateException killed) {
            assertEquals("killed", killed.getMessage());
        }
        return vault;
    }

    /** What a service comes to, when it is opened and goes on. */
    private record End(List<Double> theta, String states, List<Integer> tombstones, boolean finished) {

        static End of(Path run, UnlearningService service) throws IOException {
            RecordCommitments records =
                    ServiceRecords.in(run, SubjectKey.of(SmallService.KEY)).orElseThrow();
            Path release = service.release(service.latestRelease());
            if (service.latestRelease() > 0) {
                CertificateFile.read(release.resolve(CertificateFile.NAME));
            }
            return new End(
                    java.util.Arrays.stream(SmallService.read(release)).boxed().toList(),
                    service.wasForgotten(NAME) + " " + service.wasForgotten(BYSTANDER) + " " + service.pending(),
                    java.util.stream.IntStream.range(0, records.size())
                            .filter(records::isTombstone)
                            .boxed()
                            .toList(),
                    !service.hasUnfinished());
        }
    }

    private End end(Path folder, MemoryVault before) throws Exception {
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS)) {
            // keys of the copy have names of their own, none that was destroyed
            for (int taken = 0; taken < MOST_CHECKPOINTS; taken++) {
                vault.keep(0, before.read(0));
            }
            for (int step : before.steps()) {
                vault.keep(step, before.read(step));
            }
            try (UnlearningService service = open(folder, vault, Clock.systemUTC())) {
                service.finish(StepListener.NONE);
                service.train(StepListener.NONE);
                service.request(List.of(NAME));
                service.answer(SmallService.exact(), StepListener.NONE);
                return End.of(folder.resolve(RUN), service);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Digits become other digits, so that JSON stays JSON; of all other bytes one bit changes. */
    private static byte[] changed(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) (bytes[at] >= '0' && bytes[at] <= '9' ? '0' + (bytes[at] - '0' + 1) % 10 : bytes[at] ^ 1);
        return changed;
    }

    @ParameterizedTest(name = "{0} entries in the ledger")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, ENTRIES})
    @OneIn(6)
    void aChangedByteOfAnyFileIsRefusedOrChangesNothingOfTheEnd(int entries) throws Exception {
        Path folder = temp.resolve("service");
        Random random = new Random(entries);
        int refused = 0;
        try (MemoryVault vault = stopped(folder, entries)) {
            Path whole = temp.resolve("whole");
            copy(folder, whole);
            End expected = end(whole, vault);
            assertTrue(expected.finished());
            assertEquals(SmallService.ROWS_EACH, expected.tombstones().size());
            for (Path file : files(folder)) {
                byte[] bytes = Files.readAllBytes(file);
                for (int trial = 0; trial < Exhaustive.times(4, 200) && bytes.length > 0; trial++) {
                    int at = random.nextInt(bytes.length);
                    Path copy = temp.resolve("copy");
                    copy(folder, copy);
                    Files.write(copy.resolve(folder.relativize(file).toString()), changed(bytes, at));
                    String where = folder.relativize(file) + " at " + at;
                    try {
                        assertEquals(expected, end(copy, vault), where);
                    } catch (IOException said) {
                        refused++;
                        assertEquals(1, said.getMessage().lines().count(), where);
                    }
                    Folders.delete(copy);
                }
            }
        }
        assertTrue(refused > 0);
    }

    /** As release 0.1.0 wrote it, from where an attacker could start. */
    private static void unseal(Path run, java.util.function.UnaryOperator<String> change) throws IOException {
        ServiceState state = ServiceState.read(run, SmallService.SEAL);
        String json = com.fasterxml.jackson.databind.json.JsonMapper.builder()
                .build()
                .writeValueAsString(state)
                .replace("\"version\":3", "\"version\":2");
        Files.writeString(run.resolve(ServiceState.FILE), change.apply(json));
    }

    @ParameterizedTest(name = "{0} entries in the ledger")
    @ValueSource(ints = {4, 5, 6, 7, 8, ENTRIES})
    @OneIn(2)
    void everyNumberOfAStateThatIsNotSealedIsHeldAgainstWhatIsKnownOtherwise(int entries) throws Exception {
        Path folder = temp.resolve("service");
        try (MemoryVault vault = stopped(folder, entries)) {
            unseal(folder.resolve(RUN), json -> json);
            Path whole = temp.resolve("whole");
            copy(folder, whole);
            End expected = end(whole, vault);
            // with the next deletion, or what is left of this one
            assertEquals(entries < ENTRIES, ServiceState.isSealed(whole.resolve(RUN)));
            String ids = "[148,149,150,151]";
            for (String other : List.of("[148,149,150,152]", "[148,149,150]", "[147,148,149,150,151]", "[]")) {
                Path copy = temp.resolve("copy");
                copy(folder, copy);
                Path state = copy.resolve(RUN).resolve(ServiceState.FILE);
                String json = Files.readString(state);
                assertTrue(json.contains(ids), json);
                Files.writeString(state, json.replace(ids, other));
                byte[] before = Files.readAllBytes(state);
                String refusal = assertThrows(IOException.class, () -> end(copy, vault), other)
                        .getMessage();
                assertTrue(refusal.contains("its records are not those of its subjects"), refusal);
                assertArrayEquals(before, Files.readAllBytes(state));
                Folders.delete(copy);
            }
            assertEquals(expected, end(folder, vault));
        }
    }

    /** A certificate of no files would say nothing, and be signed. */
    @ParameterizedTest(name = "{0} entries in the ledger")
    @ValueSource(ints = {6, 7})
    void aReleaseThatLostItsFilesIsNotCertified(int entries) throws Exception {
        Path folder = temp.resolve("service");
        try (MemoryVault vault = stopped(folder, entries)) {
            Path release = folder.resolve(RUN).resolve("releases/1");
            assertTrue(Files.isDirectory(release));
            for (Path file : files(release)) {
                Files.delete(file);
            }
            String refusal =
                    assertThrows(IOException.class, () -> end(folder, vault)).getMessage();
            assertTrue(refusal.contains("was changed since it was made"), refusal);
            assertEquals(List.of(), files(release));
            Files.delete(release);
            assertTrue(end(folder, vault).finished());
        }
    }

    @Test
    void whatKilledWritersLeftIsRemoved() throws Exception {
        Path folder = temp.resolve("service");
        try (MemoryVault vault = stopped(folder, 3)) {
            for (String name : List.of(".state.json.a.tmp", ".head.txt.b.tmp", ".records.bin.c.tmp")) {
                Files.writeString(folder.resolve(RUN).resolve(name), "half");
            }
            end(folder, vault);
        }
        try (Stream<Path> files = Files.list(folder.resolve(RUN))) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
        }
    }

    @Test
    void aLedgerThatIsMissingIsRefusedAndNoneIsBegunInItsPlace() throws Exception {
        Path folder = temp.resolve("service");
        try (MemoryVault vault = stopped(folder, 3)) {
            Path ledger = folder.resolve(RUN).resolve("deletions.jsonl");
            byte[] requests = Files.readAllBytes(ledger);
            Files.delete(ledger);
            String refusal =
                    assertThrows(IOException.class, () -> end(folder, vault)).getMessage();
            assertTrue(refusal.contains("deletions.jsonl was lost"), refusal);
            assertFalse(Files.exists(ledger));
            Files.write(ledger, requests);
            assertTrue(end(folder, vault).finished());
        }
    }

    /** Both sides are held against each other: a ledger that was rolled back with its head does not know who was forgotten. */
    @ParameterizedTest(name = "{0} entries in the ledger")
    @ValueSource(ints = {6, ENTRIES})
    void aLedgerThatIsOlderThanTheStateIsRefusedThoughItsHeadIsAsOld(int entries) throws Exception {
        Path older = temp.resolve("older");
        Path folder = temp.resolve("service");
        try (MemoryVault before = stopped(older, 1);
                MemoryVault vault = stopped(folder, entries)) {
            assertFalse(before.steps().isEmpty());
            Map<String, byte[]> newest = new TreeMap<>();
            for (String name : List.of("deletions.jsonl", UnlearningService.HEAD)) {
                newest.put(name, Files.readAllBytes(folder.resolve(RUN).resolve(name)));
                Files.write(
                        folder.resolve(RUN).resolve(name),
                        Files.readAllBytes(older.resolve(RUN).resolve(name)));
            }
            String refusal =
                    assertThrows(IOException.class, () -> end(folder, vault)).getMessage();
            assertTrue(refusal.contains("put back the newest ledger"), refusal);
            for (String name : newest.keySet()) {
                Files.write(folder.resolve(RUN).resolve(name), newest.get(name));
            }
            assertTrue(end(folder, vault).finished());
        }
    }

    /** What cuts it off would destroy the only trace of what is missing. */
    @Test
    void aTornLedgerThatIsOlderThanItsHeadIsRefusedAndLeftAsItIs() throws Exception {
        Path folder = temp.resolve("service");
        try (MemoryVault vault = stopped(folder, ENTRIES)) {
            Path ledger = folder.resolve(RUN).resolve("deletions.jsonl");
            byte[] whole = Files.readAllBytes(ledger);
            for (int length : List.of(whole.length / 2, whole.length - 2)) {
                byte[] torn = java.util.Arrays.copyOf(whole, length);
                Files.write(ledger, torn);
                String refusal = assertThrows(IOException.class, () -> end(folder, vault))
                        .getMessage();
                assertTrue(refusal.contains("entries are missing"), refusal);
                assertArrayEquals(torn, Files.readAllBytes(ledger));
            }
            Files.write(ledger, whole);
            assertTrue(end(folder, vault).finished());
        }
    }

    /** Whoever verifies the next certificate needs those that it rests on. */
    @Test
    void nobodyIsForgottenWhileACertificateOfADeletionBeforeIsLostOrChanged() throws Exception {
        Path folder = temp.resolve("service");
        try (MemoryVault vault = stopped(folder, ENTRIES)) {
            end(folder, vault);
            Path certificate = folder.resolve(RUN).resolve("releases/1").resolve(CertificateFile.NAME);
            byte[] issued = Files.readAllBytes(certificate);
            for (byte[] other : List.of(new byte[0], java.util.Arrays.copyOf(issued, issued.length - 1))) {
                Files.write(certificate, other);
                String refusal = assertThrows(IOException.class, () -> end(folder, vault))
                        .getMessage();
                assertTrue(refusal.contains("certificate.json was changed since it was made"), refusal);
            }
            Files.delete(certificate);
            assertThrows(IOException.class, () -> end(folder, vault));
            Files.write(certificate, issued);
            assertTrue(end(folder, vault).finished());
        }
    }

    @Test
    void aHeadThatIsMissingIsRefused() throws Exception {
        Path folder = temp.resolve("service");
        try (MemoryVault vault = stopped(folder, 3)) {
            Files.delete(folder.resolve(RUN).resolve(UnlearningService.HEAD));
            String refusal =
                    assertThrows(IOException.class, () -> end(folder, vault)).getMessage();
            assertTrue(refusal.contains("head.txt was lost"), refusal);
        }
    }

    /** All files of a service that has forgotten somebody, but for the model and what is made of it. */
    private Map<String, byte[]> seen(String name) throws Exception {
        Path folder = temp.resolve("of" + name);
        Files.createDirectory(folder);
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = open(folder, vault, stoppedAfter(Integer.MAX_VALUE))) {
            service.train(StepListener.NONE);
            service.request(List.of(name));
            service.answer(SmallService.exact(), StepListener.NONE);
        }
        Map<String, byte[]> seen = new TreeMap<>();
        for (Path file : files(folder)) {
            seen.put(folder.relativize(file).toString(), Files.readAllBytes(file));
        }
        return seen;
    }

    /**
     * A game: one of two people with as many records was forgotten, and the folder is shown to a player without the keys. Names and
     * lengths of all files are the same, and so is all text but for random digits and what the step of the rewind tells, which the
     * batches' key decides. A player with the subjects' key wins: pseudonyms are the person's.
     */
    @Test
    void aFolderDoesNotTellWhichOfTwoPeopleWasForgotten() throws Exception {
        Map<String, byte[]> one = seen("37");
        Map<String, byte[]> other = seen("62");
        assertEquals(one.keySet(), other.keySet());
        for (String file : List.of("run/state.json", "run/records.bin")) {
            assertEquals(one.get(file).length, other.get(file).length, file);
            // sealed bytes of equal contents would differ as much
            assertTrue(shareOfEqualBytes(one.get(file), other.get(file)) < 0.2, file);
        }
        for (Map.Entry<String, byte[]> file : one.entrySet()) {
            String text = new String(file.getValue(), StandardCharsets.ISO_8859_1);
            for (String trace : List.of("[148,149,150,151]", "\"37\"", "148,149")) {
                assertFalse(text.contains(trace), file.getKey() + " has " + trace);
            }
        }
        String key = SubjectKey.of(SmallService.KEY).pseudonym("37");
        assertTrue(new String(one.get("run/deletions.jsonl"), StandardCharsets.UTF_8).contains(key));
        assertFalse(new String(other.get("run/deletions.jsonl"), StandardCharsets.UTF_8).contains(key));
    }

    private static double shareOfEqualBytes(byte[] one, byte[] other) {
        int equal = 0;
        for (int i = 0; i < one.length; i++) {
            equal += one[i] == other[i] ? 1 : 0;
        }
        return (double) equal / one.length;
    }
}
