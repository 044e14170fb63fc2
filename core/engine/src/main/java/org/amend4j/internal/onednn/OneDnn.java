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
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * The oneDNN of this process, if there is one. It is looked for once: first the library that {@code org.bytedeco:dnnl} brings on
 * the class path, then one of the system. The property {@code amend4j.onednn} can ask for another. Thread-safe.
 */
public final class OneDnn {

    /** {@code off}, {@code system} (the library of the system before that of the class path), or a file to load. */
    public static final String PROPERTY = "amend4j.onednn";

    private static final String FILE = "libdnnl.so.3";
    private static final String BROUGHT = "org.bytedeco:dnnl";
    private static final String ABSENT = "not found";

    private static final String REMEDY =
            "it makes products with frozen layers up to twice as fast and has those in bf16: add"
                    + " org.bytedeco:dnnl to the class path (org.amend4j:amend4j brings it on Linux x86-64), or name a file of"
                    + " oneDNN 3 by -D" + PROPERTY;

    /** The newest minor version of oneDNN 3 whose name is tried: Debian's files are named after it. */
    private static final int NEWEST_MINOR = 30;

    private static final int SEQUENTIAL = 1;
    private static final int OPEN_MP = 2;

    private static final int AVX512_BF16 = 0xe7;
    private static final int AMX = 0xfef;

    /** On POSIX systems lazily and for us alone (RTLD_LAZY, not RTLD_GLOBAL): ND4J's natives may contain another oneDNN. */
    private static final Map<String, Integer> OPENED =
            Platform.isWindows() ? Map.of() : Map.of(Library.OPTION_OPEN_FLAGS, 1);

    private static final Search SEARCH = Search.of(System.getProperty(PROPERTY, ""));

    private final String version;
    private final String origin;
    private final int instructions;
    private final boolean openMp;
    private final long engine;

    private OneDnn(String version, String origin, int instructions, boolean openMp, long engine) {
        this.version = version;
        this.origin = origin;
        this.instructions = instructions;
        this.openMp = openMp;
        this.engine = engine;
    }

    /**
     * A library that may be loaded.
     *
     * @param name of its file, for the linker
     * @param origin where it comes from, for people
     */
    private record Candidate(String name, String origin) {

        static List<Candidate> wanted(String property) {
            return switch (property) {
                case "" -> Stream.concat(brought(FILE).stream(), ofSystem()).toList();
                case "system" ->
                    Stream.concat(ofSystem(), brought(FILE).stream()).toList();
                default -> List.of(new Candidate(property, "the file that -D" + PROPERTY + " names"));
            };
        }

        private static Stream<Candidate> ofSystem() {
            return Stream.concat(
                            Stream.of(FILE),
                            IntStream.rangeClosed(0, NEWEST_MINOR)
                                    .mapToObj(minor -> FILE + "." + (NEWEST_MINOR - minor)))
                    .map(name -> new Candidate(name, "the system's " + name));
        }

        /** The library of the dependency. JavaCPP unpacks it to its cache, together with the threads that it names. */
        private static Optional<Candidate> brought(String file) {
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
                String path = Loader.cacheResource(library).getPath();
                return Optional.of(new Candidate(path, BROUGHT));
            } catch (IOException unwritable) {
                return Optional.empty();
            }
        }
    }

    /** What looking for it gave: the library, or why there is none. */
    record Search(@Nullable OneDnn found, String why) {

        /** @param wanted the property's value, or nothing */
        static Search of(String wanted) {
            if (wanted.equals("off")) {
                return new Search(null, "switched off by -D" + PROPERTY + "=off");
            }
            List<String> unfit = new ArrayList<>();
            for (Candidate candidate : Candidate.wanted(wanted)) {
                try {
                    return new Search(load(candidate), "");
                } catch (UnsatisfiedLinkError absent) {
                    if (candidate.origin().equals(BROUGHT)) {
                        unfit.add("that of " + BROUGHT
                                + " cannot be loaded: it needs GLIBC 2.34 (Debian 12, Ubuntu 22.04)");
                    }
                } catch (MachineException unusable) {
                    unfit.add(candidate.name() + " cannot be used: " + unusable.getMessage());
                }
            }
            if (unfit.isEmpty() && !wanted.isEmpty() && !wanted.equals("system")) {
                return new Search(null, "-D" + PROPERTY + "=" + wanted + " names no oneDNN that can be loaded");
            }
            return new Search(null, unfit.isEmpty() ? ABSENT : String.join("; ", unfit));
        }

        String sentence() {
            if (found != null) {
                return found + " from " + found.origin;
            }
            return why + (why.equals(ABSENT) ? "; " + REMEDY : "");
        }

        private static OneDnn load(Candidate candidate) {
            NativeLibrary library = NativeLibrary.getInstance(candidate.name(), OPENED);
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
            int instructions = Calls.dnnl_get_effective_cpu_isa();
            return new OneDnn(words, candidate.origin(), instructions, threads == OPEN_MP, engine[0]);
        }
    }

    /** The library, unless the system has none that can be used. */
    public static Optional<OneDnn> here() {
        return Optional.ofNullable(SEARCH.found());
    }

    /** What there is and where it comes from, or why nothing is and what helps, for people. */
    public static String sentence() {
        return SEARCH.sentence();
    }

    /** For instance 3.7.2. */
    public String version() {
        return version;
    }

    /** Whether the processor multiplies bfloat16 numbers itself, by AVX512-BF16 or AMX. */
    public boolean multipliesBfloat16() {
        return hasInstructions(AVX512_BF16);
    }

    /**
     * Whether oneDNN has code of its own for products of floats on this processor: for those with AVX-512 and AMX it has. Where it
     * has none, OpenBLAS makes the products with frozen matrices, too.
     */
    public boolean hasOwnCode() {
        Optional<PackedLayout> layout = PackedLayout.of(this, 64, 64, 64, ElementType.FLOAT);
        layout.ifPresent(PackedLayout::close);
        return layout.isPresent();
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
