/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceFactsTest {
    /** Far more than a shell takes on a busy machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    private Path nvcc(String script) throws IOException {
        assumeTrue(File.separatorChar == '/', "There is a shell.");
        Path file = Files.writeString(folder.resolve("nvcc"), "#!/bin/sh\n" + script);
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }

    @Test
    void theReleaseIsWhatTheCompilerSays() throws IOException {
        Path nvcc = nvcc("echo nvcc; echo 'Cuda compilation tools, release 13.1'\n");
        assertEquals(Optional.of("Cuda compilation tools, release 13.1"), DeviceFacts.version(nvcc, PATIENCE));
    }

    @Test
    void aCompilerThatHangsOrFailsIsNone() throws IOException {
        Path hung = nvcc("echo 'release 13.1'; exec sleep 3600\n");
        assertEquals(
                Optional.empty(),
                assertTimeoutPreemptively(PATIENCE, () -> DeviceFacts.version(hung, Duration.ofMillis(300))));
        assertEquals(Optional.empty(), DeviceFacts.version(nvcc("echo release 1; exit 3\n"), PATIENCE));
    }
}
