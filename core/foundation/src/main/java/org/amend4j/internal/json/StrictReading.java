/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** How JSON of strangers is read. */
public final class StrictReading {

    private StrictReading() {}

    /**
     * The object in a file.
     *
     * @param deepest levels of objects and arrays, >= 1
     * @param largest most bytes of the file
     * @throws IllegalArgumentException if it is no such file, with the rule that it breaks and without its name
     * @throws IOException if it cannot be read
     */
    public static JsonNode object(Path file, int deepest, int largest) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("must be an existing regular file");
        }
        if (Files.size(file) > largest) {
            throw new IllegalArgumentException("must have at most " + largest + " bytes, got " + Files.size(file));
        }
        JsonMapper mapper = JsonMapper.builder(factory(deepest).build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file)));
            JsonNode node = mapper.readTree(text.toString());
            if (!node.isObject()) {
                throw new IllegalArgumentException("must be a JSON object");
            }
            return node;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("must be UTF-8", e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not strict JSON: " + JsonFault.sentence(e), e);
        }
    }

    /**
     * Parsers that refuse names that stand twice and what is nested too deeply, and keep no stranger's names. They are for
     * texts: of bytes they would let pass what is no UTF-8. How long texts are must be bounded before they are read.
     *
     * @param deepest levels of objects and arrays, >= 1
     */
    public static JsonFactoryBuilder factory(int deepest) {
        return new JsonFactoryBuilder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(deepest)
                        .maxNameLength(Integer.MAX_VALUE)
                        .maxStringLength(Integer.MAX_VALUE)
                        .build());
    }
}
