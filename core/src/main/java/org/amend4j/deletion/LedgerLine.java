package org.amend4j.deletion;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The canonical line of an entry: a JSON object with its keys in alphabetical order, no blanks, and in texts only the escapes
 * that JSON demands ({@code \"}, {@code \\}, and control characters by their number). There is one way to write an entry,
 * and only that one is read: a line is parsed, written again, and must come out byte for byte.
 *
 * <pre>{"facts":{"k":"100"},"hash":"…","previous":"…","sequence":3,"subjects":["…"],"time":"…","type":"INTENT"}</pre>
 */
final class LedgerLine {

    /** An entry and the hash that its line gives for it. */
    record Parsed(LedgerEntry entry, String hash) {}

    /** The line is not the canonical line of any entry. */
    static final class Unparsable extends Exception {
        Unparsable(String reason) {
            super(reason);
        }
    }

    private LedgerLine() {}

    /** The line, without its line feed. */
    static String of(LedgerEntry entry) {
        return line(entry, "\"hash\":\"" + entry.hash() + "\",");
    }

    /** The line without its hash: what is hashed. */
    static String body(LedgerEntry entry) {
        return line(entry, "");
    }

    private static String line(LedgerEntry entry, String hash) {
        StringBuilder line = new StringBuilder("{\"facts\":{");
        entry.facts().forEach((name, value) -> {
            line.append(line.charAt(line.length() - 1) == '{' ? "" : ",");
            text(line, name);
            text(line.append(':'), value);
        });
        line.append("},").append(hash).append("\"previous\":");
        text(line, entry.previous());
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

    private static void text(StringBuilder line, String value) {
        line.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < ' ') {
                line.append("\\u00").append(hexDigit(c >> 4)).append(hexDigit(c & 15));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    private static char hexDigit(int value) {
        return Character.forDigit(value, 16);
    }

    /** Reads a line; its hash is not compared. */
    static Parsed parse(byte[] bytes) throws Unparsable {
        String line;
        try {
            line = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Unparsable("it is not UTF-8");
        }
        Parsed parsed = new Reader(line).read();
        if (!line(parsed.entry, "\"hash\":\"" + parsed.hash + "\",").equals(line)) {
            throw new Unparsable("it is not in canonical form");
        }
        return parsed;
    }

    /** Reads what {@link #line} writes, and gives up at the first other character. */
    private static final class Reader {
        private final String line;
        private int at;

        Reader(String line) {
            this.line = line;
        }

        Parsed read() throws Unparsable {
            expect("{\"facts\":{");
            SortedMap<String, String> facts = facts();
            expect(",\"hash\":");
            String hash = text();
            expect(",\"previous\":");
            String previous = text();
            expect(",\"sequence\":");
            long sequence = number();
            expect(",\"subjects\":[");
            List<String> subjects = subjects();
            expect(",\"time\":");
            String time = text();
            expect(",\"type\":");
            String type = text();
            expect("}");
            if (at != line.length()) {
                throw unexpected();
            }
            try {
                return new Parsed(
                        new LedgerEntry(
                                sequence, Instant.parse(time), EntryType.valueOf(type), subjects, facts, previous),
                        hash);
            } catch (IllegalArgumentException | DateTimeException e) {
                throw new Unparsable("it is no entry: " + e.getMessage());
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
