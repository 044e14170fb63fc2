/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.FragileDisk;
import org.amend4j.testkit.FragileDisk.Spared;
import org.amend4j.testkit.Refusals;
import org.amend4j.transparency.TreeHead;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A ledger that somebody changed, on a disk that runs full, fails, or loses its power; in both formats. */
@ParameterizedClass
@ValueSource(ints = {1, 2})
class DeletionLedgerDamageTest {

    @Parameter
    int format;

    @TempDir
    Path temp;

    private Path file;
    private List<LedgerEntry> entries;
    private TreeHead head;
    private List<String> lines;
    private byte[] sound;

    @BeforeEach
    void write() throws IOException {
        Path directory = DeletionLedgerTest.begin(temp.resolve("ledger"), format);
        file = directory.resolve(DeletionLedger.FILE);
        try (DeletionLedger ledger = DeletionLedgerTest.open(directory)) {
            String ada = ledger.receive("ada");
            String bob = ledger.receive("bob");
            ledger.advance(EntryType.VALIDATED, List.of(ada, bob), Map.of());
            ledger.advance(EntryType.SCHEDULED, List.of(ada, bob), Map.of("due", "2026-02-01"));
            entries = ledger.entries();
            head = ledger.head();
        }
        sound = Files.readAllBytes(file);
        lines = Files.readAllLines(file);
    }

    private DeletionLedger open() throws IOException {
        return DeletionLedgerTest.open(file.getParent());
    }

    private int beginOfLast() {
        return sound.length - lines.get(lines.size() - 1).getBytes(StandardCharsets.UTF_8).length - 1;
    }

    /** Opens what is there; the sentence of the refusal, or empty if it opened with true entries. */
    private Optional<String> outcome(byte[] damaged) throws IOException {
        Files.write(file, damaged);
        try (DeletionLedger ledger = open()) {
            List<LedgerEntry> read = new ArrayList<>(ledger.entries());
            boolean cut = read.get(read.size() - 1).type() == EntryType.CUT;
            if (cut) {
                read.remove(read.size() - 1);
            }
            assertEquals(entries.subList(0, read.size()), read, "what is read is what was written");
            assertTrue(read.size() >= entries.size() - 1, "only the last line can be lost");
            assertTrue(read.size() == entries.size() || cut, "a loss is noted");
            return Optional.empty();
        } catch (DamagedLedgerException e) {
            assertArrayEquals(damaged, Files.readAllBytes(file), "a refused file is left as it is");
            return Optional.of(Refusals.sentence(e));
        }
    }

    /** A random bit of every byte that ends a line and of every third other one. */
    @Test
    void aChangedBitIsRefusedNamingTheLineOrWasInATornLastLine() throws IOException {
        Random random = new Random(1);
        int line = 1;
        for (int i = 0; i < sound.length; i++) {
            byte[] damaged = sound.clone();
            damaged[i] ^= (byte) (1 << random.nextInt(8));
            if (i % 3 == 0 || sound[i] == '\n') {
                Optional<String> refusal = outcome(damaged);
                String place = "line " + line + " ";
                boolean named = refusal.orElse("").contains(place);
                assertTrue(named || i >= beginOfLast(), i + ": " + refusal + " must name " + place);
            }
            line += sound[i] == '\n' ? 1 : 0;
        }
    }

    @Test
    void aFileCutAnywhereHasItsWholeLinesOrIsRefused() throws IOException {
        int first = lines.get(0).length();
        for (int length = 0; length < sound.length; length++) {
            boolean nearAnEnd =
                    new String(sound, Math.max(0, length - 3), 4, StandardCharsets.ISO_8859_1).contains("\n");
            if (length % 23 != 0 && !nearAnEnd) {
                continue;
            }
            byte[] cut = Arrays.copyOf(sound, length);
            int whole = 0;
            for (byte b : cut) {
                whole += b == '\n' ? 1 : 0;
            }
            Files.write(file, cut);
            if (length < first) {
                refused(DamagedLedgerException.class, "line 1 ", this::open);
                continue;
            }
            try (DeletionLedger ledger = open()) {
                List<LedgerEntry> read = ledger.entries();
                // a line that lacks nothing but its line feed counts
                boolean complete = read.size() > whole && read.get(whole).type() != EntryType.CUT;
                assertEquals(
                        entries.subList(0, whole + (complete ? 1 : 0)), read.subList(0, whole + (complete ? 1 : 0)));
                boolean torn = !complete && sound[length - 1] != '\n';
                assertEquals(torn ? whole + 1 : whole + (complete ? 1 : 0), read.size(), "length " + length);
            }
            assertEquals('\n', Files.readAllBytes(file)[(int) Files.size(file) - 1]);
            open().close();
        }
    }

    @Test
    void aTornLineIsCutAndNotedAndTheLedgerGoesOn() throws IOException {
        byte[] torn = Arrays.copyOf(sound, sound.length + 3);
        Files.write(file, torn);
        assertEquals(entries, DeletionLedger.read(file.getParent()).entries(), "reading leaves it out");
        assertArrayEquals(torn, Files.readAllBytes(file), "and changes nothing");
        try (DeletionLedger ledger = open()) {
            LedgerEntry note = ledger.entries().get(entries.size());
            assertEquals(EntryType.CUT, note.type());
            assertEquals("3", note.facts().get("bytes"));
            // SHA-256 of three zero bytes
            assertEquals(
                    "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c",
                    note.facts().get("sha256"));
            ledger.receive("eve");
        }
        assertEquals(
                entries.size() + 2,
                DeletionLedger.read(file.getParent()).entries().size());
    }

    /** Reading in proportion to the square of the line would take half an hour. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aLineThatCannotBeReadIsReadOnceHoweverManyEndsItHas() throws IOException {
        byte[] ends = "}".repeat(4 << 20).getBytes(StandardCharsets.US_ASCII);
        String last = lines.get(lines.size() - 1);
        for (String begin : List.of("", last.substring(0, last.length() - 1), last)) {
            byte[] line = begin.getBytes(StandardCharsets.UTF_8);
            byte[] damaged = Arrays.copyOf(sound, beginOfLast() + line.length + ends.length);
            System.arraycopy(line, 0, damaged, beginOfLast(), line.length);
            System.arraycopy(ends, 0, damaged, damaged.length - ends.length, ends.length);
            assertEquals(
                    begin.isEmpty()
                            ? Optional.empty()
                            : Optional.of(file + " is damaged: line 5 has no line feed behind its entry"),
                    outcome(damaged));
        }
    }

    /** As when a disk block that held a line feed never was written. */
    @Test
    void aWholeLastLineWithoutItsLineFeedCounts() throws IOException {
        byte[] damaged = sound.clone();
        damaged[sound.length - 1] = 0;
        assertEquals(Optional.empty(), outcome(damaged));
        assertArrayEquals(sound, Files.readAllBytes(file), "it was repaired");
        damaged = Arrays.copyOf(sound, sound.length + 1);
        damaged[sound.length - 1] = 0;
        assertTrue(outcome(damaged).orElse("").contains("line 5 has no line feed behind its entry"));
    }

    /** 300 edits of lines: removed, repeated, swapped, taken from elsewhere. */
    @Test
    void editedLinesAreRefused() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<String> edited = new ArrayList<>(lines);
            int i = random.nextInt(lines.size());
            int j = random.nextInt(lines.size());
            switch (random.nextInt(4)) {
                // whole lines missing at the end are what a kept head is for
                case 0 -> edited.remove(Math.min(i, lines.size() - 2));
                case 1 -> edited.add(i, lines.get(j));
                case 2 -> Collections.swap(edited, i, i == j ? (j + 1) % lines.size() : j);
                default -> edited.set(i, i == j ? "" : lines.get(j));
            }
            Files.writeString(file, String.join("\n", edited) + "\n");
            try (DeletionLedger ledger = open()) {
                LedgerEntry last = ledger.entries().get(ledger.entries().size() - 1);
                assertTrue(
                        edited.get(edited.size() - 1).isEmpty() && last.type() == EntryType.CUT,
                        "seed " + seed + ": only an empty last line may be cut");
            } catch (DamagedLedgerException e) {
                assertTrue(Refusals.sentence(e).contains("is damaged: line "), e.getMessage());
            }
        }
    }

    /** A history with the first of the entries. */
    private LedgerHistory history(int size) {
        LedgerHistory history = new LedgerHistory(format == 1 ? new ChainFormat() : new TreeFormat());
        entries.subList(0, size).forEach(history::read);
        return history;
    }

    /** The lines of all entries, and one more that is hashed as it should be. */
    private void writeWith(EntryType type, List<String> subjects) throws IOException {
        LedgerHistory history = history(entries.size());
        LedgerEntry forged = history.draft(entries.get(0).time(), type, subjects, Map.of());
        Files.writeString(
                file,
                new String(sound, StandardCharsets.UTF_8)
                        + history.format().lines().of(forged) + "\n");
    }

    /** Somebody who can compute hashes can still not make an illegal history. */
    @Test
    void anIllegalTransitionInTheFileIsRefused() throws IOException {
        writeWith(EntryType.ERASED, entries.get(entries.size() - 1).subjects());
        refused(DamagedLedgerException.class, "line 6: a request must not go from SCHEDULED to ERASED", this::open);
        writeWith(EntryType.OPENED, List.of());
        refused(DamagedLedgerException.class, "line 6 must not be of type OPENED", this::open);
        // the ledger's own entries are about nobody, all others about somebody
        writeWith(EntryType.CUT, entries.get(entries.size() - 1).subjects());
        refused(DamagedLedgerException.class, "line 6 must not be of type CUT", this::open);
        writeWith(EntryType.INTENT, List.of());
        refused(DamagedLedgerException.class, "line 6 must not be of type INTENT", this::open);
    }

    @Test
    void aTimeThatRunsBackwardsIsRefusedInFormat2() throws IOException {
        LedgerHistory history = history(entries.size());
        LedgerEntry last = entries.get(entries.size() - 1);
        LedgerEntry early = history.format()
                .hashed(new LedgerEntry(
                        entries.size(),
                        last.time().minusMillis(1),
                        EntryType.VALIDATED,
                        last.subjects(),
                        last.facts(),
                        history.format().link(history),
                        last.hash()));
        if (format == 1) {
            history.read(early);
        } else {
            refused("has an earlier time than the line before", () -> history.read(early));
        }
    }

    @Test
    void aKeptHeadShowsThatTheEndIsMissing() throws IOException {
        Files.write(file, Arrays.copyOf(sound, beginOfLast()));
        try (DeletionLedger ledger = open()) {
            ledger.requireContains(history(3).head());
            refused(DamagedLedgerException.class, "entries are missing", () -> ledger.requireContains(head));
        }
    }

    /**
     * Ledgers of somebody who has the key and can compute every hash: cut at a random line, and perhaps gone on with for as
     * many lines as before, or more or fewer. Each opens without a complaint, but for what a kept head shows.
     */
    @Test
    void rewrittenLedgersAreFoundByAKeptHeadAndByNothingElse() throws IOException {
        for (int seed = 0; seed < Exhaustive.times(30, 1000); seed++) {
            Random random = new Random(seed);
            int kept = random.nextInt(entries.size() - 1) + 1;
            Path other = DeletionLedgerTest.begin(temp.resolve("rewritten-" + seed), format);
            LedgerHistory history = history(kept);
            String beginning = String.join("\n", lines.subList(0, kept)) + "\n";
            Files.writeString(other.resolve(DeletionLedger.FILE), beginning);
            try (DeletionLedger ledger = DeletionLedgerTest.open(other)) {
                ledger.requireContains(history.head());
                ledger.receive(IntStream.range(0, random.nextInt(6))
                        .mapToObj(i -> "stranger " + i)
                        .toList());
            }
            assertTrue(DeletionLedger.read(other).entries().size() >= kept, "nothing is wrong with it by itself");
            refused(
                    DamagedLedgerException.class,
                    "",
                    () -> DeletionLedger.read(other).requireContains(head));
        }
    }

    /** What was acknowledged when the power went is there afterwards, whatever the disk spared. */
    @Test
    void aPowerFailureAtAnyMomentLosesNothingThatWasAcknowledged() throws IOException {
        FragileDisk disk = new FragileDisk(Files.createDirectory(temp.resolve("fragile")));
        if (format == 1) {
            Path begun = DeletionLedgerTest.begin(temp.resolve("begun"), 1);
            try (AtomicFile target = AtomicFile.create(disk.root().resolve(DeletionLedger.FILE))) {
                target.stream().write(Files.readAllBytes(begun.resolve(DeletionLedger.FILE)));
                target.commit();
            }
        }
        List<String> events = new ArrayList<>();
        List<LedgerEntry> acknowledged = new ArrayList<>();
        disk.watch(event -> {
            events.add(event);
            for (Spared spared : Spared.values()) {
                Path left = temp.resolve("after-" + events.size() + "-" + spared);
                disk.afterPowerFailure(spared, left);
                requireAll(left, acknowledged);
                // and again: what opening repaired is in order
                requireAll(left, acknowledged);
            }
        });
        try (DeletionLedger ledger = DeletionLedgerTest.open(disk.root())) {
            for (int i = 0; i < 6; i++) {
                String pseudonym = ledger.receive("person " + i);
                acknowledged.add(ledger.entries().get(ledger.entries().size() - 1));
                acknowledged.add(ledger.advance(EntryType.VALIDATED, List.of(pseudonym), Map.of("i", "" + i)));
            }
        }
        // twelve lines written and forced
        assertTrue(events.size() >= 24, "the disk saw " + events);
    }

    /** The same of groups, and of what several threads ask at the same time: who was answered is there afterwards. */
    @Test
    void aPowerFailureLosesNobodyOfAGroupThatWasAcknowledged() throws Exception {
        FragileDisk disk = new FragileDisk(Files.createDirectory(temp.resolve("fragile")));
        AtomicInteger forces = new AtomicInteger();
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        disk.watch(event -> {
            Set<String> before = Set.copyOf(acknowledged);
            if (!event.equals("force " + DeletionLedger.FILE)) {
                return;
            }
            Path left = temp.resolve("after-" + forces.incrementAndGet());
            disk.afterPowerFailure(Spared.FORCED_NAMES_FORCED_BYTES, left);
            // before the first force there is no file yet
            if (!before.isEmpty()) {
                try (DeletionLedger ledger = DeletionLedgerTest.open(left)) {
                    assertTrue(ledger.states().keySet().containsAll(before));
                }
            }
        });
        try (DeletionLedger ledger = DeletionLedgerTest.open(disk.root())) {
            List<Thread> threads = IntStream.range(0, 8)
                    .mapToObj(thread -> new Thread(() -> {
                        for (int i = 0; i < 5; i++) {
                            acknowledged.addAll(
                                    receive(ledger, List.of("all", thread + " " + i, thread + " also " + i)));
                        }
                    }))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(81, ledger.states().size());
            assertEquals(ledger.states().keySet(), acknowledged);
            assertEquals(82, ledger.entries().size());
        }
        assertTrue(forces.get() <= 2 + 40, forces + " forces for 81 requests");
    }

    private static List<String> receive(DeletionLedger ledger, List<String> subjects) {
        try {
            return ledger.receive(subjects);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whoever waits for a write that fails is not answered, whoever made it. */
    @Test
    void aGroupThatCannotBeForcedIsNotAcknowledged() throws Exception {
        FragileDisk disk = new FragileDisk(Files.createDirectory(temp.resolve("unforced-group")));
        try (DeletionLedger ledger = DeletionLedgerTest.open(disk.root())) {
            disk.failForces();
            AtomicInteger refused = new AtomicInteger();
            List<Thread> threads = IntStream.range(0, 8)
                    .mapToObj(thread -> new Thread(() -> {
                        try {
                            receive(ledger, List.of("ada", "subject " + thread));
                        } catch (UncheckedIOException expected) {
                            refused.incrementAndGet();
                        }
                    }))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(8, refused.get());
            assertEquals(Map.of(), ledger.states());
        }
    }

    private static void requireAll(Path directory, List<LedgerEntry> acknowledged) throws IOException {
        try (DeletionLedger ledger = DeletionLedgerTest.open(directory)) {
            assertTrue(ledger.entries().containsAll(acknowledged), () -> "lost some of " + acknowledged.size());
            for (LedgerEntry entry : acknowledged) {
                assertTrue(ledger.state(entry.subjects().get(0)).isPresent());
            }
        }
    }

    /** Full after any number of bytes of the second request. */
    @Test
    void aFullDiskRefusesAndLosesNothing() throws IOException {
        int length = lines.get(2).length() + 1;
        for (int room = 0; room < length; room += 7) {
            Path directory = DeletionLedgerTest.begin(temp.resolve("full-" + room), format);
            FragileDisk disk = new FragileDisk(directory);
            String ada;
            try (DeletionLedger ledger = DeletionLedgerTest.open(disk.root())) {
                ada = ledger.receive("ada");
                disk.fullAfter(room);
                refused(IOException.class, "No space left", () -> ledger.receive("bob"));
                disk.fullAfter(Long.MAX_VALUE);
                refused(IOException.class, "must be opened again", () -> ledger.receive("bob"));
                assertFalse(ledger.states().containsKey(DeletionLedgerTest.KEY.pseudonym("bob")));
            }
            try (DeletionLedger ledger = DeletionLedgerTest.open(directory)) {
                assertEquals(Map.of(ada, EntryType.RECEIVED), ledger.states());
                assertEquals(room == 0 ? 2 : 3, ledger.entries().size(), "a torn line is noted");
                ledger.receive("bob");
            }
        }
    }

    @Test
    void whatCannotBeForcedIsNotAcknowledged() throws IOException {
        Path directory = DeletionLedgerTest.begin(temp.resolve("unforced"), format);
        FragileDisk disk = new FragileDisk(directory);
        try (DeletionLedger ledger = DeletionLedgerTest.open(disk.root())) {
            disk.failForces();
            refused(IOException.class, "Input/output error", () -> ledger.receive("ada"));
            refused(IOException.class, "must be opened again", () -> ledger.receive("ada"));
        }
        refused(IOException.class, "Input/output error", () -> DeletionLedgerTest.open(disk.root()));
        // the line was complete, and counts once it is on the disk
        byte[] before = Files.readAllBytes(directory.resolve(DeletionLedger.FILE));
        try (DeletionLedger ledger = DeletionLedgerTest.open(directory)) {
            assertEquals(1, ledger.states().size());
            assertEquals(2, ledger.entries().size());
        }
        assertArrayEquals(before, Files.readAllBytes(directory.resolve(DeletionLedger.FILE)));
    }
}
