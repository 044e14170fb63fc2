/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Random;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers are written as the library that issuers use, and RFC 8785 itself, write them. */
class EcmaScriptNumberTest {

    /** The samples of RFC 8785, appendix B, that are finite. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0",
        "8000000000000000, 0",
        "0000000000000001, 5e-324",
        "8000000000000001, -5e-324",
        "7fefffffffffffff, 1.7976931348623157e+308",
        "ffefffffffffffff, -1.7976931348623157e+308",
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
    void samplesOfRfc8785(String bits, String text) {
        assertEquals(text, EcmaScriptNumber.text(Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16))));
    }

    /** Around powers of two and of ten the neighbours are at unequal distances. */
    @Test
    void neighboursOfPowersAreAsTheIssuersLibraryWritesThem() throws IOException {
        for (int exponent = Double.MIN_EXPONENT - 52; exponent <= Double.MAX_EXPONENT; exponent++) {
            sameAround(Math.scalb(1.0, exponent));
        }
        for (int exponent = -323; exponent <= 308; exponent++) {
            sameAround(Double.parseDouble("1e" + exponent));
        }
    }

    private static void sameAround(double value) throws IOException {
        for (double x : new double[] {Math.nextDown(value), value, Math.nextUp(value)}) {
            same(x);
        }
    }

    /** Version 1.1 of that library writes 1e-320 with 70 zeros: below the normal numbers, reading back is all there is. */
    private static void same(double x) throws IOException {
        String text = EcmaScriptNumber.text(x);
        assertEquals(x, Double.parseDouble(text));
        if (Math.abs(x) >= Double.MIN_NORMAL) {
            assertEquals(NumberToJSON.serializeNumber(x), text);
        }
    }

    @Test
    void numbersBelowTheNormalOnesHaveTheFewestDigits() {
        assertEquals("1e-320", EcmaScriptNumber.text(1e-320));
        assertEquals("1e-323", EcmaScriptNumber.text(2 * Double.MIN_VALUE));
        assertEquals("2.2250738585072014e-308", EcmaScriptNumber.text(Double.MIN_NORMAL));
        assertEquals("2.225073858507201e-308", EcmaScriptNumber.text(Math.nextDown(Double.MIN_NORMAL)));
    }

    @Test
    void anyDoubleIsAsTheIssuersLibraryWritesIt() throws IOException {
        Random random = new Random(8785);
        for (int n = 0; n < 20_000; n++) {
            double value = n % 2 == 0 ? Double.longBitsToDouble(random.nextLong()) : random.nextGaussian();
            if (Double.isFinite(value)) {
                same(value);
            }
        }
    }
}
