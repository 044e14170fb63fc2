/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.data.BadInputException;

/** What of this process's class path a Linux machine with a card needs. */
final class Libraries {

    /** A library's native part, by the system it is for. */
    private static final Pattern NATIVE =
            Pattern.compile(".*-((?:linux|windows|macosx|android|ios)-[a-z0-9_]+(?:-[a-z0-9_-]+)?)\\.jar");

    private static final String SYSTEM = "linux-x86_64";
    /** Others' backend for cards, and weights of a demo. */
    private static final Set<String> UNNEEDED = Set.of("nd4j-cuda", "langchain4j-embeddings");

    private static final Set<String> NEEDED = Set.of("cuda", "javacpp", "nd4j-native", "openblas");

    private Libraries() {}

    /** Jars, and folders of classes where the command line was not started from jars; in the order of the class path. */
    static List<Path> ofThisProcess() throws IOException {
        return chosen(System.getProperty("java.class.path", ""));
    }

    /**
     * What is needed of a class path.
     *
     * @throws BadInputException if there are no natives for the target
     */
    static List<Path> chosen(String classPath) throws IOException {
        List<Path> chosen = new ArrayList<>(entries(classPath));
        chosen.removeIf(
                entry -> UNNEEDED.stream().anyMatch(name(entry)::startsWith) || isForAnotherSystem(name(entry)));
        Set<String> missing = new TreeSet<>(NEEDED);
        for (Path entry : chosen) {
            missing.removeIf(library -> name(entry).matches(library + "-[0-9].*")
                    && NATIVE.matcher(name(entry)).matches());
        }
        if (!missing.isEmpty()) {
            throw new BadInputException("the class path must have the natives for " + SYSTEM + " of "
                    + String.join(", ", missing) + " to make a job: make it on such a system");
        }
        // Where there is a faster variant, it is loaded, so the other is left out.
        Set<String> names = chosen.stream().map(Libraries::name).collect(Collectors.toSet());
        chosen.removeIf(entry -> name(entry).endsWith(SYSTEM + ".jar")
                && names.stream().anyMatch(other -> other.startsWith(name(entry).replace(".jar", "-"))));
        return List.copyOf(chosen);
    }

    private static boolean isForAnotherSystem(String name) {
        Matcher matcher = NATIVE.matcher(name);
        return matcher.matches() && !(matcher.group(1) + "-").startsWith(SYSTEM + "-");
    }

    private static String name(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    /** What exists, with a folder's jars in place of {@code folder/*}. */
    private static List<Path> entries(String classPath) throws IOException {
        List<Path> entries = new ArrayList<>();
        for (String entry : classPath.split(Pattern.quote(File.pathSeparator), -1)) {
            if (entry.endsWith("*")) {
                try (Stream<Path> jars = Files.list(Path.of(entry.substring(0, entry.length() - 1)))) {
                    jars.filter(jar -> jar.toString().endsWith(".jar")).sorted().forEach(entries::add);
                }
            } else if (!entry.isEmpty() && Files.exists(Path.of(entry))) {
                entries.add(Path.of(entry));
            }
        }
        return entries;
    }
}
