/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlTableTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1.000",
        "12.34567, 12.35",
        "1234.5, '1,235'",
        "0.0123456, 0.01235",
        "2000000, 2.000e+06",
        "0.00001, 1.000e-05",
        "-3, -3.000",
        "NaN, NaN",
        "Infinity, Infinity"
    })
    void numbersHaveFourDigits(double value, String text) {
        assertEquals(text, HtmlTable.number(value));
    }

    /** Four digits of a number drawn from twelve decades. */
    @Test
    void aBoundIsNeverPrintedOnTheWrongSideOfWhatItIs() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 10_000; i++) {
            double bound = (random.nextDouble() - 0.3) * Math.pow(10, random.nextInt(-6, 6));
            double upper = printed(HtmlTable.atMost(bound));
            double lower = printed(HtmlTable.atLeast(bound));
            assertTrue(lower <= bound && bound <= upper, bound + " was printed as " + lower + " and " + upper);
            assertTrue(upper - lower <= 1e-3 * Math.abs(bound), bound + " was printed as " + lower + " and " + upper);
        }
    }

    @Test
    void wholeNumbersOfEveryKindHaveSeparatorsAndACellMustBeGiven() {
        String html = HtmlTable.of("a", "b", "c", "d")
                .row((byte) 3, (short) 1_000, 2_000_000L, BigInteger.TEN.pow(12))
                .toHtml();
        for (String shown : List.of(">3<", ">1,000<", ">2,000,000<", ">1,000,000,000,000<")) {
            assertTrue(html.contains(shown), html);
        }
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> HtmlTable.of("a").row((Object) null));
        assertEquals("a cell must be given", refused.getMessage());
    }

    /** The binary number 0.1 is a little more than a tenth. */
    @Test
    void aBoundThatFourDigitsNameIsNamedByThem() {
        assertEquals(
                List.of("0.1000", "0.3000", "1.000e-06", "1,024"),
                Stream.of(0.1, 0.3, 1e-6, 1024.0).map(HtmlTable::atMost).toList());
        assertEquals("0.3000", HtmlTable.atLeast(0.3));
    }

    private static double printed(String number) {
        return Double.parseDouble(number.replace(",", ""));
    }

    /** Jupyter's style sheet would put all cells to the right. */
    @Test
    void textsAreToTheLeftAndNumbersToTheRightWhateverThePagesStyle() {
        String html = HtmlTable.of("name", "steps", "noise")
                .row("a", 1_000, 1e-7)
                .row("1b", -2, "none")
                .toHtml();
        String left = "style=\"text-align: left\">";
        String right = "style=\"text-align: right\">";
        for (String cell : List.of(
                "<th scope=\"col\" " + left + "name",
                "<th scope=\"col\" " + right + "steps",
                "<th scope=\"col\" " + left + "noise",
                "<td " + left + "a<",
                "<td " + right + "1,000<",
                "<td " + right + "1.000e-07<",
                "<td " + left + "1b<",
                "<td " + right + "-2<",
                "<td " + left + "none<")) {
            assertTrue(html.contains(cell), cell + " in " + html);
        }
    }

    @Test
    void whatSomebodyWroteIsTextAndNoMarkup() {
        String expected = """
                <table><thead><tr><th scope="col" style="text-align: left">a &amp; b</th>
                </tr>
                </thead>
                <tbody><tr><td style="text-align: left">&lt;script&gt;</td>
                </tr>
                </tbody>
                </table>
                """;
        assertEquals(expected, HtmlTable.of("a & b").row("<script>").toHtml());
    }

    @Test
    void aRowOfAnotherLengthIsRefused() {
        HtmlTable table = HtmlTable.of("a", "b");
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> table.row(1));
        assertEquals("a row must have 2 cells, one a column, got 1", refusal.getMessage());
    }
}
