package org.amend4j.cuda.emulated;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.amend4j.cuda.cache.CodeCache;
import org.amend4j.cuda.device.DeviceException;

/**
 * The C++ compiler of this machine.
 *
 * @param program where it is
 * @param version the first line it says about itself; part of the cache's key
 */
record HostCompiler(Path program, String version) {

    private static final List<String> NAMES = List.of("g++", "c++", "clang++");
    private static final List<String> FLAGS = List.of("-std=c++17", "-O2", "-Wall", "-Werror", "-fPIC", "-shared");
    private static final int MINUTES = 20;

    /** The first of g++, c++ and clang++ on the PATH that answers. */
    static Optional<HostCompiler> find() {
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
            Output output = run(List.of(program.toString(), "--version"));
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
     * @throws DeviceException with what the compiler says, if it refuses
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
            Output output = run(command);
            if (output.status() != 0) {
                throw new DeviceException(version + " does not compile " + what + ":\n" + output.text());
            }
        } finally {
            Files.delete(source);
        }
    }

    private record Output(int status, String text) {}

    private static Output run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new IOException(command.get(0) + " did not end within " + MINUTES + " minutes");
            }
            return new Output(process.exitValue(), text);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + command.get(0));
        } finally {
            process.destroyForcibly();
        }
    }
}
