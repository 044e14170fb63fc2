package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Random;
import org.amend4j.verify.CanonicalJson.Style;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
}
