/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class JsonTest {

    record Part(int second, Optional<List<String>> third) {

        /** Not a component, so not a field. */
        boolean isEmpty() {
            return third.isEmpty();
        }
    }

    record Whole(String first, @JsonUnwrapped Part part, OptionalDouble fourth, Optional<Part> fifth) {}

    @Test
    void componentsAreFieldsInTheirOrderAndGroupsCanBeUnwrapped() {
        Whole whole = new Whole(
                "a",
                new Part(2, Optional.of(List.of("b"))),
                OptionalDouble.of(0.5),
                Optional.of(new Part(3, Optional.empty())));
        assertEquals(
                "{\"first\":\"a\",\"second\":2,\"third\":[\"b\"],\"fourth\":0.5,\"fifth\":{\"second\":3}}",
                Json.tree(whole).toString());
    }

    record Told(
            int first,
            @JsonUnwrapped Optional<Part> part,
            @JsonProperty("last") String named) {}

    @Test
    void aGroupThatMayNotBeThereCanBeUnwrapped() {
        Part part = new Part(2, Optional.of(List.of("b")));
        assertEquals(
                "{\"first\":1,\"second\":2,\"third\":[\"b\"],\"last\":\"a\"}",
                Json.tree(new Told(1, Optional.of(part), "a")).toString());
        assertEquals(
                "{\"first\":1,\"last\":\"a\"}",
                Json.tree(new Told(1, Optional.empty(), "a")).toString());
    }

    @Test
    void whatIsNotThereIsNoField() {
        Whole whole = new Whole("a", new Part(2, Optional.empty()), OptionalDouble.empty(), Optional.empty());
        assertEquals("{\"first\":\"a\",\"second\":2}", Json.tree(whole).toString());
    }

    @Test
    void aRecordIsWrittenAsTheMapOfItsComponents() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("second", 2);
        map.put("third", List.of("b", "c"));
        assertEquals(Json.text(map), Json.text(new Part(2, Optional.of(List.of("b", "c")))));
    }

    @Test
    void whatWasWrittenAndReadIsWrittenAlike() throws IOException {
        String text = Json.text(Map.of("numbers", new double[] {0.1, 1e300, -0.0, 3}, "count", 1L << 40));
        assertEquals(text, Json.text(Json.read(text.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void whatIsNotPlainIsRefused() {
        assertThrows(IllegalStateException.class, () -> Json.text(Map.of("thread", new Object())));
    }
}
