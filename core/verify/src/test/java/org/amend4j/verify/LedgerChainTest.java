/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Ledgers of a few lines, tied by hand as docs/certificate.md and RFC 9162 say. */
@ParameterizedClass
@EnumSource(LedgerFormat.class)
class LedgerChainTest {

    private static final String ADA = "a".repeat(64);
    private static final String BOB = "b".repeat(64);

    @Parameter
    LedgerFormat format;

    @TempDir
    Path temp;

    private WrittenLedger written;

    @BeforeEach
    void fourEntries() {
        written = new WrittenLedger(format)
                .opened()
                .entry("RECEIVED", List.of(ADA), "")
                .entry("INTENT", List.of(ADA, BOB), "\"way\":\"a\"")
                .entry("INTENT", List.of(ADA, BOB), "\"way\":\"b\"");
    }

    private LedgerChain read(String text) throws RejectedException {
        try {
            return LedgerChain.read(Files.writeString(temp.resolve("ledger"), text));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private LedgerChain chain() {
        try {
            return read(written.text());
        } catch (RejectedException e) {
            throw new AssertionError(e);
        }
    }

    private void assertRefused(String sentence, String text) {
        assertEquals(
                sentence,
                assertThrows(RejectedException.class, () -> read(text)).sentence());
    }

    @Test
    void aWholeLedgerIsReadWithItsTree() {
        LedgerChain chain = chain();
        assertEquals(format, chain.format());
        assertEquals(4, chain.entries().size());
        assertFalse(chain.torn() || chain.backwards());
        assertEquals(written.root(), chain.tree().root());
        assertEquals("b", chain.entries().get(3).facts().get("way"));
        assertEquals(written.hash(), chain.entries().get(3).hash());
        assertEquals(3, chain.entries().get(3).sequence());
    }

    @Test
    void itSaysItsOwnVersion() {
        String other = format == LedgerFormat.TREE ? "1" : "2";
        assertRefused(
                "it says that it has version " + other + " and is written in format " + format.version(),
                new WrittenLedger(format)
                        .entry("OPENED", List.of(), "\"version\":\"" + other + "\"")
                        .text());
        assertRefused(
                "it says that it has version none and is written in format " + format.version(),
                new WrittenLedger(format).entry("OPENED", List.of(), "").text());
        assertRefused(
                "it must begin with an entry OPENED",
                new WrittenLedger(format)
                        .entry("CUT", List.of(), "\"version\":\"" + format.version() + "\"")
                        .text());
        assertRefused("it must begin with an entry OPENED", "");
    }

    @Test
    void everyLineFollowsFromThoseBefore() {
        List<String> lines = written.lines();
        String skipped = String.join("\n", lines.get(0), lines.get(2), lines.get(3)) + "\n";
        assertRefused("line 2: it does not follow the line before", skipped);
        assertRefused(
                "line 2: it does not follow the line before",
                new WrittenLedger(format)
                        .opened()
                        .numbered(2)
                        .entry("CUT", List.of(), "")
                        .text());
        assertRefused(
                "line 2: it does not follow the line before",
                new WrittenLedger(format)
                        .opened()
                        .tied("0".repeat(64))
                        .entry("CUT", List.of(), "")
                        .text());
    }

    @Test
    void aHashThatIsNotOfItsLineIsRefused() {
        String text = written.text().replace("\"way\":\"a\"", "\"way\":\"c\"");
        assertRefused("line 3: its hash is not of what it says", text);
        String hash = written.hash();
        String other = (hash.startsWith("0") ? "1" : "0") + hash.substring(1);
        assertRefused("line 4: its hash is not of what it says", written.text().replace(hash, other));
    }

    @Test
    void aLastLineThatCannotBeReadIsLeftOutAndNoOther() throws RejectedException {
        String text = written.text();
        for (String rest : List.of("{", "{\"facts\":{", "x\n", "\n")) {
            LedgerChain torn = read(text + rest);
            assertTrue(torn.torn());
            assertEquals(4, torn.entries().size());
        }
        LedgerChain without = read(text.substring(0, text.length() - 1));
        assertFalse(without.torn());
        assertEquals(4, without.entries().size());
        assertTrue(assertThrows(RejectedException.class, () -> read(text + "x\ny"))
                .sentence()
                .startsWith("line 5: "));
        assertTrue(assertThrows(RejectedException.class, () -> read("{"))
                .sentence()
                .startsWith("line 1: "));
        assertTrue(assertThrows(RejectedException.class, () -> read("\n"))
                .sentence()
                .startsWith("line 1: "));
    }

    @Test
    void anEmptyLineIsALine() {
        assertRefused("line 1: it is not canonical JSON: it ends too early (character 0)", "\n");
    }

    @Test
    void timesRunBackwardsInFormat1Alone() throws RejectedException {
        WrittenLedger earlier = written.at("2025-12-31T00:00:00Z").entry("CUT", List.of(), "");
        if (format == LedgerFormat.TREE) {
            assertRefused("line 5: its time is before that of the line before", earlier.text());
        } else {
            assertTrue(read(earlier.text()).backwards());
            // once is for all
            assertTrue(read(earlier.at("2027-01-01T00:00:00Z")
                            .entry("CUT", List.of(), "")
                            .text())
                    .backwards());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "time":"2026-01-02T03:04:05Z" | "time":"noon" | time must be a time of day in UTC
            "type":"OPENED" | "type":"OPENED","x":"y" | x is not known to this version
            "type":"OPENED" | "type":7 | type must be a text
            "subjects":[] | "subjects":[7] | subjects must be a text
            "sequence":0 | "sequence":-1 | sequence must be a whole number
            "facts":{ | "facts":{"a":7, | facts.a must be a text
            """)
    void aFirstLineThatIsNoEntryIsRefused(String part, String other, String why) {
        String text = new WrittenLedger(format).opened().text();
        assertTrue(text.contains(part), text);
        String changed = text.replace(part, other);
        String sentence =
                assertThrows(RejectedException.class, () -> read(changed)).sentence();
        assertTrue(sentence.startsWith("line 1: " + why), sentence);
    }

    @Test
    void theLastEntryBeforeAndTheFirstAfterAreFound() {
        LedgerChain chain = chain();
        List<String> both = List.of(BOB, ADA);
        assertEquals(Optional.of(3L), chain.last("INTENT", both, 4).map(LedgerChain.Entry::sequence));
        assertEquals(Optional.of(3L), chain.last("INTENT", List.of(BOB), 99).map(LedgerChain.Entry::sequence));
        assertEquals(Optional.of(2L), chain.last("INTENT", both, 3).map(LedgerChain.Entry::sequence));
        assertTrue(chain.last("INTENT", both, 2).isEmpty());
        assertEquals(Optional.of(0L), chain.last("OPENED", List.of(), 1).map(LedgerChain.Entry::sequence));
        assertTrue(chain.last("RECEIVED", both, 4).isEmpty(), "of Ada alone");
        assertTrue(chain.last("RELEASED", both, 4).isEmpty());

        assertEquals(Optional.of(2L), chain.first("INTENT", both, 1).map(LedgerChain.Entry::sequence));
        assertEquals(Optional.of(3L), chain.first("INTENT", both, 2).map(LedgerChain.Entry::sequence));
        assertTrue(chain.first("INTENT", both, 3).isEmpty());
        assertTrue(chain.first("RECEIVED", both, 0).isEmpty());
        assertEquals(Optional.of(1L), chain.first("RECEIVED", List.of(ADA), 0).map(LedgerChain.Entry::sequence));

        LedgerChain.Entry entry = chain.entries().get(3);
        assertTrue(entry.isOf(both) && !entry.isOf(List.of(ADA)) && entry.isAbout(List.of(ADA)));
        assertFalse(entry.isAbout(List.of(ADA, "c".repeat(64))));
    }

    @Test
    void aFormatIsThatOfItsFirstLine() {
        assertEquals(format, LedgerFormat.of(written.lines().get(0)));
        assertEquals(LedgerFormat.CHAIN, LedgerFormat.of("x"));
        assertEquals("1", LedgerFormat.CHAIN.version());
        assertEquals("2", LedgerFormat.TREE.version());
    }
}
