/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.amend4j.internal.json.StrictReading;

/**
 * The tensors of a folder: one file, or several and an index that says which tensor is in which, as Hugging Face's libraries
 * split large models. The index is not trusted: it must name files next to it, and each of their tensors once.
 */
public final class TensorFolder implements Closeable {

    private static final int DEEPEST = 8;
    private static final int LARGEST_INDEX = 1 << 26;
    private static final int MOST_SHARDS = 1024;

    private final Path path;
    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> holders = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    private TensorFolder(Path path, List<SafetensorsFile> files) {
        this.path = path;
        this.files = List.copyOf(files);
        for (SafetensorsFile file : files) {
            file.tensors().keySet().forEach(name -> holders.put(name, file));
            tensors.putAll(file.tensors());
        }
    }

    /**
     * Opens {@code NAME.safetensors}, or the files of {@code NAME.safetensors.index.json}; the index counts only where there is
     * no whole file.
     *
     * @param name such as {@code model}
     * @throws SafetensorsException if there is neither, a file breaks a rule of the format, or the index and the files do not
     *     agree
     * @throws IOException if a file cannot be read
     */
    public static TensorFolder open(Path directory, String name) throws IOException {
        Path whole = directory.resolve(name + ".safetensors");
        Path index = directory.resolve(name + ".safetensors.index.json");
        if (Files.exists(whole) || !Files.exists(index)) {
            return new TensorFolder(whole, List.of(SafetensorsFile.open(whole)));
        }
        Map<String, String> shards = shards(index);
        List<SafetensorsFile> opened = new ArrayList<>();
        try {
            for (String shard : names(index, shards)) {
                opened.add(SafetensorsFile.open(directory.resolve(shard)));
            }
            requireAgreement(index, shards, opened);
            return new TensorFolder(index, opened);
        } catch (IOException | RuntimeException e) {
            for (SafetensorsFile file : opened) {
                file.close();
            }
            throw e;
        }
    }

    private static Map<String, String> shards(Path index) throws IOException {
        JsonNode map = json(index).path("weight_map");
        if (!map.isObject()) {
            throw new SafetensorsException(index, "must have an object 'weight_map'");
        }
        Map<String, String> shards = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            if (!entry.getValue().isTextual()) {
                throw new SafetensorsException(
                        index, "must name a file for the tensor " + Printable.quoted(entry.getKey()));
            }
            shards.put(entry.getKey(), entry.getValue().textValue());
        }
        return shards;
    }

    private static JsonNode json(Path index) throws IOException {
        try {
            return StrictReading.object(index, DEEPEST, LARGEST_INDEX);
        } catch (IllegalArgumentException bad) {
            throw new SafetensorsException(index, Printable.line(String.valueOf(bad.getMessage())), bad);
        }
    }

    private static Iterable<String> names(Path index, Map<String, String> shards) throws SafetensorsException {
        TreeSet<String> names = new TreeSet<>(shards.values());
        for (String name : names) {
            if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
                throw new SafetensorsException(
                        index, "must name .safetensors files beside it, got " + Printable.quoted(name));
            }
        }
        if (names.isEmpty() || names.size() > MOST_SHARDS) {
            throw new SafetensorsException(index, "must name 1 to " + MOST_SHARDS + " files, got " + names.size());
        }
        return names;
    }

    private static void requireAgreement(Path index, Map<String, String> shards, List<SafetensorsFile> files)
            throws SafetensorsException {
        Map<String, String> missing = new LinkedHashMap<>(shards);
        for (SafetensorsFile file : files) {
            String name = String.valueOf(file.path().getFileName());
            for (String tensor : file.tensors().keySet()) {
                if (!name.equals(missing.remove(tensor))) {
                    throw new SafetensorsException(
                            index, "must say that the tensor " + Printable.quoted(tensor) + " is in " + name);
                }
            }
        }
        if (!missing.isEmpty()) {
            Map.Entry<String, String> first = missing.entrySet().iterator().next();
            throw new SafetensorsException(
                    index, "the tensor " + Printable.quoted(first.getKey()) + " is missing in " + first.getValue());
        }
    }

    /** The file, or the index. */
    public Path path() {
        return path;
    }

    /** All tensors by name. */
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** The metadata of the one file; empty for several. */
    public Map<String, String> metadata() {
        return path.equals(files.get(0).path()) ? files.get(0).metadata() : Map.of();
    }

    /**
     * As {@link SafetensorsFile#readFloats(String)}.
     *
     * @throws SafetensorsException if there is no such tensor, or as there
     */
    public float[] readFloats(String name) throws IOException {
        return holder(name).readFloats(name);
    }

    /** As {@link SafetensorsFile#readFloats(String, Consumer)}. */
    public float[] readFloats(String name, Consumer<ByteBuffer> observer) throws IOException {
        return holder(name).readFloats(name, observer);
    }

    /** As {@link SafetensorsFile#readDoubles(String, Consumer)}. */
    public double[] readDoubles(String name, Consumer<ByteBuffer> observer) throws IOException {
        return holder(name).readDoubles(name, observer);
    }

    /** As {@link SafetensorsFile#forEachChunk}. */
    public void forEachChunk(String name, Consumer<ByteBuffer> consumer) throws IOException {
        holder(name).forEachChunk(name, consumer);
    }

    private SafetensorsFile holder(String name) throws SafetensorsException {
        SafetensorsFile file = holders.get(name);
        if (file == null) {
            throw new SafetensorsException(path, "tensor " + Printable.quoted(name) + " is missing");
        }
        return file;
    }

    @Override
    public void close() throws IOException {
        for (SafetensorsFile file : files) {
            file.close();
        }
    }
}
