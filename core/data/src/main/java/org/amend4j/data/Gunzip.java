/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A stream as it is, or what is in it if it is gzip'd (told by the first two bytes, not by a name). A few megabytes can
 * hold gigabytes: what is beyond {@link #FREE} bytes must not be more than {@link #MOST_TIMES} times the packed bytes that
 * were read for it, so that such a file is refused soon and with little memory. Files of numbers and pictures are packed
 * 2 to 20 times.
 */
public final class Gunzip extends FilterInputStream {

    /** Looked at with nothing but a file's rows in memory, so not much. */
    static final long FREE = 16L << 20;

    static final long MOST_TIMES = 100;

    private final String name;
    private final Counted packed;
    private long given;

    private Gunzip(String name, Counted packed) throws IOException {
        super(new GZIPInputStream(packed, 1 << 13));
        this.name = name;
        this.packed = packed;
    }

    /** A file, unpacked if need be. */
    public static InputStream open(Path file) throws IOException {
        return of(file.toString(), new BufferedInputStream(Files.newInputStream(file)));
    }

    /**
     * Unpacks if need be.
     *
     * @param name for messages
     * @param raw supports {@code mark}
     */
    static InputStream of(String name, InputStream raw) throws IOException {
        raw.mark(2);
        int first = raw.read();
        int second = raw.read();
        raw.reset();
        return first == 0x1f && second == 0x8b ? new Gunzip(name, new Counted(raw)) : raw;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            given(1);
        }
        return value;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = super.read(into, offset, length);
        given(Math.max(0, count));
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = super.skip(count);
        given(skipped);
        return skipped;
    }

    private void given(long count) {
        given += count;
        if (given > FREE && given > MOST_TIMES * packed.count) {
            throw new BadInputException(name + " unpacks to more than " + MOST_TIMES
                    + " times its size, as no table or picture should: unpack it yourself (gunzip) if it is meant so");
        }
    }

    /** Counts what is read. */
    private static final class Counted extends FilterInputStream {

        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count += value >= 0 ? 1 : 0;
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }
}
