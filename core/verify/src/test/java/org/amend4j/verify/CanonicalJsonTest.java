/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import org.amend4j.verify.CanonicalJson.Style;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {

    private static final long SEED = 41;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "1",
                "-1",
                "9007199254740992",
                "0.000001",
                "1e-7",
                "1e+21",
                "295147905179352830000",
                "1.7976931348623157e+308",
                "5e-324",
                "\"\\b\\t\\n\\f\\r\\u000f\\u001f\"",
                "\"\u007f\u2028\u00e4/\""
            })
    void whatRfc8785WritesIsRead(String value) {
        assertDoesNotThrow(() -> CanonicalJson.object("{\"a\":" + value + "}", Style.JCS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-0",
                "1.0",
                "01",
                "+1",
                ".5",
                "1.",
                "1E21",
                "1e21",
                "1e+021",
                "1e+20",
                "1e400",
                "9007199254740993",
                "0.0000001",
                "0.10",
                "NaN",
                "true",
                "null",
                "\"\\u0008\"",
                "\"\\u001F\"",
                "\"\\/\"",
                "\"\\u0041\"",
                " 1"
            })
    void anythingElseIsNotCanonical(String value) {
        assertThrows(RejectedException.class, () -> CanonicalJson.object("{\"a\":" + value + "}", Style.JCS), value);
    }

    @Test
    void everyDoubleIsReadAsItIsWrittenAndBackToTheSameBits() throws IOException, RejectedException {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value) && value != 0) {
                String token = NumberToJSON.serializeNumber(value);
                Json read = CanonicalJson.object("{\"a\":" + token + "}", Style.JCS)
                        .members()
                        .get("a");
                assertEquals(value, Double.parseDouble(((Json.Num) read).token()), "seed " + SEED);
            }
        }
    }

    private static String refusal(String text, Style style) {
        return assertThrows(RejectedException.class, () -> CanonicalJson.object(text, style))
                .sentence();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0",
                "1.0",
                "-1.5",
                "0.001",
                "-0.00123",
                "9.99E-4",
                "1.0E-5",
                "-1.25E-300",
                "9999999.0",
                "1234567.890625",
                "1.0E7",
                "-1.2345678E10",
                "2.00000000000000001",
                "1.23456789012345678E20",
                "0",
                "-7",
                "120",
                "9223372036854775807"
            })
    void whatJavaWritesIsReadInFormat1(String number) {
        for (Style style : new Style[] {Style.CERTIFICATE, Style.LEDGER}) {
            assertDoesNotThrow(() -> CanonicalJson.object("{\"a\":" + number + "}", style));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-0",
                "-0.0",
                "00.5",
                "1.50",
                "1.",
                "0.0001",
                "1.0E-3",
                "1.0E6",
                "10000000.0",
                "10.0E7",
                "0.5E7",
                "1E7",
                "1.0E+7",
                "1.0E07",
                "1.234567890123456789",
                "1e21",
                "01"
            })
    void andNothingElseIs(String number) {
        assertTrue(refusal("{\"a\":" + number + "}", Style.CERTIFICATE).contains("there is no canonical value"));
    }

    @ParameterizedTest
    @CsvSource({
        "JCS, \\n, true",
        "JCS, \\u000a, false",
        "JCS, \\u001f, true",
        "JCS, \\u001F, false",
        "JCS, \\u0020, false",
        "CERTIFICATE, \\n, true",
        "CERTIFICATE, \\u000A, false",
        "CERTIFICATE, \\u001F, true",
        "CERTIFICATE, \\u001f, false",
        "LEDGER, \\n, false",
        "LEDGER, \\u000a, true",
        "LEDGER, \\u001f, true",
        "LEDGER, \\\\, true",
        "LEDGER, \\\", true",
        "LEDGER, \\/, false"
    })
    void eachFormatHasItsEscapes(Style style, String escape, boolean canonical) {
        String text = "{\"a\":\"x" + escape + "y\"}";
        if (canonical) {
            assertDoesNotThrow(() -> CanonicalJson.object(text, style));
        } else {
            assertTrue(refusal(text, style).contains("an escape is not canonical"));
        }
    }

    @Test
    void aTextComesBackFromWhatIsWrittenOfIt() throws RejectedException {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 300; c++) {
            all.append(c);
        }
        String written = CanonicalJson.text(all.toString());
        assertTrue(written.startsWith("\"\\u0000\\u0001")
                && written.contains("\\u001f !\\\"#")
                && written.contains("[\\\\]"));
        Json read = CanonicalJson.object("{\"a\":" + written + "}", Style.JCS)
                .members()
                .get("a");
        assertEquals(new Json.Text(all.toString(), 5, 5 + written.length()), read);
    }

    @Test
    void valuesKnowWhereTheyAre() throws RejectedException {
        Json.Obj object = CanonicalJson.object("{\"a\":[1,{}],\"b\":2}", Style.JCS);
        assertEquals(0, object.start());
        assertEquals(18, object.end());
        Json.Arr array = (Json.Arr) object.members().get("a");
        assertEquals(5, array.start());
        assertEquals(11, array.end());
        assertEquals(new Json.Num("1", 6, 7), array.items().get(0));
        assertEquals(8, array.items().get(1).start());
        assertEquals(10, array.items().get(1).end());
        assertEquals(new Json.Num("2", 16, 17), object.members().get("b"));
    }

    @Test
    void depthAndNumberOfValuesAreBounded() {
        assertDoesNotThrow(() -> CanonicalJson.object("{\"a\":" + "[".repeat(12) + "]".repeat(12) + "}", Style.JCS));
        assertTrue(refusal("{\"a\":" + "[".repeat(13) + "]".repeat(13) + "}", Style.JCS)
                .contains("inside of each other"));
        String most = "{\"a\":[" + "0,".repeat((1 << 21) - 3) + "0]}";
        assertDoesNotThrow(() -> CanonicalJson.object(most, Style.JCS));
        assertTrue(refusal(most.replace("[0", "[0,0"), Style.JCS).contains("there are more than 2097152 values"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"a\":1; it ends too early (character 6)",
                "{\"a\":1,}; '\"' is missing (character 7)",
                "{\"a\":1\"b\":2}; ',' is missing (character 6)",
                "{\"a\"1}; ':' is missing (character 4)",
                "{\"a\":[1 2]}; ',' is missing (character 7)",
                "{\"b\":1,\"a\":2}; names do not ascend, each once, at 'a' (character 10)",
                "{\"a\":1,\"a\":2}; names do not ascend, each once, at 'a' (character 10)",
                "{}x; something follows the object (character 2)",
                "{\"a\":12345678901234567890123456789012345}; there is no canonical value (character 5)"
            })
    void whatIsWrongIsSaidWithItsPlace(String text, String why) {
        assertEquals("it is not canonical JSON: " + why, refusal(text, Style.JCS));
    }

    @Test
    void controlCharactersAreEscaped() {
        assertTrue(refusal("{\"a\":\"\u001f\"}", Style.JCS).contains("a control character is in a text"));
        assertDoesNotThrow(() -> CanonicalJson.object("{\"a\":\" \"}", Style.JCS));
    }
}
