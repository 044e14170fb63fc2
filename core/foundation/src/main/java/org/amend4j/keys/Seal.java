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
 * Seals bytes with one key: without the key they cannot be read, nor changed unnoticed. It uses AES-256-GCM under a random nonce of 96 bits
 * (safe for 2^32 seals). Bytes sealed for one purpose cannot be opened for another. Thread-safe.
 */
public final class Seal {
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    /** What sealing adds: nonce and tag. */
    static final int ADDED_BYTES = NONCE_BYTES + TAG_BYTES;

    private final SecureRandom random;
    private final SecretKey key;

    /** @param key 32 bytes; copied */
    public Seal(byte[] key) {
        this(key, new SecureRandom());
    }

    Seal(byte[] key, SecureRandom random) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a key must have " + KEY_BYTES + " bytes, got " + key.length);
        }
        this.random = random;
        this.key = new SecretKeySpec(key, "AES");
    }

    /**
     * Seals.
     *
     * @param purpose what it is for, in ASCII
     * @return nonce, encrypted bytes and tag: 28 bytes more
     */
    public byte[] seal(byte[] plain, String purpose) {
        byte[] sealed = new byte[Math.addExact(plain.length, ADDED_BYTES)];
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        System.arraycopy(nonce, 0, sealed, 0, NONCE_BYTES);
        try {
            cipher(Cipher.ENCRYPT_MODE, nonce, purpose).doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + CIPHER, e);
        }
        return sealed;
    }

    /**
     * Undoes {@link #seal}.
     *
     * @throws GeneralSecurityException if it was not sealed with this key for this purpose, or was changed since
     */
    public byte[] open(byte[] sealed, String purpose) throws GeneralSecurityException {
        if (sealed.length < ADDED_BYTES) {
            throw new GeneralSecurityException("it is too short to be sealed");
        }
        byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
        return cipher(Cipher.DECRYPT_MODE, nonce, purpose).doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    }

    private Cipher cipher(int mode, byte[] nonce, String purpose) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(Byte.SIZE * TAG_BYTES, nonce));
        cipher.updateAAD(purpose.getBytes(StandardCharsets.US_ASCII));
        return cipher;
    }
}
