/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.transparency.MerkleTree;
import org.amend4j.transparency.TreeHash;
import org.amend4j.verify.CanonicalJson.Style;

/** How the lines of a ledger are written and tied together. */
enum LedgerFormat {

    /** Each line has the hash of the one before, and SHA-256 of that and of itself without its hash. */
    CHAIN("1", "previous", Style.LEDGER) {
        @Override
        String link(String lastHash, MerkleTree tree) {
            return lastHash;
        }

        @Override
        String hash(Line line) {
            return new Sha256()
                    .add(HexFormat.of().parseHex(line.link()))
                    .add(line.body())
                    .hex();
        }

        @Override
        TreeHash leaf(String hash) {
            return TreeHash.leaf(HexFormat.of().parseHex(hash));
        }

        @Override
        boolean isOrderedByTime() {
            return false;
        }
    },

    /** Each line has the Merkle root of all before, and the leaf hash of itself without its hash (RFC 9162, section 2.1.1). */
    TREE("2", "root", Style.JCS) {
        @Override
        String link(String lastHash, MerkleTree tree) {
            return tree.root().hex();
        }

        @Override
        String hash(Line line) {
            return new Sha256().add(new byte[1]).add(line.body()).hex();
        }

        @Override
        TreeHash leaf(String hash) {
            return TreeHash.parse(hash);
        }

        @Override
        boolean isOrderedByTime() {
            return true;
        }
    };

    private static final String HASH = "\"hash\":";

    private final String version;
    private final String link;
    private final Style style;

    LedgerFormat(String version, String link, Style style) {
        this.version = version;
        this.link = link;
        this.style = style;
    }

    /** That of a ledger's first line; the older one if it cannot be read. */
    static LedgerFormat of(String first) {
        try {
            return CanonicalJson.object(first, TREE.style).members().containsKey(TREE.link) ? TREE : CHAIN;
        } catch (RejectedException e) {
            return CHAIN;
        }
    }

    String version() {
        return version;
    }

    /** A line: its entry, what ties it to those before, and what is hashed. */
    record Line(LedgerChain.Entry entry, String link, String body) {}

    Line line(String text) throws RejectedException {
        Fields fields = new Fields("", CanonicalJson.object(text, style), style);
        Map<String, String> facts = new TreeMap<>();
        Fields said = fields.object("facts");
        for (String name : said.names()) {
            facts.put(name, said.text(name));
        }
        Json hash = fields.value("hash");
        LedgerChain.Entry entry = new LedgerChain.Entry(
                fields.whole("sequence", 0, Long.MAX_VALUE),
                time(fields.text("time")),
                fields.text("type"),
                Set.copyOf(fields.texts("subjects")),
                facts,
                fields.hash("hash"));
        String before = fields.hash(link);
        fields.finish();
        // the member and its comma go; what is around stays as it is
        String body = text.substring(0, hash.start() - HASH.length()) + text.substring(hash.end() + 1);
        return new Line(entry, before, body);
    }

    private static Instant time(String text) throws RejectedException {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new RejectedException("time must be a time of day in UTC");
        }
    }

    /** What the next line must be tied with. */
    abstract String link(String lastHash, MerkleTree tree);

    /** What a line's hash must be. */
    abstract String hash(Line line);

    /** The leaf of an entry in the tree that heads are of. */
    abstract TreeHash leaf(String hash);

    /** Whether no time may be before an earlier line's. */
    abstract boolean isOrderedByTime();
}
