/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.transparency.MerkleTree;

/**
 * The ledger of requests: a JSON object a line, each tied to all lines before. A last line that cannot be read was being written and
 * does not count.
 *
 * @param format in which it is written
 * @param entries in order
 * @param tree over them
 * @param torn whether such a line was left out
 * @param backwards whether a time runs backwards, which format 1 allows
 */
record LedgerChain(LedgerFormat format, List<Entry> entries, MerkleTree tree, boolean torn, boolean backwards) {

    private static final int LARGEST = 1 << 28;

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
        Reader reader = new Reader(LedgerFormat.of(text.substring(0, end(text, 0))));
        int from = 0;
        while (from < text.length()) {
            int to = end(text, from);
            LedgerFormat.Line line;
            try {
                line = reader.format.line(text.substring(from, to));
            } catch (RejectedException e) {
                if (to + 1 >= text.length() && !reader.entries.isEmpty()) {
                    return reader.chain(true);
                }
                throw new RejectedException("line " + (reader.entries.size() + 1) + ": " + e.getMessage());
            }
            reader.add(line);
            from = to + 1;
        }
        return reader.chain(false);
    }

    private static int end(String text, int from) {
        int feed = text.indexOf('\n', from);
        return feed < 0 ? text.length() : feed;
    }

    /** What was read so far. */
    private static final class Reader {
        private final LedgerFormat format;
        private final List<Entry> entries = new ArrayList<>();
        private final MerkleTree tree = new MerkleTree();
        private String lastHash = "0".repeat(64);
        private Instant lastTime = Instant.MIN;
        private boolean backwards;

        Reader(LedgerFormat format) {
            this.format = format;
        }

        void add(LedgerFormat.Line line) throws RejectedException {
            Entry entry = line.entry();
            String place = "line " + (entries.size() + 1) + ": ";
            if (entry.sequence != entries.size() || !line.link().equals(format.link(lastHash, tree))) {
                throw new RejectedException(place + "it does not follow the line before");
            }
            if (!format.hash(line).equals(entry.hash)) {
                throw new RejectedException(place + "its hash is not of what it says");
            }
            boolean earlier = entry.time.isBefore(lastTime);
            if (earlier && format.isOrderedByTime()) {
                throw new RejectedException(place + "its time is before that of the line before");
            }
            backwards |= earlier;
            entries.add(entry);
            tree.append(format.leaf(entry.hash));
            lastHash = entry.hash;
            lastTime = entry.time;
        }

        LedgerChain chain(boolean torn) throws RejectedException {
            if (entries.isEmpty() || !entries.get(0).type.equals("OPENED")) {
                throw new RejectedException("it must begin with an entry OPENED");
            }
            String version = entries.get(0).facts.getOrDefault("version", "none");
            if (!version.equals(format.version())) {
                throw new RejectedException(
                        "it says that it has version " + version + " and is written in format " + format.version());
            }
            return new LedgerChain(format, entries, tree, torn, backwards);
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

    /** How many of some subjects have no entry of a type before a sequence number. */
    long without(String type, List<String> subjects, long before) {
        Set<String> known = entries.stream()
                .filter(entry -> entry.sequence < before && entry.type.equals(type))
                .flatMap(entry -> entry.subjects.stream())
                .collect(Collectors.toSet());
        return subjects.stream().filter(subject -> !known.contains(subject)).count();
    }

    /** The first entry of a type, after a sequence number, that is about all subjects. */
    Optional<Entry> first(String type, List<String> subjects, long after) {
        return entries.stream()
                .filter(entry -> entry.sequence > after && entry.type.equals(type) && entry.isAbout(subjects))
                .findFirst();
    }
}
