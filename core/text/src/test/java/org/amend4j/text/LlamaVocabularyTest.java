/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlamaVocabularyTest {

    @TempDir
    Path folder;

    @Test
    void it_merges_by_score_and_spells_the_rest_in_bytes() throws IOException {
        Path path = folder.resolve("tok512.bin");
        Files.write(path, file());
        Tokenizer tokenizer = Tokenizer.open(path);
        Encoding encoding = tokenizer.encode("abc \u20ac");
        assertEquals(List.of("<s>", " ", "abc", " ", "<0xE2>", "<0x82>", "<0xAC>"), encoding.tokens());
        assertEquals("abc \u20ac", tokenizer.decode(encoding.ids()));
        // "ab" has the higher score, so "bc" is never made of "abc"
        assertEquals(List.of("<s>", " ", "bc"), tokenizer.encode("bc").tokens());
    }

    @Test
    void of_equal_scores_the_leftmost_pair_is_merged() throws IOException {
        ByteBuffer bytes = first();
        for (String token : List.of("bc", "ab", " ", "a", "b", "c")) {
            put(bytes, token, -1);
        }
        assertEquals(List.of("<s>", " ", "ab", "c"), read(bytes).encode("abc").tokens());
    }

    @Test
    void the_pair_of_the_higher_score_is_merged() throws IOException {
        for (float score : new float[] {-1, -3}) {
            ByteBuffer bytes = first();
            for (String character : List.of("a", " ", "c", "b")) {
                put(bytes, character, -9);
            }
            put(bytes, "bc", -2);
            put(bytes, "ab", score);
            put(bytes, "ca", -4);
            List<String> tokens = score > -2 ? List.of("<s>", " ", "ab", "ca") : List.of("<s>", " ", "a", "bc", "a");
            assertEquals(tokens, read(bytes).encode("abca").tokens());
        }
    }

    @Test
    void of_two_texts_each_has_its_start_and_its_type() throws IOException {
        Encoding pair = Tokenizer.read(new ByteArrayInputStream(file())).encode("a", "b");
        assertEquals(List.of("<s>", " ", "a", "<s>", " ", "b"), pair.tokens());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1, 1}, pair.typeIds());
    }

    @Test
    void a_token_has_1_to_128_bytes_and_a_finite_score() throws IOException {
        ByteBuffer longest = first();
        put(longest, "x".repeat(128), 0);
        assertEquals(260, read(longest).size());
        for (String token : List.of("", "x".repeat(129))) {
            ByteBuffer bytes = first();
            put(bytes, token, 0);
            refused(TokenizerException.class, "a length in [1, ", () -> read(bytes));
        }
        for (float score : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            ByteBuffer bytes = first();
            put(bytes, "x".repeat(128), score);
            refused(TokenizerException.class, "a finite score", () -> read(bytes));
        }
        refused(
                TokenizerException.class,
                "a length in [1, 3]",
                () -> read(first().putFloat(0).putInt(4).put(new byte[3])));
        refused(
                TokenizerException.class,
                "the file ends",
                () -> read(first().putFloat(0).put(new byte[3])));
    }

    /** 123 is the brace that a tokenizer.json begins with. */
    @Test
    void it_is_known_by_its_first_number_whatever_that_is() throws IOException {
        for (int longest : new int[] {1, 7, '\n', ' ', '[', '{', 128, 255, 65_535}) {
            byte[] file = ByteBuffer.wrap(file())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(0, longest)
                    .array();
            Tokenizer tokenizer = Tokenizer.read(new ByteArrayInputStream(file));
            assertEquals(List.of("<s>", " ", "abc"), tokenizer.encode("abc").tokens());
        }
        for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            byte[] json = "{\"a\":0}".getBytes(charset);
            refused(TokenizerException.class, "strict JSON", () -> Tokenizer.read(new ByteArrayInputStream(json)));
        }
        for (byte[] file : List.of(new byte[3], new byte[] {'{', 0, 0})) {
            refused(TokenizerException.class, "strict JSON", () -> Tokenizer.read(new ByteArrayInputStream(file)));
        }
        refused(
                TokenizerException.class,
                "at least 259 tokens, got 0",
                () -> Tokenizer.read(new ByteArrayInputStream(new byte[4])));
    }

    @Test
    void it_has_at_most_8_mib() {
        for (int size : new int[] {8 << 20, (8 << 20) + 1}) {
            refused(
                    TokenizerException.class,
                    size > 8 << 20 ? "at most 8388608 bytes" : "token 0 must have a finite score",
                    () -> Tokenizer.read(new ByteArrayInputStream(new byte[size])));
        }
    }

    @Test
    void its_first_tokens_are_those_of_llama() throws IOException {
        assertEquals(259, read(first()).size());
        byte[] first = bytes(first());
        refused(
                TokenizerException.class,
                "at least 259 tokens, got 258",
                () -> Tokenizer.read(new ByteArrayInputStream(first, 0, first.length - 14)));
        byte[] wrong = first.clone();
        wrong[first.length - 2] = '0';
        refused(
                TokenizerException.class,
                "token 258 must be <0xFF>, got '<0xF0>'",
                () -> Tokenizer.read(new ByteArrayInputStream(wrong)));
        int third = new String(first, StandardCharsets.ISO_8859_1).indexOf("<0x00>");
        byte[] noZero = first.clone();
        noZero[third + 4] = '1';
        refused(
                TokenizerException.class,
                "token 3 must be <0x00>, got '<0x01>'",
                () -> Tokenizer.read(new ByteArrayInputStream(noZero)));
        ByteBuffer twice = first();
        put(twice, "<s>", 0);
        refused(TokenizerException.class, "got twice '<s>'", () -> read(twice));
        refused(
                TokenizerException.class,
                "must be UTF-8",
                () -> read(first().putFloat(0).putInt(1).put((byte) 0xff)));
    }

    private static Tokenizer read(ByteBuffer bytes) throws IOException {
        return Tokenizer.read(new ByteArrayInputStream(bytes(bytes)));
    }

    private static byte[] bytes(ByteBuffer written) {
        byte[] bytes = new byte[written.position()];
        written.duplicate().flip().get(bytes);
        return bytes;
    }

    /** A small vocabulary. */
    static byte[] file() {
        ByteBuffer bytes = first();
        put(bytes, "ab", -1);
        put(bytes, "bc", -2);
        put(bytes, "abc", -3);
        for (String character : List.of(" ", "a", "b", "c", "n", "u")) {
            put(bytes, character, -10);
        }
        return bytes(bytes);
    }

    /** What every vocabulary begins with. */
    private static ByteBuffer first() {
        ByteBuffer bytes = ByteBuffer.allocate(8_000).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(7);
        put(bytes, "<unk>", 0);
        put(bytes, "\n<s>\n", 0);
        put(bytes, "\n</s>\n", 0);
        for (int b = 0; b < 256; b++) {
            put(bytes, BytePairs.byteToken(b), 0);
        }
        return bytes;
    }

    private static void put(ByteBuffer bytes, String token, float score) {
        byte[] text = token.getBytes(StandardCharsets.UTF_8);
        bytes.putFloat(score).putInt(text.length).put(text);
    }
}
