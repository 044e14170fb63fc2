/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.cache.CodeCache;

/**
 * The C++ compiler of this machine.
 *
 * @param program where it is
 * @param version the first line it says about itself; part of the cache's key
 */
record HostCompiler(Path program, String version) {

    private static final List<String> NAMES = List.of("g++", "c++", "clang++");
    private static final List<String> FLAGS = List.of("-std=c++17", "-O2", "-Wall", "-Werror", "-fPIC", "-shared");
    private static final Duration TO_COMPILE = Duration.ofMinutes(20);
    private static final Duration TO_ANSWER = Duration.ofSeconds(30);

    /** The first of g++, c++ and clang++ on the PATH that answers; they are asked once. */
    static Optional<HostCompiler> find() {
        return Found.COMPILER;
    }

    private static final class Found {
        static final Optional<HostCompiler> COMPILER = look();
    }

    private static Optional<HostCompiler> look() {
        String path = System.getenv("PATH");
        if (path == null) {
            return Optional.empty();
        }
        for (String name : NAMES) {
            for (String folder : path.split(File.pathSeparator, -1)) {
                Path program = Path.of(folder).resolve(name);
                if (Files.isExecutable(program)) {
                    Optional<HostCompiler> compiler = ask(program);
                    if (compiler.isPresent()) {
                        return compiler;
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<HostCompiler> ask(Path program) {
        try {
            Output output = run(List.of(program.toString(), "--version"), TO_ANSWER);
            return output.status() == 0
                    ? Optional.of(new HostCompiler(
                            program, output.text().lines().findFirst().orElse("")))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * A shared library made from {@code text}, from the cache if it was made before.
     *
     * @param what what is compiled, for messages
     * @throws MachineException with what the compiler says, if it refuses
     */
    Path library(CodeCache cache, String what, String text, List<String> moreFlags) {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(moreFlags);
        return cache.get(
                ".so",
                target -> compile(what, text, flags, target),
                text,
                String.join(" ", flags),
                version,
                program.toString());
    }

    private void compile(String what, String text, List<String> flags, Path target) throws IOException {
        Path source = Files.createTempFile("amend4j", ".cpp");
        try {
            Files.writeString(source, text);
            List<String> command = new ArrayList<>(List.of(program.toString()));
            command.addAll(flags);
            command.addAll(List.of(source.toString(), "-o", target.toString()));
            Output output = run(command, TO_COMPILE);
            if (output.status() != 0) {
                throw new MachineException(version + " does not compile " + what + ":\n" + output.text());
            }
        } finally {
            Files.delete(source);
        }
    }

    record Output(int status, String text) {}

    /**
     * Runs a command. What it says goes to a file: whoever reads it from a pipe waits for as long as somebody could still write.
     *
     * @throws IOException if it does not end within {@code limit}; it is killed then, with all that it started
     */
    static Output run(List<String> command, Duration limit) throws IOException {
        Path said = Files.createTempFile("amend4j", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            try {
                process.getOutputStream().close();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException(command.get(0) + " did not end within " + limit.toSeconds() + " seconds");
                }
                return new Output(process.exitValue(), new String(Files.readAllBytes(said), StandardCharsets.UTF_8));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for " + command.get(0));
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } finally {
            Files.delete(said);
        }
    }
}
