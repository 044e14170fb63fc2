/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.amend4j.keys.Hmac;

/**
 * Turns the ids of subjects into pseudonyms, so that a ledger does not itself identify anybody: HMAC-SHA256 under a key of
 * that ledger. The key is kept outside of the ledger; once it is destroyed, nobody can tell whose the pseudonyms were.
 */
public final class SubjectKey {
    private static final int BYTES = 32;

    private final Hmac hmac;

    private SubjectKey(byte[] key) {
        this.hmac = new Hmac(key);
    }

    /**
     * A key from storage.
     *
     * @param key at least 16 bytes; copied
     */
    public static SubjectKey of(byte[] key) {
        return new SubjectKey(key);
    }

    /** The bytes of a fresh key, from the system's secure source. */
    public static byte[] fresh() {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        return key;
    }

    /** A person's name in the ledger: 64 hexadecimal digits. */
    public String pseudonym(String subject) {
        return hmac.hex(("subject:" + subject).getBytes(StandardCharsets.UTF_8));
    }

    /** Tells keys apart without giving them away: 64 hexadecimal digits. */
    public String fingerprint() {
        return hmac.hex("fingerprint".getBytes(StandardCharsets.UTF_8));
    }
}
