/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.amend4j.app.text.ExportedModel;
import org.amend4j.generate.Choice;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.GenerationRules;
import org.amend4j.generate.Generator;
import org.amend4j.testkit.NeedsPeers;
import org.amend4j.testkit.Peers;
import org.amend4j.text.Tokenizer;
import org.amend4j.text.chat.Chat;
import org.amend4j.text.chat.ChatTemplate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders made of GGUF files, as transformers opens them: tokens of texts and chats, and greedy tokens. */
@NeedsPeers
class GgufPeerTest {

    private static final Path MODELS = Path.of("../core/transformers/src/test/resources/org/amend4j/generate/gguf");
    private static final List<String> NAMES = List.of("llama-mixed-tied", "llama-f32-scaled", "qwen2-f16", "qwen3-f16");
    private static final int TOKENS = 16;

    @TempDir
    static Path folder;

    @BeforeAll
    static void computeThere() throws IOException, InterruptedException {
        for (String name : NAMES) {
            Path out = Files.createDirectories(folder.resolve("ours").resolve(name));
            ExportedModel.read(MODELS.resolve(name + ".gguf"), Optional.empty()).save(out);
        }
        Peers.run(GgufPeerTest.class, "gguf_peer.py", folder, folder.toString());
    }

    private static JsonNode theirs(String name) throws IOException {
        return new ObjectMapper()
                .readTree(folder.resolve("theirs").resolve(name + ".json").toFile());
    }

    private static int[] ids(JsonNode ids) {
        return StreamSupport.stream(ids.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-mixed-tied", "llama-f32-scaled", "qwen2-f16", "qwen3-f16"})
    void transformers_finds_our_tokens_in_texts_and_chats_and_goes_on_with_ours(String name) throws IOException {
        Path ours = folder.resolve("ours").resolve(name);
        Tokenizer tokenizer = Tokenizer.open(ours);
        JsonNode theirs = theirs(name);
        for (JsonNode line : theirs.get("lines")) {
            assertArrayEquals(
                    ids(line.get("ids")),
                    tokenizer.encode(line.get("text").textValue()).ids(),
                    line::toString);
        }
        ChatTemplate template = ChatTemplate.open(ours).orElseThrow();
        String written = template.render(Chat.read(theirs.get("messages").toString()), true)
                .text();
        assertEquals(theirs.get("chat").textValue(), written);
        int[] begun = tokenizer.withoutSpecialTokens().encode(written).ids();
        assertArrayEquals(ids(theirs.get("chat_ids")), begun);
        Decoder decoder = Decoder.open(ours);
        List<Integer> prompt = Arrays.stream(begun).boxed().toList();
        assertArrayEquals(
                ids(theirs.get("greedy")),
                new Generator(decoder)
                                .generate(
                                        prompt,
                                        new GenerationRules(new Choice.Greedy(), 1, TOKENS, Set.of(), Set.of(), 1))
                                .tokens()
                                .stream()
                                .mapToInt(token -> token)
                                .toArray());
    }
}
