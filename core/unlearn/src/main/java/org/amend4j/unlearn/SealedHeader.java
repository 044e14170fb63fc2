/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The start of a checkpoint's file, in the clear, most significant bytes first:
 *
 * <pre>
 * 8 bytes   magic, {@value #MAGIC}
 * int       format version
 * int       step
 * 16 bytes  id of the data key
 * 12 bytes  nonce
 * int       CRC32C of all that
 * </pre>
 *
 * The checksum tells a damaged file from one with a destroyed key; only the tag of the ciphertext proves anything. Later versions keep
 * magic and version where they are.
 */
final class SealedHeader {
    static final String MAGIC = "A4JVAULT";
    static final int VERSION = 1;
    static final int ID_BYTES = 16;
    static final int NONCE_BYTES = 12;
    static final int BYTES = MAGIC.length() + 2 * Integer.BYTES + ID_BYTES + NONCE_BYTES + Integer.BYTES;

    private final int step;
    private final String keyId;
    private final byte[] nonce;

    /**
     * A header.
     *
     * @param keyId 32 hexadecimal digits
     * @param nonce 12 bytes; copied
     */
    SealedHeader(int step, String keyId, byte[] nonce) {
        this.step = step;
        this.keyId = keyId;
        this.nonce = nonce.clone();
    }

    int step() {
        return step;
    }

    String keyId() {
        return keyId;
    }

    byte[] nonce() {
        return nonce.clone();
    }

    byte[] bytes() {
        ByteBuffer header = ByteBuffer.allocate(BYTES);
        header.put(MAGIC.getBytes(StandardCharsets.US_ASCII)).putInt(VERSION).putInt(step);
        header.put(HexFormat.of().parseHex(keyId)).put(nonce);
        return header.putInt(crc(header.array())).array();
    }

    /**
     * Reads one.
     *
     * @param bytes {@link #BYTES} of them, or fewer if the file is shorter
     * @param file as messages are to call it
     * @throws IOException if it is none of this version
     */
    static SealedHeader parse(byte[] bytes, String file) throws IOException {
        if (bytes.length < BYTES) {
            throw new IOException(file + " is damaged: it ends within its header");
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        byte[] magic = new byte[MAGIC.length()];
        header.get(magic);
        if (!Arrays.equals(magic, MAGIC.getBytes(StandardCharsets.US_ASCII))) {
            throw new IOException(file + " does not begin with " + MAGIC + " and is damaged or another file");
        }
        int version = header.getInt();
        if (version != VERSION) {
            throw new IOException(file + " has format version " + version + ", this release reads version " + VERSION);
        }
        int step = header.getInt();
        byte[] id = new byte[ID_BYTES];
        byte[] nonce = new byte[NONCE_BYTES];
        header.get(id).get(nonce);
        if (header.getInt() != crc(bytes)) {
            throw new IOException(file + " is damaged: the checksum of its header does not agree");
        }
        return new SealedHeader(step, HexFormat.of().formatHex(id), nonce);
    }

    private static int crc(byte[] header) {
        CRC32C crc = new CRC32C();
        crc.update(header, 0, BYTES - Integer.BYTES);
        return (int) crc.getValue();
    }
}
