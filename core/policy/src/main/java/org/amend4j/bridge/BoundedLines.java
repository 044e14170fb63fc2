/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/** Lines of a text that are not longer than they may be: whoever writes without an end would fill the memory. */
final class BoundedLines {

    private static final int BUFFER = 1 << 13;

    private final Reader reader;
    private final int most;
    private final boolean cutting;
    private final char[] buffer = new char[BUFFER];
    private int at;
    private int end;
    private boolean afterReturn;

    private BoundedLines(Reader reader, int most, boolean cutting) {
        this.reader = reader;
        this.most = most;
        this.cutting = cutting;
    }

    /** Lines of which the beginning is kept. */
    static BoundedLines cut(Reader reader, int most) {
        return new BoundedLines(reader, most, true);
    }

    /** Lines that are refused if they are longer. */
    static BoundedLines strict(Reader reader, int most) {
        return new BoundedLines(reader, most, false);
    }

    /** A line is longer than it may be. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1;

        TooLongException(int most) {
            super("a line must have at most " + most + " characters");
        }
    }

    /**
     * The next one without its end; empty behind the last.
     *
     * @throws TooLongException as soon as it is known to be too long, if it is not to be cut
     */
    Optional<String> next() throws IOException {
        StringBuilder line = new StringBuilder();
        boolean begun = false;
        while (fill()) {
            begun = true;
            int from = at;
            while (at < end && buffer[at] != '\n' && buffer[at] != '\r') {
                at++;
            }
            int kept = Math.min(at - from, most - line.length());
            line.append(buffer, from, kept);
            if (kept < at - from && !cutting) {
                throw new TooLongException(most);
            }
            if (at < end) {
                afterReturn = buffer[at++] == '\r';
                return Optional.of(line.toString());
            }
        }
        return begun ? Optional.of(line.toString()) : Optional.empty();
    }

    /** Whether there is another character; the second one of a line's end is none. */
    private boolean fill() throws IOException {
        while (true) {
            if (at == end) {
                end = Math.max(0, reader.read(buffer));
                at = 0;
                if (end == 0) {
                    return false;
                }
            }
            boolean second = afterReturn && buffer[at] == '\n';
            afterReturn = false;
            if (!second) {
                return true;
            }
            at++;
        }
    }
}
