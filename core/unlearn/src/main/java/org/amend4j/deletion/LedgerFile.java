/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.RegularFile;

/** A file of canonical lines, each tied to those before. Lines are only ever added at the end. Not thread-safe. */
final class LedgerFile implements Closeable {
    private static final long LARGEST = 1L << 30;

    private final FileChannel channel;
    private final Content content;
    private long end;

    private LedgerFile(FileChannel channel, Content content) {
        this.channel = channel;
        this.content = content;
        this.end = content.bytes();
    }

    /**
     * What a file holds.
     *
     * @param history of the whole lines, verified
     * @param bytes where the last of them ends, its line feed included if it is there; what is behind must go
     * @param complete whether the last of them has its line feed
     * @param torn what is behind them: an unparsable last line
     */
    record Content(LedgerHistory history, int bytes, boolean complete, Optional<Torn> torn) {}

    /**
     * A line that cannot be read.
     *
     * @param bytes its length
     * @param sha256 of its bytes, hexadecimal
     */
    record Torn(int bytes, String sha256) {}

    /** Leaves a file with one entry, on disk under its name. */
    static void create(Path file, LedgerFormat format, LedgerEntry first) throws IOException {
        try (AtomicFile target = AtomicFile.create(file)) {
            target.write(bytes(format, first));
            target.commit();
        }
    }

    /**
     * Reads and verifies a file without changing it.
     *
     * @throws DamagedLedgerException naming the line, if anything but an unparsable last line is wrong
     */
    static Content read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(RegularFile.of(file), StandardOpenOption.READ)) {
            return read(file, channel);
        }
    }

    private static Content read(Path file, FileChannel channel) throws IOException {
        byte[] bytes = all(file, channel);
        LedgerHistory history = new LedgerHistory(format(file, bytes));
        int begin = 0;
        while (begin < bytes.length) {
            int feed = feed(bytes, begin);
            int next = Math.min(feed + 1, bytes.length);
            LedgerEntry entry;
            try {
                entry = history.format().lines().parse(Arrays.copyOfRange(bytes, begin, feed));
            } catch (LedgerLine.Unparsable e) {
                if (next < bytes.length || history.entries().isEmpty()) {
                    throw new DamagedLedgerException(place(file, history) + " cannot be read: " + e.getMessage());
                }
                return withoutLast(file, bytes, begin, history);
            }
            read(file, entry, history);
            begin = next;
        }
        return new Content(history, bytes.length, bytes[bytes.length - 1] == '\n', Optional.empty());
    }

    private static LedgerFormat format(Path file, byte[] bytes) throws DamagedLedgerException {
        String place = file + " is damaged: line 1";
        if (bytes.length == 0) {
            throw new DamagedLedgerException(place + " is missing");
        }
        try {
            return LedgerFormats.of(Arrays.copyOf(bytes, feed(bytes, 0)));
        } catch (LedgerLine.Unparsable e) {
            throw new DamagedLedgerException(place + " cannot be read: " + e.getMessage());
        }
    }

    /** Where the line that begins here ends. */
    private static int feed(byte[] bytes, int begin) {
        int feed = begin;
        while (feed < bytes.length && bytes[feed] != '\n') {
            feed++;
        }
        return feed;
    }

    private static String place(Path file, LedgerHistory history) {
        return file + " is damaged: line " + (history.entries().size() + 1);
    }

    private static void read(Path file, LedgerEntry entry, LedgerHistory history) throws DamagedLedgerException {
        try {
            history.read(entry);
        } catch (IllegalArgumentException e) {
            throw new DamagedLedgerException(place(file, history) + " " + e.getMessage());
        }
    }

    /**
     * The content of a file with a last line that cannot be read. A line that was being written lacks its end. If there is a whole entry
     * with more behind it, then a line feed was damaged, and what is behind may have been acknowledged.
     */
    private static Content withoutLast(Path file, byte[] bytes, int begin, LedgerHistory history)
            throws DamagedLedgerException {
        byte[] last = Arrays.copyOfRange(bytes, begin, bytes.length);
        LedgerLine.Beginning whole;
        try {
            whole = history.format().lines().parseBeginning(last);
        } catch (LedgerLine.Unparsable e) {
            return new Content(history, begin, true, Optional.of(torn(last)));
        }
        if (whole.length() + 1 < last.length) {
            throw new DamagedLedgerException(place(file, history) + " has no line feed behind its entry");
        }
        read(file, whole.entry(), history);
        return new Content(history, begin + whole.length(), false, Optional.empty());
    }

    private static Torn torn(byte[] line) {
        return new Torn(line.length, Sha256.hex(line));
    }

    private static byte[] all(Path file, FileChannel channel) throws IOException {
        if (channel.size() > LARGEST) {
            throw new DamagedLedgerException(
                    file + " is too large for a ledger: it must have at most 2^30 bytes, got " + channel.size());
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
        int read = 0;
        while (bytes.hasRemaining() && read >= 0) {
            read = channel.read(bytes, bytes.position());
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /**
     * Opens a file for adding; it is as it was until it is {@linkplain #settle settled}.
     *
     * @throws DamagedLedgerException as {@link #read}
     */
    static LedgerFile open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(RegularFile.of(path), StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            return new LedgerFile(channel, read(path, channel));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** What it held when it was opened. */
    Content content() {
        return content;
    }

    /** Cuts the torn line, and brings all the rest to the disk. */
    void settle() throws IOException {
        channel.truncate(content.bytes());
        if (!content.complete()) {
            write(ByteBuffer.wrap(new byte[] {'\n'}));
        }
        // a process may have died between writing a line and forcing it; from here on it counts
        channel.force(true);
    }

    /** Adds lines and brings them to the disk together. */
    void add(List<LedgerEntry> entries) throws IOException {
        for (LedgerEntry entry : entries) {
            write(bytes(content.history().format(), entry));
        }
        channel.force(true);
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            end += channel.write(bytes, end);
        }
    }

    private static ByteBuffer bytes(LedgerFormat format, LedgerEntry entry) {
        return ByteBuffer.wrap((format.lines().of(entry) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
