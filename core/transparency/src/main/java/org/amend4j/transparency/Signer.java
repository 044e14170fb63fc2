/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

/** Signs notes with a pair of Ed25519 keys (RFC 8032), wherever the secret key is kept. */
public interface Signer {

    /** The public key, X.509, base64. */
    String publicKey();

    /** The signature of a message: 64 bytes. */
    byte[] sign(byte[] message);
}
