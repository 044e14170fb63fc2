/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

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
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.TensorInfo;

/**
 * The tensors of an adapter: one file, or several and an index that says which tensor is in which, as Hugging Face's libraries split
 * large ones. The index is believed in nothing: it must name files beside it, and each tensor of theirs once.
 */
final class AdapterTensors implements Closeable {
    /** Name of the index of a split file. */
    static final String INDEX = "adapter_model.safetensors.index.json";

    private static final String WHAT = "the index";
    private static final int MOST_SHARDS = 256;

    private final Path path;
    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> holders = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    private AdapterTensors(Path path, List<SafetensorsFile> files) {
        this.path = path;
        this.files = List.copyOf(files);
        for (SafetensorsFile file : files) {
            file.tensors().keySet().forEach(name -> holders.put(name, file));
            tensors.putAll(file.tensors());
        }
    }

    /**
     * The tensors in a directory; the index counts only where there is no whole file.
     *
     * @throws AdapterFormatException if there are none, or the index and the files do not agree
     */
    static AdapterTensors open(Path directory) throws IOException {
        Path whole = directory.resolve(AdapterFile.TENSORS);
        Path index = directory.resolve(INDEX);
        if (Files.exists(whole) || !Files.exists(index)) {
            if (!Files.exists(whole) && Files.exists(directory.resolve("adapter_model.bin"))) {
                throw new AdapterFormatException(
                        whole, "is missing, and adapter_model.bin is a Python pickle, which is never read");
            }
            return new AdapterTensors(whole, List.of(SafetensorsFile.open(whole)));
        }
        Map<String, String> shards =
                StrictJson.read(index, WHAT).object("weight_map").textMap();
        List<SafetensorsFile> opened = new ArrayList<>();
        try {
            for (String name : names(index, shards)) {
                opened.add(SafetensorsFile.open(directory.resolve(name)));
            }
            requireAgreement(index, shards, opened);
            return new AdapterTensors(index, opened);
        } catch (IOException | RuntimeException e) {
            for (SafetensorsFile file : opened) {
                file.close();
            }
            throw e;
        }
    }

    private static Iterable<String> names(Path index, Map<String, String> shards) throws AdapterFormatException {
        TreeSet<String> names = new TreeSet<>(shards.values());
        for (String name : names) {
            if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
                throw new AdapterFormatException(
                        index, "it must name .safetensors files beside it, got " + Printable.quoted(name));
            }
        }
        if (names.isEmpty() || names.size() > MOST_SHARDS) {
            throw new AdapterFormatException(index, "it must name 1 to " + MOST_SHARDS + " files, got " + names.size());
        }
        return names;
    }

    private static void requireAgreement(Path index, Map<String, String> shards, List<SafetensorsFile> files)
            throws AdapterFormatException {
        long found = 0;
        for (SafetensorsFile file : files) {
            String name = String.valueOf(file.path().getFileName());
            for (String tensor : file.tensors().keySet()) {
                if (!name.equals(shards.get(tensor))) {
                    throw new AdapterFormatException(
                            index, "it must say that the tensor " + Printable.quoted(tensor) + " is in " + name);
                }
                found++;
            }
        }
        if (found != shards.size()) {
            Map<String, String> missing = new LinkedHashMap<>(shards);
            files.forEach(file -> missing.keySet().removeAll(file.tensors().keySet()));
            Map.Entry<String, String> first = missing.entrySet().iterator().next();
            throw new AdapterFormatException(
                    index, "the tensor " + Printable.quoted(first.getKey()) + " is missing in " + first.getValue());
        }
    }

    /** The file, or the index. */
    Path path() {
        return path;
    }

    /** The metadata of the one file; empty for several, which amend4j does not write. */
    Map<String, String> metadata() {
        return files.size() == 1 && !path.endsWith(INDEX) ? files.get(0).metadata() : Map.of();
    }

    /** Whether amend4j wrote it. */
    boolean isOurs() {
        return metadata().containsKey("amend4j.version");
    }

    /** A value of the metadata that must be there. */
    String recorded(String key) throws AdapterFormatException {
        String value = metadata().get(key);
        if (value == null) {
            throw new AdapterFormatException(path, "the metadata " + key + " is missing");
        }
        return value;
    }

    /** All tensors by name. */
    Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    float[] readFloats(String name, Consumer<ByteBuffer> observer) throws IOException {
        return holder(name).readFloats(name, observer);
    }

    double[] readDoubles(String name, Consumer<ByteBuffer> observer) throws IOException {
        return holder(name).readDoubles(name, observer);
    }

    void forEachChunk(String name, Consumer<ByteBuffer> consumer) throws IOException {
        holder(name).forEachChunk(name, consumer);
    }

    private SafetensorsFile holder(String name) throws AdapterFormatException {
        SafetensorsFile file = holders.get(name);
        if (file == null) {
            throw new AdapterFormatException(path, "the tensor " + Printable.quoted(name) + " is missing");
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
