/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a key-encryption key is used for, each use under a key of its own, derived by HMAC-SHA256: wrapping data keys with
 * AES-256-GCM under a random nonce of 96 bits (safe for 2^32 of them), and authenticating the file that holds them.
 */
final class KeyWrap {
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    /** Length of a wrapped key: nonce, key and tag. */
    static final int WRAPPED_BYTES = NONCE_BYTES + KeyRing.KEY_BYTES + TAG_BYTES;

    private static final int FINGERPRINT_DIGITS = 32;

    private final SecureRandom random;
    private final SecretKey wrapping;
    private final Hmac file;
    private final String fingerprint;

    KeyWrap(byte[] kek, SecureRandom random) {
        if (kek.length != KeyFile.KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a key-encryption key must have " + KeyFile.KEY_BYTES + " bytes, got " + kek.length);
        }
        this.random = random;
        Hmac derive = new Hmac(kek);
        byte[] wrap = derive.of(use("wrap"));
        byte[] mac = derive.of(use("file"));
        this.wrapping = new SecretKeySpec(wrap, "AES");
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
        byte[] wrapped = new byte[WRAPPED_BYTES];
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        System.arraycopy(nonce, 0, wrapped, 0, NONCE_BYTES);
        try {
            cipher(Cipher.ENCRYPT_MODE, nonce, purpose).doFinal(key, 0, key.length, wrapped, NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + CIPHER, e);
        }
        return wrapped;
    }

    /**
     * Undoes {@link #wrap}.
     *
     * @throws GeneralSecurityException if it was not wrapped with this key for this purpose
     */
    byte[] unwrap(byte[] wrapped, String purpose) throws GeneralSecurityException {
        byte[] nonce = Arrays.copyOf(wrapped, NONCE_BYTES);
        return cipher(Cipher.DECRYPT_MODE, nonce, purpose).doFinal(wrapped, NONCE_BYTES, wrapped.length - NONCE_BYTES);
    }

    private Cipher cipher(int mode, byte[] nonce, String purpose) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, wrapping, new GCMParameterSpec(Byte.SIZE * TAG_BYTES, nonce));
        cipher.updateAAD(purpose.getBytes(StandardCharsets.US_ASCII));
        return cipher;
    }
}
