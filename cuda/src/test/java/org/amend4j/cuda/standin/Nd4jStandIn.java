/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.standin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * The libraries that ND4J's CUDA backend needs, without a card: the driver and CUDA 11.6's runtime, cuBLAS, cuSOLVER and NVRTC.
 * The backend is ND4J's own. Its kernels, which are code for cards only, have host versions where a small network's training uses
 * them (kernels.cpp).
 *
 * <p>The card says that it is of compute capability 8.9, the newest that ND4J's backend runs on and one that NVRTC 11.6 does
 * not know.
 */
public final class Nd4jStandIn {

    /** Where the libraries are. */
    public static final Path FOLDER = Path.of("target", "nd4j-stand-in").toAbsolutePath();

    private static final String DRIVER = "libcuda.so.1";
    private static final String RUNTIME = "libcudart.so.11.0";
    private static final String PATH = "/org/nd4j/linalg/jcublas/bindings/linux-x86_64/";
    private static final String BACKEND = "libnd4jcuda.so";
    private static final String COMPLAINTS = "complaints";
    private static final String ENDED = "ended";

    private static boolean loaded;

    private Nd4jStandIn() {}

    /** Whether ND4J is to compute on it in this process. */
    public static boolean isWanted() {
        return "nd4j-stand-in".equals(System.getProperty("amend4j.device"));
    }

    /** Compiles the libraries. */
    public static void build() {
        NativeBuild build =
                new NativeBuild(FOLDER, List.of("STANDIN_CUDA=11060", "STANDIN_MAJOR=8", "STANDIN_MINOR=9"));
        build.copy("standin/nd4j/runtime.h");
        build.compile(DRIVER, List.of("cuda.cpp"), List.of("-ldl"));
        build.versioned(RUNTIME, List.of("cudart.cpp", "nd4j/runtime.cpp", "nd4j/kernels.cpp"), List.of(DRIVER));
        build.versioned("libcublasLt.so.11", List.of("cublasLt.cpp"), List.of(DRIVER));
        build.versioned(
                "libcublas.so.11",
                List.of("cublas.cpp", "nd4j/products.cpp", "nd4j/patch.cpp"),
                List.of(RUNTIME, DRIVER, "-ldl"));
        build.versioned("libcusolver.so.11", List.of("nd4j/cusolver.cpp"), List.of(DRIVER));
        build.versioned("libnvrtc.so.11.2", List.of("nvrtc.cpp"), List.of(DRIVER));
    }

    /**
     * Loads the libraries, and the backend's before anything else of CUDA. It is loaded by a link beside them, since it looks for
     * cuBLAS where it is itself; and cuBLAS, loaded by it, puts the runtime into it.
     */
    public static synchronized void load() {
        if (!loaded) {
            loaded = true;
            try {
                Files.deleteIfExists(FOLDER.resolve(COMPLAINTS));
                Files.deleteIfExists(FOLDER.resolve(ENDED));
                URL cached =
                        Objects.requireNonNull(Nd4jStandIn.class.getResource(PATH + BACKEND), "no " + PATH + BACKEND);
                Path link = FOLDER.resolve(BACKEND);
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, Loader.cacheResource(cached).toPath());
                System.load(library(DRIVER));
                System.load(library(RUNTIME));
                Loader.load(Pointer.class); // JavaCPP's own library
                Loader.loadGlobal(link.toString()); // Java's own method would load what the link leads to
                System.load(library("libcublasLt.so.11"));
                System.load(library("libnvrtc.so.11.2"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String library(String name) {
        return FOLDER.resolve(name).toString();
    }

    /** What the libraries found wrong so far, a line each; calls that have no stand-in, too. */
    public static List<String> complaints() {
        return lines(COMPLAINTS);
    }

    /** What the last process that ended had left, and which kernels it had launched, a line each. */
    public static List<String> ended() {
        return lines(ENDED);
    }

    private static List<String> lines(String name) {
        Path file = FOLDER.resolve(name);
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
