/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.amend4j.app.data.BadInputException;
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
    private static final List<String> FILES = List.of(POOLING, MODULES, LENGTH, "config_sentence_transformers.json");

    private static final String MODE = "pooling_mode_";
    private static final Map<String, Pooling> MODES = Map.of(
            MODE + "cls_token", Pooling.FIRST, MODE + "mean_tokens", Pooling.MEAN, MODE + "lasttoken", Pooling.LAST);

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
        List<String> chosen = new ArrayList<>();
        modes.fieldNames().forEachRemaining(name -> {
            if (name.startsWith(MODE) && modes.path(name).asBoolean()) {
                chosen.add(name);
            }
        });
        if (chosen.size() != 1 || !MODES.containsKey(chosen.get(0))) {
            throw new BadInputException(
                    folder.resolve(POOLING)
                            + " must name one of the poolings cls_token, mean_tokens and lasttoken: say another with --pooling");
        }
        return MODES.get(chosen.get(0));
    }

    private static Optional<Integer> longest(Path folder) {
        JsonNode length = read(folder, LENGTH).path("max_seq_length");
        if (length.isMissingNode() || length.isNull()) {
            return Optional.empty();
        }
        if (!length.canConvertToInt() || length.asInt() < 1) {
            throw new BadInputException(folder.resolve(LENGTH) + " must have a max_seq_length >= 1, got " + length);
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
