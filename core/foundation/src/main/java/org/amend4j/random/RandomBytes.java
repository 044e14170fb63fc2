/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.random;

/** A source of randomness: independent uniform bytes. Only {@link #secure} is cryptographically secure; tests use seeds. */
@FunctionalInterface
public interface RandomBytes {

    /** Overwrites all of {@code bytes}. */
    void fill(byte[] bytes);

    /** From a DRBG of NIST SP 800-90A, seeded by the operating system. Not thread-safe. */
    static RandomBytes secure() {
        return new SecureBytes();
    }
}
