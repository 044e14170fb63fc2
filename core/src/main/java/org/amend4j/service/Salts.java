package org.amend4j.service;

import java.security.SecureRandom;
import org.amend4j.certificate.Commitment;

/** Where the salts of certificates come from; tests bring their own. */
@FunctionalInterface
interface Salts {

    /** A fresh salt of {@value Commitment#SALT_BYTES} bytes. */
    byte[] next();

    /** From the system's secure source. */
    static Salts secure() {
        SecureRandom random = new SecureRandom();
        return () -> {
            byte[] salt = new byte[Commitment.SALT_BYTES];
            random.nextBytes(salt);
            return salt;
        };
    }
}
