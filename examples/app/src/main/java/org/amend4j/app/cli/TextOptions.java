/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.files.Contents;
import org.amend4j.app.text.ClassifiedTexts;
import org.amend4j.app.text.LanguageTexts;
import org.amend4j.app.text.MaskedTexts;
import org.amend4j.app.text.Masking;
import org.amend4j.app.text.TextTable;
import org.amend4j.app.text.TextTask;
import org.amend4j.app.text.Texts;
import org.amend4j.app.text.TokenExamples;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.TextConfig;
import org.amend4j.data.BadInputException;
import org.amend4j.text.Tokenizer;
import picocli.CommandLine.Option;

/** Which texts, and what is learned of them. */
final class TextOptions {

    /** Tokens of an example, where the model has as many positions. */
    private static final int USUAL_LENGTH = 256;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Of --base: texts, UTF-8, plain or gzip'd: a text of any length, or a table (.tsv, .csv or"
                    + " .jsonl, or with .gz behind) of labels and a text or two.")
    private Optional<Path> text = Optional.empty();

    @Option(
            names = "--task",
            description =
                    "What is learned: which token comes next (causal), which were masked (masked), or the class of a text"
                            + " (classification) or of two (pairs) (default: causal of texts; of tables what they have"
                            + " columns for).")
    private Optional<TextTask> task = Optional.empty();

    @Option(
            names = "--lines",
            description = "Every line of --text is a text of its own (default: the file is one, cut into pieces).")
    private boolean lines;

    @Option(
            names = "--columns",
            paramLabel = "LABEL,TEXT[,TEXT]",
            split = ",",
            description =
                    "Of a table: the columns of labels and texts, by number from 0 or by names of its first line"
                            + " (default: the first two, or three; where the first line has the cell label, that and the others).")
    private List<String> columns = List.of();

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "Most tokens of an example (default: 256, or as many as the model has positions).")
    private Optional<Integer> length = Optional.empty();

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description =
                    "A tokenizer.json or a vocabulary of llama2.c (default: tokenizer.json or tok*.bin in --base).")
    private Optional<Path> tokenizer = Optional.empty();

    /** Whether a file is given, as a folder's model needs and a zip's cannot have. */
    void check(boolean wanted) {
        if (wanted && text.isEmpty()) {
            throw new MissingOptionException("Missing option: --text=FILE, which --base learns from");
        }
        if (!wanted && text.isPresent()) {
            throw new BadInputException("--text is for models in folders: give --base DIR in place of --model");
        }
        length.ifPresent(most -> OptionRules.atLeast(1, "--length", most));
        text.filter(file -> !Files.isRegularFile(file)).ifPresent(file -> {
            throw new BadInputException("--text must be a file, there is none at " + file);
        });
    }

    private Path file() {
        return text.orElseThrow();
    }

    private boolean isTable() {
        return TextTable.isTable(file());
    }

    /** Examples of the next token; the model's family has no other task. */
    TokenExamples read(Path base, CausalConfig config) {
        if (task.isPresent() ? task.get() != TextTask.CAUSAL : isTable()) {
            throw new BadInputException("a model of the type '" + config.modelType()
                    + "' says what comes next: --task must be causal, and --text a text that is no table");
        }
        requireNoColumns();
        LanguageTexts texts =
                new LanguageTexts(tokenizer(base, config), config.usableIds().ends(), length(config));
        String read = Texts.read(file());
        TokenExamples examples = lines ? texts.lines(read) : texts.windows(read);
        if (examples.labels() < 2) {
            throw new BadInputException(file() + " must have a few tokens at least");
        }
        return examples;
    }

    /** Whether an encoder learns masked words, and no classes. */
    boolean isMasked() {
        return task.filter(TextTask.MASKED::equals).isPresent();
    }

    /**
     * Texts of which an encoder learns masked words.
     *
     * @param whole with a label at every token that can be masked
     */
    record Masked(TokenExamples whole, Masking masking) {}

    Masked masked(Path base, EncoderConfig config, long seed) {
        if (task.isPresent() && !isMasked()) {
            throw new BadInputException("the adapter says masked words: --task must be masked");
        }
        if (isTable()) {
            throw new BadInputException("--task masked is learned from a text that is no table, got " + file());
        }
        requireNoColumns();
        MaskedTexts texts = new MaskedTexts(tokenizer(base, config), length(config));
        String read = Texts.read(file());
        TokenExamples whole = lines ? texts.lines(read) : texts.windows(read);
        return new Masked(whole, texts.masking(seed));
    }

    private void requireNoColumns() {
        if (!columns.isEmpty()) {
            throw new BadInputException("--columns is for tables, of which encoders learn classes");
        }
    }

    /** Labelled texts, of which an encoder learns classes. */
    TextTable table(EncoderConfig config) {
        if (task.isPresent() && (task.get() == TextTask.CAUSAL || task.get() == TextTask.MASKED)) {
            throw new BadInputException(
                    task.get() == TextTask.MASKED
                            ? "the adapter says classes: --task must be classification or pairs"
                            : "a model of the type '" + config.modelType()
                                    + "' does not say what comes next: --task must be masked, classification or pairs");
        }
        if (lines) {
            throw new BadInputException("--lines is for texts that are no tables: of a table every line is a text");
        }
        TextTable table = TextTable.read(file(), columns);
        if (task.isPresent() && table.hasPairs() != (task.get() == TextTask.PAIRS)) {
            throw new BadInputException("--task " + task.get().name().toLowerCase(Locale.ROOT) + " needs "
                    + (table.hasPairs() ? "one text" : "two texts") + " in a line: --columns names the columns");
        }
        return table;
    }

    /** A table's rows for a model with these classes. */
    TokenExamples read(Path base, EncoderConfig config, TextTable table, List<String> classes) {
        return ClassifiedTexts.of(table, tokenizer(base, config), classes, length(config));
    }

    private Tokenizer tokenizer(Path base, TextConfig config) {
        return Vocabulary.open(base, tokenizer, config.vocabulary());
    }

    private int length(TextConfig config) {
        int most = length.orElse(Math.min(USUAL_LENGTH, config.longest()));
        if (most > config.longest()) {
            throw new BadInputException(
                    "--length must be at most the model's positions, " + config.longest() + ", got " + most);
        }
        return most;
    }

    /** In pieces of a whole text, neighbours are much alike: the last ones are held back, of lines any. */
    Optional<TokenExamples.Split> split(TokenExamples examples, double validation, long seed) {
        if (validation == 0) {
            return Optional.empty();
        }
        return Optional.of(lines ? examples.split(validation, seed) : examples.splitAtEnd(validation));
    }

    /** Rows of a table are held back as the seed draws them. */
    Optional<TokenExamples.Split> splitRows(TokenExamples examples, double validation, long seed) {
        return validation == 0 ? Optional.empty() : Optional.of(examples.split(validation, seed));
    }

    /** Which examples these are, in words by name, however their files are called. */
    Map<String, String> settings(Path base, TextConfig config) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("--text", Contents.sha256(List.of(file())));
        settings.put("--tokenizer", Contents.sha256(List.of(Vocabulary.file(base, tokenizer))));
        settings.put("--columns", String.join(", ", columns));
        settings.put("--lines", Boolean.toString(lines));
        settings.put("--length", Integer.toString(length(config)));
        return settings;
    }
}
