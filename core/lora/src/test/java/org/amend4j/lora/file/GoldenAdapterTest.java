/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.lora.file.AdapterFixtures.assertSame;
import static org.amend4j.lora.file.AdapterFixtures.everything;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The adapter saved by release 0.1.0; it stays here for all later ones, beside theirs. */
class GoldenAdapterTest {
    private static final List<String> FILES = List.of(AdapterFile.TENSORS, AdapterFile.CONFIG);

    @TempDir
    Path directory;

    @BeforeEach
    void copy() throws IOException {
        for (String name : FILES) {
            try (InputStream golden = Objects.requireNonNull(
                    GoldenAdapterTest.class.getResourceAsStream("adapter-0.1.0/" + name), name)) {
                Files.copy(golden, directory.resolve(name));
            }
        }
    }

    @Test
    void theAdapterOfRelease010LoadsBitForBit() throws IOException {
        assertSame(everything(), AdapterFile.read(directory));
    }

    @Test
    void thisReleaseWritesTheSameBytes() throws IOException {
        Path now = directory.resolve("now");
        AdapterFile.write(now, everything());
        for (String name : FILES) {
            assertArrayEquals(Files.readAllBytes(directory.resolve(name)), Files.readAllBytes(now.resolve(name)), name);
        }
    }
}
