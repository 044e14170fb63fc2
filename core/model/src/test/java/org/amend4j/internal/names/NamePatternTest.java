/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.names;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(){2000000000}x",
                "x{2}{2000000000}",
                "(|){9}x",
                "(?:(?:(?:){999}){999})",
                "(?:a?){9}",
                "\\b{2000000000}x",
                "(?=a){9}x",
                "(?i){2000000000}x",
                "(\\1){2000000000}x",
                "[a[b]]x",
                "(?x) # (\n x",
                "\\Q(\\E{9}",
            })
    void whatCanBeEmptyIsNotCounted(String pattern) {
        Refusals.refused("must not have", () -> NamePattern.whole("targets", pattern));
    }

    /** No budget of characters ends what reads none: 2^40 ways at the end of a name. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPatternThatMatchesNothingInManyWaysIsRefused() {
        for (String part : List.of("(|)", "(a?)?", "(a?|b?)", "(?:^|$|)", "((a*)*)*", "(?:(?=a)|(?!a))")) {
            String pattern = "name" + part.repeat(30) + "x";
            Refusals.refused("must not have more than", () -> NamePattern.whole("targets", pattern));
        }
        Refusals.refused(
                "must not have more than",
                () -> NamePattern.untrusted("rank_pattern", "name" + "(|)".repeat(40) + "x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model\\.layers\\.([0-9]|1[0-5])\\.(q|v)_proj",
                "^(?!.*(vision|audio)).*(?:q_proj|v_proj)$",
                "(?:.*?(?:language|text).*?(?:attn|mlp).*?(?:q_proj|up_proj).*?)|(?:\\bmodel\\.layers\\.[\\d]{1,}\\.q_proj)",
                "(?i:MODEL)\\..*_proj",
                "(.*\\.)?[a-z_]{1,8}\\d*+\\p{L}?"
            })
    void patternsOfPublishedAdaptersAreRead(String pattern) {
        NamePattern.whole("targets", pattern).matches("model.layers.12.q_proj");
    }
}
