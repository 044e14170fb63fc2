/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.Map;

/**
 * The result of a job.
 *
 * @param facts for {@code --json}: maps, lists, strings, numbers and booleans
 * @param text for people
 */
public record Report(Map<String, ?> facts, String text) {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** The facts as indented JSON. */
    public String json() {
        try {
            return JSON.writeValueAsString(facts);
        } catch (JsonProcessingException notPlain) {
            throw new IllegalStateException("facts must be maps, lists, strings, numbers and booleans", notPlain);
        }
    }
}
