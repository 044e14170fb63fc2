/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Hugging Face's library made of small tokenizers and texts: {@code peer/README.md} says how. */
class PeerGoldenTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    record Setup(String subject, JsonNode says) {

        @Override
        public String toString() {
            return subject + ": " + says.get("name").textValue();
        }
    }

    private static final List<Setup> TEXTS = Stream.of(
                    "lines", "truncation", "padding", "offsets", "templates", "added_tokens", "normalizers", "models")
            .flatMap(PeerGoldenTest::setups)
            .toList();

    static Stream<Setup> texts() {
        return TEXTS.stream();
    }

    static Stream<Setup> preTokenizers() {
        return setups("pre_tokenizers");
    }

    static Stream<Setup> decoders() {
        return setups("decoders");
    }

    private static Stream<Setup> setups(String subject) {
        JsonNode setups = json(subject + ".json").get("setups");
        return StreamSupport.stream(setups.spliterator(), false).map(each -> new Setup(subject, each));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void a_text_becomes_what_hugging_face_makes_of_it(Setup setup) throws IOException {
        JsonNode says = setup.says;
        Tokenizer tokenizer = tokenizer(says);
        for (int i = 0; i < says.get("batches").size(); i++) {
            JsonNode batch = says.get("batches").get(i);
            JsonNode made = says.get("made").get(i);
            if (made.has("refused")) {
                Refusals.sentence(assertThrows(
                        IllegalArgumentException.class, () -> encoded(tokenizer, batch), () -> made + " " + batch));
                continue;
            }
            List<Encoding> ours = encoded(tokenizer, batch);
            assertEquals(made.size(), ours.size());
            for (int k = 0; k < made.size(); k++) {
                JsonNode theirs = made.get(k);
                assertEquals(theirs.toString(), columns(theirs, ours.get(k), tokenizer), () -> "of " + batch);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("preTokenizers")
    void a_text_has_the_words_that_hugging_face_finds(Setup setup) {
        PreTokenizer preTokenizer = PreTokenizerReader.preTokenizer(Optional.of(setup.says.get("pre_tokenizer")));
        for (int i = 0; i < setup.says.get("texts").size(); i++) {
            String text = setup.says.get("texts").get(i).textValue();
            List<AlignedText> words = new ArrayList<>();
            preTokenizer.split(AlignedText.of(text), words);
            List<List<Object>> ours = words.stream()
                    .map(word -> List.<Object>of(word.toString(), word.begin(0), word.end(word.length() - 1)))
                    .toList();
            assertEquals(
                    setup.says.get("words").get(i).toString(),
                    MAPPER.valueToTree(ours).toString(),
                    text);
        }
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void tokens_become_the_text_that_hugging_face_makes_of_them(Setup setup) {
        Decoder decoder = DecoderReader.decoder(Optional.of(setup.says.get("decoder")));
        for (int i = 0; i < setup.says.get("tokens").size(); i++) {
            List<String> tokens = strings(setup.says.get("tokens").get(i));
            JsonNode text = setup.says.get("texts").get(i);
            if (!text.isNull()) { // there the peer panics
                assertEquals(text.textValue(), String.join("", decoder.decode(tokens)), tokens::toString);
            }
        }
    }

    private static Tokenizer tokenizer(JsonNode says) throws IOException {
        ObjectNode file =
                (ObjectNode) json("tokenizers/" + says.get("tokenizer").textValue() + ".json");
        file.setAll((ObjectNode) says.get("change"));
        Tokenizer tokenizer =
                Tokenizer.read(new ByteArrayInputStream(file.toString().getBytes(StandardCharsets.UTF_8)));
        return says.get("special").booleanValue() ? tokenizer : tokenizer.withoutSpecialTokens();
    }

    private static List<Encoding> encoded(Tokenizer tokenizer, JsonNode batch) {
        if (batch.get(0).isTextual()) {
            return tokenizer.encodeAll(strings(batch));
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
        ObjectNode columns = MAPPER.createObjectNode();
        theirs.fieldNames()
                .forEachRemaining(name -> columns.set(name, MAPPER.valueToTree(column(name, ours, tokenizer))));
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

    private static List<String> strings(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }

    private static JsonNode json(String name) {
        try (InputStream in = Objects.requireNonNull(PeerGoldenTest.class.getResourceAsStream("peer/" + name), name)) {
            return MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
