/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/**
 * Refuses names that a record does not have. Jackson does so by itself, except where the components of a part are written among those of
 * the whole ({@code @JsonUnwrapped}).
 */
public final class KnownNames {

    private KnownNames() {}

    /**
     * Checks that all that was read would be written again.
     *
     * @param read a text
     * @param value what was made of it
     * @throws JsonProcessingException naming what is unknown
     */
    public static void require(ObjectMapper mapper, JsonNode read, Object value) throws JsonProcessingException {
        require(read, mapper.valueToTree(value));
    }

    private static void require(JsonNode read, JsonNode written) throws JsonProcessingException {
        for (Map.Entry<String, JsonNode> field : read.properties()) {
            JsonNode same = written.get(field.getKey());
            if (same == null) {
                throw new UnknownNameException(field.getKey());
            }
            require(field.getValue(), same);
        }
        if (read.isArray()) {
            for (int i = 0; i < Math.min(read.size(), written.size()); i++) {
                require(read.get(i), written.get(i));
            }
        }
    }
}
