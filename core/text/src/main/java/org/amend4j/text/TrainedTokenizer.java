/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.internal.file.AtomicFile;

/** A tokenizer that was made here, and its file. */
public final class TrainedTokenizer {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String json;
    private final Tokenizer tokenizer;

    private TrainedTokenizer(String json) {
        this.json = json;
        try {
            tokenizer = Tokenizer.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("what was made cannot be read", e);
        }
    }

    /** A tokenizer of special tokens, bytes and merges, with ids in this order. */
    static TrainedTokenizer of(List<String> specialTokens, List<PairMerge> merges) {
        ObjectNode file = file();
        ArrayNode added = (ArrayNode) file.get("added_tokens");
        for (String token : specialTokens) {
            addSpecial(token, added.size(), added);
        }
        for (String name : List.of("pre_tokenizer", "post_processor", "decoder")) {
            ObjectNode bytes = file.putObject(name);
            bytes.put("type", "ByteLevel");
            bytes.put("add_prefix_space", false);
            bytes.put("trim_offsets", false);
            bytes.put("use_regex", true);
        }
        putModel(file.putObject("model"), specialTokens, merges);
        return of(file);
    }

    /** A file without special tokens, rules and model. */
    static ObjectNode file() {
        ObjectNode file = MAPPER.createObjectNode();
        file.put("version", "1.0");
        file.putNull("truncation");
        file.putNull("padding");
        file.putArray("added_tokens");
        file.putNull("normalizer");
        return file;
    }

    /** The tokenizer of a file. */
    static TrainedTokenizer of(ObjectNode file) {
        try {
            return new TrainedTokenizer(MAPPER.writeValueAsString(file));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("what was made cannot be written", e);
        }
    }

    static void addSpecial(String token, int id, ArrayNode added) {
        ObjectNode node = added.addObject();
        node.put("id", id);
        node.put("content", token);
        node.put("single_word", false);
        node.put("lstrip", false);
        node.put("rstrip", false);
        node.put("normalized", false);
        node.put("special", true);
    }

    private static void putModel(ObjectNode model, List<String> specialTokens, List<PairMerge> merges) {
        model.put("type", "BPE");
        model.putNull("dropout");
        model.putNull("unk_token");
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        model.put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        specialTokens.forEach(token -> putToken(token, vocabulary));
        IntStream.range(0, 256)
                .mapToObj(b -> Character.toString(ByteCharacters.character(b)))
                .sorted()
                .forEach(token -> putToken(token, vocabulary));
        ArrayNode list = model.putArray("merges");
        for (PairMerge merge : merges) {
            putToken(merge.merged(), vocabulary);
            list.add(merge.left() + " " + merge.right()); // as pairs, versions before 0.20 could not read them
        }
    }

    private static void putToken(String token, ObjectNode vocabulary) {
        if (!vocabulary.has(token)) {
            vocabulary.put(token, vocabulary.size());
        }
    }

    /** What was made, ready to be used. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** A {@code tokenizer.json}, which Hugging Face's library reads. */
    public String json() {
        return json;
    }

    /**
     * Writes the file, whole or not at all.
     *
     * @param file usually {@code tokenizer.json} in a model's folder, which must exist
     * @throws IOException if the disk fails
     */
    public void save(Path file) throws IOException {
        try (AtomicFile out = AtomicFile.create(file)) {
            out.stream().write(json.getBytes(StandardCharsets.UTF_8));
            out.commit();
        }
    }
}
