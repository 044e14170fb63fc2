/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.amend4j.app.job.Sentence;
import org.amend4j.cuda.EmulatedDevices;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.GenerationRules;
import org.amend4j.generate.Generator;
import org.amend4j.testkit.TinyAdapter;
import org.amend4j.text.Tokenizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts on the command line. */
class GenerateCommandTest {

    @TempDir
    private Path folder;

    private Path base = Path.of("");

    @BeforeEach
    void write() throws IOException {
        base = folder.resolve("base");
        TinyLanguageModel.write(base);
    }

    private Ran generate(Object... more) {
        return amend4j(new Object[] {"generate", "--base", base}, more);
    }

    private Path adapter(String name, long seed) throws IOException {
        return new TinyAdapter(seed, 2, 16)
                .on("model.layers.1.mlp.up_proj", 40, 24)
                .on("model.layers.2.self_attn.q_proj", 24, 24)
                .write(folder.resolve(name));
    }

    private String greedy(String prompt, int tokens) throws IOException {
        Tokenizer tokenizer = Tokenizer.open(base);
        Decoder decoder = Decoder.open(base);
        List<Integer> text = new ArrayList<>(
                Arrays.stream(tokenizer.encode(prompt).ids()).boxed().toList());
        text.addAll(new Generator(decoder)
                .generate(text, GenerationRules.greedy(tokens, decoder))
                .tokens());
        return tokenizer.decode(text.stream().mapToInt(token -> token).toArray());
    }

    /** What standard output shows of a text; random bytes can be anything. */
    private static String shown(String text) {
        return Sentence.printable(text) + System.lineSeparator();
    }

    @Test
    void a_text_is_its_prompt_and_what_the_model_makes_of_it() throws IOException {
        Ran ran = generate("--prompt", "the cat", "--tokens", 12).done();
        assertEquals(shown(greedy("the cat", 12)), ran.out());
        assertTrue(ran.err().contains("12 tokens in"), ran.err());
        assertTrue(ran.err().contains("--tokens ended it"), ran.err());
        assertEquals(
                ran.out(),
                generate("--prompt", "the cat", "--tokens", 12, "--greedy")
                        .done()
                        .out());
    }

    @Test
    void several_texts_are_printed_in_the_order_of_their_prompts() throws IOException {
        Ran ran = generate("--prompt", "the cat", "--prompt", "a bat", "--tokens", 6)
                .done();
        String blank = System.lineSeparator().repeat(2);
        assertEquals(shown(greedy("the cat", 6) + blank + greedy("a bat", 6)), ran.out());
    }

    @Test
    void json_has_prompts_continuations_ids_and_ends() throws IOException {
        JsonNode facts = generate("--prompt", "the cat", "--prompt", "a bat", "--tokens", 100, "--json")
                .json();
        assertEquals("llama", facts.path("family").asText());
        JsonNode text = facts.at("/texts/1");
        assertEquals("a bat", text.path("prompt").asText());
        assertEquals(greedy("a bat", 100), "a bat" + text.path("continuation").asText());
        int prompt = Tokenizer.open(base).encode("a bat").size();
        assertEquals(64 - prompt + 1, text.path("tokens").size());
        assertEquals("positions", text.path("end").asText());
    }

    @Test
    void a_text_ends_and_is_drawn_as_the_models_makers_say_where_no_option_does() throws IOException {
        Object[] text = {"--prompt", "the cat", "--tokens", 12, "--json"};
        JsonNode greedy = generate(text).json().at("/texts/0");
        Path said = base.resolve("generation_config.json");
        Files.writeString(
                said, "{\"eos_token_id\": [1, " + greedy.at("/tokens/2").asInt() + ", 99999]}");
        JsonNode ended = generate(text).json().at("/texts/0");
        assertEquals("stop_token", ended.path("end").asText());
        assertTrue(ended.path("tokens").size() <= 2, ended.toString());

        Files.writeString(said, "{\"do_sample\": true, \"temperature\": 0.7, \"top_k\": 5}");
        Ran drawn = generate("--prompt", "the cat", "--tokens", 12).done();
        assertTrue(drawn.err().contains("tokens are drawn: temperature 0.7, top k 5, top p 1.0"), drawn.err());
        assertEquals(greedy, generate(amended(text, "--greedy")).json().at("/texts/0"), "an option says otherwise");
        Files.delete(said);
        Object[] same = {"--temperature", 0.7, "--top-k", 5};
        assertEquals(
                drawn.out(),
                generate(amended(same, "--prompt", "the cat", "--tokens", 12))
                        .done()
                        .out());

        Files.writeString(said, "{\"eos_token_id\": \"</s>\"}");
        generate(text).refused("'eos_token_id' must be a token's id or a list of such");
    }

    private static Object[] amended(Object[] words, Object... more) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
    }

    @Test
    void drawn_text_follows_from_its_seed() {
        String one = generate("--prompt", "the", "--top-k", 50, "--tokens", 30)
                .done()
                .out();
        assertEquals(
                one,
                generate("--prompt", "the", "--top-k", 50, "--tokens", 30, "--seed", 1)
                        .done()
                        .out());
        assertEquals(
                one,
                generate("--prompt", "the", "--temperature", 1, "--top-k", 50, "--tokens", 30)
                        .done()
                        .out());
        assertNotEquals(
                one,
                generate("--prompt", "the", "--top-k", 50, "--tokens", 30, "--seed", 2)
                        .done()
                        .out());
        String greedy = generate("--prompt", "the", "--tokens", 30).done().out();
        assertEquals(
                greedy,
                generate("--prompt", "the", "--top-k", 1, "--tokens", 30).done().out());
    }

    @Test
    void a_token_that_stops_is_not_printed_and_the_summary_says_who_ended_the_text() throws IOException {
        JsonNode facts = generate("--prompt", "the", "--tokens", 8, "--json").json();
        Tokenizer tokenizer = Tokenizer.open(base);
        int third = facts.at("/texts/0/tokens/2").asInt();
        Ran ran = generate("--prompt", "the", "--tokens", 8, "--stop", tokenizer.token(third))
                .done();
        assertTrue(ran.err().contains("the model ended the text"), ran.err());
        assertTrue(ran.err().lines().anyMatch(line -> line.matches("[012] tokens in .*")), ran.err());
    }

    @Test
    void an_adapter_is_for_all_prompts_and_several_are_one_for_each() throws IOException {
        Path first = adapter("first", 1);
        Path second = adapter("second", 2);
        List<Object> both = List.of("--prompt", "the", "--prompt", "the", "--tokens", 10, "--json");
        JsonNode one = generate(with(both, first)).json();
        JsonNode each = generate(with(both, first, second)).json();
        assertEquals(one.at("/texts/0/tokens"), one.at("/texts/1/tokens"));
        assertEquals(one.at("/texts/0/tokens"), each.at("/texts/0/tokens"));
        assertNotEquals(each.at("/texts/0/tokens"), each.at("/texts/1/tokens"));
        assertEquals(second.toString(), each.at("/texts/1/adapter").asText());
        assertNotEquals(generate(with(both)).json().at("/texts/0/tokens"), each.at("/texts/0/tokens"));
        generate(with(List.of("--prompt", "a", "--prompt", "b", "--prompt", "c"), first, second))
                .refused("--adapter must be given once, or once for each --prompt, got 2 for 3");
    }

    private static Object[] with(List<Object> words, Path... adapters) {
        List<Object> all = new ArrayList<>(words);
        for (Path adapter : adapters) {
            all.addAll(List.of("--adapter", adapter));
        }
        return all.toArray();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--greedy --temperature 1 | --greedy excludes --temperature, --top-k and --top-p",
                "--seed 2 | --seed is for tokens that are drawn",
                "--tokens 0 | --tokens must be >= 1, got 0",
                "--temperature 0 | --temperature must be > 0",
                "--top-k 0 | --top-k must be >= 1",
                "--top-p 1.5 | --top-p must be > 0 and <= 1, got 1.5",
                "--repetition-penalty -1 | --repetition-penalty must be > 0",
                "--adapter nowhere | there is no adapter directory nowhere",
                "--tokenizer nowhere | there is no --tokenizer nowhere"
            })
    void what_cannot_be_done_is_refused_in_a_sentence(String more, String sentence) {
        generate((Object[]) ("--prompt x " + more).split(" ", -1)).refused(sentence);
    }

    @Test
    void prompts_that_do_not_fit_the_model_are_refused() {
        generate("--prompt", "x".repeat(65)).refused("the model has 64 positions, got 65");
        generate("--prompt", "").refused("--prompt must not be empty");
    }

    @Test
    void folders_that_are_no_models_are_refused() throws IOException {
        Path nowhere = folder.resolve("nowhere");
        amend4j("generate", "--base", nowhere, "--prompt", "x").refused("--base must be a folder with a model");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        amend4j("generate", "--base", empty, "--prompt", "x").refused("there is no tokenizer.json in");
        Files.copy(base.resolve("tokenizer.json"), empty.resolve("tokenizer.json"));
        amend4j("generate", "--base", empty, "--prompt", "x").refused("config.json", "existing regular file");
        TinyLanguageModel.checkpoint().with("model_type", "gpt_neo").writeConfig(empty);
        amend4j("generate", "--base", empty, "--prompt", "x").refused("models of the type 'gpt_neo' are not supported");
        TinyLanguageModel.checkpoint().filled().drop("model.norm.weight").write(empty);
        amend4j("generate", "--base", empty, "--prompt", "x").refused("'model.norm.weight' is missing");
        Files.writeString(base.resolve("model.safetensors"), "short");
        generate("--prompt", "x").refused("must have at least 8 bytes");
    }

    @Test
    void a_tokenizer_of_another_model_is_refused() throws IOException {
        TinyLanguageModel.writeTokenizer(base, 274);
        generate("--prompt", "x").refused("the tokenizer has 274 tokens and the model 270");
        Files.writeString(base.resolve("tokenizer.json"), "{}");
        generate("--prompt", "x").refused("tokenizer.json");
    }

    @Test
    void an_adapter_of_another_model_is_refused() throws IOException {
        Path other = new TinyAdapter(1, 2, 2)
                .on("model.layers.9.mlp.up_proj", 40, 24)
                .write(folder.resolve("other"));
        generate("--prompt", "x", "--adapter", other)
                .refused("factors of 'model.layers.9.mlp.up_proj', which the model does not have");
    }

    /** Ids 1 and 2 begin and end texts; bytes have tokens; then single letters. */
    @Test
    void a_vocabulary_of_llama2c_is_found_beside_the_model() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(number(7));
        List<String> tokens = new ArrayList<>(List.of("<unk>", "\n<s>\n", "\n</s>\n"));
        for (int i = 0; i < 256; i++) {
            tokens.add(String.format(Locale.ROOT, "<0x%02X>", i));
        }
        tokens.addAll(List.of(" ", "a", "b", " a"));
        for (int i = 0; i < tokens.size(); i++) {
            byte[] bytes = tokens.get(i).getBytes(StandardCharsets.UTF_8);
            file.write(number(Float.floatToIntBits(-i)));
            file.write(number(bytes.length));
            file.write(bytes);
        }
        Files.delete(base.resolve("tokenizer.json"));
        Files.write(base.resolve("tok263.bin"), file.toByteArray());
        TinyLanguageModel.checkpoint().with("vocab_size", 263).filled().write(base);
        JsonNode facts = generate("--prompt", "ab", "--tokens", 5, "--json").json();
        assertEquals(5, facts.at("/texts/0/tokens").size());
        Files.write(base.resolve("tok1.bin"), file.toByteArray());
        generate("--prompt", "ab").refused("not one tok*.bin", "--tokenizer names the file");
        generate("--prompt", "ab", "--tokenizer", base.resolve("tok1.bin"), "--tokens", 5)
                .done();
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    @Test
    void characters_are_shown_when_all_their_bytes_are_there() throws IOException {
        Tokenizer tokenizer = Tokenizer.open(base);
        int[] ids = tokenizer.encode("a\u20ac").ids();
        assertEquals(4, ids.length);
        GrowingText text = new GrowingText(tokenizer, List.of(ids[0]), List.of(), false);
        assertEquals("a", text.rest(false));
        assertEquals("", with(text, ids[1]));
        assertEquals("", with(text, ids[2]));
        assertEquals("\u20ac", with(text, ids[3]));
        assertEquals("", with(text, ids[1]));
        assertEquals("\ufffd", text.rest(true));
    }

    private static String with(GrowingText text, int token) {
        text.add(token);
        return text.rest(false);
    }

    @Test
    void nothing_of_what_ends_a_text_is_shown_though_it_comes_piece_by_piece() throws IOException {
        Tokenizer tokenizer = Tokenizer.open(base);
        GrowingText text =
                new GrowingText(tokenizer, List.of(tokenizer.encode("x;y").ids()[0]), List.of("never", "x;y"), false);
        StringBuilder shown = new StringBuilder();
        for (int token : tokenizer.encode("a x; b x;y c").ids()) {
            if (!text.isOver()) {
                shown.append(with(text, token));
            }
        }
        shown.append(text.rest(true));
        assertTrue(text.isOver());
        assertEquals("xa x; b ", shown.toString());
        assertEquals("a x; b ", text.continuation());
    }

    /** A table has more rows than the tokenizer has tokens, as Qwen's has: their logits are as good as others'. */
    @Test
    void ids_without_a_token_are_never_chosen() throws IOException {
        TinyLanguageModel.writeTokenizer(base, 259);
        for (Object[] how : new Object[][] {{"--greedy"}, {"--temperature", 5.0}}) {
            JsonNode facts = amend4j(
                            new Object[] {"generate", "--base", base, "--prompt", "the cat", "--tokens", 50, "--json"},
                            how)
                    .json();
            facts.at("/texts/0/tokens").forEach(id -> assertTrue(id.asInt() < 259, id.asText()));
            assertEquals(50, facts.at("/texts/0/tokens").size());
        }
    }

    @Test
    void a_text_ends_before_the_first_of_the_texts_that_end_it() throws IOException {
        String whole = greedy("the cat", 40).substring("the cat".length());
        String stop = whole.substring(11, 14);
        JsonNode text = generate("--prompt", "the cat", "--tokens", 40, "--stop", "not there", "--stop", stop, "--json")
                .json()
                .at("/texts/0");
        assertEquals(
                whole.substring(0, whole.indexOf(stop)),
                text.path("continuation").asText());
        assertEquals("stop_text", text.path("end").asText());
        generate("--prompt", "the cat", "--stop", "").refused("--stop must not be empty");
    }

    @Test
    void a_device_says_what_the_cpu_says() throws IOException {
        EmulatedDevices.require();
        Object[] words = {"--prompt", "the cat", "--prompt", "a bat", "--tokens", 6, "--adapter", adapter("one", 3)};
        JsonNode here = amend4j(new Object[] {"generate", "--base", base, "--device", "cpu", "--json"}, words)
                .json();
        Ran onDevice = amend4j(new Object[] {"generate", "--base", base, "--device", "emulated", "--json"}, words);
        assertEquals(here, onDevice.json());
        assertTrue(onDevice.err().contains("as asked; for tests"), onDevice.err());
    }

    @Test
    void what_a_device_cannot_generate_is_refused_in_one_sentence() throws IOException {
        EmulatedDevices.require();
        TinyAdapter dora = new TinyAdapter(4, 2, 16).on("model.layers.1.mlp.up_proj", 40, 24);
        dora.dora(TinyLanguageModel.checkpoint().filled());
        Path adapter = dora.write(folder.resolve("dora"));
        generate("--prompt", "the cat", "--tokens", 2, "--adapter", adapter, "--device", "emulated")
                .refusedAtLast("--device emulated: ", "adapters with factors of linears only, got DoRA");
        generate("--prompt", "the cat", "--tokens", 2, "--adapter", adapter).done();
        generate("--prompt", "the cat", "--precision", "bf16", "--device", "cpu")
                .refused("--precision");
    }
}
