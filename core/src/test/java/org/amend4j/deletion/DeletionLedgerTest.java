package org.amend4j.deletion;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeletionLedgerTest {

    static final SubjectKey KEY = SubjectKey.of(new byte[32]);
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05.678Z"), ZoneOffset.UTC);
    private static final List<EntryType> WAY = List.of(
            EntryType.VALIDATED,
            EntryType.SCHEDULED,
            EntryType.INTENT,
            EntryType.UNLEARNED,
            EntryType.RELEASED,
            EntryType.CERTIFIED,
            EntryType.ERASED);

    @TempDir
    Path temp;

    static DeletionLedger open(Path directory) throws IOException {
        return DeletionLedger.open(directory, KEY, CLOCK);
    }

    private byte[] bytes() throws IOException {
        return Files.readAllBytes(temp.resolve(DeletionLedger.FILE));
    }

    /** Brings a new request to a state. */
    private static String inState(DeletionLedger ledger, String subject, EntryType state) throws IOException {
        String pseudonym = ledger.receive(subject);
        if (state == EntryType.REFUSED) {
            ledger.advance(state, List.of(pseudonym), Map.of());
        } else {
            for (EntryType next : WAY.subList(0, WAY.indexOf(state) + 1)) {
                ledger.advance(next, List.of(pseudonym), Map.of());
            }
        }
        return pseudonym;
    }

    @Test
    void manyRequestsAtOnceAreTheLinesOfOneAfterTheOther() throws IOException {
        List<String> subjects = List.of("ada", "bob", "ada", "cyd");
        Path together = temp.resolve("together");
        Path alone = temp.resolve("alone");
        try (DeletionLedger ledger = open(together);
                DeletionLedger other = open(alone)) {
            List<String> pseudonyms = ledger.receive(subjects);
            for (int i = 0; i < subjects.size(); i++) {
                assertEquals(other.receive(subjects.get(i)), pseudonyms.get(i));
            }
            assertEquals(List.of(), ledger.receive(List.of()));
        }
        assertArrayEquals(
                Files.readAllBytes(alone.resolve(DeletionLedger.FILE)),
                Files.readAllBytes(together.resolve(DeletionLedger.FILE)));
    }

    /** Whatever part of a group was written when the power went, whole requests are there and the next ones follow them. */
    @Test
    void aGroupCutAnywhereLeavesWholeRequests() throws IOException {
        List<String> subjects = List.of("ada", "bob", "cyd");
        byte[] whole;
        int before;
        try (DeletionLedger ledger = open(temp)) {
            before = bytes().length;
            ledger.receive(subjects);
            whole = bytes();
        }
        for (int length = before; length <= whole.length; length++) {
            Files.write(temp.resolve(DeletionLedger.FILE), Arrays.copyOf(whole, length));
            try (DeletionLedger ledger = open(temp)) {
                int there = ledger.states().size();
                assertTrue(there <= 3);
                ledger.receive(subjects);
                assertEquals(3, ledger.states().size(), "cut at " + length + ", " + there + " were there");
            }
        }
    }

    @Test
    void twoHundredThousandRequestsAtOnceAreOneWrite() throws IOException {
        List<String> subjects =
                IntStream.range(0, 200_000).mapToObj(Integer::toString).toList();
        try (DeletionLedger ledger = open(temp)) {
            ledger.advance(EntryType.VALIDATED, ledger.receive(subjects), Map.of());
        }
        try (DeletionLedger ledger = open(temp)) {
            assertEquals(200_002, ledger.entries().size());
            assertTrue(ledger.states().values().stream().allMatch(EntryType.VALIDATED::equals));
        }
    }

    @Test
    void whatWasWrittenIsThereAfterOpeningAgain() throws IOException {
        List<LedgerEntry> written;
        String head;
        String ada;
        try (DeletionLedger ledger = open(temp)) {
            ada = ledger.receive("ada");
            String bob = ledger.receive("bob");
            ledger.advance(EntryType.VALIDATED, List.of(bob, ada), Map.of());
            ledger.advance(EntryType.SCHEDULED, List.of(ada), Map.of("due", "2026-02-01"));
            ledger.advance(EntryType.INTENT, List.of(ada), Map.of("k", "100", "sigma", "0x1.4p-4"));
            ledger.advance(
                    EntryType.REFUSED, List.of(bob), Map.of("reason", "Δ = ∞, \"no\" noise\nhelps \uD83D\uDE42"));
            written = ledger.entries();
            head = ledger.head();
            assertEquals(7, written.size());
        }
        try (DeletionLedger ledger = open(temp)) {
            assertEquals(written, ledger.entries());
            assertEquals(head, ledger.head());
            assertEquals(Optional.of(EntryType.INTENT), ledger.state(ada));
            assertEquals(Optional.of(EntryType.REFUSED), ledger.state(KEY.pseudonym("bob")));
            assertEquals(Optional.empty(), ledger.state(KEY.pseudonym("eve")));
            assertEquals(2, ledger.states().size());
            ledger.requireContains(head);
        }
        assertEquals(written, DeletionLedger.entriesOf(temp));
    }

    /** All 9 × 9 pairs of states: what is not listed is refused and leaves the file as it was. */
    @Test
    void onlyTheListedTransitionsAreLegal() throws IOException {
        int legal = 0;
        try (DeletionLedger ledger = open(temp)) {
            for (EntryType from : EntryType.values()) {
                for (EntryType to : EntryType.values()) {
                    if (!from.isState() || !to.isState() || to == EntryType.RECEIVED || from == to) {
                        continue;
                    }
                    String subject = from == EntryType.RECEIVED
                            ? ledger.receive(from + " " + to)
                            : inState(ledger, from + " " + to, from);
                    byte[] before = bytes();
                    boolean next = WAY.indexOf(to) == WAY.indexOf(from) + 1 && from != EntryType.REFUSED;
                    boolean refusal = to == EntryType.REFUSED && WAY.indexOf(from) < WAY.indexOf(EntryType.RELEASED);
                    if (refusal || (next && to != EntryType.REFUSED)) {
                        ledger.advance(to, List.of(subject), Map.of());
                        assertEquals(Optional.of(to), ledger.state(subject));
                        legal++;
                    } else {
                        refused(
                                IllegalStateException.class,
                                "must not go from " + from + " to " + to,
                                () -> ledger.advance(to, List.of(subject), Map.of()));
                        assertArrayEquals(before, bytes());
                    }
                }
            }
        }
        assertEquals(7 + 5, legal, "seven steps, and refusals from five states");
    }

    @Test
    void aBatchGoesTogetherOrNotAtAll() throws IOException {
        try (DeletionLedger ledger = open(temp)) {
            String ada = inState(ledger, "ada", EntryType.SCHEDULED);
            String bob = inState(ledger, "bob", EntryType.VALIDATED);
            refused(
                    IllegalStateException.class,
                    "from VALIDATED to INTENT",
                    () -> ledger.advance(EntryType.INTENT, List.of(ada, bob), Map.of()));
            assertEquals(Optional.of(EntryType.SCHEDULED), ledger.state(ada));
            String eve = KEY.pseudonym("eve");
            refused(
                    IllegalStateException.class,
                    "from no request to VALIDATED",
                    () -> ledger.advance(EntryType.VALIDATED, List.of(eve), Map.of()));
        }
    }

    @Test
    void askingAgainChangesNothing() throws IOException {
        try (DeletionLedger ledger = open(temp)) {
            String ada = ledger.receive("ada");
            String bob = ledger.receive("bob");
            byte[] before = bytes();
            assertEquals(ada, ledger.receive("ada"));
            assertArrayEquals(before, bytes());
            LedgerEntry entry = ledger.advance(EntryType.VALIDATED, List.of(ada, bob), Map.of("n", "5"));
            before = bytes();
            assertEquals(entry, ledger.advance(EntryType.VALIDATED, List.of(bob, ada, bob), Map.of("n", "5")));
            assertArrayEquals(before, bytes());
            // not the same: other facts, or not all of them
            refused(
                    IllegalStateException.class,
                    "from VALIDATED to VALIDATED",
                    () -> ledger.advance(EntryType.VALIDATED, List.of(ada, bob), Map.of("n", "6")));
            refused(
                    IllegalStateException.class,
                    "from VALIDATED to VALIDATED",
                    () -> ledger.advance(EntryType.VALIDATED, List.of(ada), Map.of("n", "5")));
            assertEquals(ada, ledger.receive("ada"), "in any state");
            assertArrayEquals(before, bytes());
        }
    }

    @Test
    void aRefusedRequestCanBeMadeAgain() throws IOException {
        try (DeletionLedger ledger = open(temp)) {
            String ada = inState(ledger, "ada", EntryType.REFUSED);
            assertEquals(ada, ledger.receive("ada"));
            assertEquals(Optional.of(EntryType.RECEIVED), ledger.state(ada));
        }
        assertEquals(4, DeletionLedger.entriesOf(temp).size());
    }

    @Test
    void thePersonIsNotInTheFile() throws IOException {
        try (DeletionLedger ledger = open(temp)) {
            ledger.receive("ada@example.org");
        }
        String text = new String(bytes(), StandardCharsets.UTF_8);
        assertFalse(text.contains("ada"));
        assertTrue(text.contains(KEY.pseudonym("ada@example.org")));
        assertNotEquals(
                KEY.pseudonym("ada"),
                SubjectKey.of(SubjectKey.fresh()).pseudonym("ada"),
                "another ledger, another name");
        assertNotEquals(
                HexFormat.of().formatHex(SubjectKey.fresh()), HexFormat.of().formatHex(SubjectKey.fresh()));
    }

    /** By another JSON reader, and with the hash computed from the text of the line. */
    @Test
    void linesAreJsonChainedBySha256() throws Exception {
        try (DeletionLedger ledger = open(temp)) {
            String ada = ledger.receive("ada");
            ledger.advance(EntryType.REFUSED, List.of(ada), Map.of("b", "\t\"\\/é\u0001", "a", ""));
        }
        String previous = "0".repeat(64);
        for (String line : Files.readAllLines(temp.resolve(DeletionLedger.FILE))) {
            JsonNode json = new ObjectMapper().readTree(line);
            assertEquals(previous, json.get("previous").textValue());
            String hash = json.get("hash").textValue();
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(HexFormat.of().parseHex(previous));
            sha.update(line.replace("\"hash\":\"" + hash + "\",", "").getBytes(StandardCharsets.UTF_8));
            assertEquals(hash, HexFormat.of().formatHex(sha.digest()));
            previous = hash;
            if (json.get("type").textValue().equals("REFUSED")) {
                assertEquals("\t\"\\/é\u0001", json.get("facts").get("b").textValue());
                assertEquals("2026-01-02T03:04:05.678Z", json.get("time").textValue());
                assertEquals(2, json.get("sequence").intValue());
            }
        }
    }

    /** 300 random entries. */
    @Test
    void everyEntryComesBackFromItsLineAndOnlyFromItsLine() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Map<String, String> facts = Map.of("text", text(random), "other", text(random));
            List<String> subjects = IntStream.range(0, random.nextInt(4))
                    .mapToObj(i -> KEY.pseudonym("s" + random.nextInt()))
                    .toList();
            EntryType type = List.of(EntryType.values()).get(random.nextInt(11));
            Instant time = Instant.ofEpochMilli(random.nextLong() >> 20);
            LedgerEntry entry =
                    LedgerEntry.of(random.nextInt(1_000_000), time, type, subjects, facts, KEY.pseudonym("x"));
            byte[] line = LedgerLine.of(entry).getBytes(StandardCharsets.UTF_8);
            LedgerLine.Parsed parsed = LedgerLine.parse(line);
            assertEquals(entry, parsed.entry());
            assertEquals(entry.hash(), parsed.hash());
            byte[] other = line.clone();
            other[random.nextInt(line.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                LedgerLine.Parsed changed = LedgerLine.parse(other);
                assertNotEquals(changed.entry().hash(), changed.hash(), "seed " + seed);
            } catch (LedgerLine.Unparsable e) {
                assertFalse(e.getMessage().contains("\n"));
            }
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            int point = switch (random.nextInt(4)) {
                case 0 -> random.nextInt(32);
                case 1 -> "\"\\{}[],:/u".charAt(random.nextInt(10));
                case 2 -> 32 + random.nextInt(900);
                default -> 0x1F600 + random.nextInt(50);
            };
            text.appendCodePoint(point);
        }
        return text.toString();
    }

    @Test
    void onlyTheCanonicalFormIsRead() throws Exception {
        LedgerEntry entry = LedgerEntry.of(
                7, CLOCK.instant(), EntryType.INTENT, List.of(), Map.of("a", "/\n", "b", "é"), KEY.pseudonym("x"));
        String line = LedgerLine.of(entry);
        assertEquals(
                entry, LedgerLine.parse(line.getBytes(StandardCharsets.UTF_8)).entry());
        for (String other : List.of(
                line + " ",
                " " + line,
                line + line,
                line.replace(":7,", ": 7,"),
                line.replace(":7,", ":07,"),
                line.replace(":7,", ":-7,"),
                line.replace(":7,", ":7.0,"),
                line.replace(":7,", ":99999999999999999999,"),
                line.replace("/", "\\/"),
                line.replace("\\u000a", "\\n"),
                line.replace("\\u000a", "\\u000A"),
                line.replace("\\u000a", "\n"),
                line.replace("é", "\\u00e9"),
                line.replace("\"a\":", "\"A\":"),
                line.replace("\"b\":", "\"a\":"),
                line.replace("{\"a\":\"/\\u000a\",\"b\":\"é\"}", "{\"b\":\"é\",\"a\":\"/\\u000a\"}"),
                line.replace(".678Z", ".678000Z"),
                line.replace(".678Z", ".6789Z"),
                line.replace("INTENT", "INTENDED"),
                line.replace("\"subjects\":[]", "\"subjects\":[\"ada\"]"))) {
            assertNotEquals(line, other);
            refused(LedgerLine.Unparsable.class, "", () -> LedgerLine.parse(other.getBytes(StandardCharsets.UTF_8)));
        }
        byte[] latin = line.getBytes(StandardCharsets.ISO_8859_1);
        refused(LedgerLine.Unparsable.class, "not UTF-8", () -> LedgerLine.parse(latin));
    }

    @Test
    void aSecondWriterAnotherKeyAndANewerVersionAreRefused() throws IOException {
        try (DeletionLedger ledger = open(temp)) {
            assertEquals(1, ledger.entries().size());
            refused(IOException.class, "the ledger in " + temp + " is open elsewhere", () -> open(temp));
        }
        byte[] before = bytes();
        refused(
                IOException.class,
                "belongs to another key",
                () -> DeletionLedger.open(
                        temp, SubjectKey.of("another key, 16+".getBytes(StandardCharsets.UTF_8)), CLOCK));
        assertArrayEquals(before, bytes());
        LedgerEntry newer = LedgerEntry.of(
                0,
                CLOCK.instant(),
                EntryType.OPENED,
                List.of(),
                Map.of("key", KEY.fingerprint(), "version", "2"),
                LedgerEntry.NO_HASH);
        Files.writeString(temp.resolve(DeletionLedger.FILE), LedgerLine.of(newer) + "\n");
        refused(IOException.class, "has version 2, this class supports at most version 1", () -> open(temp));
        open(Files.createDirectory(temp.resolve("fresh"))).close();
    }

    @ParameterizedTest
    @EnumSource(
            value = EntryType.class,
            names = {"OPENED", "CUT", "RECEIVED"})
    void someTypesAreTheLedgersOwn(EntryType type) throws IOException {
        try (DeletionLedger ledger = open(temp)) {
            String ada = ledger.receive("ada");
            refused("cannot be brought to " + type, () -> ledger.advance(type, List.of(ada), Map.of()));
            refused("at least one request", () -> ledger.advance(EntryType.VALIDATED, List.of(), Map.of()));
            refused(
                    "name of a fact must match",
                    () -> ledger.advance(EntryType.VALIDATED, List.of(ada), Map.of("No", "x")));
            refused(
                    "half a character at 1",
                    () -> ledger.advance(EntryType.VALIDATED, List.of(ada), Map.of("no", "x\uD83D")));
            ledger.advance(EntryType.VALIDATED, List.of(ada), Map.of("no", "x"));
        }
    }

    @Test
    void aClosedLedgerTakesNothing() throws IOException {
        DeletionLedger ledger = open(temp);
        ledger.close();
        refused(IOException.class, "must be opened again", () -> ledger.receive("ada"));
    }

    @Test
    void threadsDoNotTearEachOthersLines() throws Exception {
        try (DeletionLedger ledger = open(temp)) {
            List<Thread> threads = IntStream.range(0, 4)
                    .mapToObj(t -> new Thread(() -> {
                        for (int i = 0; i < 20; i++) {
                            try {
                                ledger.receive("person " + (i + 10 * t));
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        }
                    }))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        // persons 0 to 49, each once
        assertEquals(1 + 50, DeletionLedger.entriesOf(temp).size());
    }
}
