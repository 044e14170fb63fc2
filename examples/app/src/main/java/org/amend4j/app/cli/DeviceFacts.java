/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.amend4j.internal.cuda.driver.GpuReport;
import org.amend4j.internal.cuda.emulated.EmulatedDevice;

/**
 * What the doctor says of devices.
 *
 * @param way of computing that is the best here
 * @param why that one
 * @param missing for device-resident objectives, a sentence each
 * @param emulated the compiler of the emulated device, or what it lacks
 */
record DeviceFacts(
        String way,
        String why,
        String driver,
        String cards,
        String capability,
        long memoryMb,
        List<String> missing,
        String emulated,
        String nvcc) {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    static DeviceFacts of(GpuReport report) {
        return new DeviceFacts(
                report.way().words(),
                report.choice().why(),
                report.driver().orElse("none"),
                report.cards().isEmpty() ? "none" : String.join(", ", report.cards()),
                report.capability().map(Object::toString).orElse("unknown"),
                report.memoryBytes() >> 20,
                report.missing(),
                EmulatedDevice.missing()
                        .orElseGet(() -> EmulatedDevice.compiler().orElse("")),
                version().orElse("not on the PATH or in /usr/local/cuda/bin; only tests of the kernels need it"));
    }

    /** The last line that nvcc says of itself. */
    private static Optional<String> version() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator, -1)), Stream.of("/usr/local/cuda/bin"))
                .map(folder -> Path.of(folder).resolve("nvcc"))
                .filter(Files::isExecutable)
                .findFirst()
                .flatMap(DeviceFacts::version);
    }

    private static Optional<String> version(Path program) {
        return version(program, PATIENCE);
    }

    /** Nothing if it takes longer, or says more than fits into a pipe. */
    static Optional<String> version(Path program, Duration patience) {
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            try {
                process.getOutputStream().close();
                // What it says is read afterwards: reading waits for as long as it lives.
                if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
                    return Optional.empty();
                }
                String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return text.lines().filter(line -> line.contains("release")).findFirst();
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException unusable) {
            return Optional.empty();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
