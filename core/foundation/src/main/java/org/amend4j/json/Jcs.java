package org.amend4j.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.erdtman.jcs.JsonCanonicalizer;

/**
 * The JSON canonicalization scheme of RFC 8785: no blanks, names in ascending order of their UTF-16 code units, a unique
 * way to write every text and number. Equal values have equal bytes, on every machine and in every language.
 */
public final class Jcs {

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private Jcs() {}

    /**
     * The canonical text of what Jackson makes of a value.
     *
     * @param value a record, a map, a list; infinite numbers become the texts {@code "Infinity"} and so on
     * @throws IllegalArgumentException if Jackson can make no JSON of it
     */
    public static String text(Object value) {
        try {
            return new JsonCanonicalizer(MAPPER.writeValueAsString(value)).getEncodedString();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a value must be one that JSON can hold: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("what Jackson writes is JSON", e);
        }
    }

    /** The same in UTF-8. */
    public static byte[] bytes(Object value) {
        return text(value).getBytes(StandardCharsets.UTF_8);
    }
}
