/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.html;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Locale;
import org.amend4j.safetensors.Printable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlTest {

    /** Zero-width and blank characters, turned directions, odd spaces, and what looks like an escape. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00ad", "\u034f", "\u115f", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202b",
                        "\u202c",
                "\u202d", "\u202e", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\ufe0f", "\u2800",
                        "\u3164",
                "\u00a0", "\u2009", "\u3000", "\udb40\udd00"
            })
    void aNameWithAnUnseenCharacterLooksLikeNoOther(String unseen) {
        String escape = String.format(Locale.ROOT, "\\u{%X}", unseen.codePointAt(0));
        assertEquals("An" + escape + "na", Html.escaped("An" + unseen + "na"));
        assertEquals("An\\u{5C}" + escape.substring(1) + "na", Html.escaped("An" + escape + "na"));
        assertEquals("'An" + escape.toLowerCase(Locale.ROOT) + "na'", Printable.quoted("An" + unseen + "na"));
    }

    @Test
    void lettersMarksAndSymbolsStayAsTheyAre() {
        String seen = "\u00c5ke o\u0308 \u05d0 \u4e2d \u03c3\u00b2 \u2265 C:\\users \ud83d\ude00";
        assertEquals(seen, Html.escaped(seen));
    }

    @Test
    void sentencesAreListedUnderWhatTheyAreAndWithoutAnyThereIsNothing() {
        assertEquals(
                """
                <p>Assumed:</p>
                <ul><li>a &lt; b</li>
                <li>c</li>
                </ul>
                """, Html.fragment().list("Assumed:", List.of("a < b", "c")).markup());
        assertEquals("", Html.fragment().list("Assumed:", List.of()).markup());
    }
}
