/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HostCompilerTest {

    private static HostCompiler.Output run(String script, Duration limit) throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a shell");
        return HostCompiler.run(List.of("/bin/sh", "-c", script), limit);
    }

    @Test
    void whatACompilerSaysAndItsStatusComeBack() throws IOException {
        HostCompiler.Output output = run("echo one; echo two >&2; exit 3", Duration.ofSeconds(30));
        assertEquals(3, output.status());
        assertEquals("one\ntwo\n", output.text());
    }

    @Test
    void aCompilerThatHangsIsEndedAtTheLimitWithWhatItStarted(@TempDir Path folder) throws Exception {
        Path pid = folder.resolve("pid");
        String script = "sleep 300 & echo $! > '" + pid + "'; wait";
        String message = assertThrows(IOException.class, () -> run(script, Duration.ofSeconds(2)))
                .getMessage();
        assertEquals("/bin/sh did not end within 2 seconds", message);
        long child = Long.parseLong(Files.readString(pid).strip());
        for (int i = 0; i < 100 && isAlive(child); i++) {
            Thread.sleep(50);
        }
        assertFalse(isAlive(child));
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    @Test
    void aCompilerThatLeavesSomebodyWithItsOutputIsNotWaitedFor(@TempDir Path folder) throws IOException {
        Path pid = folder.resolve("pid");
        HostCompiler.Output output = run("echo done; sleep 300 & echo $! > '" + pid + "'", Duration.ofSeconds(30));
        assertEquals("done\n", output.text());
        long child = Long.parseLong(Files.readString(pid).strip());
        assertTrue(isAlive(child));
        ProcessHandle.of(child).ifPresent(ProcessHandle::destroy);
    }
}
