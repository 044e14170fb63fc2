/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.amend4j.transparency.MerkleTree;
import org.amend4j.transparency.TreeHash;

/** Writes the lines of a ledger whatever they say, tied to each other by the rules of its format unless a test ties them otherwise. */
final class WrittenLedger {

    private static final HexFormat HEX = HexFormat.of();

    private final LedgerFormat format;
    private final List<String> lines = new ArrayList<>();
    private final MerkleTree tree = new MerkleTree();
    private String last = "0".repeat(64);
    private String time = "2026-01-02T03:04:05Z";
    private int sequence;
    private String tie = "";

    WrittenLedger(LedgerFormat format) {
        this.format = format;
    }

    WrittenLedger opened() {
        return entry(
                "OPENED", List.of(), "\"key\":\"" + "c".repeat(64) + "\",\"version\":\"" + format.version() + "\"");
    }

    /** The number that the next entry says. */
    WrittenLedger numbered(int other) {
        sequence = other;
        return this;
    }

    /** What the next entry says of those before. */
    WrittenLedger tied(String other) {
        tie = other;
        return this;
    }

    WrittenLedger at(String other) {
        time = other;
        return this;
    }

    /** @param facts the members of the object, in JSON */
    WrittenLedger entry(String type, List<String> subjects, String facts) {
        boolean chain = format == LedgerFormat.CHAIN;
        String link = !tie.isEmpty() ? tie : chain ? last : tree.root().hex();
        String begin = "{\"facts\":{" + facts + "},";
        String end = "\"" + (chain ? "previous" : "root") + "\":\"" + link + "\",\"sequence\":" + sequence
                + ",\"subjects\":["
                + subjects.stream().map(subject -> '"' + subject + '"').collect(Collectors.joining(","))
                + "],\"time\":\"" + time + "\",\"type\":\"" + type + "\"}";
        MessageDigest sha = sha256();
        sha.update(chain ? HEX.parseHex(link) : new byte[1]);
        last = HEX.formatHex(sha.digest((begin + end).getBytes(StandardCharsets.UTF_8)));
        lines.add(begin + "\"hash\":\"" + last + "\"," + end);
        tree.append(chain ? TreeHash.leaf(HEX.parseHex(last)) : TreeHash.parse(last));
        sequence++;
        tie = "";
        return this;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    int size() {
        return lines.size();
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    String text() {
        return String.join("\n", lines) + "\n";
    }

    /** Of the last entry. */
    String hash() {
        return last;
    }

    TreeHash root() {
        return tree.root();
    }
}
