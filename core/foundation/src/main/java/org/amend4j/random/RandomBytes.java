/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.random;

/** Where randomness comes in: independent uniform bytes. The only secure ones are {@link #secure}; tests bring seeds. */
@FunctionalInterface
public interface RandomBytes {

    /** Overwrites all of {@code bytes}. */
    void fill(byte[] bytes);

    /** From a DRBG of NIST SP 800-90A, seeded by the operating system. Not thread-safe. */
    static RandomBytes secure() {
        return new SecureBytes();
    }
}
