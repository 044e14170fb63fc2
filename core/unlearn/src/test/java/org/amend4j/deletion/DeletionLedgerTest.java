/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.transparency.MerkleProofs;
import org.amend4j.transparency.TreeHash;
import org.amend4j.transparency.TreeHead;
import org.erdtman.jcs.JsonCanonicalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** A ledger that was written by the last version that wrote format 1. */
    static byte[] stored() throws IOException {
        return Files.readAllBytes(Path.of("src/test/resources/org/amend4j/deletion/format-1.jsonl"));
    }

    /** Begins a ledger of a format, without requests, in a new directory. */
    static Path begin(Path directory, int format) throws IOException {
        Files.createDirectory(directory);
        if (format == 1) {
            byte[] stored = stored();
            int first = new String(stored, StandardCharsets.UTF_8).indexOf('\n') + 1;
            Files.write(directory.resolve(DeletionLedger.FILE), Arrays.copyOf(stored, first));
        }
        open(directory).close();
        return directory;
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
    void manyRequestsAtOnceAdvanceTogetherAndComeBack() throws IOException {
        int many = Exhaustive.times(2_000, 200_000);
        List<String> subjects =
                IntStream.range(0, many).mapToObj(Integer::toString).toList();
        try (DeletionLedger ledger = open(temp)) {
            ledger.advance(EntryType.VALIDATED, ledger.receive(subjects), Map.of());
        }
        try (DeletionLedger ledger = open(temp)) {
            assertEquals(many + 2, ledger.entries().size());
            assertTrue(ledger.states().values().stream().allMatch(EntryType.VALIDATED::equals));
        }
    }

    @Test
    void whatWasWrittenIsThereAfterOpeningAgain() throws IOException {
        List<LedgerEntry> written;
        TreeHead head;
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
        assertEquals(written, DeletionLedger.read(temp).entries());
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
        assertEquals(4, DeletionLedger.read(temp).entries().size());
    }

    @Test
    void theSubjectIsNotInTheFile() throws IOException {
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
    void linesOfFormat1AreJsonChainedBySha256() throws Exception {
        begin(temp.resolve("one"), 1);
        List<String> lines = someLines(temp.resolve("one"));
        String previous = "0".repeat(64);
        for (String line : lines) {
            JsonNode json = new ObjectMapper().readTree(line);
            assertEquals(previous, json.get("previous").textValue());
            String hash = json.get("hash").textValue();
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(HexFormat.of().parseHex(previous));
            sha.update(line.replace("\"hash\":\"" + hash + "\",", "").getBytes(StandardCharsets.UTF_8));
            assertEquals(hash, HexFormat.of().formatHex(sha.digest()));
            previous = hash;
        }
    }

    /** By the library of RFC 8785, and with the roots computed anew from the definition of RFC 9162. */
    @Test
    void linesOfFormat2AreCanonicalJsonWithTheRootOfAllBefore() throws Exception {
        List<String> lines = someLines(begin(temp.resolve("two"), 2));
        List<byte[]> leaves = new ArrayList<>();
        for (String line : lines) {
            assertEquals(line, new JsonCanonicalizer(line).getEncodedString());
            ObjectNode json = (ObjectNode) new ObjectMapper().readTree(line);
            assertEquals(
                    HexFormat.of().formatHex(root(leaves)), json.get("root").textValue());
            String hash = json.remove("hash").textValue();
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update((byte) 0);
            byte[] leaf = sha.digest(new JsonCanonicalizer(json.toString()).getEncodedUTF8());
            assertEquals(hash, HexFormat.of().formatHex(leaf));
            leaves.add(leaf);
        }
        TreeHead head = DeletionLedger.read(temp.resolve("two")).head();
        assertEquals(HexFormat.of().formatHex(root(leaves)), head.root().hex());
        assertEquals(leaves.size(), head.size());
    }

    /** The definition, word for word. */
    private static byte[] root(List<byte[]> leaves) throws NoSuchAlgorithmException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        if (leaves.size() < 2) {
            return leaves.isEmpty() ? sha.digest() : leaves.get(0);
        }
        int k = 1;
        while (2 * k < leaves.size()) {
            k *= 2;
        }
        sha.update((byte) 1);
        sha.update(root(leaves.subList(0, k)));
        return sha.digest(root(leaves.subList(k, leaves.size())));
    }

    private static List<String> someLines(Path directory) throws IOException {
        try (DeletionLedger ledger = open(directory)) {
            String ada = ledger.receive("ada");
            ledger.receive(List.of("bob", "cyd", "dan"));
            ledger.advance(
                    EntryType.REFUSED,
                    List.of(ada),
                    Map.of("b", "\t\b\n\f\r\"\\/é\u0001\u001f\u007f\uD83D\uDE42", "a", ""));
        }
        List<String> lines = Files.readAllLines(directory.resolve(DeletionLedger.FILE));
        JsonNode last = new ObjectMapper().readTree(lines.get(lines.size() - 1));
        assertEquals(
                "\t\b\n\f\r\"\\/é\u0001\u001f\u007f\uD83D\uDE42",
                last.get("facts").get("b").textValue());
        assertEquals("2026-01-02T03:04:05.678Z", last.get("time").textValue());
        assertEquals(5, last.get("sequence").intValue());
        return lines;
    }

    @Test
    void aLedgerThatBeganInFormat1GoesOnInIt() throws IOException {
        Path directory = Files.createDirectory(temp.resolve("stored"));
        Files.write(directory.resolve(DeletionLedger.FILE), stored());
        TreeHead before = DeletionLedger.read(directory).head();
        try (DeletionLedger ledger = open(directory)) {
            assertArrayEquals(stored(), Files.readAllBytes(directory.resolve(DeletionLedger.FILE)));
            assertEquals(Optional.of(EntryType.REFUSED), ledger.state(KEY.pseudonym("ada")));
            assertEquals(Optional.of(EntryType.SCHEDULED), ledger.state(KEY.pseudonym("bob")));
            ledger.receive(List.of("ada", "eve"));
            ledger.requireContains(before);
        }
        LedgerReading reading = DeletionLedger.read(directory);
        assertEquals(1, reading.format());
        assertEquals(before.size() + 2, reading.head().size());
        assertEquals(
                before.size() + 2,
                Files.readAllLines(directory.resolve(DeletionLedger.FILE)).size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void everyHeadIsConsistentWithEveryLaterOne(int format) throws IOException {
        begin(temp.resolve("ledger"), format);
        List<TreeHead> heads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            try (DeletionLedger ledger = open(temp.resolve("ledger"))) {
                heads.add(ledger.head());
                for (TreeHead kept : heads) {
                    ledger.requireContains(kept);
                    List<TreeHash> proof = ledger.consistencyProof(kept.size());
                    TreeHead now = ledger.head();
                    assertTrue(MerkleProofs.consistent(kept.size(), kept.root(), now.size(), now.root(), proof));
                    TreeHead other = new TreeHead(kept.size(), TreeHash.leaf(new byte[] {1}));
                    assertFalse(MerkleProofs.consistent(other.size(), other.root(), now.size(), now.root(), proof));
                    refused(DamagedLedgerException.class, "some were changed", () -> ledger.requireContains(other));
                }
                TreeHead later = new TreeHead(ledger.head().size() + 1, TreeHash.leaf(new byte[0]));
                refused(DamagedLedgerException.class, "entries are missing", () -> ledger.requireContains(later));
                ledger.receive("person " + i);
            }
        }
    }

    @Test
    void timesNeverRunBackwards() throws IOException {
        List<Instant> clock = new ArrayList<>();
        for (int seconds : new int[] {5, 5, 3, 9, 8, 0, 9, 10}) {
            clock.add(Instant.ofEpochSecond(seconds).plusNanos(1_500_000));
        }
        Iterator<Instant> times = clock.iterator();
        Clock jumping = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return times.next();
            }
        };
        try (DeletionLedger ledger = DeletionLedger.open(temp, KEY, jumping)) {
            ledger.receive(
                    IntStream.range(1, clock.size()).mapToObj(Integer::toString).toList());
        }
        assertEquals(
                List.of(5001L, 5001L, 5001L, 9001L, 9001L, 9001L, 9001L, 10001L),
                DeletionLedger.read(temp).entries().stream()
                        .map(entry -> entry.time().toEpochMilli())
                        .toList());
    }

    private static LedgerEntry entry(
            LedgerFormat format,
            int sequence,
            Instant time,
            EntryType type,
            Collection<String> subjects,
            Map<String, String> facts) {
        return format.hashed(new LedgerEntry(
                sequence,
                time,
                type,
                List.copyOf(new TreeSet<>(subjects)),
                new TreeMap<>(facts),
                KEY.pseudonym("x"),
                KEY.pseudonym("y")));
    }

    private static final List<LedgerFormat> FORMATS = List.of(new ChainFormat(), new TreeFormat());

    /** 300 random entries. */
    @Test
    void everyEntryComesBackFromItsLineAndOnlyFromItsLine() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            LedgerFormat format = FORMATS.get(seed % 2);
            Map<String, String> facts = Map.of("text", text(random), "other", text(random));
            List<String> subjects = IntStream.range(0, random.nextInt(4))
                    .mapToObj(i -> KEY.pseudonym("s" + random.nextInt()))
                    .toList();
            EntryType type = List.of(EntryType.values()).get(random.nextInt(11));
            Instant time = Instant.ofEpochMilli(random.nextLong() >> 20);
            LedgerEntry entry = entry(format, random.nextInt(1_000_000), time, type, subjects, facts);
            byte[] line = format.lines().of(entry).getBytes(StandardCharsets.UTF_8);
            assertEquals(entry, format.lines().parse(line));
            if (format.version() == 2) {
                assertArrayEquals(new JsonCanonicalizer(line).getEncodedUTF8(), line);
            }
            byte[] other = line.clone();
            other[random.nextInt(line.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                LedgerEntry changed = format.lines().parse(other);
                assertNotEquals(format.hash(changed), changed.hash(), "seed " + seed);
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

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void onlyTheCanonicalFormIsRead(int version) throws Exception {
        LedgerFormat format = FORMATS.get(version - 1);
        LedgerEntry entry =
                entry(format, 7, CLOCK.instant(), EntryType.INTENT, List.of(), Map.of("a", "/\n", "b", "é"));
        String line = format.lines().of(entry);
        String feed = version == 1 ? "\\u000a" : "\\n";
        assertEquals(entry, format.lines().parse(line.getBytes(StandardCharsets.UTF_8)));
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
                line.replace(feed, version == 1 ? "\\n" : "\\u000a"),
                line.replace(feed, "\\u000A"),
                line.replace(feed, "\n"),
                line.replace("é", "\\u00e9"),
                line.replace("\"a\":", "\"A\":"),
                line.replace("\"b\":", "\"a\":"),
                line.replace("{\"a\":\"/" + feed + "\",\"b\":\"é\"}", "{\"b\":\"é\",\"a\":\"/" + feed + "\"}"),
                line.replace(version == 1 ? "previous" : "root", version == 1 ? "root" : "previous"),
                line.replace(".678Z", ".678000Z"),
                line.replace(".678Z", ".6789Z"),
                line.replace("INTENT", "INTENDED"),
                line.replace("\"subjects\":[]", "\"subjects\":[\"ada\"]"))) {
            assertNotEquals(line, other);
            refused(
                    LedgerLine.Unparsable.class,
                    "",
                    () -> format.lines().parse(other.getBytes(StandardCharsets.UTF_8)));
        }
        byte[] latin = line.getBytes(StandardCharsets.ISO_8859_1);
        refused(LedgerLine.Unparsable.class, "not UTF-8", () -> format.lines().parse(latin));
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
        for (int version = 1; version <= 2; version++) {
            LedgerFormat format = FORMATS.get(version - 1);
            LedgerEntry newer = new LedgerHistory(format)
                    .draft(
                            CLOCK.instant(),
                            EntryType.OPENED,
                            List.of(),
                            Map.of("key", KEY.fingerprint(), "version", "3"));
            Files.writeString(temp.resolve(DeletionLedger.FILE), format.lines().of(newer) + "\n");
            refused(
                    IOException.class,
                    "has version 3, is written in format " + version + ", and this class supports at most version 2",
                    () -> open(temp));
            LedgerEntry nobodys = new LedgerHistory(format)
                    .draft(CLOCK.instant(), EntryType.OPENED, List.of(), Map.of("version", "" + version));
            Files.writeString(temp.resolve(DeletionLedger.FILE), format.lines().of(nobodys) + "\n");
            refused(DamagedLedgerException.class, "line 1 does not say which key", () -> DeletionLedger.read(temp));
        }
        open(temp.resolve("fresh")).close();
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
        List<String> ada = List.of(KEY.pseudonym("ada"));
        refused(IOException.class, "must be opened again", () -> ledger.advance(EntryType.VALIDATED, ada, Map.of()));
    }

    /** Of two whose last entry was the same, one went on: what is said of both is not that entry again. */
    @Test
    void whatWasTrueOfBothIsNoRepetitionWhenOneWentOn() throws IOException {
        try (DeletionLedger ledger = open(temp)) {
            List<String> both =
                    ledger.receive(List.of("ada", "bob")).stream().sorted().toList();
            ledger.advance(EntryType.VALIDATED, both, Map.of());
            ledger.advance(EntryType.SCHEDULED, both.subList(1, 2), Map.of());
            refused(
                    IllegalStateException.class,
                    "must not go from VALIDATED to VALIDATED",
                    () -> ledger.advance(EntryType.VALIDATED, both, Map.of()));
        }
    }

    /** A reader without a key sees the same head, proofs and name as who writes. */
    @Test
    void aReadingHasTheHeadTheProofsAndTheNameOfTheLedger() throws IOException {
        try (DeletionLedger ledger = open(temp)) {
            TreeHead before = ledger.head();
            ledger.receive(List.of("ada", "bob", "eve"));
            LedgerReading reading = DeletionLedger.read(temp);
            assertEquals("amend4j/deletions/" + KEY.fingerprint().substring(0, 32), ledger.origin());
            assertEquals(ledger.origin(), reading.origin());
            assertEquals(ledger.head(), reading.head());
            assertEquals(ledger.consistencyProof(2), reading.consistencyProof(2));
            assertEquals(1, reading.consistencyProof(2).size());
            reading.requireContains(before);
            refused(
                    DamagedLedgerException.class,
                    "first 2 entries are not those of the head",
                    () -> reading.requireContains(new TreeHead(2, before.root())));
        }
    }

    /** On Linux, where a process can see what it holds open. */
    @Test
    void aLedgerThatIsClosedOrRefusedIsNotHeldOpen() throws IOException {
        Path held = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(held), "there is no " + held);
        DeletionLedger ledger = open(temp);
        Path file = temp.resolve(DeletionLedger.FILE).toRealPath();
        assertEquals(1, open(held, file));
        ledger.close();
        assertEquals(0, open(held, file));
        SubjectKey other = SubjectKey.of("another key, 16+".getBytes(StandardCharsets.UTF_8));
        refused(IOException.class, "belongs to another key", () -> DeletionLedger.open(temp, other, CLOCK));
        assertEquals(0, open(held, file));
        Files.writeString(file, "no ledger");
        refused(DamagedLedgerException.class, "line 1", () -> open(temp));
        assertEquals(0, open(held, file));
    }

    private static long open(Path held, Path file) throws IOException {
        try (Stream<Path> all = Files.list(held)) {
            return all.filter(one -> {
                        try {
                            return Files.readSymbolicLink(one).equals(file);
                        } catch (IOException e) {
                            return false; // closed meanwhile
                        }
                    })
                    .count();
        }
    }

    @Test
    void noBeginningOfALineIsAnEntry() {
        for (LedgerFormat format : FORMATS) {
            LedgerEntry entry =
                    entry(format, 7, CLOCK.instant(), EntryType.INTENT, List.of(), Map.of("a", "\u0001\n\"\\x"));
            byte[] line = format.lines().of(entry).getBytes(StandardCharsets.UTF_8);
            for (int length = 0; length < line.length; length++) {
                byte[] begin = Arrays.copyOf(line, length);
                refused(LedgerLine.Unparsable.class, "", () -> format.lines().parse(begin));
            }
        }
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
        // subjects 0 to 49, each once
        assertEquals(1 + 50, DeletionLedger.read(temp).entries().size());
    }
}
