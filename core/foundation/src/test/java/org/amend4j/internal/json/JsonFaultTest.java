/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFaultTest {

    private static final JsonMapper MAPPER = JsonMapper.builder(
                    StrictReading.factory(20).build())
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private static final Pattern PARSERS_WORDS = Pattern.compile(
            "(?i)token|deserializ|class|java|jackson|`|serial|instance of|ignorable|feature|constraint|expecting|org\\.");

    enum Colour {
        RED
    }

    record Part(int steps, List<Integer> sizes, Colour colour) {
        Part {
            if (steps < 1) {
                throw new IllegalArgumentException("steps must be at least 1, got " + steps);
            }
        }
    }

    record Whole(int version, Part part) {}

    private static String fault(String json) {
        return JsonFault.sentence(
                assertThrows(JsonProcessingException.class, () -> MAPPER.readValue(json, Whole.class), json));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            {"version":1 | it ends too early
            {"version":x} | there is a mistake at line 1, column
            {"version":1,"version":1} | the name 'version' stands twice
            {"version":1,"part":{"steps":1,"sizes":[],"colour":"RED"},"more":2} | unknown name 'more'
            {"version":1,"part":{"steps":0,"sizes":[],"colour":"RED"}} | steps must be at least 1, got 0
            {"version":1,"part":{"steps":{},"sizes":[],"colour":"RED"}} | 'part.steps' is missing, or something else
            {"version":1,"part":{"steps":1,"sizes":[1,"a"],"colour":"RED"}} | 'part.sizes.1' is missing, or something else
            {"version":1,"part":{"steps":1,"sizes":[],"colour":"BLUE"}} | 'part.colour' is missing, or something else
            {"version":null,"part":{"steps":1,"sizes":[],"colour":"RED"}} | 'version' is missing, or something else
            {"version":1e99,"part":{"steps":1,"sizes":[],"colour":"RED"}} | something else
            {"version":1} | 'part' is missing, or something else
            [1] | something else belongs there
            [[[[[[[[[[[[[[[[[[[[[[[[[[[[ | something else belongs there
            {"part":[[[[[[[[[[[[[[[[[[[[[[[[[[[[ | something else belongs there
            """)
    void whatIsWrongIsSaidOfTheFile(String json, String sentence) {
        assertTrue(fault(json).contains(sentence), fault(json));
        assertFalse(PARSERS_WORDS.matcher(fault(json)).find(), fault(json));
    }

    @Test
    void noDamageIsToldInTheParsersWords() {
        String sound = "{\"version\":1,\"part\":{\"steps\":1,\"sizes\":[1,2],\"colour\":\"RED\"}}";
        Random random = new Random(3);
        int faults = 0;
        for (int trial = 0; trial < 3000; trial++) {
            char[] damaged = sound.toCharArray();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = "{}[],:\"\\19eE-.\u0007\u00e9nf".charAt(random.nextInt(18));
            }
            try {
                MAPPER.readValue(new String(damaged), Whole.class);
            } catch (JsonProcessingException fault) {
                faults++;
                String sentence = JsonFault.sentence(fault);
                assertFalse(PARSERS_WORDS.matcher(sentence).find(), sentence);
                assertTrue(sentence.length() < 300, sentence);
                assertEquals(1, sentence.lines().count(), sentence);
            }
        }
        assertTrue(faults > 1000);
    }

    /** Exact arithmetic with so many digits would take minutes. */
    @Test
    void aNumberOfHundredsOfThousandsOfDigitsIsRefusedAndNotComputed() {
        String digits = "1".repeat(400_000);
        for (String number : List.of(digits, "-" + digits, "0." + digits, digits + "." + digits, "1e" + digits)) {
            String said =
                    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> fault("{\"version\":" + number + "}"));
            assertEquals("it has too many values or levels, or a number or text that is too long", said);
        }
        // few characters, and as many digits
        String said =
                assertTimeoutPreemptively(Duration.ofSeconds(20), () -> fault("{\"version\":1e400000,\"part\":0}"));
        assertFalse(PARSERS_WORDS.matcher(said).find(), said);
    }

    @Test
    void ofLongNamesTheBeginningIsShown() {
        String name = "x".repeat(100_000);
        assertTrue(fault("{\"" + name + "\":1}").length() < 200);
        assertTrue(fault("{\"" + name + "\":1,\"" + name + "\":1}").length() < 200);
    }
}
