/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.verify.Claims.ReleasedFile;
import org.jspecify.annotations.Nullable;

/** The files of a release, compared with the list of a certificate. */
final class ReleasedFiles {

    private static final String CERTIFICATE = "certificate.json";
    private static final String UNFINISHED = ".unfinished";
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");

    private ReleasedFiles() {}

    /** The list in canonical form: names and hashes need no escapes but those of JSON texts. */
    static String canonical(List<ReleasedFile> files) {
        StringBuilder text = new StringBuilder("[");
        for (ReleasedFile file : files) {
            text.append(text.length() == 1 ? "" : ",")
                    .append("{\"name\":")
                    .append(CanonicalJson.text(file.name()))
                    .append(",\"sha256\":\"")
                    .append(file.sha256())
                    .append("\",\"size\":")
                    .append(file.size())
                    .append('}');
        }
        return text.append(']').toString();
    }

    /** What is not as the certificate says; empty if all is. */
    static List<String> differences(Path folder, List<ReleasedFile> named) throws IOException {
        Map<String, ReleasedFile> missing = new HashMap<>();
        named.forEach(file -> missing.put(file.name(), file));
        List<String> differences = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted().toList()) {
                String name = folder.relativize(path).toString().replace('\\', '/');
                if (!name.isEmpty() && !name.equals(CERTIFICATE)) {
                    ReleasedFile file = missing.remove(name);
                    difference(path, name, file, named).ifPresent(differences::add);
                }
            }
        }
        missing.keySet().stream().sorted().map(name -> name + " is missing").forEach(differences::add);
        return differences;
    }

    /** Files of releases before one, but for their certificates, and what is in the folder of releases and is none. */
    static List<String> leftOver(Path releases, int before) throws IOException {
        List<String> left = new ArrayList<>();
        try (Stream<Path> all = Files.list(releases)) {
            for (Path path : all.sorted().toList()) {
                String name = String.valueOf(path.getFileName());
                boolean release = NUMBER.matcher(name).matches() && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
                if (!release) {
                    // what a killed process had not finished is removed by the next one
                    left.addAll(name.equals(UNFINISHED) ? List.of() : List.of(name));
                } else if (Integer.parseInt(name) < before) {
                    left.addAll(filesIn(path).stream()
                            .filter(file -> !file.equals(CERTIFICATE))
                            .map(file -> name + "/" + file)
                            .toList());
                }
            }
        }
        return left;
    }

    private static List<String> filesIn(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(path -> !path.equals(folder))
                    .map(path -> folder.relativize(path).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }

    private static Optional<String> difference(
            Path path, String name, @Nullable ReleasedFile file, List<ReleasedFile> named) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            boolean holds = named.stream().anyMatch(other -> other.name().startsWith(name + "/"));
            return holds ? Optional.empty() : Optional.of("a folder " + name + " is there that is not named");
        }
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(name + " is no file");
        }
        if (file == null) {
            return Optional.of(name + " is there and not named");
        }
        boolean same = Files.size(path) == file.size() && Sha256.hexOfFile(path).equals(file.sha256());
        return same ? Optional.empty() : Optional.of(name + " is another");
    }
}
