/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * One line of a {@link DeletionLedger}.
 *
 * @param sequence 0, 1, 2, ...
 * @param time when, to the millisecond
 * @param type what it says
 * @param subjects pseudonyms of the subjects it is about, in ascending order, each once; 64 hexadecimal digits each
 * @param facts what belongs to it, by name; names are letters and digits, starting with a small letter
 * @param link what ties it to all entries before: the root of the Merkle tree over them; in format 1, the hash of the last of
 *     them, or 64 zeros; 64 hexadecimal digits
 * @param hash of its line without the hash, by the format of the ledger; 64 hexadecimal digits
 */
public record LedgerEntry(
        long sequence,
        Instant time,
        EntryType type,
        List<String> subjects,
        SortedMap<String, String> facts,
        String link,
        String hash) {

    static final String NO_HASH = "0".repeat(64);
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("[a-z][A-Za-z0-9]{0,63}");

    /** @throws IllegalArgumentException if something is not as the line format has it */
    public LedgerEntry {
        if (sequence < 0) {
            throw new IllegalArgumentException("the sequence number of an entry must be >= 0, got " + sequence);
        }
        time = time.truncatedTo(ChronoUnit.MILLIS);
        Objects.requireNonNull(type, "type");
        requireHex("what ties an entry to those before", link);
        requireHex("the hash of an entry", hash);
        subjects = List.copyOf(subjects);
        subjects.forEach(subject -> requireHex("a subject's pseudonym", subject));
        if (!subjects.equals(List.copyOf(new TreeSet<>(subjects)))) {
            throw new IllegalArgumentException("the subjects of an entry must ascend, each once, got " + subjects);
        }
        facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
        facts.forEach(LedgerEntry::requireFact);
    }

    private static void requireHex(String what, String value) {
        if (!HEX.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    what + " must be 64 hexadecimal digits, got " + value.length() + " characters");
        }
    }

    private static void requireFact(String name, String value) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the name of a fact must match " + NAME + ", got '" + name + "'");
        }
        for (int i = 0; i < value.length(); i++) {
            boolean pair = Character.isHighSurrogate(value.charAt(i))
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1));
            if (!pair && Character.isSurrogate(value.charAt(i))) {
                throw new IllegalArgumentException("fact '" + name + "' must be text, got half a character at " + i);
            }
            i += pair ? 1 : 0;
        }
    }

    LedgerEntry withHash(String other) {
        return new LedgerEntry(sequence, time, type, subjects, facts, link, other);
    }
}
