/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.erdtman.jcs.JsonCanonicalizer;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JcsTest {

    /** RFC 8785, appendix B: the bits of doubles and how they are written. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0",
        "8000000000000000, 0",
        "0000000000000001, 5e-324",
        "8000000000000001, -5e-324",
        "7fefffffffffffff, 1.7976931348623157e+308",
        "4340000000000000, 9007199254740992",
        "c340000000000000, -9007199254740992",
        "4430000000000000, 295147905179352830000",
        "44b52d02c7e14af5, 9.999999999999997e+22",
        "44b52d02c7e14af6, 1e+23",
        "44b52d02c7e14af7, 1.0000000000000001e+23",
        "444b1ae4d6e2ef4e, 999999999999999700000",
        "444b1ae4d6e2ef4f, 999999999999999900000",
        "444b1ae4d6e2ef50, 1e+21",
        "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
        "3eb0c6f7a0b5ed8d, 0.000001",
        "41b3de4355555553, 333333333.3333332",
        "41b3de4355555554, 333333333.33333325",
        "41b3de4355555555, 333333333.3333333",
        "41b3de4355555556, 333333333.3333334",
        "41b3de4355555557, 333333333.33333343",
        "becbf647612f3696, -0.0000033333333333333333",
        "43143ff3c1cb0959, 1424953923781206.2"
    })
    void doublesAreWrittenAsInAppendixB(String bits, String text) {
        double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));
        assertEquals("[" + text + "]", Jcs.text(List.of(value)));
    }

    /** RFC 8785, section 3.2.3: names by UTF-16 code units; section 3.2.2.2: the least escapes. */
    @Test
    void namesAscendByCodeUnitsAndOnlyWhatMustBeIsEscaped() {
        Map<String, String> values = Map.of(
                "\u20ac", "Euro Sign",
                "\r", "Carriage Return",
                "\ufb33", "Hebrew Letter Dalet With Dagesh",
                "1", "One",
                "\ud83d\ude00", "Emoji: Grinning Face",
                "\u0080", "Control",
                "\u00f6", "\b\t\n\f\r\"\\/\u000f\u007f<");
        assertEquals(
                "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":"
                        + "\"\\b\\t\\n\\f\\r\\\"\\\\/\\u000f\u007f<\",\"\u20ac\":\"Euro Sign\","
                        + "\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
                Jcs.text(values));
    }

    @Test
    void infinityIsAText() {
        assertEquals("[\"Infinity\"]", Jcs.text(List.of(Double.POSITIVE_INFINITY)));
    }

    /** RFC 8785 asks for the fewest digits; the reference library in Java writes some of the smallest doubles with tens of zeros. */
    @Test
    void theSmallestDoublesAreShort() {
        assertEquals("[1e-320,-3e-323,2.2250738585072014e-308]", Jcs.text(List.of(1e-320, -3e-323, Double.MIN_NORMAL)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @OneIn(2)
    void normalNumbersAreWrittenAsByTheReferenceLibrary(long seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < Exhaustive.times(3_000, 20_000); i++) {
            double value = i % 2 == 0
                    ? Double.longBitsToDouble(random.nextLong())
                    : random.nextInt(2_000_000) / Math.pow(10, random.nextInt(12));
            if (Double.isFinite(value) && Math.abs(value) >= Double.MIN_NORMAL) {
                assertEquals(NumberToJSON.serializeNumber(value), JcsNumber.text(value));
            }
        }
        for (int exponent = -1022; exponent < 1024; exponent++) {
            double power = Math.scalb(1.0, exponent);
            assertEquals(NumberToJSON.serializeNumber(power), JcsNumber.text(power));
        }
    }

    @Test
    void valuesAreWrittenAsByTheReferenceLibrary() throws IOException {
        String json = "{\"b\":[1,2.50,-0.0,1e30,[],{}],\"a\":{\"y\":null,\"x\":[true,false]},\"\":\"\\u0001\\u001f/é\","
                + "\"large\":12345678901234567890}";
        assertEquals(
                new JsonCanonicalizer(json).getEncodedString(),
                Jcs.text(new ObjectMapper().readValue(json, Map.class)));
    }

    @Test
    void wholeNumbersAreDoublesAndTooLargeOnesAreRefused() {
        assertEquals("[9007199254740992]", Jcs.text(List.of(9007199254740993L)));
        assertEquals("[0.1]", Jcs.text(List.of(0.1f)));
        assertThrows(IllegalArgumentException.class, () -> Jcs.text(List.of(new BigDecimal("1e400"))));
    }
}
