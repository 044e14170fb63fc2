/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.random;

import java.security.DrbgParameters;
import java.security.DrbgParameters.Capability;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Bytes from a DRBG of NIST SP 800-90A with 256 bits of strength, seeded by the operating system; fetched in blocks, each byte
 * handed out once and wiped. Not thread-safe.
 */
final class SecureBytes implements RandomBytes {

    private static final int STRENGTH = 256;
    private static final int BLOCK = 4096;

    private final SecureRandom random;
    private final byte[] block = new byte[BLOCK];
    private int next = BLOCK;

    SecureBytes() {
        try {
            random = SecureRandom.getInstance(
                    "DRBG", DrbgParameters.instantiation(STRENGTH, Capability.RESEED_ONLY, null));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(
                    "this Java runtime has no DRBG with 256 bits of strength, and noise comes from nothing weaker", e);
        }
    }

    @Override
    public void fill(byte[] bytes) {
        for (int from = 0; from < bytes.length; ) {
            if (next == BLOCK) {
                random.nextBytes(block);
                next = 0;
            }
            int length = Math.min(bytes.length - from, BLOCK - next);
            System.arraycopy(block, next, bytes, from, length);
            Arrays.fill(block, next, next + length, (byte) 0);
            next += length;
            from += length;
        }
    }
}
