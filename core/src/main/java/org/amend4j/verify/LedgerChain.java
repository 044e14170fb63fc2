package org.amend4j.verify;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.verify.CanonicalJson.Style;

/**
 * The ledger of requests: a JSON object a line, each with SHA-256 of the hash before and of itself without its hash. A last line
 * that cannot be read was being written and does not count.
 *
 * @param entries in order
 * @param torn whether such a line was left out
 */
record LedgerChain(List<Entry> entries, boolean torn) {

    private static final int LARGEST = 1 << 28;
    private static final String HASH = "\"hash\":";

    /** One line. */
    record Entry(
            long sequence, Instant time, String type, Set<String> subjects, Map<String, String> facts, String hash) {

        boolean isOf(List<String> all) {
            return subjects.equals(Set.copyOf(all));
        }

        boolean isAbout(List<String> all) {
            return subjects.containsAll(all);
        }
    }

    static LedgerChain read(Path file) throws RejectedException {
        String text = CanonicalJson.decode(SmallFiles.read(file, LARGEST));
        List<Entry> entries = new ArrayList<>();
        String previous = "0".repeat(64);
        int from = 0;
        while (from < text.length()) {
            int feed = text.indexOf('\n', from);
            int to = feed < 0 ? text.length() : feed;
            Line line;
            try {
                line = line(text.substring(from, to));
            } catch (RejectedException e) {
                if (to + 1 >= text.length() && !entries.isEmpty()) {
                    return new LedgerChain(entries, true);
                }
                throw new RejectedException("line " + (entries.size() + 1) + ": " + e.getMessage());
            }
            requireNext(line, entries.size(), previous);
            entries.add(line.entry);
            previous = line.entry.hash;
            from = to + 1;
        }
        if (entries.isEmpty() || !entries.get(0).type.equals("OPENED")) {
            throw new RejectedException("it must begin with an entry OPENED");
        }
        return new LedgerChain(entries, false);
    }

    /** An entry, the hash that it follows, and what its own hash must be of, besides that one. */
    private record Line(Entry entry, String previous, String body) {}

    private static Line line(String line) throws RejectedException {
        Fields fields = new Fields("", CanonicalJson.object(line, Style.LEDGER), Style.LEDGER);
        Map<String, String> facts = new TreeMap<>();
        Fields said = fields.object("facts");
        for (String name : said.names()) {
            facts.put(name, said.text(name));
        }
        Json hash = fields.value("hash");
        Entry entry = new Entry(
                fields.whole("sequence", 0, Long.MAX_VALUE),
                time(fields.text("time")),
                fields.text("type"),
                Set.copyOf(fields.texts("subjects")),
                facts,
                fields.hash("hash"));
        String previous = fields.hash("previous");
        fields.finish();
        // the member and its comma go; what is around stays as it is
        String body = line.substring(0, hash.start() - HASH.length()) + line.substring(hash.end() + 1);
        return new Line(entry, previous, body);
    }

    private static Instant time(String text) throws RejectedException {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new RejectedException("time must be a time like 2026-01-02T03:04:05.678Z");
        }
    }

    private static void requireNext(Line line, int sequence, String previous) throws RejectedException {
        String place = "line " + (sequence + 1) + ": ";
        if (line.entry.sequence != sequence || !line.previous.equals(previous)) {
            throw new RejectedException(place + "it does not follow the line before");
        }
        String expected = new Sha256()
                .add(HexFormat.of().parseHex(previous))
                .add(line.body)
                .hex();
        if (!expected.equals(line.entry.hash)) {
            throw new RejectedException(place + "its hash is not of what it says");
        }
    }

    /** The last entry of a type, before a sequence number, that is about all subjects. */
    Optional<Entry> last(String type, List<String> subjects, long before) {
        for (int i = (int) Math.min(before, entries.size()) - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            if (entry.type.equals(type) && entry.isAbout(subjects)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** The first entry of a type, after a sequence number, that is about all subjects. */
    Optional<Entry> first(String type, List<String> subjects, long after) {
        return entries.stream()
                .filter(entry -> entry.sequence > after && entry.type.equals(type) && entry.isAbout(subjects))
                .findFirst();
    }
}
