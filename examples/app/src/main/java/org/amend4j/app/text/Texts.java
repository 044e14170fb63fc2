/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.amend4j.app.files.Reasons;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Gunzip;

/** Text files: UTF-8, plain or gzip'd, with or without a byte order mark. */
public final class Texts {

    /** What is kept in memory as it is. */
    private static final int MOST_BYTES = 1 << 28;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private Texts() {}

    /**
     * Reads a file; ends of lines become line feeds.
     *
     * @throws BadInputException if it cannot be read, is not UTF-8 or has no text
     */
    public static String read(Path file) {
        try (InputStream in = Gunzip.open(file)) {
            return read(in, file.toString());
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + Reasons.of(unreadable), unreadable);
        }
    }

    /** As {@link #read(Path)}, to the end of a stream of plain bytes. */
    public static String read(InputStream in, String name) throws IOException {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new BadInputException(name + " has more than " + MOST_BYTES + " bytes: split it");
        }
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        String plain = text.startsWith(String.valueOf(BYTE_ORDER_MARK)) ? text.substring(1) : text;
        if (plain.isBlank()) {
            throw new BadInputException(name + " has no text");
        }
        return plain.replace("\r\n", "\n").replace('\r', '\n');
    }
}
