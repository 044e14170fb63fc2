package org.amend4j.privacy;

/** Where randomness comes in: independent uniform bytes. The only secure one is {@link SecureBytes}; tests bring seeds. */
@FunctionalInterface
interface RandomBytes {

    /** Overwrites all of {@code bytes}. */
    void fill(byte[] bytes);
}
