/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.amend4j.app.files.Reasons;
import org.amend4j.checkpoint.GgufModel;
import org.amend4j.checkpoint.TextConfig;
import org.amend4j.convert.OnnxEncoder;
import org.amend4j.data.BadInputException;
import org.amend4j.text.BertVocabulary;
import org.amend4j.text.GgufTokenizer;

/**
 * A model of another format, in its own file or a jar, with its tokenizer if it is known.
 *
 * @param config what it computes
 * @param weights writes it without its tokenizer
 * @param tokenizer the bytes of a {@code tokenizer.json}
 * @param settings of the tokenizer, by the names in {@code tokenizer_config.json}
 */
public record ExportedModel(
        TextConfig config, Saving weights, Optional<byte[]> tokenizer, Map<String, String> settings) {

    /** Writes {@code config.json} and {@code model.safetensors}. */
    public interface Saving {

        /**
         * Writes both.
         *
         * @throws IOException if they cannot be written, or the model not read
         */
        void save(Path folder) throws IOException;
    }

    private static final String GGUF = ".gguf";
    private static final String MODEL = ".onnx";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String VOCABULARY = ".txt";
    private static final int MOST_TOKENIZER = 1 << 26;
    private static final long MOST_MODEL = Integer.MAX_VALUE;

    /**
     * Reads the files.
     *
     * @param from a GGUF file, an ONNX file, or a jar or zip with one of ONNX
     * @param named a {@code tokenizer.json}, or a BERT's {@code vocab.txt}, in the place of the model's own
     * @throws BadInputException if one of them cannot be read as what it should be
     */
    public static ExportedModel read(Path from, Optional<Path> named) {
        try {
            Optional<byte[]> tokenizer = named.isPresent() ? Optional.of(bytes(named.get())) : Optional.empty();
            ExportedModel read = isArchive(from)
                    ? ofArchive(from, tokenizer)
                    : from.toString().endsWith(GGUF) ? ofGguf(from, tokenizer) : of(ofFile(from), tokenizer);
            return named.filter(file -> file.toString().endsWith(VOCABULARY)).isPresent() ? read.ofVocabulary() : read;
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("cannot import " + from + ": " + bad.getMessage(), bad);
        } catch (ZipException bad) {
            throw new BadInputException("cannot import " + from + ": it is no jar or zip file", bad);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + from + ": " + Reasons.of(unreadable), unreadable);
        }
    }

    private static boolean isArchive(Path file) {
        String name = file.toString();
        return name.endsWith(".jar") || name.endsWith(".zip");
    }

    private static byte[] bytes(Path tokenizer) throws IOException {
        if (!Files.isRegularFile(tokenizer)) {
            throw new BadInputException("there is no --tokenizer " + tokenizer);
        }
        try (InputStream in = Files.newInputStream(tokenizer)) {
            return bounded(in);
        }
    }

    private static byte[] bounded(InputStream tokenizer) throws IOException {
        byte[] bytes = tokenizer.readNBytes(MOST_TOKENIZER + 1);
        if (bytes.length > MOST_TOKENIZER) {
            throw new IllegalArgumentException("its tokenizer must have at most " + MOST_TOKENIZER + " bytes");
        }
        return bytes;
    }

    private static ExportedModel of(OnnxEncoder encoder, Optional<byte[]> tokenizer) {
        return new ExportedModel(encoder.config(), encoder::save, tokenizer, Map.of());
    }

    private static ExportedModel ofGguf(Path file, Optional<byte[]> tokenizer) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            Optional<GgufTokenizer> own = tokenizer.isPresent() ? Optional.empty() : GgufTokenizer.of(model.metadata());
            return new ExportedModel(
                    model.config(),
                    folder -> saveGguf(file, folder),
                    tokenizer.or(() -> own.map(some -> some.tokenizer().json().getBytes(StandardCharsets.UTF_8))),
                    own.map(GgufTokenizer::settings).orElse(Map.of()));
        }
    }

    private static void saveGguf(Path file, Path folder) throws IOException {
        try (GgufModel model = GgufModel.open(file)) {
            model.save(folder);
        }
    }

    private static OnnxEncoder ofFile(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return OnnxEncoder.read(in);
        }
    }

    /** Its tokenizer is a vocabulary so far, a token a line. */
    private ExportedModel ofVocabulary() {
        BertVocabulary vocabulary = BertVocabulary.read(tokenizer.orElseThrow());
        if (vocabulary.size() != config().vocabulary()) {
            throw new IllegalArgumentException("its vocabulary must have " + config().vocabulary()
                    + " tokens as its table has, got " + vocabulary.size());
        }
        return new ExportedModel(
                config, weights, Optional.of(vocabulary.tokenizer().json().getBytes(StandardCharsets.UTF_8)), settings);
    }

    private static ExportedModel ofArchive(Path file, Optional<byte[]> named) throws IOException {
        try (ZipFile archive = new ZipFile(file.toFile())) {
            ZipEntry model = only(archive, MODEL)
                    .orElseThrow(() ->
                            new IllegalArgumentException("it must have one file that ends in " + MODEL + ", got none"));
            Optional<ZipEntry> stored = only(archive, TOKENIZER);
            Optional<byte[]> tokenizer = named;
            if (tokenizer.isEmpty() && stored.isPresent()) {
                tokenizer = Optional.of(bounded(archive.getInputStream(stored.get())));
            }
            if (model.getSize() > MOST_MODEL) {
                throw new IllegalArgumentException("its model must have at most " + MOST_MODEL + " bytes");
            }
            try (InputStream in = archive.getInputStream(model)) {
                return of(OnnxEncoder.read(in), tokenizer);
            }
        }
    }

    private static Optional<ZipEntry> only(ZipFile archive, String ending) {
        List<? extends ZipEntry> found = archive.stream()
                .filter(entry -> !entry.isDirectory() && entry.getName().endsWith(ending))
                .toList();
        if (found.size() > 1) {
            throw new IllegalArgumentException(
                    "it must have one file that ends in " + ending + ", got " + found.size());
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(0));
    }

    /** Whether texts can be made into its tokens. */
    public boolean hasTokenizer() {
        return tokenizer.isPresent();
    }

    /**
     * Writes a folder in Hugging Face's layout.
     *
     * @throws BadInputException if a tensor's values are damaged
     */
    public void save(Path folder) throws IOException {
        try {
            weights.save(folder);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("cannot import the model: " + bad.getMessage(), bad);
        }
        if (tokenizer.isPresent()) {
            TokenizerSettings.write(tokenizer.get(), settings, folder);
        }
    }
}
