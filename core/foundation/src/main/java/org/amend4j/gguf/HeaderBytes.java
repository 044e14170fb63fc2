/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The bytes of a header, one after the other, never beyond the file: no length in it makes anything larger than what is there. */
final class HeaderBytes {
    /** Ten times the largest vocabularies. */
    static final int LARGEST = 100_000_000;

    private static final int CHUNK = 1 << 16;

    private final Path file;
    private final FileChannel channel;
    private final long end;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long loaded;

    HeaderBytes(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        this.end = Math.min(channel.size(), LARGEST);
    }

    /** The byte that is next. */
    long position() {
        return loaded - buffer.remaining();
    }

    /** How many bytes there are yet; those of tensors among them. */
    long left() {
        return end - position();
    }

    int unsignedByte(String what) throws IOException {
        return loaded(1, what).get() & 0xff;
    }

    int word(String what) throws IOException {
        return loaded(Integer.BYTES, what).getInt();
    }

    long longWord(String what) throws IOException {
        return loaded(Long.BYTES, what).getLong();
    }

    /**
     * A count of things that follow.
     *
     * @param least the fewest bytes that one of them has
     */
    int count(String what, int least) throws IOException {
        long count = longWord(what);
        long most = left() / least;
        if (Long.compareUnsigned(count, most) > 0) {
            throw new GgufException(
                    file,
                    what + " must be at most " + most + ", for which there are bytes left, got "
                            + Long.toUnsignedString(count));
        }
        return (int) count;
    }

    String text(String what) throws IOException {
        byte[] bytes = bytes(count("the length of " + what, 1), what);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new GgufException(file, what + " at byte " + (position() - bytes.length) + " must be UTF-8");
        }
    }

    byte[] bytes(int length, String what) throws IOException {
        requireLeft(length, what);
        byte[] bytes = new byte[length];
        for (int done = 0; done < length; ) {
            int size = Math.min(CHUNK, length - done);
            loaded(size, what).get(bytes, done, size);
            done += size;
        }
        return bytes;
    }

    private void requireLeft(int length, String what) throws GgufException {
        if (length > left()) {
            throw new GgufException(
                    file,
                    "the header ends within " + what + " at byte " + position() + ", which has no " + length
                            + " bytes left");
        }
    }

    private ByteBuffer loaded(int length, String what) throws IOException {
        requireLeft(length, what);
        if (buffer.remaining() < length) {
            buffer.compact();
            buffer.limit((int) Math.min(CHUNK, buffer.position() + end - loaded));
            int read = buffer.remaining();
            GgufFile.readFully(file, channel, buffer, loaded);
            loaded += read;
            buffer.flip();
        }
        return buffer;
    }
}
