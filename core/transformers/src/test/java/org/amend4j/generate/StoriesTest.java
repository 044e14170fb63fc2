/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A published model, where somebody has it: stories260K of llama2.c in Hugging Face's layout. */
@EnabledIfSystemProperty(
        named = "amend4j.stories260k",
        matches = ".+",
        disabledReason = "-Damend4j.stories260k=FOLDER names a folder with the model and tok512.bin")
class StoriesTest {

    private static final String STORY =
            "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
                    + " One day, she saw a big, red ball.";

    @Test
    void the_model_tells_the_story_that_it_tells_elsewhere() throws IOException {
        Path folder = Path.of(System.getProperty("amend4j.stories260k"));
        Decoder decoder = Decoder.open(folder);
        List<Integer> tokens = new Generator(decoder)
                .generate(List.of(1), GenerationRules.greedy(200, decoder))
                .tokens();
        StringBuilder text = new StringBuilder();
        List<String> vocabulary = vocabulary(folder.resolve("tok512.bin"));
        tokens.forEach(token -> text.append(vocabulary.get(token)));
        assertEquals(" " + STORY, text.substring(0, STORY.length() + 1));
    }

    /** Of tokens that are no single bytes, which this story has none of. */
    private static List<String> vocabulary(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.getInt();
        List<String> tokens = new ArrayList<>();
        while (bytes.hasRemaining()) {
            bytes.getFloat();
            byte[] token = new byte[bytes.getInt()];
            bytes.get(token);
            tokens.add(new String(token, StandardCharsets.UTF_8));
        }
        return tokens;
    }
}
