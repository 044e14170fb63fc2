package org.amend4j.deletion;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.amend4j.file.AtomicFile;

/**
 * A file of canonical lines, each chained to the one before by its hash. Lines are only ever added at the end. Belongs to one
 * thread at a time.
 */
final class LedgerFile implements Closeable {
    private static final long LARGEST = 1L << 30;

    private final FileChannel channel;
    private long end;

    private LedgerFile(FileChannel channel, long end) {
        this.channel = channel;
        this.end = end;
    }

    /**
     * What a file holds.
     *
     * @param entries of the whole lines, verified
     * @param bytes where the last of them ends, its line feed included if it is there; what is behind must go
     * @param complete whether the last of them has its line feed
     * @param torn what is behind them: an unparsable last line
     */
    record Content(List<LedgerEntry> entries, int bytes, boolean complete, Optional<Torn> torn) {}

    /**
     * A line that cannot be read.
     *
     * @param bytes its length
     * @param sha256 of its bytes, hexadecimal
     */
    record Torn(int bytes, String sha256) {}

    /** Leaves a file with one entry, on disk under its name. */
    static void create(Path file, LedgerEntry first) throws IOException {
        try (AtomicFile target = AtomicFile.create(file)) {
            target.write(bytes(first));
            target.commit();
        }
    }

    /**
     * Reads and verifies a file without changing it.
     *
     * @throws DamagedLedgerException naming the line, if anything but an unparsable last line is wrong
     */
    static Content read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(file, channel);
        }
    }

    private static Content read(Path file, FileChannel channel) throws IOException {
        byte[] bytes = all(file, channel);
        List<LedgerEntry> entries = new ArrayList<>();
        String head = LedgerEntry.NO_HASH;
        int begin = 0;
        while (begin < bytes.length) {
            int feed = begin;
            while (feed < bytes.length && bytes[feed] != '\n') {
                feed++;
            }
            int next = Math.min(feed + 1, bytes.length);
            String place = file + " is damaged: line " + (entries.size() + 1);
            LedgerLine.Parsed parsed;
            try {
                parsed = LedgerLine.parse(Arrays.copyOfRange(bytes, begin, feed));
            } catch (LedgerLine.Unparsable e) {
                if (next < bytes.length || entries.isEmpty()) {
                    throw new DamagedLedgerException(place + " cannot be read: " + e.getMessage());
                }
                return withoutLast(place, bytes, begin, entries);
            }
            requireChained(place, parsed, entries.size(), head);
            entries.add(parsed.entry());
            head = parsed.hash();
            begin = next;
        }
        if (entries.isEmpty()) {
            throw new DamagedLedgerException(file + " is damaged: line 1 is missing");
        }
        return new Content(entries, bytes.length, bytes[bytes.length - 1] == '\n', Optional.empty());
    }

    /**
     * What a file holds whose last line cannot be read. A line that was being written lacks its end; if there is a whole
     * entry with something behind it, then something happened to a line feed, and what is behind may have been acknowledged.
     */
    private static Content withoutLast(String place, byte[] bytes, int begin, List<LedgerEntry> entries)
            throws DamagedLedgerException {
        String head = entries.get(entries.size() - 1).hash();
        for (int end = begin + 1; end < bytes.length; end++) {
            Optional<LedgerLine.Parsed> whole =
                    bytes[end - 1] == '}' ? whole(Arrays.copyOfRange(bytes, begin, end)) : Optional.empty();
            if (whole.isPresent()) {
                requireChained(place, whole.get(), entries.size(), head);
                if (end + 1 < bytes.length) {
                    throw new DamagedLedgerException(place + " has no line feed behind its entry");
                }
                entries.add(whole.get().entry());
                return new Content(entries, end, false, Optional.empty());
            }
        }
        return new Content(entries, begin, true, Optional.of(torn(Arrays.copyOfRange(bytes, begin, bytes.length))));
    }

    private static Optional<LedgerLine.Parsed> whole(byte[] line) {
        try {
            return Optional.of(LedgerLine.parse(line));
        } catch (LedgerLine.Unparsable e) {
            return Optional.empty();
        }
    }

    private static Torn torn(byte[] line) {
        return new Torn(
                line.length, HexFormat.of().formatHex(LedgerEntry.sha256().digest(line)));
    }

    private static void requireChained(String place, LedgerLine.Parsed parsed, int sequence, String head)
            throws DamagedLedgerException {
        LedgerEntry entry = parsed.entry();
        if (entry.sequence() != sequence) {
            throw new DamagedLedgerException(
                    place + " must have sequence number " + sequence + ", got " + entry.sequence());
        }
        if (!entry.previous().equals(head)) {
            throw new DamagedLedgerException(place + " does not follow from the line before");
        }
        if (!entry.hash().equals(parsed.hash())) {
            throw new DamagedLedgerException(place + " does not have the hash that it says");
        }
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

    /** An open file and what it held. */
    record Opened(LedgerFile file, Content content) {}

    /**
     * Opens a file for adding, without its torn line, and with all the rest on disk.
     *
     * @throws DamagedLedgerException as {@link #read}; nothing is changed then
     */
    static Opened open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            Content content = read(path, channel);
            LedgerFile file = new LedgerFile(channel, content.bytes());
            if (channel.size() > content.bytes()) {
                channel.truncate(content.bytes());
            }
            if (!content.complete()) {
                file.write(ByteBuffer.wrap(new byte[] {'\n'}));
            }
            // a process may have died between writing a line and forcing it; from here on it counts
            channel.force(true);
            return new Opened(file, content);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Adds lines and brings them to the disk together. */
    void add(List<LedgerEntry> entries) throws IOException {
        for (LedgerEntry entry : entries) {
            write(bytes(entry));
        }
        channel.force(true);
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            end += channel.write(bytes, end);
        }
    }

    private static ByteBuffer bytes(LedgerEntry entry) {
        return ByteBuffer.wrap((LedgerLine.of(entry) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
