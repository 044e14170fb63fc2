/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The resident memory of this process as Linux counts it. With a heap of fixed size whose pages are all touched at the
 * start ({@code -Xms = -Xmx, -XX:+AlwaysPreTouch}) its growth is off-heap memory, whoever allocates it.
 */
final class ResidentMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    private ResidentMemory() {}

    /** Bytes resident now. */
    static long now() throws IOException {
        return field("VmRSS:");
    }

    /** Most bytes resident since {@link #resetPeak()}. */
    static long peak() throws IOException {
        return field("VmHWM:");
    }

    /** Lets {@link #peak()} start again from now. */
    static void resetPeak() throws IOException {
        Files.writeString(CLEAR, "5", StandardCharsets.US_ASCII);
    }

    private static long field(String name) throws IOException {
        return Files.readAllLines(STATUS, StandardCharsets.US_ASCII).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .map(kilobytes -> kilobytes * 1024)
                .findFirst()
                .orElseThrow(() -> new IOException(STATUS + " has no line " + name));
    }
}
