/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.onednn;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.MachineException;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * The oneDNN of this process, if there is one. Looked for once: what {@code org.bytedeco:dnnl} brings on the class path, then where
 * the system looks for libraries; the property {@code amend4j.onednn} names a file instead, or is {@code off}. Thread-safe.
 */
public final class OneDnn {

    /** A file to load, or {@code off}. */
    public static final String PROPERTY = "amend4j.onednn";

    private static final String FILE = "libdnnl.so.3";

    /** The newest minor version of oneDNN 3 whose name is tried: Debian's files are named after it. */
    private static final int NEWEST_MINOR = 30;

    private static final int SEQUENTIAL = 1;
    private static final int OPEN_MP = 2;

    private static final int AVX512_BF16 = 0xe7;
    private static final int AMX = 0xfef;

    /** On POSIX systems lazily and for us alone (RTLD_LAZY, not RTLD_GLOBAL): ND4J's natives may contain another oneDNN. */
    private static final Map<String, Integer> OPENED =
            Platform.isWindows() ? Map.of() : Map.of(Library.OPTION_OPEN_FLAGS, 1);

    private static final Search SEARCH = Search.run();

    private final String version;
    private final int instructions;
    private final boolean openMp;
    private final long engine;

    private OneDnn(String version, int instructions, boolean openMp, long engine) {
        this.version = version;
        this.instructions = instructions;
        this.openMp = openMp;
        this.engine = engine;
    }

    /** What looking for it gave: the library, or why there is none. */
    private record Search(@Nullable OneDnn found, String why) {

        static Search run() {
            String wanted = System.getProperty(PROPERTY, "");
            if (wanted.equals("off")) {
                return new Search(null, "switched off by -D" + PROPERTY + "=off");
            }
            List<String> names = wanted.isEmpty() ? names() : List.of(wanted);
            List<String> unfit = new ArrayList<>();
            for (String name : names) {
                try {
                    return new Search(load(name), "");
                } catch (UnsatisfiedLinkError absent) {
                    // the next name
                } catch (MachineException unusable) {
                    unfit.add(name + " cannot be used: " + unusable.getMessage());
                }
            }
            if (!wanted.isEmpty() && unfit.isEmpty()) {
                return new Search(null, "-D" + PROPERTY + "=" + wanted + " names no oneDNN that can be loaded");
            }
            return new Search(null, unfit.isEmpty() ? "not found" : String.join("; ", unfit));
        }

        private static List<String> names() {
            Stream<String> ofSystem = Stream.concat(
                    Stream.of(FILE),
                    IntStream.rangeClosed(0, NEWEST_MINOR).mapToObj(minor -> FILE + "." + (NEWEST_MINOR - minor)));
            return Stream.concat(brought(FILE).stream(), ofSystem).toList();
        }

        /** What the dependency has, unpacked by JavaCPP to its cache together with the threads that it names. */
        private static Optional<String> brought(String file) {
            String folder = "/org/bytedeco/dnnl/" + Loader.getPlatform() + "/";
            URL library = OneDnn.class.getResource(folder + file);
            if (library == null) {
                return Optional.empty();
            }
            try {
                URL threads = OneDnn.class.getResource(folder + "libgomp.so.1");
                if (threads != null) {
                    Loader.cacheResource(threads);
                }
                return Optional.of(Loader.cacheResource(library).getPath());
            } catch (IOException unwritable) {
                return Optional.empty();
            }
        }

        private static OneDnn load(String name) {
            NativeLibrary library = NativeLibrary.getInstance(name, OPENED);
            Calls.bind(library);
            Pointer version = Calls.dnnl_version();
            int threads = version.getInt(24);
            if (version.getInt(0) != 3 || (threads != SEQUENTIAL && threads != OPEN_MP)) {
                throw new MachineException("it must be version 3, with OpenMP's threads or none");
            }
            if (threads == OPEN_MP) {
                OpenMpCalls.bind(library);
            }
            String words = version.getInt(0) + "." + version.getInt(4) + "." + version.getInt(8);
            long[] engine = new long[1];
            check("an engine", Calls.dnnl_engine_create(engine, Calls.CPU, 0));
            return new OneDnn(words, Calls.dnnl_get_effective_cpu_isa(), threads == OPEN_MP, engine[0]);
        }
    }

    /** The library, unless the system has none that can be used. */
    public static Optional<OneDnn> here() {
        return Optional.ofNullable(SEARCH.found());
    }

    /** What there is, or why nothing is and what helps, for people. */
    public static String sentence() {
        return here().map(OneDnn::toString)
                .orElseGet(() -> SEARCH.why() + (SEARCH.why().equals("not found") ? "; " + remedy() : ""));
    }

    /** How to get it. */
    private static String remedy() {
        return "it makes products with frozen layers up to twice as fast and has those in bf16: install oneDNN 3 (Debian 13:"
                + " apt-get install libdnnl3.6), add org.bytedeco:dnnl to the class path, or name its file by -D"
                + PROPERTY;
    }

    /** For instance 3.7.2. */
    public String version() {
        return version;
    }

    /** Whether the processor multiplies bfloat16 numbers itself, by AVX512-BF16 or AMX. */
    public boolean multipliesBfloat16() {
        return hasInstructions(AVX512_BF16);
    }

    private boolean hasInstructions(int wanted) {
        return (instructions & wanted) == wanted;
    }

    long engine() {
        return engine;
    }

    /** Does work whose products are made by the calling thread alone. */
    void alone(Runnable work) {
        if (!openMp) {
            work.run();
            return;
        }
        int before = OpenMpCalls.omp_get_max_threads();
        OpenMpCalls.omp_set_num_threads(1);
        try {
            work.run();
        } finally {
            OpenMpCalls.omp_set_num_threads(before);
        }
    }

    /** @throws MachineException unless the status is success */
    static void check(String what, int status) {
        if (status != 0) {
            throw new MachineException("oneDNN makes no " + what
                    + (status == Calls.OUT_OF_MEMORY ? ": out of memory" : " (status " + status + ")"));
        }
    }

    @Override
    public String toString() {
        String extension = multipliesBfloat16() ? "AVX512-BF16" : "no bf16";
        return "oneDNN " + version + " (" + (hasInstructions(AMX) ? "AMX" : extension) + ")";
    }
}
