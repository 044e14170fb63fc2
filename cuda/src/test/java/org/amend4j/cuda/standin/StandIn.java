/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.standin;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CUDA's libraries without a card, so that the code that calls them runs where there is none (see cuda.cpp). They carry the
 * names of NVIDIA's, and who loads them first has them. The Surefire execution "stand-in" runs the laws of kernels, plans and
 * objectives this way.
 */
public final class StandIn {

    /** Names a function of the driver that is to be missing, as from a library of another version. */
    public static final String WITHOUT = "amend4j.standin.without";

    private static final String DRIVER = "libcuda.so.1";
    /** Those that others are linked with come first. */
    private static final List<String> RUNTIME_LIBRARIES = List.of("cudart", "cublasLt", "cublas", "nvrtc");

    private static boolean tried;

    private StandIn() {}

    /** In a folder that no other process has while this one runs: libraries look there for what tests want of them. */
    private static final class Libraries {

        static final NativeBuild BUILD;

        @SuppressWarnings("UnusedVariable") // the folder is this process's for as long as the channel is open
        private static final FileChannel HELD;

        static {
            @Nullable String without = System.getProperty(WITHOUT);
            String name = without == null ? "stand-in-" : "stand-in-without-" + without + "-";
            List<String> defines =
                    without == null ? List.of() : List.of(without + "=" + without + "_of_another_version");
            try {
                int number = 1;
                FileChannel lock = lock(name + number);
                while (lock.tryLock() == null) {
                    lock.close();
                    number++;
                    lock = lock(name + number);
                }
                HELD = lock;
                BUILD = new NativeBuild(folder(name + number), defines);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static FileChannel lock(String name) throws IOException {
            Path file = Files.createDirectories(folder(name)).resolve("lock");
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        }

        private static Path folder(String name) {
            return Path.of("target", name).toAbsolutePath();
        }
    }

    /** Whether laws are to be tried on it in this process. */
    public static boolean isWanted() {
        return "stand-in".equals(System.getProperty("amend4j.device"));
    }

    /** Compiles and loads the libraries; to be called before the first of CUDA's classes is used. */
    public static synchronized void load() {
        if (!tried) {
            tried = true;
            Libraries.BUILD.compile(DRIVER, List.of("cuda.cpp"), List.of("-ldl"));
            load(DRIVER);
            for (String name : RUNTIME_LIBRARIES) {
                String library = "lib" + name + ".so.13";
                Libraries.BUILD.versioned(library, List.of(name + ".cpp"), List.of(DRIVER));
                load(library);
            }
        }
    }

    /** Compiles and loads a driver that finds no card, so that NVIDIA's own libraries load. */
    public static synchronized void loadDriverWithoutCard() {
        if (!tried) {
            tried = true;
            Libraries.BUILD.compile(DRIVER, List.of("nocard.cpp"), List.of());
            load(DRIVER);
        }
    }

    private static void load(String library) {
        System.load(Libraries.BUILD.library(library).toString());
    }

    /**
     * Lets one of CUDA's calls in this process fail.
     *
     * @param after how many calls from now, at least 1
     * @param status what it returns
     */
    public static void fail(int after, int status) {
        Libraries.BUILD.write(
                "fail", after + " " + status + " " + ProcessHandle.current().pid());
    }

    /** Does something on a card without pools of memory. */
    public static void withoutPools(Runnable work) {
        with("no-pools", work);
    }

    /** Does something with a cuBLASLt that has no algorithm for any product. */
    public static void withoutAlgorithms(Runnable work) {
        with("no-algorithms", work);
    }

    /** Does something with a cuBLASLt whose rectifier makes a zero of what is not a number. */
    public static void withoutNaN(Runnable work) {
        with("rectifier-loses-nan", work);
    }

    /** The products that cuBLASLt is asked for meanwhile, a line each: m, n, k of C stored by columns, and the epilogue's number. */
    public static List<String> productsOfLt(Runnable work) {
        List<String> lines = new ArrayList<>();
        with("lt-products", () -> {
            work.run();
            lines.addAll(Libraries.BUILD.read("lt-products"));
        });
        return lines;
    }

    /** Does something where there are two cards. */
    public static void withTwoCards(Runnable work) {
        with("two-cards", work);
    }

    /** From now on there are two cards, for this and all processes that have their libraries in the same folder. */
    public static void putSecondCardIn() {
        Libraries.BUILD.write("two-cards", "");
    }

    /** The stand-in looks whether there is a file of this name. */
    private static void with(String sign, Runnable work) {
        Path file = Libraries.BUILD.write(sign, "");
        try (Closeable ignored = () -> Files.delete(file)) {
            work.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What this process has done on a card.
     *
     * @param allocations of memory
     * @param launches of kernels
     */
    public record Used(long allocations, long launches) {}

    /** What was done on a card each time that it was in use, from opening to closing, since this was last asked. */
    public static List<Used> used(int card) {
        Path file = Libraries.BUILD.library("used-" + ProcessHandle.current().pid() + "-" + card);
        try {
            if (!Files.exists(file)) {
                return List.of();
            }
            List<Used> used = Files.readAllLines(file).stream()
                    .map(line -> line.split(" ", -1))
                    .map(counts -> new Used(Long.parseLong(counts[0]), Long.parseLong(counts[1])))
                    .toList();
            Files.delete(file);
            return used;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
