/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.names;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns that this library writes into files are patterns that it reads. */
class NamePatternTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "conv:0",
                "a=b,c",
                "<img>\"'&",
                "#1 @top",
                "block/1 (a)|[b]{c}",
                "x^y$z",
                "über \\ läufig?*+",
                "层.0",
                "😀"
            })
    void aNameAsAPatternMatchesItAndIsReadFromAnyFile(String name) {
        NamePattern pattern = NamePattern.untrusted("rank_pattern", NamePattern.exactly(name));
        assertTrue(pattern.matches(name));
        assertFalse(pattern.matches("model." + name));
        assertFalse(pattern.matches(name + "x"));
    }
}
