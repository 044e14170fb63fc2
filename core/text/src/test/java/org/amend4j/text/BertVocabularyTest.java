/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BertVocabularyTest {

    private static final String LINES =
            "[PAD]\n[unused0]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##able\n##s\ncafe\n.\n,\n\u4e2d\n\u211d\n";

    @TempDir
    Path folder;

    private static BertVocabulary read(String lines) {
        return BertVocabulary.read(lines.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void its_tokenizer_cleans_and_divides_texts_as_bert_does() throws IOException {
        read(LINES).tokenizer().save(folder.resolve("tokenizer.json"));
        Tokenizer tokenizer = Tokenizer.open(folder);
        assertEquals(
                List.of("[CLS]", "un", "##able", "##s", "cafe", ",", "[MASK]", "[UNK]", "\u4e2d", ".", "[SEP]"),
                tokenizer.encode("Unables CAF\u00c9, [MASK] x\u4e2d.").tokens());
        assertEquals(
                "unables, cafe.",
                tokenizer.decode(tokenizer.encode("unables, cafe.").ids()));
        Encoding pair = tokenizer.encode("un", "cafe");
        assertEquals(List.of("[CLS]", "un", "[SEP]", "cafe", "[SEP]"), pair.tokens());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1}, pair.typeIds());
    }

    @Test
    void a_vocabulary_with_capital_letters_keeps_case_and_accents() {
        BertVocabulary cased = read(LINES.replace("cafe", "Caf\u00e9").replace("\n", "\r\n"));
        assertTrue(read(LINES).isLowerCase());
        assertFalse(cased.isLowerCase());
        assertEquals(
                List.of("[CLS]", "Caf\u00e9", "[UNK]", "[SEP]"),
                cased.tokenizer().tokenizer().encode("Caf\u00e9 CAFE").tokens());
    }

    @Test
    void its_own_tokens_stand_in_the_file_in_the_order_of_ids() {
        BertVocabulary vocabulary = read("[MASK]\n[SEP]\na\n[CLS]\n[UNK]\n[PAD]\n");
        String file = vocabulary.tokenizer().json();
        List<Integer> places = Stream.of("[MASK]", "[SEP]", "[CLS]", "[UNK]", "[PAD]")
                .map(token -> file.indexOf("\"content\":\"" + token + "\""))
                .toList();
        assertEquals(places.stream().sorted().toList(), places);
        assertEquals(6, vocabulary.size());
    }

    @Test
    @Tag("exhaustive")
    void a_vocabulary_has_at_most_a_million_tokens() {
        String most = IntStream.range(0, 1 << 20).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        refused("must have the token [PAD]", () -> read(most));
        refused("must have at most 1048576 tokens", () -> read(most + "\n[PAD]"));
    }

    @Test
    void a_vocabulary_without_its_own_tokens_or_with_one_twice_is_refused() {
        refused("must have the token [MASK]", () -> read(LINES.replace("[MASK]", "[MASKED]")));
        refused("each token once, got twice 'un'", () -> read(LINES + "un\n"));
        refused("must have the token [PAD]", () -> read(""));
    }
}
