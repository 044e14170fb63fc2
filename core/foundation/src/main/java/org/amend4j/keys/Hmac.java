/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 with one key. Thread-safe. */
public final class Hmac {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int LEAST_KEY_BYTES = 16;

    private final Mac prototype;

    /** @param key at least 16 bytes; copied */
    public Hmac(byte[] key) {
        if (key.length < LEAST_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a key must have at least " + LEAST_KEY_BYTES + " bytes, got " + key.length);
        }
        try {
            Key secret = new SecretKeySpec(key, ALGORITHM);
            prototype = Mac.getInstance(ALGORITHM);
            prototype.init(secret);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    /** The code of a message: 32 bytes. */
    public byte[] of(byte[] message) {
        try {
            return ((Mac) prototype.clone()).doFinal(message);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("this Java's " + ALGORITHM + " cannot be copied", e);
        }
    }

    /** The code of a message: 64 hexadecimal digits. */
    public String hex(byte[] message) {
        return HexFormat.of().formatHex(of(message));
    }
}
