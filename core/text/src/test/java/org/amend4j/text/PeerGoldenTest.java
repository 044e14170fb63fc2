/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerGoldenTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"lines", "truncation", "padding", "offsets", "templates", "added_tokens", "normalizers", "models"
            })
    void a_text_becomes_what_hugging_face_makes_of_it(String subject) throws IOException {
        for (PeerSetup setup : PeerSetup.of(subject)) {
            Tokenizer tokenizer = setup.tokenizer();
            for (int i = 0; i < setup.get("batches").size(); i++) {
                compare(setup.get("batches").get(i), setup.get("made").get(i), tokenizer, setup);
            }
        }
    }

    private static void compare(JsonNode batch, JsonNode made, Tokenizer tokenizer, PeerSetup setup) {
        Supplier<String> place = () -> setup + ", of " + batch;
        if (made.has("refused")) {
            Refusals.sentence(assertThrows(IllegalArgumentException.class, () -> encoded(tokenizer, batch), place));
            return;
        }
        List<Encoding> ours = encoded(tokenizer, batch);
        assertEquals(made.size(), ours.size(), place);
        for (int k = 0; k < made.size(); k++) {
            JsonNode theirs = made.get(k);
            assertEquals(theirs.toString(), columns(theirs, ours.get(k), tokenizer), place);
        }
    }

    @Test
    void a_text_has_the_words_that_hugging_face_finds() {
        for (PeerSetup setup : PeerSetup.of("pre_tokenizers")) {
            PreTokenizer preTokenizer = PreTokenizerReader.preTokenizer(Optional.of(setup.get("pre_tokenizer")));
            for (int i = 0; i < setup.get("texts").size(); i++) {
                String text = setup.get("texts").get(i).textValue();
                List<AlignedText> words = new ArrayList<>();
                preTokenizer.split(AlignedText.of(text), words);
                List<List<Object>> ours = words.stream()
                        .map(word -> List.<Object>of(word.toString(), word.begin(0), word.end(word.length() - 1)))
                        .toList();
                assertEquals(
                        setup.get("words").get(i).toString(),
                        PeerSetup.MAPPER.valueToTree(ours).toString(),
                        () -> setup + ", of " + text);
            }
        }
    }

    @Test
    void an_expression_finds_the_characters_that_hugging_face_finds() {
        StringBuilder every = new StringBuilder();
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
                .filter(c -> (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) && c != 0x16fe2)
                .forEach(every::appendCodePoint);
        AlignedText text = AlignedText.of(every.toString());
        for (PeerSetup setup : Exhaustive.oneIn(8, PeerSetup.of("classes"))) {
            Matches expression =
                    new Matches.Expression(Oniguruma.pattern(setup.get("name").textValue()));
            BitSet found = new BitSet();
            expression.spans(text).stream().filter(Span::matched).forEach(span -> found.set(span.begin(), span.end()));
            assertEquals(setup.get("ranges").textValue(), ranges(found, text), setup::toString);
        }
    }

    private static String ranges(BitSet found, AlignedText text) {
        List<String> ranges = new ArrayList<>();
        for (int begin = found.nextSetBit(0); begin >= 0; ) {
            int end = found.nextClearBit(begin);
            ranges.add(String.format(Locale.ROOT, "%x-%x", text.codePoint(begin), text.codePoint(end - 1)));
            begin = found.nextSetBit(end);
        }
        return String.join(" ", ranges);
    }

    @Test
    void tokens_become_the_text_that_hugging_face_makes_of_them() {
        for (PeerSetup setup : PeerSetup.of("decoders")) {
            Decoder decoder = DecoderReader.decoder(Optional.of(setup.get("decoder")));
            for (int i = 0; i < setup.get("tokens").size(); i++) {
                List<String> tokens = PeerSetup.strings(setup.get("tokens").get(i));
                JsonNode text = setup.get("texts").get(i);
                if (!text.isNull()) { // there the peer panics
                    String ours = String.join("", decoder.decode(tokens));
                    assertEquals(text.textValue(), ours, () -> setup + ", of " + tokens);
                }
            }
        }
    }

    private static List<Encoding> encoded(Tokenizer tokenizer, JsonNode batch) {
        if (batch.get(0).isTextual()) {
            return tokenizer.encodeAll(PeerSetup.strings(batch));
        }
        List<String> firsts = new ArrayList<>();
        List<String> seconds = new ArrayList<>();
        for (JsonNode pair : batch) {
            firsts.add(pair.get(0).textValue());
            seconds.add(pair.get(1).textValue());
        }
        return tokenizer.encodeAll(firsts, seconds);
    }

    /** Of ours, what the peer's encoding has. */
    private static String columns(JsonNode theirs, Encoding ours, Tokenizer tokenizer) {
        ObjectNode columns = PeerSetup.MAPPER.createObjectNode();
        theirs.fieldNames()
                .forEachRemaining(
                        name -> columns.set(name, PeerSetup.MAPPER.valueToTree(column(name, ours, tokenizer))));
        return columns.toString();
    }

    private static Object column(String name, Encoding ours, Tokenizer tokenizer) {
        return switch (name) {
            case "ids" -> ours.ids();
            case "types" -> ours.typeIds();
            case "tokens" -> ours.tokens();
            case "begins" -> each(ours, ours::begin);
            case "ends" -> each(ours, ours::end);
            case "words" -> each(ours, i -> ours.word(i).orElse(-1));
            case "texts" -> each(ours, i -> ours.text(i).orElse(-1));
            case "special" -> ours.specialTokensMask();
            case "attended" -> ours.attentionMask();
            case "decoded" -> tokenizer.decode(ours.ids());
            case "decoded_with_special" -> tokenizer.decode(ours.ids(), false);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static int[] each(Encoding encoding, IntUnaryOperator value) {
        return IntStream.range(0, encoding.size()).map(value).toArray();
    }
}
