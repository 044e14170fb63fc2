/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import java.util.Base64;
import java.util.regex.Pattern;

/**
 * A log's head with its origin: the text of a note (c2sp.org/tlog-checkpoint) of three lines, the log's origin, the size of its tree, and
 * the root in base64. Extension lines cannot be checked and are rejected.
 *
 * @param origin identifies the log; no blanks, no '+'
 */
public record LogCheckpoint(String origin, TreeHead head) {

    private static final Pattern SIZE = Pattern.compile("0|[1-9][0-9]{0,9}");

    /** @throws IllegalArgumentException if the origin is not a name */
    public LogCheckpoint {
        NoteKey.requireName(origin);
    }

    /**
     * What a note says.
     *
     * @throws IllegalArgumentException if it is not a head of a log, saying why
     */
    public static LogCheckpoint of(SignedNote note) {
        String[] lines = note.text().split("\n", -1);
        if (lines.length != 4 || !lines[3].isEmpty()) {
            throw new IllegalArgumentException(
                    "a head must have three lines, its log's origin, size and root, got " + (lines.length - 1));
        }
        if (!SIZE.matcher(lines[1]).matches() || Long.parseLong(lines[1]) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("the size of a log must be a number in [0, " + Integer.MAX_VALUE + "]");
        }
        byte[] root = NoteKey.strictBase64(lines[2], "the root of a log");
        return new LogCheckpoint(lines[0], new TreeHead(Integer.parseInt(lines[1]), TreeHash.of(root)));
    }

    /** The three lines. */
    public String text() {
        String root = Base64.getEncoder().encodeToString(head.root().bytes());
        return origin + '\n' + head.size() + '\n' + root + '\n';
    }
}
