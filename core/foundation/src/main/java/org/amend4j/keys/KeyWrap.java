/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * What a key-encryption key is used for, each use under a key of its own, derived by HMAC-SHA256: wrapping data keys with
 * a {@link Seal}, and authenticating the file that holds them.
 */
final class KeyWrap {
    /** Length of a wrapped key. */
    static final int WRAPPED_BYTES = KeyRing.KEY_BYTES + Seal.ADDED_BYTES;

    private static final int FINGERPRINT_DIGITS = 32;

    private final Seal wrapping;
    private final Hmac file;
    private final String fingerprint;

    KeyWrap(byte[] kek, SecureRandom random) {
        if (kek.length != KeyFile.KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a key-encryption key must have " + KeyFile.KEY_BYTES + " bytes, got " + kek.length);
        }
        Hmac derive = new Hmac(kek);
        byte[] wrap = derive.of(use("wrap"));
        byte[] mac = derive.of(use("file"));
        this.wrapping = new Seal(wrap, random);
        this.file = new Hmac(mac);
        this.fingerprint = derive.hex(use("fingerprint")).substring(0, FINGERPRINT_DIGITS);
        Arrays.fill(wrap, (byte) 0);
        Arrays.fill(mac, (byte) 0);
    }

    private static byte[] use(String name) {
        return ("amend4j.secret.KeyRing " + name).getBytes(StandardCharsets.US_ASCII);
    }

    /** Tells key-encryption keys apart without giving them away: 32 hexadecimal digits. */
    String fingerprint() {
        return fingerprint;
    }

    /** The code of a file's content: 64 hexadecimal digits. */
    String mac(byte[] content) {
        return file.hex(content);
    }

    /** Wraps a key together with what it is for. */
    byte[] wrap(byte[] key, String purpose) {
        return wrapping.seal(key, purpose);
    }

    /**
     * Undoes {@link #wrap}.
     *
     * @throws GeneralSecurityException if it was not wrapped with this key for this purpose
     */
    byte[] unwrap(byte[] wrapped, String purpose) throws GeneralSecurityException {
        return wrapping.open(wrapped, purpose);
    }
}
