/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.amend4j.internal.text.Shown;

/**
 * The vocabulary of a BERT, a token a line in the order of ids, as its authors give it; made into a {@code tokenizer.json} it cuts texts as
 * their code does.
 */
public final class BertVocabulary {

    private static final int MOST_TOKENS = 1 << 20;
    private static final String UNKNOWN = "[UNK]";
    private static final String BEGIN = "[CLS]";
    private static final String END = "[SEP]";
    private static final List<String> SPECIAL = List.of("[PAD]", UNKNOWN, BEGIN, END, "[MASK]");

    /** Of a word that is longer, no piece is looked for. */
    private static final int LONGEST_WORD = 100;

    private final List<String> tokens;

    private BertVocabulary(List<String> tokens) {
        this.tokens = tokens;
    }

    /**
     * Reads a vocabulary.
     *
     * @param file a {@code vocab.txt} in UTF-8
     * @throws IllegalArgumentException if a token is there twice, or one of BERT's own is missing
     */
    public static BertVocabulary read(byte[] file) {
        Set<String> tokens = new LinkedHashSet<>();
        for (String token : new String(file, StandardCharsets.UTF_8).lines().toList()) {
            if (!tokens.add(token)) {
                throw new IllegalArgumentException(
                        "a vocabulary must have each token once, got twice " + Shown.quoted(token));
            }
            if (tokens.size() > MOST_TOKENS) {
                throw new IllegalArgumentException("a vocabulary must have at most " + MOST_TOKENS + " tokens");
            }
        }
        for (String special : SPECIAL) {
            if (!tokens.contains(special)) {
                throw new IllegalArgumentException("a vocabulary of BERT must have the token " + special);
            }
        }
        return new BertVocabulary(new ArrayList<>(tokens));
    }

    /** How many tokens. */
    public int size() {
        return tokens.size();
    }

    /** Whether texts are to be in lower case: no token but BERT's own has a letter that lower case would change, as it does not ℝ. */
    public boolean isLowerCase() {
        return tokens.stream()
                .filter(token -> !token.startsWith("["))
                .noneMatch(token -> token.codePoints().anyMatch(c -> Character.toLowerCase(c) != c));
    }

    /** The tokenizer: BERT's way to clean and to divide texts, and the longest pieces from the left. */
    public TrainedTokenizer tokenizer() {
        ObjectNode file = TrainedTokenizer.file();
        ArrayNode added = (ArrayNode) file.get("added_tokens");
        SPECIAL.stream()
                .sorted((a, b) -> Integer.compare(tokens.indexOf(a), tokens.indexOf(b)))
                .forEach(token -> TrainedTokenizer.addSpecial(token, tokens.indexOf(token), added));
        putRules(file);
        ObjectNode model = file.putObject("model");
        model.put("type", "WordPiece");
        model.put("unk_token", UNKNOWN);
        model.put("continuing_subword_prefix", "##");
        model.put("max_input_chars_per_word", LONGEST_WORD);
        ObjectNode ids = model.putObject("vocab");
        tokens.forEach(token -> ids.put(token, ids.size()));
        return TrainedTokenizer.of(file);
    }

    private void putRules(ObjectNode file) {
        ObjectNode normalizer = file.putObject("normalizer");
        normalizer.put("type", "BertNormalizer");
        normalizer.put("clean_text", true);
        normalizer.put("handle_chinese_chars", true);
        normalizer.putNull("strip_accents"); // as the case is
        normalizer.put("lowercase", isLowerCase());
        file.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode processor = file.putObject("post_processor");
        processor.put("type", "TemplateProcessing");
        ArrayNode single = processor.putArray("single");
        ArrayNode pair = processor.putArray("pair");
        for (ArrayNode template : List.of(single, pair)) {
            put(template, "SpecialToken", BEGIN, 0);
            put(template, "Sequence", "A", 0);
            put(template, "SpecialToken", END, 0);
        }
        put(pair, "Sequence", "B", 1);
        put(pair, "SpecialToken", END, 1);
        ObjectNode special = processor.putObject("special_tokens");
        for (String token : List.of(BEGIN, END)) {
            ObjectNode node = special.putObject(token);
            node.put("id", token);
            node.putArray("ids").add(tokens.indexOf(token));
            node.putArray("tokens").add(token);
        }
        ObjectNode decoder = file.putObject("decoder");
        decoder.put("type", "WordPiece");
        decoder.put("prefix", "##");
        decoder.put("cleanup", true);
    }

    static void put(ArrayNode template, String kind, String id, int type) {
        ObjectNode part = template.addObject().putObject(kind);
        part.put("id", id);
        part.put("type_id", type);
    }
}
