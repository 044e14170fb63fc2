/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.data.BadInputException;
import org.amend4j.transformer.Pooling;

/**
 * How a sentence model makes a vector of a text, as its folder says in the layout of the library Sentence Transformers.
 *
 * @param pooling how the rows of its tokens become one
 * @param longest most tokens of a text; empty if the folder does not say
 */
public record SentenceSettings(Pooling pooling, Optional<Integer> longest) {

    private static final String POOLING = "1_Pooling/config.json";
    private static final String MODULES = "modules.json";
    private static final String LENGTH = "sentence_bert_config.json";
    private static final String TOKENIZER = "tokenizer_config.json";
    private static final List<String> FILES =
            List.of(POOLING, MODULES, LENGTH, "2_Normalize/config.json", "config_sentence_transformers.json");

    private static final String MODE = "pooling_mode";

    /** By the library's names: up to release 5 a switch for each, {@code pooling_mode_mean_tokens}, then one word. */
    private static final Map<String, Pooling> MODES = Map.of(
            "cls_token", Pooling.FIRST,
            "mean_tokens", Pooling.MEAN,
            "cls", Pooling.FIRST,
            "mean", Pooling.MEAN,
            "lasttoken", Pooling.LAST);

    private static final Set<String> KNOWN = Set.of("Transformer", "Pooling", "Normalize");

    /**
     * What a folder says; means where it says nothing.
     *
     * @param named a pooling in the place of the folder's modules
     * @throws BadInputException if it says something that is not known here
     */
    public static SentenceSettings of(Path folder, Optional<Pooling> named) {
        if (named.isEmpty()) {
            requireKnownModules(folder);
        }
        return new SentenceSettings(named.orElseGet(() -> pooling(folder)), longest(folder));
    }

    /** A module that is not computed here would make other vectors. */
    private static void requireKnownModules(Path folder) {
        for (JsonNode module : read(folder, MODULES)) {
            String type = module.path("type").asText();
            if (!KNOWN.contains(type.substring(type.lastIndexOf('.') + 1))) {
                throw new BadInputException(
                        folder.resolve(MODULES) + " must name modules of the types Transformer, Pooling"
                                + " and Normalize, got " + type + ": --pooling leaves it aside");
            }
        }
    }

    private static Pooling pooling(Path folder) {
        JsonNode modes = read(folder, POOLING);
        if (modes.isMissingNode()) {
            return Pooling.MEAN;
        }
        Set<String> chosen = new TreeSet<>();
        modes.fieldNames().forEachRemaining(name -> {
            if (name.startsWith(MODE + "_") && modes.path(name).asBoolean()) {
                chosen.add(name.substring(MODE.length() + 1));
            }
        });
        if (modes.hasNonNull(MODE)) {
            chosen.add(modes.path(MODE).asText());
        }
        return Optional.of(chosen)
                .filter(one -> one.size() == 1)
                .map(one -> MODES.get(one.iterator().next()))
                .orElseThrow(() -> new BadInputException(folder.resolve(POOLING)
                        + " must name one of the poolings cls, mean and lasttoken, got " + String.join(", ", chosen)
                        + ": say another with --pooling"));
    }

    /** What a folder says for sentences, else for its tokenizer, of which a number beyond an int is none. */
    private static Optional<Integer> longest(Path folder) {
        Optional<Integer> ofSentences = longest(folder, LENGTH, "max_seq_length");
        return ofSentences.isPresent() ? ofSentences : longest(folder, TOKENIZER, "model_max_length");
    }

    private static Optional<Integer> longest(Path folder, String file, String name) {
        JsonNode length = read(folder, file).path(name);
        boolean none = length.isMissingNode() || length.isNull();
        if (none || (length.isNumber() && length.doubleValue() > Integer.MAX_VALUE)) {
            return Optional.empty();
        }
        if (!length.canConvertToExactIntegral() || length.asInt() < 1) {
            throw new BadInputException(folder.resolve(file) + " must have a " + name + " >= 1, got " + length);
        }
        return Optional.of(length.asInt());
    }

    /** Missing if there is no such file. */
    private static JsonNode read(Path folder, String name) {
        Path file = folder.resolve(name);
        ObjectMapper mapper = new ObjectMapper();
        if (!Files.isRegularFile(file)) {
            return mapper.missingNode();
        }
        try {
            return mapper.readTree(file.toFile());
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + " as JSON", unreadable);
        }
    }

    /** Copies what one model's folder says into another, whatever of it is there. */
    public static void copy(Path from, Path to) throws IOException {
        for (String name : FILES) {
            Path copied = to.resolve(name);
            if (Files.isRegularFile(from.resolve(name))) {
                Files.createDirectories(Objects.requireNonNull(copied.getParent()));
                Files.copy(from.resolve(name), copied, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
