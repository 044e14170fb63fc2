/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is concluded from how another process ends. */
@EnabledOnOs(OS.LINUX)
class TrialProcessTest {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static Optional<String> failure(String script, Duration patience) {
        return TrialProcess.failure(
                List.of("/bin/sh", "-c", "echo '" + TrialProcess.STARTED + "'; " + script), patience);
    }

    @Test
    void whoSurvivesOrFailsInOrderSaysNothing() {
        assertEquals(Optional.empty(), failure("exit 0", PATIENCE));
        assertEquals(Optional.empty(), failure("echo cuInit failed", PATIENCE));
    }

    @Test
    void anEndIsToldInOneSentence() {
        assertEquals(
                Optional.of("CUDA is not usable: it ends the process that uses it (the libraries do not match: none has"
                        + " cuGraphLaunch)."),
                failure(
                        "echo 'java: symbol lookup error: /cache/libjnicudart.so: undefined symbol: cuGraphLaunch' >&2;"
                                + " exit 127",
                        PATIENCE));
        assertEquals(
                Optional.of("CUDA is not usable: it ends the process that uses it (its exit code was 139)."),
                failure("kill -SEGV $$", PATIENCE));
    }

    @Test
    void whoHangsIsNotWaitedForForever() {
        assertEquals(
                Optional.of("CUDA is not usable: a process that tried it did not end within 1 s."),
                failure("sleep 100", Duration.ofSeconds(1)));
    }

    @Test
    void aProcessThatDidNotGetAsFarAsCudaSaysNothingAboutIt() {
        assertEquals(
                Optional.empty(),
                TrialProcess.failure(List.of("/bin/sh", "-c", "echo no such class; exit 1"), PATIENCE));
        assertEquals(Optional.empty(), TrialProcess.failure(List.of("/no/such/program"), PATIENCE));
    }

    @Test
    void theLibrariesOfThisProcessAreTriedThoseThatOthersNeedFirst(@TempDir Path folder) throws IOException {
        Path maps = Files.writeString(folder.resolve("maps"), """
                7e00-7e01 r-xp 00000000 08:01 0 /later/libcublas.so.13
                7f00-7f01 r-xp 00000000 08:01 1 /a b/libnvrtc.so.13
                7f01-7f02 r-xp 00000000 08:01 2 /x/libcublas.so.13.0.1
                7f02-7f03 rw-p 00000000 08:01 2 /x/libcublas.so.13.0.1
                7f03-7f04 r-xp 00000000 08:01 3 /x/libcublasLt.so.13
                7f04-7f05 rw-p 00000000 00:00 0
                7f05-7f06 r-xp 00000000 08:01 4 /y/libcuda.so.580.65
                7f06-7f07 r-xp 00000000 08:01 5 /cache/libjnicudart.so
                """);
        assertEquals(
                List.of(
                        "/y/libcuda.so.580.65",
                        "/x/libcublasLt.so.13",
                        "/x/libcublas.so.13.0.1",
                        "/a b/libnvrtc.so.13"),
                TrialProcess.loadedLibraries(maps));
        assertEquals(List.of(), TrialProcess.loadedLibraries(folder.resolve("none")));
    }
}
