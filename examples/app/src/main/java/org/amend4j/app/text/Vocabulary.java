/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.job.Sentence;
import org.amend4j.data.BadInputException;
import org.amend4j.gguf.GgufFile;
import org.amend4j.text.GgufTokenizer;
import org.amend4j.text.Tokenizer;
import org.amend4j.text.chat.ChatTemplate;

/** The tokenizer of a model's folder. */
public final class Vocabulary {

    private static final Pattern LLAMA2C = Pattern.compile("tok\\d*\\.bin");

    /** The files that Hugging Face's library writes for tokens, next to the weights. */
    private static final Pattern FILES = Pattern.compile(
            "tokenizer\\.(json|model)|(tokenizer|generation)_config\\.json|(special_tokens_map|added_tokens|vocab)\\.json"
                    + "|vocab\\.txt|merges\\.txt|chat_template\\.(jinja|json)|tok\\d*\\.bin");

    private Vocabulary() {}

    /**
     * Opens the tokenizer of a model, which neither cuts nor fills.
     *
     * @param base the model's folder
     * @param named a file in its place
     * @param tokens how many the model has
     * @throws BadInputException if there is none, or it has more tokens
     */
    public static Tokenizer open(Path base, Optional<Path> named, int tokens) {
        Tokenizer tokenizer = read(base, named);
        if (tokenizer.size() > tokens) {
            throw new BadInputException("the tokenizer has " + tokenizer.size() + " tokens and the model " + tokens
                    + ": they do not belong together");
        }
        return tokenizer.withoutTruncation().withoutPadding();
    }

    private static Tokenizer read(Path base, Optional<Path> named) {
        Path file = file(base, named);
        try {
            return named.isEmpty() && Files.isRegularFile(base)
                    ? inGguf(base).tokenizer().tokenizer()
                    : Tokenizer.open(file);
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(Sentence.of(bad), bad);
        }
    }

    /**
     * The {@code tokenizer.json} of a model's folder or GGUF file.
     *
     * @param tokens how many the model has
     * @throws BadInputException if there is none that is understood
     */
    static String json(Path base, int tokens) throws IOException {
        open(base, Optional.empty(), tokens);
        return Files.isRegularFile(base)
                ? inGguf(base).tokenizer().json()
                : Files.readString(file(base, Optional.empty()));
    }

    /** The tokenizer in a GGUF file. */
    private static GgufTokenizer inGguf(Path file) throws IOException {
        try (GgufFile opened = GgufFile.open(file)) {
            return GgufTokenizer.of(opened.metadata())
                    .orElseThrow(() ->
                            new BadInputException("the file " + file + " has no tokenizer: --tokenizer names one"));
        }
    }

    /**
     * The chat template of a model's folder or GGUF file.
     *
     * @throws IllegalArgumentException if it is not understood
     * @throws IOException if it cannot be read
     */
    public static Optional<ChatTemplate> template(Path base) throws IOException {
        if (!Files.isRegularFile(base)) {
            return ChatTemplate.open(base);
        }
        Map<String, String> settings = inGguf(base).settings();
        return Optional.ofNullable(settings.get("chat_template"))
                .map(source -> ChatTemplate.parse(source).withSpecialTokens(settings));
    }

    /**
     * The file of the tokenizer.
     *
     * @throws BadInputException if there is none
     */
    public static Path file(Path base, Optional<Path> named) {
        if (named.isPresent()) {
            if (!Files.exists(named.get())) {
                throw new BadInputException("there is no --tokenizer " + named.get());
            }
            return named.get();
        }
        if (Files.isRegularFile(base)) {
            return base;
        }
        if (!Files.isDirectory(base)) {
            throw new BadInputException(
                    "--base must be a folder with a model, or a GGUF file, there is none at " + base);
        }
        Path json = base.resolve("tokenizer.json");
        if (Files.exists(json)) {
            return json;
        }
        List<Path> found = listed(base);
        if (found.size() != 1) {
            throw new BadInputException("there is no tokenizer.json in " + base
                    + ", and not one tok*.bin either: --tokenizer names the file");
        }
        return found.get(0);
    }

    private static List<Path> listed(Path base) {
        try {
            return matching(base, LLAMA2C);
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + base + ": " + Reasons.of(unreadable), unreadable);
        }
    }

    /** Copies the files of a tokenizer from one model's folder into another, whatever of them is there, or makes them of a GGUF file. */
    public static void copy(Path from, Path to) throws IOException {
        if (Files.isRegularFile(from)) {
            GgufTokenizer own = inGguf(from);
            TokenizerSettings.write(own.tokenizer().json().getBytes(StandardCharsets.UTF_8), own.settings(), to);
            return;
        }
        for (Path file : matching(from, FILES)) {
            Files.copy(file, to.resolve(String.valueOf(file.getFileName())), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static List<Path> matching(Path folder, Pattern names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file ->
                            names.matcher(String.valueOf(file.getFileName())).matches())
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        }
    }
}
