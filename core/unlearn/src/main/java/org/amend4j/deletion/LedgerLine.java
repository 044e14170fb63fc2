/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.amend4j.internal.text.Shown;

/**
 * The canonical line of an entry: a JSON object with its keys in alphabetical order, no blanks, and in texts only the escapes
 * that JSON demands. There is one way to write an entry, and only that one is read: a line is parsed, written again, and must
 * come out byte for byte.
 *
 * <pre>{"facts":{"k":"100"},"hash":"…","root":"…","sequence":3,"subjects":["…"],"time":"…","type":"INTENT"}</pre>
 */
final class LedgerLine {

    /** How a control character is written in a text. */
    interface Escape {
        String of(char control);

        /** By its number. */
        static String byNumber(char control) {
            return "\\u00" + hexDigit(control >> 4) + hexDigit(control & 15);
        }

        /** By its letter if it has one, as RFC 8785 has it. */
        static String byLetter(char control) {
            int letter = CONTROLS.indexOf(control);
            return letter < 0 ? byNumber(control) : "\\" + LETTERS.charAt(letter);
        }
    }

    /** The line is not the canonical line of any entry. */
    static final class Unparsable extends Exception {
        private static final long serialVersionUID = 1;

        Unparsable(String reason) {
            super(reason);
        }
    }

    private static final String CONTROLS = "\b\t\n\f\r";
    private static final String LETTERS = "btnfr";

    private final String link;
    private final Escape escape;

    /**
     * Lines of a format.
     *
     * @param link the name of what ties an entry to those before; between "hash" and "sequence"
     */
    LedgerLine(String link, Escape escape) {
        this.link = link;
        this.escape = escape;
    }

    /** The line, without its line feed. */
    String of(LedgerEntry entry) {
        return line(entry, "\"hash\":\"" + entry.hash() + "\",");
    }

    /** The line without its hash, in UTF-8: what is hashed. */
    byte[] body(LedgerEntry entry) {
        return line(entry, "").getBytes(StandardCharsets.UTF_8);
    }

    private String line(LedgerEntry entry, String hash) {
        StringBuilder line = new StringBuilder("{\"facts\":{");
        entry.facts().forEach((name, value) -> {
            line.append(line.charAt(line.length() - 1) == '{' ? "" : ",");
            text(line, name);
            text(line.append(':'), value);
        });
        line.append("},").append(hash).append('"').append(link).append("\":");
        text(line, entry.link());
        line.append(",\"sequence\":").append(entry.sequence()).append(",\"subjects\":[");
        for (String subject : entry.subjects()) {
            line.append(line.charAt(line.length() - 1) == '[' ? "" : ",");
            text(line, subject);
        }
        line.append("],\"time\":");
        text(line, entry.time().toString());
        line.append(",\"type\":");
        text(line, entry.type().name());
        return line.append('}').toString();
    }

    private void text(StringBuilder line, String value) {
        line.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ') {
                line.append(escape.of(c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    private static char hexDigit(int value) {
        return Character.forDigit(value, 16);
    }

    /**
     * An entry and what is behind it.
     *
     * @param length of the entry's line, in bytes
     */
    record Beginning(LedgerEntry entry, int length) {}

    /** Reads a line; its hash is the one that it says. */
    LedgerEntry parse(byte[] bytes) throws Unparsable {
        String line = utf8(bytes);
        Reader reader = new Reader(line, link);
        LedgerEntry entry = reader.read();
        if (reader.at != line.length()) {
            throw reader.unexpected();
        }
        if (!of(entry).equals(line)) {
            throw new Unparsable("it is not in canonical form");
        }
        return entry;
    }

    /** Reads the entry that bytes begin with. There is one at most: where an entry ends, its line can only end. */
    Beginning parseBeginning(byte[] bytes) throws Unparsable {
        CharBuffer characters = CharBuffer.allocate(bytes.length);
        // what is behind the entry need not be UTF-8
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes), characters, true);
        Reader reader = new Reader(characters.flip().toString(), link);
        reader.read();
        int length = reader.line.substring(0, reader.at).getBytes(StandardCharsets.UTF_8).length;
        return new Beginning(parse(Arrays.copyOf(bytes, length)), length);
    }

    private static String utf8(byte[] bytes) throws Unparsable {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Unparsable("it is not UTF-8");
        }
    }

    /** Reads what {@link #line} writes, and gives up at the first other character. */
    private static final class Reader {
        private final String line;
        private final String link;
        private int at;

        Reader(String line, String link) {
            this.line = line;
            this.link = link;
        }

        LedgerEntry read() throws Unparsable {
            expect("{\"facts\":{");
            SortedMap<String, String> facts = facts();
            expect(",\"hash\":");
            String hash = text();
            expect(",\"" + link + "\":");
            String before = text();
            expect(",\"sequence\":");
            long sequence = number();
            expect(",\"subjects\":[");
            List<String> subjects = subjects();
            expect(",\"time\":");
            String time = text();
            expect(",\"type\":");
            String type = text();
            expect("}");
            try {
                return new LedgerEntry(
                        sequence, Instant.parse(time), EntryType.valueOf(type), subjects, facts, before, hash);
            } catch (IllegalArgumentException | DateTimeException e) {
                throw new Unparsable("it is no entry: " + Shown.of(String.valueOf(e.getMessage())));
            }
        }

        private SortedMap<String, String> facts() throws Unparsable {
            SortedMap<String, String> facts = new TreeMap<>();
            while (!accept("}")) {
                if (!facts.isEmpty()) {
                    expect(",");
                }
                String name = text();
                expect(":");
                facts.put(name, text());
            }
            return facts;
        }

        private List<String> subjects() throws Unparsable {
            List<String> subjects = new ArrayList<>();
            while (!accept("]")) {
                if (!subjects.isEmpty()) {
                    expect(",");
                }
                subjects.add(text());
            }
            return subjects;
        }

        private long number() throws Unparsable {
            int begin = at;
            while (at < line.length() && line.charAt(at) >= '0' && line.charAt(at) <= '9') {
                at++;
            }
            try {
                return Long.parseLong(line.substring(begin, at));
            } catch (NumberFormatException e) {
                throw unexpected();
            }
        }

        private String text() throws Unparsable {
            expect("\"");
            StringBuilder text = new StringBuilder();
            while (at < line.length() && line.charAt(at) != '"') {
                text.append(accept("\\") ? escaped() : line.charAt(at++));
            }
            expect("\"");
            return text.toString();
        }

        private char escaped() throws Unparsable {
            if (accept("\"")) {
                return '"';
            }
            if (accept("\\")) {
                return '\\';
            }
            int letter = at < line.length() ? LETTERS.indexOf(line.charAt(at)) : -1;
            if (letter >= 0) {
                at++;
                return CONTROLS.charAt(letter);
            }
            expect("u00");
            int high = at < line.length() ? Character.digit(line.charAt(at++), 16) : -1;
            int low = at < line.length() ? Character.digit(line.charAt(at++), 16) : -1;
            if (high < 0 || low < 0) {
                throw unexpected();
            }
            return (char) (high << 4 | low);
        }

        private boolean accept(String wanted) {
            boolean here = line.startsWith(wanted, at);
            at += here ? wanted.length() : 0;
            return here;
        }

        private void expect(String wanted) throws Unparsable {
            if (!accept(wanted)) {
                throw unexpected();
            }
        }

        private Unparsable unexpected() {
            return new Unparsable("something unexpected is at character " + at);
        }
    }
}
