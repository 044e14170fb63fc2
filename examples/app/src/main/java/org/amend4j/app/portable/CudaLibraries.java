/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where CUDA 13's libraries are on a machine: in folders that the caller names, in Python's packages, or in the usual places.
 *
 * @param found folders of the libraries that are there, by name
 * @param missing names of the others
 * @param driver folder of libcuda.so.1, if it is in one of the usual places
 */
record CudaLibraries(Map<String, Path> found, List<String> missing, Optional<Path> driver) {

    /** What the JNI libraries of the presets are linked with; the builtins are loaded by NVRTC when it compiles. */
    static final List<String> NEEDED = List.of(
            "libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libnvrtc.so.13", "libnvrtc-builtins.so.13");

    private static final String DRIVER = "libcuda.so.1";

    /** Below /. */
    private static final List<String> USUAL = List.of(
            "usr/local/cuda/lib64",
            "usr/local/cuda-13*/lib64",
            "usr/local/cuda-13*/targets/x86_64-linux/lib",
            "usr/lib/x86_64-linux-gnu",
            "lib/x86_64-linux-gnu",
            "usr/lib64",
            "usr/lib",
            "usr/local/nvidia/lib64",
            "usr/lib/wsl/lib",
            "usr/local/lib/python3*/*-packages/nvidia/*/lib",
            "usr/lib/python3*/*-packages/nvidia/*/lib",
            "opt/conda/lib/python3*/site-packages/nvidia/*/lib");

    /** Below a folder of a Python's packages. */
    private static final String PACKAGES = "nvidia/*/lib";

    CudaLibraries {
        found = Collections.unmodifiableMap(new LinkedHashMap<>(found));
        missing = List.copyOf(missing);
    }

    /**
     * Looks for them, in this order: LD_LIBRARY_PATH, Python's packages, the usual places.
     *
     * @param environment variables of the process
     * @param packages folders of Python's packages
     * @param root of the file system
     */
    static CudaLibraries find(Map<String, String> environment, List<Path> packages, Path root) {
        Set<Path> folders = new LinkedHashSet<>(paths(environment.getOrDefault("LD_LIBRARY_PATH", "")));
        for (Path folder : packages) {
            folders.addAll(matching(folder, PACKAGES));
        }
        USUAL.forEach(pattern -> folders.addAll(matching(root, pattern)));
        Map<String, Path> found = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (String library : NEEDED) {
            folders.stream()
                    .filter(folder -> holds(folder, library))
                    .findFirst()
                    .ifPresentOrElse(folder -> found.put(library, folder), () -> missing.add(library));
        }
        return new CudaLibraries(
                found,
                missing,
                folders.stream().filter(folder -> holds(folder, DRIVER)).findFirst());
    }

    private static List<Path> paths(String list) {
        List<Path> paths = new ArrayList<>();
        for (String entry : list.split(File.pathSeparator, -1)) {
            if (!entry.isBlank()) {
                paths.add(Path.of(entry));
            }
        }
        return paths;
    }

    /** Also where a number follows: the builtins' file is called libnvrtc-builtins.so.13.1. */
    private static boolean holds(Path folder, String library) {
        return Files.exists(folder.resolve(library))
                || !matching(folder, library + ".*").isEmpty();
    }

    /** What matches a pattern of names with asterisks below a folder, in order. */
    private static List<Path> matching(Path folder, String pattern) {
        List<Path> matching = List.of(folder);
        for (String name : pattern.split("/", -1)) {
            List<Path> next = new ArrayList<>();
            matching.forEach(one -> next.addAll(children(one, name)));
            matching = next;
        }
        return matching;
    }

    private static List<Path> children(Path folder, String name) {
        if (!name.contains("*")) {
            return Files.exists(folder.resolve(name)) ? List.of(folder.resolve(name)) : List.of();
        }
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, name)) {
            stream.forEach(children::add);
        } catch (IOException notThere) {
            return List.of();
        }
        Collections.sort(children);
        return children;
    }

    /** What LD_LIBRARY_PATH must be for a process to find them. */
    String libraryPath(Map<String, String> environment) {
        Set<String> folders = new LinkedHashSet<>();
        found.values().forEach(folder -> folders.add(folder.toString()));
        paths(environment.getOrDefault("LD_LIBRARY_PATH", "")).forEach(folder -> folders.add(folder.toString()));
        return folders.stream().collect(Collectors.joining(File.pathSeparator));
    }

    /** What is missing for a card, a sentence each. */
    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        for (String library : missing) {
            sentences.add(library
                    + " is neither in LD_LIBRARY_PATH, nor in Python's packages (nvidia/*/lib), nor in the usual"
                    + " folders: it comes with CUDA 13.");
        }
        if (driver.isEmpty()) {
            sentences.add(DRIVER + " is in none of the usual folders: it comes with NVIDIA's driver.");
        }
        return sentences;
    }

    /** For JSON: where each library is, what is missing, a sentence each, and where the driver is. */
    record Facts(Map<String, String> found, List<String> missing, String driver) {}

    /** For JSON. */
    Facts facts() {
        Map<String, String> places = new LinkedHashMap<>();
        found.forEach((library, folder) -> places.put(library, folder.toString()));
        return new Facts(places, sentences(), driver.map(Path::toString).orElse("not found"));
    }
}
