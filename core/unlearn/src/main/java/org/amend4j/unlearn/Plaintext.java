/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.amend4j.internal.digest.Sha256;

/** Parameters as bytes: IEEE 754, most significant byte first, every bit kept. */
final class Plaintext {
    private static final int CHUNK_BYTES = 1 << 16;

    private Plaintext() {}

    /** The digest that {@link CheckpointVault#sha256} promises. */
    static String sha256(int step, double[] theta) {
        MessageDigest digest = digest(step);
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        for (int from = 0; from < theta.length; from += CHUNK_BYTES / Double.BYTES) {
            int count = Math.min(theta.length - from, CHUNK_BYTES / Double.BYTES);
            chunk.clear().asDoubleBuffer().put(theta, from, count);
            digest.update(chunk.array(), 0, count * Double.BYTES);
        }
        Arrays.fill(chunk.array(), (byte) 0);
        return Sha256.hex(digest);
    }

    /** The same from the parameters' bytes. */
    static String sha256(int step, byte[] bytes, int from, int count) {
        MessageDigest digest = digest(step);
        digest.update(bytes, from, count);
        return Sha256.hex(digest);
    }

    private static MessageDigest digest(int step) {
        MessageDigest digest = Sha256.start();
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(step).flip());
        return digest;
    }
}
