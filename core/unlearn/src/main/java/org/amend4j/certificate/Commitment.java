/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import java.nio.charset.StandardCharsets;
import org.amend4j.keys.Hmac;

/**
 * A public commitment to a private value: {@code HMAC-SHA256(key, value)}, where the key is {@code HMAC-SHA256(salt, name)}
 * with a random salt of the certificate. Without the key it reveals nothing about the value, however few values are possible (HMAC is a
 * pseudo-random function). With the key, no other value can be found for it (SHA-256 has no known collisions). The key of a name opens that
 * commitment and no other.
 */
public final class Commitment {

    /** Length of a salt. */
    public static final int SALT_BYTES = 32;

    /** The name of the parameters that were rewound to. */
    public static final String CHECKPOINT = "checkpoint";

    /** The name of all records ever deleted. */
    public static final String DELETED = "deleted";

    /** The name of all retained records. */
    public static final String RETAINED = "retained";

    /** The name of what was descended on. */
    public static final String OBJECTIVE = "objective";

    /** The name of the records of one request. */
    public static final String REQUEST = "request";

    private Commitment() {}

    /**
     * The key that opens a commitment: 32 bytes.
     *
     * @param salt of the certificate, {@value #SALT_BYTES} random bytes
     * @param name of what is committed to
     */
    public static byte[] key(byte[] salt, String name) {
        if (salt.length != SALT_BYTES) {
            throw new IllegalArgumentException("a salt must have " + SALT_BYTES + " bytes, got " + salt.length);
        }
        return new Hmac(salt).of(name.getBytes(StandardCharsets.UTF_8));
    }

    /** The commitment to a value: 64 hexadecimal digits. */
    public static String of(byte[] salt, String name, byte[] value) {
        return new Hmac(key(salt, name)).hex(value);
    }
}
