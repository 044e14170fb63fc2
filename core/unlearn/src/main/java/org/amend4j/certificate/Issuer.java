/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.amend4j.keys.SigningKeys;
import org.amend4j.transparency.LogCheckpoint;
import org.amend4j.transparency.SignedNote;

/**
 * Signs certificates and heads of ledgers with Ed25519. A signature shows who claimed something and that it was not changed since,
 * not that it is true.
 */
public final class Issuer {

    private final SigningKeys keys;

    private Issuer(SigningKeys keys) {
        this.keys = keys;
    }

    /**
     * The issuer with the key pair in a file of two lines (public and secret key, base64), which is made if it is missing.
     *
     * @param file its folder must exist; the owner alone should be able to read it
     * @throws IOException if it cannot be read, or is not a key pair
     */
    public static Issuer openOrCreate(Path file) throws IOException {
        return new Issuer(SigningKeys.openOrCreate(file));
    }

    /** The public key, X.509, base64. */
    public String publicKey() {
        return keys.publicKey();
    }

    /** The signature of a text's UTF-8 bytes, base64. */
    String sign(String text) {
        return Base64.getEncoder().encodeToString(keys.sign(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A head, signed under the ledger's origin. */
    public SignedNote sign(LogCheckpoint head) {
        return SignedNote.signed(head.text(), head.origin(), keys);
    }
}
