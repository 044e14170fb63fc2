/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class LookAlikesTest {

    private static final String ONE_LETTER = "Jos\u00e9";
    private static final String WITH_AN_ACCENT = "Jose\u0301";
    private static final String WITH_NOTHING_IN_IT = "An\u200bna";

    @Test
    void namesThatLookTheSameAreFound() {
        assertEquals(
                List.of(List.of("ANNA", "Anna ", WITH_NOTHING_IN_IT), List.of(WITH_AN_ACCENT, ONE_LETTER)),
                LookAlikes.among(
                        List.of(ONE_LETTER, "Anna ", "Jose", WITH_AN_ACCENT, "ANNA", WITH_NOTHING_IN_IT, "p1", "p11")));
    }

    @Test
    void theWarningShowsWhatOneCannotSee() {
        assertTrue(LookAlikes.warning(List.of("p1", "p2", "Jose", ONE_LETTER)).isEmpty());
        assertEquals(
                "some are named as one person would be, and are different subjects: 'Jose\\u0301' and 'Jos\\u00e9'; who is forgotten"
                        + " under one name stays in under the other",
                LookAlikes.warning(List.of(ONE_LETTER, WITH_AN_ACCENT)).orElseThrow());
        String many = LookAlikes.warning(List.of("a", "A", "b", "B", "c", "C", "d", "D"))
                .orElseThrow();
        assertTrue(many.startsWith("4 groups are named as one person would be"), many);
        assertTrue(many.contains("'C' and 'c', ...; who"), many);
    }
}
