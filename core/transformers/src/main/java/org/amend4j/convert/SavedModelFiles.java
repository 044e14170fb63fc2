/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a model that TensorFlow saved: of its folder, of a zip of that, or of a zip that is the only one in a jar. The values of an
 * archive are copied to a temporary file, which is gone after {@link #close}.
 */
final class SavedModelFiles implements Closeable {

    static final String GRAPH = "saved_model.pb";
    static final String VOCABULARY = "assets/vocab.txt";
    static final String INDEX = "variables/variables.index";
    static final String DATA = "variables/variables.data-00000-of-00001";

    /** BERT's largest has 1.3 GB of values; all other files are far below 64 MB. */
    private static final long MOST_VALUES = 1L << 33;

    private static final int MOST = 1 << 26;
    private static final int ZIP = 0x504b0304;

    private final Map<String, byte[]> small = new HashMap<>();
    private @Nullable SeekableByteChannel data;

    private SavedModelFiles() {}

    /**
     * Opens them.
     *
     * @param from a folder, or a zip or jar file
     * @throws IllegalArgumentException if it has none of them, or not all
     */
    @SuppressWarnings("MustBeClosedChecker")
    static SavedModelFiles open(Path from) throws IOException {
        SavedModelFiles files = new SavedModelFiles();
        try {
            if (Files.isDirectory(from)) {
                files.readFolder(from);
            } else {
                files.readArchive(from);
            }
            for (String name : List.of(GRAPH, VOCABULARY, INDEX)) {
                files.get(name);
            }
            files.data();
            return files;
        } catch (IOException | RuntimeException failed) {
            files.close();
            throw failed;
        }
    }

    private void readFolder(Path folder) throws IOException {
        for (String name : List.of(GRAPH, VOCABULARY, INDEX)) {
            if (Files.isRegularFile(folder.resolve(name))) {
                try (InputStream in = Files.newInputStream(folder.resolve(name))) {
                    small.put(name, bounded(name, in));
                }
            }
        }
        if (Files.isRegularFile(folder.resolve(DATA))) {
            data = Files.newByteChannel(folder.resolve(DATA));
        }
    }

    private void readArchive(Path file) throws IOException {
        try (ZipFile archive = new ZipFile(file.toFile())) {
            List<ZipEntry> within = new ArrayList<>();
            for (ZipEntry entry : archive.stream().toList()) {
                if (!entry.isDirectory()) {
                    try (InputStream in = archive.getInputStream(entry)) {
                        if (!take(entry.getName(), in) && isZip(archive, entry)) {
                            within.add(entry);
                        }
                    }
                }
            }
            if (small.isEmpty() && within.size() == 1) {
                try (InputStream in = new BufferedInputStream(archive.getInputStream(within.get(0)))) {
                    readStream(in);
                }
            }
        }
    }

    private static boolean isZip(ZipFile archive, ZipEntry entry) throws IOException {
        try (InputStream in = archive.getInputStream(entry)) {
            byte[] begin = in.readNBytes(Integer.BYTES);
            return begin.length == Integer.BYTES
                    && java.nio.ByteBuffer.wrap(begin).getInt() == ZIP;
        }
    }

    private void readStream(InputStream in) throws IOException {
        ZipInputStream archive = new ZipInputStream(in);
        for (ZipEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
            take(entry.getName(), archive);
        }
    }

    /** Whether it is one of the files. */
    private boolean take(String name, InputStream in) throws IOException {
        Optional<String> known = List.of(GRAPH, VOCABULARY, INDEX, DATA).stream()
                .filter(one -> name.equals(one) || name.endsWith("/" + one))
                .findFirst();
        if (known.isEmpty()) {
            return false;
        }
        if (small.containsKey(known.get()) || (known.get().equals(DATA) && data != null)) {
            throw new IllegalArgumentException("it must have one file that ends in " + known.get() + ", got two");
        }
        if (known.get().equals(DATA)) {
            data = copied(in);
        } else {
            small.put(known.get(), bounded(known.get(), in));
        }
        return true;
    }

    private static byte[] bounded(String name, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MOST + 1);
        if (bytes.length > MOST) {
            throw new IllegalArgumentException(name + " must have at most " + MOST + " bytes");
        }
        return bytes;
    }

    private static SeekableByteChannel copied(InputStream in) throws IOException {
        Path file = Files.createTempFile("amend4j-", ".values");
        SeekableByteChannel channel = Files.newByteChannel(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            byte[] part = new byte[1 << 16];
            long count = 0;
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                count += read;
                if (count > MOST_VALUES) {
                    throw new IllegalArgumentException(DATA + " must have at most " + MOST_VALUES + " bytes");
                }
                Channels.newOutputStream(channel).write(part, 0, read);
            }
            return channel;
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    byte[] get(String name) {
        byte[] bytes = small.get(name);
        if (bytes == null) {
            throw missing(name);
        }
        return bytes;
    }

    SeekableByteChannel data() {
        if (data == null) {
            throw missing(DATA);
        }
        return data;
    }

    private static IllegalArgumentException missing(String name) {
        return new IllegalArgumentException(
                "it has no " + name + ": it is neither an ONNX model nor one that TensorFlow saved whole");
    }

    @Override
    public void close() throws IOException {
        if (data != null) {
            data.close();
        }
    }
}
