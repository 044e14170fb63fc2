/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerEntryTest {

    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678999Z");

    private static LedgerEntry entry(
            long sequence, List<String> subjects, Map<String, String> facts, String link, String hash) {
        return new LedgerEntry(sequence, TIME, EntryType.INTENT, subjects, new TreeMap<>(facts), link, hash);
    }

    private static void assertRefused(
            String message, long sequence, List<String> subjects, Map<String, String> facts, String link, String hash) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> entry(sequence, subjects, facts, link, hash))
                        .getMessage());
    }

    @Test
    void eachRuleHasItsSentence() {
        assertRefused("the sequence number of an entry must be >= 0, got -1", -1, List.of(), Map.of(), A, B);
        assertRefused(
                "what ties an entry to those before must be 64 hexadecimal digits, got 3 characters",
                0,
                List.of(),
                Map.of(),
                "aaa",
                B);
        assertRefused(
                "the hash of an entry must be 64 hexadecimal digits, got 64 characters",
                0,
                List.of(),
                Map.of(),
                A,
                "A".repeat(64));
        assertRefused(
                "a subject's pseudonym must be 64 hexadecimal digits, got 3 characters",
                0,
                List.of("ada"),
                Map.of(),
                A,
                B);
        for (List<String> subjects : List.of(List.of(B, A), List.of(A, A))) {
            assertRefused(
                    "the subjects of an entry must ascend, each once, got " + subjects, 0, subjects, Map.of(), A, B);
        }
        assertRefused(
                "the name of a fact must match [a-z][A-Za-z0-9]{0,63}, got 'No'", 0, List.of(), Map.of("No", ""), A, B);
    }

    @ParameterizedTest
    @CsvSource({
        "\\uD83D, 0",
        "x\\uDE00, 1",
        "\\uD83D\\uDE00\\uD83D, 2",
        "\\uD83Dx, 0",
        "\\uD83D\\uD83D\\uDE00, 0",
        "\\uDE00\\uD83D, 0"
    })
    void halfACharacterIsNoText(String escaped, int at) {
        assertRefused(
                "fact 'a' must be text, got half a character at " + at, 0, List.of(), Map.of("a", text(escaped)), A, B);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "\\uD83D\\uDE00", "\\uD83D\\uDE00\\uD83D\\uDE00x\\uD83D\\uDE00"})
    void wholeCharactersAre(String escaped) {
        assertEquals(
                text(escaped),
                entry(0, List.of(), Map.of("a", text(escaped)), A, B).facts().get("a"));
    }

    private static String text(String escaped) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            boolean escape = escaped.charAt(i) == '\\';
            text.append(escape ? (char) Integer.parseInt(escaped.substring(i + 2, i + 6), 16) : escaped.charAt(i));
            i += escape ? 5 : 0;
        }
        return text.toString();
    }

    @Test
    void timesAreToTheMillisecondAndNothingCanBeChanged() {
        LedgerEntry entry = entry(0, List.of(A, B), Map.of("a", "x"), A, B);
        assertEquals(Instant.parse("2026-01-02T03:04:05.678Z"), entry.time());
        assertThrows(UnsupportedOperationException.class, () -> entry.facts().clear());
        assertThrows(UnsupportedOperationException.class, () -> entry.subjects().clear());
    }

    /** RECEIVED to ERASED in one line of eight steps; before a release every request can be refused, and made again. */
    @Test
    void requestsGoOneWay() {
        List<EntryType> way = List.of(
                EntryType.RECEIVED,
                EntryType.VALIDATED,
                EntryType.SCHEDULED,
                EntryType.INTENT,
                EntryType.UNLEARNED,
                EntryType.RELEASED,
                EntryType.CERTIFIED,
                EntryType.ERASED);
        for (EntryType type : EntryType.values()) {
            int at = way.indexOf(type);
            boolean last = at < 0 || at == way.size() - 1;
            Set<EntryType> next = type == EntryType.REFUSED
                    ? Set.of(EntryType.RECEIVED)
                    : last ? Set.of() : at < 5 ? Set.of(way.get(at + 1), EntryType.REFUSED) : Set.of(way.get(at + 1));
            assertEquals(next, type.next());
            assertEquals(at >= 0 || type == EntryType.REFUSED, type.isState());
        }
    }

    /** HMAC-SHA256 with a key of 32 zeros, by another implementation (Python's hmac). */
    @Test
    void pseudonymsAndFingerprintsAreMacsOfDifferentTexts() {
        byte[] bytes = new byte[32];
        SubjectKey key = SubjectKey.of(bytes);
        Arrays.fill(bytes, (byte) 1);
        assertEquals("e53de45193535336cb685d505f52b51c07cedbd845659ff8ec7f7f7dbc28da24", key.pseudonym("ada"));
        assertEquals("2c3767eca98640cc3a0b3c70eb02f1b46b2e465c5d5960db85d7bd254dba9173", key.fingerprint());
    }
}
