/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.Set;

/** Reads files that may be damaged: they are read, or refused in one sentence, on a bounded heap. */
public final class BoundedReading {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private BoundedReading() {}

    /** What is read. */
    @FunctionalInterface
    public interface Reading<T> {
        /** @throws IOException if it is refused, or cannot be read */
        T read() throws IOException;
    }

    /**
     * What is read; empty if it was refused.
     *
     * @param place of the case, for failures
     * @param bytes that the thread may allocate
     * @param refusals the types that a refusal may have
     */
    public static <T> Optional<T> of(
            String place, long bytes, Set<Class<? extends Exception>> refusals, Reading<T> reading) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Optional<T> read = Optional.empty();
        try {
            read = Optional.of(reading.read());
        } catch (IOException | RuntimeException | Error refused) {
            if (!refusals.contains(refused.getClass())) {
                throw new AssertionError(place, refused);
            }
            String sentence = Refusals.sentence(refused);
            assertTrue(sentence.length() < 1000, place + ": " + sentence);
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated <= bytes, place + ": " + allocated + " bytes instead of " + bytes);
        return read;
    }
}
