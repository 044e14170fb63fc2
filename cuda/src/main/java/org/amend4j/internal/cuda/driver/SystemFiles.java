/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the system's files say about cards and libraries.
 *
 * @param proc where the driver tells about itself, /proc/driver/nvidia
 * @param libraryFolders where shared libraries are
 */
record SystemFiles(Path proc, List<Path> libraryFolders) {

    private static final Pattern VERSION = Pattern.compile("\\b(\\d{3,}\\.\\d+(\\.\\d+)?)\\b");
    private static final Pattern MODEL = Pattern.compile("(?m)^Model:\\s*(.+)$");
    private static final List<String> USUAL_FOLDERS = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/lib/x86_64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/nvidia/lib64",
            "/usr/local/cuda/lib64",
            "/usr/local/cuda/targets/x86_64-linux/lib");

    static SystemFiles ofThisMachine() {
        List<Path> folders = new ArrayList<>();
        String path = System.getenv("LD_LIBRARY_PATH");
        if (path != null) {
            for (String folder : path.split(":", -1)) {
                if (!folder.isBlank()) {
                    folders.add(Path.of(folder));
                }
            }
        }
        USUAL_FOLDERS.forEach(folder -> folders.add(Path.of(folder)));
        return new SystemFiles(Path.of("/proc/driver/nvidia"), List.copyOf(folders));
    }

    /** The version of the driver, as it says itself. */
    Optional<String> driverVersion() {
        return read(proc.resolve("version")).flatMap(text -> first(VERSION, text));
    }

    /** The models of the cards. */
    List<String> models() {
        List<String> models = new ArrayList<>();
        try (DirectoryStream<Path> cards = Files.newDirectoryStream(proc.resolve("gpus"))) {
            for (Path card : cards) {
                read(card.resolve("information"))
                        .flatMap(text -> first(MODEL, text))
                        .ifPresent(models::add);
            }
        } catch (IOException e) {
            return List.of(); // no driver, no folder
        }
        return models;
    }

    /** Whether a library is in one of the folders. */
    boolean hasLibrary(String file) {
        return libraryFolders.stream().anyMatch(folder -> Files.exists(folder.resolve(file)));
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1).strip()) : Optional.empty();
    }
}
