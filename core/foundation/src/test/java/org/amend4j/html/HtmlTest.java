/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.html;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlTest {

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
