/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.amend4j.certificate.Commitment;
import org.amend4j.objective.RecordIds;

/** How a service names private things in public: salts, and commitments under them. */
interface CommitmentScheme {

    /** A fresh salt of {@value Commitment#SALT_BYTES} bytes. */
    byte[] salt();

    /**
     * The commitment to a value: 64 hexadecimal digits.
     *
     * @param name of what is committed to
     */
    default String commitment(byte[] salt, String name, byte[] value) {
        return Commitment.of(salt, name, value);
    }

    /** To a hash. */
    default String commitment(byte[] salt, String name, String hex) {
        return commitment(salt, name, HexFormat.of().parseHex(hex));
    }

    /** To {@linkplain RecordIds#bytes ids}. */
    default String commitment(byte[] salt, String name, RecordIds ids) {
        return commitment(salt, name, ids.bytes());
    }

    /** With salts from the system's secure source. */
    static CommitmentScheme secure() {
        SecureRandom random = new SecureRandom();
        return () -> {
            byte[] salt = new byte[Commitment.SALT_BYTES];
            random.nextBytes(salt);
            return salt;
        };
    }
}
