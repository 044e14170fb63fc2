/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Lines of UTF-8 that are not longer than they may be: whoever writes without an end would fill the memory. Before a line there may be a
 * block of bytes.
 */
final class BoundedLines {

    private static final int BUFFER = 1 << 13;

    private final InputStream stream;
    private final int most;
    private final boolean cutting;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;
    private boolean afterReturn;

    private BoundedLines(InputStream stream, int most, boolean cutting) {
        this.stream = stream;
        this.most = most;
        this.cutting = cutting;
    }

    /** Lines of which the beginning is kept. */
    static BoundedLines cut(InputStream stream, int most) {
        return new BoundedLines(stream, most, true);
    }

    /** Lines and blocks that are refused if they are longer. */
    static BoundedLines strict(InputStream stream, int most) {
        return new BoundedLines(stream, most, false);
    }

    /** A line or a block is longer than it may be. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1;

        TooLongException(String what, int most) {
            super(what + " must have at most " + most + " bytes");
        }
    }

    /**
     * The next one without its end; empty behind the last.
     *
     * @throws TooLongException as soon as it is known to be too long, if it is not to be cut
     */
    Optional<String> next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean begun = false;
        while (fill()) {
            begun = true;
            int from = at;
            while (at < end && buffer[at] != '\n' && buffer[at] != '\r') {
                at++;
            }
            int kept = Math.min(at - from, most - line.size());
            line.write(buffer, from, kept);
            if (kept < at - from && !cutting) {
                throw new TooLongException("a line", most);
            }
            if (at < end) {
                afterReturn = buffer[at++] == '\r';
                return Optional.of(line.toString(StandardCharsets.UTF_8));
            }
        }
        return begun ? Optional.of(line.toString(StandardCharsets.UTF_8)) : Optional.empty();
    }

    /**
     * The block before the next line, if there is one: a zero, its length in four bytes, the first the greatest, and so many bytes.
     *
     * @throws TooLongException before anything of it is read
     * @throws EOFException if it does not end
     */
    byte[] block() throws IOException {
        if (!fill() || buffer[at] != 0) {
            return new byte[0];
        }
        at++;
        int length = ByteBuffer.wrap(bytes("a block's length", Integer.BYTES)).getInt();
        if (length < 0 || length > most) {
            throw new TooLongException("a block", most);
        }
        return bytes("a block", length);
    }

    /** Takes no more memory than what has come needs, whatever was announced. */
    private byte[] bytes(String what, int length) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream(Math.min(length, BUFFER));
        while (read.size() < length) {
            if (!fill()) {
                throw new EOFException(what + " must have " + length + " bytes, got " + read.size());
            }
            int part = Math.min(end - at, length - read.size());
            read.write(buffer, at, part);
            at += part;
        }
        return read.toByteArray();
    }

    /** Whether there is another byte; the second one of a line's end is none. */
    private boolean fill() throws IOException {
        while (true) {
            if (at == end) {
                end = Math.max(0, stream.read(buffer));
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
