/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;

/** Several adapters in one directory, as PEFT lays them out: {@code default} in it, each other one in a sub-directory of its name. */
final class AdapterFolder {

    private static final String DEFAULT = "default";

    /** What no file system takes or some change: separators, control characters, a dot or space at an end. */
    private static final Pattern UNUSABLE =
            Pattern.compile(".*[/\\\\:*?\"<>|\\p{Cntrl}].*|[. ].*|.*[. ]", Pattern.DOTALL);

    private AdapterFolder() {}

    static void requireName(String name) {
        Checks.name("the name of an adapter", name);
        if (Stream.of(AdapterFile.CONFIG, AdapterFile.TENSORS).anyMatch(name::equalsIgnoreCase)) {
            throw new IllegalArgumentException(
                    "the name of an adapter must not be that of a file of an adapter, got '" + name + "'");
        }
        if (UNUSABLE.matcher(name).matches() || name.equals(AdapterSet.BASE)) {
            throw new IllegalArgumentException("the name of an adapter must be able to name a directory, without any of"
                    + " / \\ : * ? \" < > | and without a dot or a space at either end, and not be " + AdapterSet.BASE
                    + ", got '" + name + "'");
        }
    }

    static Path place(Path directory, String name) {
        return name.equals(DEFAULT) ? directory : directory.resolve(name);
    }

    static void write(Path directory, String name, AdapterContent content) throws IOException {
        AdapterFile.write(place(directory, name), content);
    }

    /** Every adapter, {@code default} first, then by name. */
    static Map<String, AdapterContent> read(Path directory) throws IOException {
        Map<String, AdapterContent> all = new LinkedHashMap<>();
        if (isAdapter(directory)) {
            all.put(DEFAULT, AdapterFile.read(directory));
        }
        for (Path place : folders(directory)) {
            String name = String.valueOf(place.getFileName());
            if (isAdapter(place) && !name.equals(DEFAULT)) {
                all.put(name, AdapterFile.read(place));
            }
        }
        if (all.isEmpty()) {
            throw new NoSuchFileException(
                    directory.toString(),
                    null,
                    "it holds no adapter: no " + AdapterFile.CONFIG + " in it or in a directory in it");
        }
        return all;
    }

    private static List<Path> folders(Path directory) throws IOException {
        try (Stream<Path> inside = Files.list(directory)) {
            return inside.filter(Files::isDirectory).sorted().toList();
        }
    }

    static boolean isAdapter(Path directory) {
        return Files.exists(directory.resolve(AdapterFile.CONFIG));
    }
}
