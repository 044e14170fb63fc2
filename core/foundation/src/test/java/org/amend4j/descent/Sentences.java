/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

final class Sentences {

    private Sentences() {}

    static void requireSentence(String sentence, Runnable wrong) {
        assertEquals(
                sentence,
                assertThrows(IllegalArgumentException.class, wrong::run).getMessage());
    }
}
