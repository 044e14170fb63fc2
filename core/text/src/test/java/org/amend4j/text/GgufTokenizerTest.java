/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.amend4j.gguf.GgufFile;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTokenizerTest {

    /** Of core/transformers, which has the models for its own tests. */
    private static final Path MODELS = Path.of("../transformers/src/test/resources/org/amend4j/generate/gguf");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama-f32-scaled", "llama-mixed-tied", "qwen2-f16", "qwen3-f16", "gpt2-f16", "bert-f32"})
    void the_tokens_of_a_text_are_those_of_the_tokenizer_that_the_file_was_made_from(String name) throws IOException {
        assertGolden(MODELS.resolve(name + ".gguf"), MODELS.resolve(name + ".json"));
    }

    @Test
    void so_are_the_pieces_of_a_vocabulary_with_scores() throws Exception {
        assertGolden(resource("gguf/gemma2-tokenizer.gguf"), resource("gguf/gemma2-tokenizer.json"));
    }

    private static Path resource(String name) throws Exception {
        return Path.of(Objects.requireNonNull(GgufTokenizerTest.class.getResource(name), name)
                .toURI());
    }

    private static void assertGolden(Path file, Path expected) throws IOException {
        JsonNode golden = new ObjectMapper().readTree(expected.toFile());
        Tokenizer tokenizer = of(file).tokenizer().tokenizer();
        String text = golden.get("text").textValue();
        int[] ids = StreamSupport.stream(golden.get("ids").spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
        assertArrayEquals(ids, tokenizer.encode(text).ids());
        assertEquals(tokenizer.isToken(0), !tokenizer.decode(ids).isEmpty());
    }

    private static GgufTokenizer of(Path file) throws IOException {
        try (GgufFile opened = GgufFile.open(file)) {
            return GgufTokenizer.of(opened.metadata()).orElseThrow();
        }
    }

    @Test
    void special_tokens_have_their_roles_and_the_template_comes_along() throws IOException {
        GgufTokenizer made = of(MODELS.resolve("llama-mixed-tied.gguf"));
        assertEquals("<|im_end|>", made.settings().get("eos_token"));
        assertEquals("<|im_start|>", made.settings().get("bos_token"));
        assertTrue(made.settings().getOrDefault("chat_template", "").startsWith("{% for m in messages %}"));
        Tokenizer tokenizer = made.tokenizer().tokenizer();
        assertTrue(tokenizer.isSpecial(2));
        assertFalse(tokenizer.isSpecial(20));
        assertFalse(of(MODELS.resolve("bert-f32.gguf")).settings().containsKey("bos_token"));
    }

    private static Map<String, Object> bytePairs() {
        Map<String, Object> keys = new TreeMap<>();
        keys.put("general.architecture", "llama");
        keys.put("tokenizer.ggml.model", "gpt2");
        keys.put("tokenizer.ggml.pre", "smollm");
        keys.put("tokenizer.ggml.tokens", List.of("<s>", "a", "b", "ab"));
        keys.put("tokenizer.ggml.merges", List.of("a b"));
        keys.put("tokenizer.ggml.bos_token_id", 0);
        return keys;
    }

    @ParameterizedTest
    @CsvSource({
        "tokenizer.ggml.model, t5, 'is of the kind ''t5'', which is not known here'",
        "tokenizer.ggml.pre, deepseek-llm, 'divides texts by ''deepseek-llm'', which is not known here'",
        "tokenizer.ggml.bos_token_id, 4, 'must be the id of one of 4 tokens, got 4'",
        "tokenizer.ggml.merges, , must have merges",
        "tokenizer.ggml.tokens, , 'must have tokens, and a type for each'",
        "tokenizer.ggml.pre, , 'divides texts by ''default'''",
    })
    void what_is_not_known_or_does_not_fit_is_refused_by_name(String key, String value, String sentence)
            throws IOException {
        Map<String, Object> keys = bytePairs();
        assertArrayEquals(
                new int[] {3}, made(keys).tokenizer().tokenizer().encode("ab").ids());
        if (value == null) {
            keys.remove(key);
        } else {
            keys.put(key, value.matches("\\d+") ? (Object) Integer.valueOf(value) : value);
        }
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> made(keys));
        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
        Refusals.sentence(refused);
    }

    /** Whatever a stranger writes, there is a tokenizer or a sentence. */
    @Test
    void keys_of_strangers_make_a_tokenizer_or_are_refused_in_a_sentence() throws IOException {
        Random random = new Random(1);
        String[] texts = {
            "", "a", "ab", "\u2581", "\u2581a", "<0x0A>", "[CLS]", "[UNK]", "a b", " ", "\ud83d\ude42", "gpt2"
        };
        for (int trial = 0; trial < 300; trial++) {
            Map<String, Object> keys = bytePairs();
            keys.put("tokenizer.ggml.model", List.of("gpt2", "llama", "bert").get(trial % 3));
            List<String> tokens = random.ints(random.nextInt(9), 0, texts.length)
                    .mapToObj(i -> texts[i])
                    .distinct()
                    .toList();
            keys.put("tokenizer.ggml.tokens", tokens);
            keys.put("tokenizer.ggml.merges", List.of(texts[random.nextInt(texts.length)]));
            keys.put("tokenizer.ggml.scores", new float[tokens.size() + random.nextInt(2)]);
            try {
                made(keys).tokenizer().tokenizer().encode("a ab\u20ac");
            } catch (IllegalArgumentException refused) {
                Refusals.sentence(refused);
            }
        }
    }

    private GgufTokenizer made(Map<String, Object> keys) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("GGUF".getBytes(StandardCharsets.US_ASCII))
                .putInt(3)
                .putLong(0)
                .putLong(keys.size())
                .array());
        for (Map.Entry<String, Object> key : keys.entrySet()) {
            text(out, key.getKey());
            value(out, key.getValue());
        }
        out.write(new byte[Math.floorMod(-out.size(), 32)]);
        return of(Files.write(folder.resolve("made.gguf"), out.toByteArray()));
    }

    private static void value(ByteArrayOutputStream out, Object value) throws IOException {
        if (value instanceof String text) {
            number(out, 4, 8);
            text(out, text);
        } else if (value instanceof Integer whole) {
            number(out, 4, 4);
            number(out, 4, whole);
        } else if (value instanceof float[] fractions) {
            number(out, 4, 9);
            number(out, 4, 6);
            number(out, 8, fractions.length);
            for (float one : fractions) {
                number(out, 4, Float.floatToIntBits(one));
            }
        } else {
            List<?> texts = (List<?>) value;
            number(out, 4, 9);
            number(out, 4, 8);
            number(out, 8, texts.size());
            for (Object one : texts) {
                text(out, (String) one);
            }
        }
    }

    private static void text(ByteArrayOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(out, 8, bytes.length);
        out.write(bytes);
    }

    private static void number(ByteArrayOutputStream out, int bytes, long value) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >> (8 * i)));
        }
    }
}
