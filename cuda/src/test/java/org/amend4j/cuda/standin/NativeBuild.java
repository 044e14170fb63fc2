/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.standin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compiles libraries that stand in for CUDA's, out of sources among the resources.
 *
 * @param folder where sources and libraries are written
 * @param defines for the compiler, such as {@code STANDIN_CUDA=11060}
 */
record NativeBuild(Path folder, List<String> defines) {

    private static final String COMPILER = "g++";
    private static final List<String> FLAGS = List.of(
            "-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-I/usr/local/cuda/include");
    private static final List<String> SHARED = List.of("standin/driver.h", "standin/product.h", "emulated/emulation.h");

    /** Where libraries are that others are linked with. */
    Path library(String name) {
        return folder.resolve(name);
    }

    /**
     * Compiles a library whose symbols carry its name as their version, as NVIDIA's do.
     *
     * @param more for the linker: libraries that were compiled before
     */
    void versioned(String library, List<String> sources, List<String> more) {
        Path versions = write(library + ".map", library + " { global: *; };");
        List<String> options = new ArrayList<>(List.of("-Wl,--version-script=" + versions));
        options.addAll(more);
        compile(library, sources, options);
    }

    /**
     * Compiles a library, unless an earlier process has left it and was the last that wrote it.
     *
     * @param sources below {@code standin}, such as {@code cuda.cpp}
     * @param more for the linker
     */
    void compile(String library, List<String> sources, List<String> more) {
        SHARED.forEach(this::copy);
        List<String> command = new ArrayList<>(List.of(COMPILER));
        command.addAll(FLAGS);
        command.add("-I" + folder);
        command.add("-DSTANDIN_FOLDER=\"" + folder + "\"");
        command.add("-DSTANDIN_COMPILER=\"" + COMPILER + "\"");
        defines.forEach(define -> command.add("-D" + define));
        for (String source : sources) {
            copy("standin/" + source);
            command.add(fileName(source));
        }
        command.addAll(List.of("-Wl,-soname," + library, "-o", library));
        command.addAll(more);
        Path made = folder.resolve(library + ".made");
        try {
            String makings = makings(command, sources);
            if (Files.exists(made) && Files.readString(made).equals(makings)) {
                return;
            }
            Files.deleteIfExists(made);
            run(command);
            Files.writeString(made, makings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that a library depends on, but for the compiler itself and what it is linked with. */
    private String makings(List<String> command, List<String> sources) throws IOException {
        List<String> lines = new ArrayList<>(command);
        try (Stream<Path> files = Files.list(folder)) {
            Stream<String> names = files.map(file -> file.getFileName().toString());
            Set<String> all = names.filter(name -> name.endsWith(".h")).collect(Collectors.toCollection(TreeSet::new));
            sources.forEach(source -> all.add(fileName(source)));
            all.forEach(file -> lines.addAll(read(file)));
        }
        return String.join("\n", lines);
    }

    void copy(String resource) {
        try (InputStream stream = Objects.requireNonNull(
                NativeBuild.class.getResourceAsStream("/org/amend4j/cuda/" + resource), resource)) {
            Files.write(Files.createDirectories(folder).resolve(fileName(resource)), stream.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String fileName(String resource) {
        return resource.substring(resource.lastIndexOf('/') + 1);
    }

    Path write(String name, String text) {
        try {
            return Files.writeString(Files.createDirectories(folder).resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> read(String name) {
        try {
            return Files.readAllLines(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + "\n" + report);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
