/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.standin;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * CUDA's libraries without a card, so that the code that calls them runs where there is none (see cuda.cpp). They carry the
 * names of NVIDIA's, and who loads them first has them. The Surefire execution "stand-in" runs the laws of kernels, plans and
 * objectives this way.
 */
public final class StandIn {

    private static final Path FOLDER = Path.of("target", "stand-in").toAbsolutePath();
    private static final String COMPILER = "g++";
    private static final List<String> FLAGS = List.of(
            "-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-I/usr/local/cuda/include");
    /** Those that others are linked with come first. */
    private static final List<String> RUNTIME_LIBRARIES = List.of("cudart", "cublasLt", "cublas", "nvrtc");

    private static boolean tried;

    private StandIn() {}

    /** Whether laws are to be tried on it in this process. */
    public static boolean isWanted() {
        return "stand-in".equals(System.getProperty("amend4j.device"));
    }

    /** Compiles and loads the libraries; to be called before the first of CUDA's classes is used. */
    public static synchronized void load() {
        if (!tried) {
            tried = true;
            load("cuda.cpp", "libcuda.so.1", List.of("-ldl"));
            for (String name : RUNTIME_LIBRARIES) {
                String library = "lib" + name + ".so.13";
                // NVIDIA's own give their symbols such a version, and JavaCPP's ask for it
                Path versions = write(name + ".map", (library + " { global: *; };").getBytes(StandardCharsets.UTF_8));
                load(name + ".cpp", library, List.of("-Wl,--version-script=" + versions, "libcuda.so.1"));
            }
        }
    }

    /** Compiles and loads a driver that finds no card, so that NVIDIA's own libraries load. */
    public static synchronized void loadDriverWithoutCard() {
        if (!tried) {
            tried = true;
            load("nocard.cpp", "libcuda.so.1", List.of());
        }
    }

    private static Path write(String name, byte[] contents) {
        try {
            return Files.write(Files.createDirectories(FOLDER).resolve(name), contents);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(String resource) {
        try (InputStream stream = Objects.requireNonNull(StandIn.class.getResourceAsStream(resource), resource)) {
            write(resource.substring(resource.lastIndexOf('/') + 1), stream.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void load(String source, String library, List<String> more) {
        for (String file : List.of("standin/driver.h", "standin/" + source, "emulated/emulation.h")) {
            copy("/org/amend4j/cuda/" + file);
        }
        List<String> command = new ArrayList<>(List.of(COMPILER));
        command.addAll(FLAGS);
        command.add("-DSTANDIN_FOLDER=\"" + FOLDER + "\"");
        command.add("-DSTANDIN_COMPILER=\"" + COMPILER + "\"");
        command.addAll(List.of(source, "-Wl,-soname," + library, "-o", library));
        command.addAll(more);
        run(command);
        System.load(FOLDER.resolve(library).toString());
    }

    private static void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(FOLDER.toFile())
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

    /**
     * Lets one of CUDA's calls fail.
     *
     * @param after how many calls from now, at least 1
     * @param status what it returns
     */
    public static void fail(int after, int status) {
        write("fail", (after + " " + status).getBytes(StandardCharsets.UTF_8));
    }

    /** Does something on a card without pools of memory. */
    public static void withoutPools(Runnable work) {
        Path sign = write("no-pools", new byte[0]);
        try (Closeable ignored = () -> Files.delete(sign)) {
            work.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
