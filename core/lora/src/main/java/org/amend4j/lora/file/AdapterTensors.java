/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.amend4j.safetensors.TensorFolder;
import org.amend4j.safetensors.TensorInfo;

/** The tensors of an adapter: one file, or several and an index. */
final class AdapterTensors implements Closeable {
    /** Name of the index of a split file. */
    static final String INDEX = AdapterFile.TENSORS + ".index.json";

    private static final String NAME = "adapter_model";

    private final TensorFolder folder;

    private AdapterTensors(TensorFolder folder) {
        this.folder = folder;
    }

    /**
     * The tensors in a directory; the index counts only where there is no whole file.
     *
     * @throws AdapterFormatException if there is only a file of another kind
     * @throws IOException as {@link TensorFolder#open}
     */
    static AdapterTensors open(Path directory) throws IOException {
        Path whole = directory.resolve(AdapterFile.TENSORS);
        if (!Files.exists(whole)
                && !Files.exists(directory.resolve(INDEX))
                && Files.exists(directory.resolve(NAME + ".bin"))) {
            throw new AdapterFormatException(
                    whole, "is missing, and adapter_model.bin is a Python pickle, which is never read");
        }
        return new AdapterTensors(TensorFolder.open(directory, NAME));
    }

    /** The file, or the index. */
    Path path() {
        return folder.path();
    }

    /** The metadata of the one file; empty for several, which amend4j does not write. */
    Map<String, String> metadata() {
        return folder.metadata();
    }

    /** Whether amend4j wrote it. */
    boolean isOurs() {
        return metadata().containsKey("amend4j.version");
    }

    /** A value of the metadata that must be there. */
    String recorded(String key) throws AdapterFormatException {
        String value = metadata().get(key);
        if (value == null) {
            throw new AdapterFormatException(path(), "the metadata " + key + " is missing");
        }
        return value;
    }

    /** All tensors by name. */
    Map<String, TensorInfo> tensors() {
        return folder.tensors();
    }

    float[] readFloats(String name, Consumer<ByteBuffer> observer) throws IOException {
        return folder.readFloats(name, observer);
    }

    double[] readDoubles(String name, Consumer<ByteBuffer> observer) throws IOException {
        return folder.readDoubles(name, observer);
    }

    void forEachChunk(String name, Consumer<ByteBuffer> consumer) throws IOException {
        folder.forEachChunk(name, consumer);
    }

    @Override
    public void close() throws IOException {
        folder.close();
    }
}
