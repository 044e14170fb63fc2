/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.amend4j.gguf.GgufMetadata;
import org.amend4j.internal.text.Shown;

/**
 * The tokenizer in a GGUF file as a {@code tokenizer.json}: byte pairs ({@code gpt2}), pieces with scores ({@code llama}) or words
 * ({@code bert}). It finds the tokens that the tokenizer from which the file was made finds.
 *
 * @param tokenizer the tokenizer, and its {@code tokenizer.json}
 * @param settings what {@code tokenizer_config.json} says: special tokens by their roles, and the chat template
 */
public record GgufTokenizer(TrainedTokenizer tokenizer, Map<String, String> settings) {

    private static final String PREFIX = "tokenizer.ggml.";
    private static final String TEMPLATE = "tokenizer.chat_template";
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int OF_USER = 4;
    private static final int BYTE = 6;

    /** Where the words of {@code bert} begin, and blanks in pieces. */
    private static final String BLANK = "\u2581";

    /** Settings and keys of special tokens. */
    private static final Map<String, String> ROLES = Map.of(
            "bos_token", "bos_token_id",
            "eos_token", "eos_token_id",
            "unk_token", "unknown_token_id",
            "sep_token", "seperator_token_id", // as the format spells it
            "pad_token", "padding_token_id",
            "mask_token", "mask_token_id");

    public GgufTokenizer {
        settings = Map.copyOf(settings);
    }

    /**
     * Of a file's keys.
     *
     * @return empty if the file has no tokenizer
     * @throws IllegalArgumentException if it is of a kind, or divides texts in a way, that is not known here, or its parts do not fit
     * @throws IOException if a key has another type than it should
     */
    public static Optional<GgufTokenizer> of(GgufMetadata keys) throws IOException {
        Optional<String> kind = keys.text(PREFIX + "model");
        if (kind.isEmpty()) {
            return Optional.empty();
        }
        Reading reading = new Reading(keys);
        try {
            TrainedTokenizer tokenizer = tokenizer(kind.get(), reading);
            return Optional.of(
                    new GgufTokenizer(tokenizer, reading.settings(kind.get().equals("bert"))));
        } catch (UncheckedIOException unfit) {
            throw new IllegalArgumentException(
                    "the tokenizer's parts do not fit: "
                            + Objects.requireNonNull(unfit.getCause()).getMessage(),
                    unfit);
        }
    }

    private static TrainedTokenizer tokenizer(String kind, Reading reading) throws IOException {
        return switch (kind) {
            case "gpt2" -> reading.bytePairs();
            case "llama" -> reading.pieces();
            case "bert" -> reading.words();
            default ->
                throw new IllegalArgumentException("the tokenizer is of the kind " + Shown.quoted(kind)
                        + ", which is not known here (known: gpt2, llama, bert): a tokenizer.json is needed");
        };
    }

    /** A file while it is read. */
    private static final class Reading {
        private final GgufMetadata keys;
        private final List<String> tokens;
        private final long[] types;

        Reading(GgufMetadata keys) throws IOException {
            this.keys = keys;
            tokens = keys.texts(PREFIX + "tokens").orElse(List.of());
            long[] normal = new long[tokens.size()];
            Arrays.fill(normal, NORMAL);
            types = keys.wholes(PREFIX + "token_type").orElse(normal);
            if (tokens.isEmpty() || types.length != tokens.size()) {
                throw new IllegalArgumentException("the tokenizer must have tokens, and a type for each, got "
                        + tokens.size() + " and " + types.length);
            }
        }

        TrainedTokenizer bytePairs() throws IOException {
            GgufSplitting splitting = GgufSplitting.of(keys.text(PREFIX + "pre").orElse("default"));
            ObjectNode file = file();
            splitting.putRules(file);
            putBegin(file, splitting.begins());
            if (!file.has("post_processor")) {
                GgufSplitting.bytes(file.putObject("post_processor"), true);
            }
            GgufSplitting.bytes(file.putObject("decoder"), true);
            ObjectNode model = model(file, Optional.empty(), false, splitting.ignoresMerges());
            ArrayNode merges = model.putArray("merges");
            keys.texts(PREFIX + "merges")
                    .orElseThrow(() -> new IllegalArgumentException("the tokenizer must have merges"))
                    .forEach(merges::add);
            return TrainedTokenizer.of(file);
        }

        TrainedTokenizer pieces() throws IOException {
            boolean begins = keys.truth(PREFIX + "add_space_prefix").orElse(true);
            ObjectNode file = file();
            ObjectNode normalizer = file.putObject("normalizer").put("type", "Sequence");
            ArrayNode rules = normalizer.putArray("normalizers");
            if (begins) {
                rules.addObject().put("type", "Prepend").put("prepend", BLANK);
            }
            replace(rules.addObject(), " ", BLANK);
            file.putNull("pre_tokenizer");
            putBegin(file, true);
            ArrayNode decoders =
                    file.putObject("decoder").put("type", "Sequence").putArray("decoders");
            replace(decoders.addObject(), BLANK, " ");
            decoders.addObject().put("type", "ByteFallback");
            decoders.addObject().put("type", "Fuse");
            if (begins) {
                decoders.addObject()
                        .put("type", "Strip")
                        .put("content", " ")
                        .put("start", 1)
                        .put("stop", 0);
            }
            boolean bytes = Arrays.stream(types).anyMatch(type -> type == BYTE);
            ObjectNode model = model(file, token("unknown_token_id"), bytes, false);
            ArrayNode merges = model.putArray("merges");
            merges().forEach(merge -> merges.add(merge.left() + " " + merge.right()));
            return TrainedTokenizer.of(file);
        }

        TrainedTokenizer words() {
            String vocabulary = tokens.stream().map(Reading::ofBert).collect(Collectors.joining("\n"));
            return BertVocabulary.read(vocabulary.getBytes(StandardCharsets.UTF_8))
                    .tokenizer();
        }

        private static String ofBert(String token) {
            if (token.startsWith("[") && token.endsWith("]")) {
                return token;
            }
            return token.startsWith(BLANK) ? token.substring(1) : "##" + token;
        }

        private static void replace(ObjectNode rule, String what, String by) {
            rule.put("type", "Replace").put("content", by).putObject("pattern").put("String", what);
        }

        private ObjectNode file() {
            ObjectNode file = TrainedTokenizer.file();
            ArrayNode added = (ArrayNode) file.get("added_tokens");
            for (int id = 0; id < tokens.size(); id++) {
                if (types[id] == CONTROL || types[id] == UNKNOWN || types[id] == OF_USER) {
                    TrainedTokenizer.addSpecial(tokens.get(id), id, added);
                    ((ObjectNode) added.get(added.size() - 1)).put("special", types[id] != OF_USER);
                }
            }
            return file;
        }

        private ObjectNode model(ObjectNode file, Optional<String> unknown, boolean bytes, boolean ignoresMerges) {
            ObjectNode model = file.putObject("model").put("type", "BPE");
            model.putNull("dropout");
            unknown.ifPresentOrElse(token -> model.put("unk_token", token), () -> model.putNull("unk_token"));
            model.putNull("continuing_subword_prefix");
            model.putNull("end_of_word_suffix");
            model.put("fuse_unk", unknown.isPresent());
            model.put("byte_fallback", bytes);
            model.put("ignore_merges", ignoresMerges);
            ObjectNode vocabulary = model.putObject("vocab");
            for (String token : tokens) {
                if (vocabulary.has(token)) {
                    throw new IllegalArgumentException("tokens must differ, got twice " + Shown.quoted(token));
                }
                vocabulary.put(token, vocabulary.size());
            }
            return model;
        }

        /** The tokens with which texts begin and end, where the file says so. */
        private void putBegin(ObjectNode file, boolean begins) throws IOException {
            Optional<String> begin =
                    keys.truth(PREFIX + "add_bos_token").orElse(begins) ? token("bos_token_id") : Optional.empty();
            Optional<String> end =
                    keys.truth(PREFIX + "add_eos_token").orElse(false) ? token("eos_token_id") : Optional.empty();
            if (begin.isEmpty() && end.isEmpty()) {
                return;
            }
            ObjectNode processor = file.putObject("post_processor").put("type", "TemplateProcessing");
            ArrayNode single = processor.putArray("single");
            ArrayNode pair = processor.putArray("pair");
            put(single, "A", 0, begin, end);
            put(pair, "A", 0, begin, end);
            put(pair, "B", 1, begin, end);
            ObjectNode special = processor.putObject("special_tokens");
            for (Optional<String> one : List.of(begin, end)) {
                one.ifPresent(token -> {
                    ObjectNode node = special.putObject(token).put("id", token);
                    node.putArray("ids").add(tokens.indexOf(token));
                    node.putArray("tokens").add(token);
                });
            }
        }

        private static void put(
                ArrayNode template, String text, int type, Optional<String> begin, Optional<String> end) {
            begin.ifPresent(token -> BertVocabulary.put(template, "SpecialToken", token, type));
            BertVocabulary.put(template, "Sequence", text, type);
            end.ifPresent(token -> BertVocabulary.put(template, "SpecialToken", token, type));
        }

        private Optional<String> token(String key) throws IOException {
            OptionalLong id = keys.whole(PREFIX + key);
            if (id.isEmpty()) {
                return Optional.empty();
            }
            if (id.getAsLong() < 0 || id.getAsLong() >= tokens.size()) {
                throw new IllegalArgumentException("the key '" + PREFIX + key + "' must be the id of one of "
                        + tokens.size() + " tokens, got " + id.getAsLong());
            }
            return Optional.of(tokens.get((int) id.getAsLong()));
        }

        /** Every way in which two pieces make a third, the highest score first, as transformers writes them. */
        private List<PairMerge> merges() throws IOException {
            float[] scores = keys.fractions(PREFIX + "scores").orElse(new float[0]);
            if (scores.length != tokens.size()) {
                throw new IllegalArgumentException(
                        "each of " + tokens.size() + " pieces must have a score, got " + scores.length);
            }
            Map<String, Integer> ids = new HashMap<>();
            for (int id = 0; id < tokens.size(); id++) {
                if (types[id] == NORMAL) {
                    ids.put(tokens.get(id), id);
                }
            }
            List<PairMerge> merges = new ArrayList<>();
            ids.keySet().stream()
                    .filter(piece -> !piece.isEmpty())
                    .sorted(Comparator.comparing(ids::get))
                    .forEach(piece -> {
                        List<PairMerge> ways = new ArrayList<>();
                        for (int i = piece.offsetByCodePoints(0, 1);
                                i < piece.length();
                                i = piece.offsetByCodePoints(i, 1)) {
                            if (ids.containsKey(piece.substring(0, i)) && ids.containsKey(piece.substring(i))) {
                                ways.add(new PairMerge(piece.substring(0, i), piece.substring(i)));
                            }
                        }
                        ways.sort(Comparator.comparing((PairMerge way) -> ids.getOrDefault(way.left(), 0))
                                .thenComparing(way -> ids.getOrDefault(way.right(), 0)));
                        merges.addAll(ways);
                    });
            Comparator<PairMerge> order = Comparator.comparing(
                            (PairMerge way) -> scores[ids.getOrDefault(way.merged(), 0)])
                    .thenComparing(
                            way -> way.left().codePointCount(0, way.left().length()))
                    .thenComparing(
                            way -> way.right().codePointCount(0, way.right().length()));
            merges.sort(order.reversed());
            return merges;
        }

        /** A BERT's texts begin and end with other roles, which {@code tokenizer.json} knows. */
        Map<String, String> settings(boolean ofWords) throws IOException {
            Map<String, String> settings = new TreeMap<>();
            for (Map.Entry<String, String> role : ROLES.entrySet()) {
                if (!ofWords || !role.getKey().matches("[be]os_token")) {
                    token(role.getValue()).ifPresent(token -> settings.put(role.getKey(), token));
                }
            }
            keys.text(TEMPLATE).ifPresent(template -> settings.put("chat_template", template));
            return settings;
        }
    }
}
