/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.text.Shown;
import org.jspecify.annotations.Nullable;

/** Reads the model of a {@code tokenizer.json}: the vocabulary and the merges straight into tables. One use. */
final class ModelReader {

    private static final int MOST_TOKENS = 1 << 20;
    private static final int MOST_MERGES = 1 << 21;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private record Merge(String left, String right) {}

    private final ObjectNode settings = MAPPER.createObjectNode();
    private @Nullable Map<String, Integer> ids;
    private @Nullable List<Merge> merges;
    private boolean scored;

    Model read(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("model must be an object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("vocab") && value == JsonToken.START_ARRAY) {
                scored = true;
                parser.skipChildren();
            } else if (name.equals("vocab")) {
                ids = readVocabulary(parser);
            } else if (name.equals("merges")) {
                merges = readMerges(parser);
            } else {
                settings.set(name, MAPPER.readTree(new CountedParser(parser)));
            }
        }
        return model();
    }

    private Model model() {
        Fields fields = Fields.of("model", settings);
        String type = fields.optionalText("type").orElseGet(this::typeByParts);
        if (!List.of("BPE", "WordPiece", "WordLevel").contains(type)) {
            throw fields.unknownType(type);
        }
        if (ids == null) {
            throw fields.refused("must have a vocab with the id of every token");
        }
        if (merges != null && !type.equals("BPE")) {
            throw fields.refused("must have merges only for BPE, got " + type);
        }
        Vocabulary vocabulary = new Vocabulary(ids);
        Model model = switch (type) {
            case "BPE" -> bytePairs(fields, vocabulary);
            case "WordPiece" ->
                new WordPiece(
                        vocabulary,
                        fields.text("unk_token"),
                        fields.text("continuing_subword_prefix"),
                        fields.count("max_input_chars_per_word"));
            default -> new WordLevel(vocabulary, fields.text("unk_token"));
        };
        fields.finish();
        return model;
    }

    /** Old files do not say it. */
    private String typeByParts() {
        return scored
                ? "Unigram"
                : merges != null ? "BPE" : settings.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel";
    }

    private Model bytePairs(Fields fields, Vocabulary vocabulary) {
        fields.optional("dropout").ifPresent(dropout -> {
            if (!dropout.isNumber() || dropout.doubleValue() != 0) {
                throw fields.refused("must have no dropout, which makes tokens random, got " + Fields.shown(dropout));
            }
        });
        BytePairs.Options options = new BytePairs.Options(
                fields.optionalText("unk_token"),
                fields.optionalText("continuing_subword_prefix"),
                fields.optionalText("end_of_word_suffix"),
                fields.flag("fuse_unk", false),
                fields.flag("byte_fallback", false),
                fields.flag("ignore_merges", false));
        if (merges == null) {
            throw fields.refused("must have merges");
        }
        String prefix = options.prefix().orElse("");
        Merges table = new Merges(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            Merge merge = merges.get(rank);
            if (!merge.right.startsWith(prefix)) {
                throw fields.refused("must have merges with the continuing_subword_prefix on the right, got "
                        + Shown.quoted(merge.right));
            }
            boolean fresh = table.add(
                    known(vocabulary, merge.left),
                    known(vocabulary, merge.right),
                    rank,
                    known(vocabulary, merge.left + merge.right.substring(prefix.length())));
            if (!fresh) {
                throw fields.refused("must have each merge once, got twice " + Shown.quoted(merge.left) + " and "
                        + Shown.quoted(merge.right));
            }
        }
        return new BytePairs(vocabulary, table, options);
    }

    private static int known(Vocabulary vocabulary, String token) {
        int id = vocabulary.id(token);
        if (id == Vocabulary.NONE) {
            throw new IllegalArgumentException(
                    "model.merges must be of tokens of the vocabulary, got " + Shown.quoted(token));
        }
        return id;
    }

    private static Map<String, Integer> readVocabulary(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("model.vocab must be an object");
        }
        Map<String, Integer> ids = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String token = Fields.whole("a token of model.vocab", parser.currentName());
            boolean number = parser.nextToken() == JsonToken.VALUE_NUMBER_INT;
            if (!number || parser.getNumberType() != JsonParser.NumberType.INT || parser.getIntValue() < 0) {
                throw new IllegalArgumentException(
                        "model.vocab must have a whole number in [0, 2^31) for " + Shown.quoted(token));
            }
            ids.put(token, parser.getIntValue());
            if (ids.size() > MOST_TOKENS) {
                throw new IllegalArgumentException("model.vocab must have at most " + MOST_TOKENS + " tokens");
            }
        }
        return ids;
    }

    /** Pairs, or texts with a blank between. */
    private static List<Merge> readMerges(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw new IllegalArgumentException("model.merges must be a list");
        }
        List<Merge> merges = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            merges.add(readMerge(parser));
            if (merges.size() > MOST_MERGES) {
                throw new IllegalArgumentException("model.merges must have at most " + MOST_MERGES + " pairs");
            }
        }
        return merges;
    }

    private static Merge readMerge(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            String text = parser.getText();
            int blank = text.indexOf(' ');
            if (blank < 0 || text.indexOf(' ', blank + 1) >= 0) {
                throw new IllegalArgumentException(
                        "model.merges must have two tokens with a blank between, got " + Shown.quoted(text));
            }
            return new Merge(text.substring(0, blank), text.substring(blank + 1));
        }
        if (parser.currentToken() == JsonToken.START_ARRAY && parser.nextToken() == JsonToken.VALUE_STRING) {
            String left = parser.getText();
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                Merge merge = new Merge(left, parser.getText());
                if (parser.nextToken() == JsonToken.END_ARRAY) {
                    return merge;
                }
            }
        }
        throw new IllegalArgumentException("model.merges must be pairs of tokens");
    }
}
