/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.internal.json.JsonFault;
import org.amend4j.internal.json.StrictReading;
import org.jspecify.annotations.Nullable;

/** JSON read strictly and to a bounded depth, and always written the same way. */
final class StrictJson {
    private static final int DEEPEST = 16;
    private static final int LARGEST = 1 << 24;
    private static final JsonMapper MAPPER = JsonMapper.builder(StrictReading.factory(DEEPEST)
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private StrictJson() {}

    /** The object in the text. */
    static JsonFields object(Path file, String what, String text) throws AdapterFormatException {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node instanceof ObjectNode object) {
                return new JsonFields(file, what, object, text);
            }
        } catch (JsonProcessingException e) {
            throw new AdapterFormatException(file, what + " is not strict JSON: " + JsonFault.sentence(e), e);
        }
        throw new AdapterFormatException(file, what + " must be a JSON object");
    }

    /** The object in the file. */
    static JsonFields read(Path file, String what) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new AdapterFormatException(file, "must be an existing regular file");
        }
        if (Files.size(file) > LARGEST) {
            throw new AdapterFormatException(file, "must have at most " + LARGEST + " bytes, got " + Files.size(file));
        }
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file)));
            return object(file, what, text.toString());
        } catch (CharacterCodingException e) {
            throw new AdapterFormatException(file, "must be UTF-8", e);
        }
    }

    static JsonNode tree(@Nullable Object value) {
        return MAPPER.valueToTree(value);
    }

    /** On one line, keys sorted. */
    static String compact(Object value) {
        return write(MAPPER, value);
    }

    /** Indented by two spaces, keys sorted. */
    static String pretty(Object value) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        try {
            return MAPPER.writer(printer).writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists, numbers and texts can be written", e);
        }
    }

    private static String write(ObjectMapper mapper, Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists, numbers and texts can be written", e);
        }
    }
}
