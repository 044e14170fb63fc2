/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.cache.CodeCache;

/** The native half of the emulated device, host.cpp, compiled against this JDK's jni.h. Addresses are raw; nothing is checked. */
final class HostLibrary {

    /** What {@link #damage} says when guard words are whole. */
    static final long INTACT = Long.MIN_VALUE;

    private static boolean loaded;

    private HostLibrary() {}

    /** Compiles (or finds) and loads the library, once for the process. */
    static synchronized void load(HostCompiler compiler, CodeCache cache) {
        if (loaded) {
            return;
        }
        missingHeaders().ifPresent(sentence -> {
            throw new MachineException(sentence);
        });
        Path headers = headers();
        List<String> flags = List.of("-I" + headers, "-I" + headers.resolve("linux"));
        System.load(compiler.library(cache, "the emulated device", resource("host.cpp"), flags)
                .toAbsolutePath()
                .toString());
        loaded = true;
    }

    /** In a sentence, if this Java has no jni.h. */
    static Optional<String> missingHeaders() {
        return Files.exists(headers().resolve("jni.h"))
                ? Optional.empty()
                : Optional.of(
                        "The emulated device needs a JDK, not only a runtime: there is no jni.h in " + headers() + ".");
    }

    private static Path headers() {
        return Path.of(System.getProperty("java.home"), "include");
    }

    static String resource(String name) {
        try (InputStream stream = HostLibrary.class.getResourceAsStream("/org/amend4j/cuda/emulated/" + name)) {
            if (stream == null) {
                throw new IllegalStateException("resource " + name + " is missing");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Poisoned memory between guard words; 0 if there is none. */
    static native long allocate(long bytes, long guard);

    static native void free(long address, long bytes, long guard);

    /** Where, from {@code address} on, the first damaged guard word is, or {@link #INTACT}. */
    static native long damage(long address, long bytes, long guard);

    static native void copyIn(ByteBuffer from, long address, long bytes);

    static native void copyOut(long address, ByteBuffer to, long bytes);

    static native void copy(long from, long to, long bytes);

    static native void fill(long address, long words, int pattern);

    /** The first byte that differs, or -1. */
    static native long difference(long one, long other, long bytes);

    /** Rounds floats to fewer bits of mantissa, to nearest even. */
    static native void round(long from, long to, long words, int droppedBits);

    /** Makes floats of bfloat16 numbers. */
    static native void widen(long from, long to, long count);

    /** Makes bfloat16 numbers of the floats of a matrix stored by columns, to nearest even; between columns nothing is written. */
    static native void narrow(long from, long to, long rows, long columns, long leading);

    /** Loads a kernel library; 0 if that fails. */
    static native long open(String path);

    static native String openError();

    /** Runs a kernel by its place in the library; what went wrong, or nothing. */
    static native String launch(long library, int kernel, int[] shape, long[] arguments, int order, long seed);
}
