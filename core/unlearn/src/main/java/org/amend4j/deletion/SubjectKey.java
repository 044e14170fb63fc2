/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.amend4j.keys.Hmac;
import org.amend4j.keys.Seal;

/**
 * Turns the ids of subjects into pseudonyms, so that a ledger by itself identifies no one: HMAC-SHA256 under a key of that ledger. The key
 * is kept outside of the ledger; once it is destroyed, the pseudonyms can no longer be traced to their subjects.
 */
public final class SubjectKey {
    private static final int BYTES = 32;

    private final Hmac hmac;
    private final Seal seal;

    private SubjectKey(byte[] key) {
        this.hmac = new Hmac(key);
        this.seal = new Seal(hmac.of("seal".getBytes(StandardCharsets.UTF_8)));
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

    /** Another key, of which this one cannot be made. */
    public SubjectKey derived(String purpose) {
        return new SubjectKey(hmac.of(("derived:" + purpose).getBytes(StandardCharsets.UTF_8)));
    }

    /** Shows that a text was not changed without the key: 64 hexadecimal digits. */
    public String code(String text) {
        return hmac.hex(("code:" + text).getBytes(StandardCharsets.UTF_8));
    }

    /** Seals what is kept about subjects, under a key derived from this one. */
    public Seal seal() {
        return seal;
    }

    /** Tells keys apart without giving them away: 64 hexadecimal digits. */
    public String fingerprint() {
        return hmac.hex("fingerprint".getBytes(StandardCharsets.UTF_8));
    }
}
