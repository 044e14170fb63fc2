/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read as a certificate, to the last number, and what is just none. */
class ClaimsReadTest {

    private static String refusal(Document document) {
        return assertThrows(RejectedException.class, document::claims).sentence();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "algorithm.",
                "algorithm.batches.",
                "algorithm.stepSizes.",
                "algorithm.earlier.0.",
                "constants.",
                "constants.gradientBound.",
                "constants.lipschitz.",
                "constants.diameter.",
                "constants.rounding.",
                "constants.rounding.numbers.",
                "deletion.",
                "commitments.",
                "release.",
                "release.files.0.",
                "bound.",
                "bound.steps.1.",
                "noise.",
                "privacy.",
                "privacy.budget.",
                "privacy.points.1.",
                "hashes.",
                "retention."
            })
    void aMemberTooManyIsRefusedWhereverItIs(String place) {
        Document document =
                Document.of(Scenario.stronglyConvex()).with("algorithm.earlier=[{\"checkpoint\":3,\"recordsEver\":2}]");
        String sentence = refusal(document.with(place + "more=1"));
        assertEquals(place.replaceAll("\\.([0-9])\\.", "[$1].") + "more is not known to this version", sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"algorithm.", "deletion.", "hashes.", "bound.steps.0.", ""})
    void inFormat1Too(String place) {
        String sentence = refusal(ClaimRulesTest.start("first").with(place + "more=\"x\""));
        assertEquals(place.replaceAll("\\.([0-9])\\.", "[$1].") + "more is not known to this version", sentence);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            plain | version=0 | its version is 0, this verifier knows versions 1 to 3
            plain | version=4 | its version is 4
            plain | version=3 | convergence is missing
            plain | version=1 | is missing
            plain | issued="2026-01-02T03:04:05.000Z" | issued must be a time
            plain | issued="yesterday" | issued must be a time
            plain | assumptions=[7] | assumptions must be a text
            plain | assumptions="none" | assumptions must be an array
            plain | build.java=17 | build.java must be a text
            plain | verdict="SURE" | verdict must be one of [EXACT, CERTIFIED, EMPIRICAL]
            plain | algorithm.name="magic" | algorithm.name must be one of
            plain | algorithm.checkpoint=-1 | algorithm.checkpoint must be a whole number in [0, 1048576]
            plain | algorithm.checkpoint=1048577 | algorithm.checkpoint must be a whole number
            plain | algorithm.checkpoint=1.5 | algorithm.checkpoint must be a whole number
            plain | algorithm.checkpoint="1" | algorithm.checkpoint must be a whole number
            plain | noise.units=100000000000000000000 | noise.units must be a whole number
            plain | noise.sigma=-0.5 | noise.sigma must be a finite number in [0.0,
            plain | noise.sigma="Infinity" | noise.sigma must be a finite number
            plain | privacy.deltaAtBudget=1.5 | privacy.deltaAtBudget must be a finite number in [0.0, 1.0]
            plain | constants.diameter.value="infinity" | constants.diameter.value must be a finite number
            plain | constants.diameter.value=-1 | constants.diameter.value must be a finite number
            plain | constants.gradientBound.value="Infinity" | constants.gradientBound.value must be finite
            plain | constants.lipschitz.value="Infinity" | must be finite for STRONGLY_CONVEX
            plain | bound.steps.1=7 | bound.steps[1] must be an object
            plain | bound.steps=7 | bound.steps must be an array
            plain | bound=7 | bound must be an object
            plain | bound.delta= | bound.delta is missing
            plain | title=7 | title must be a text
            plain | hashes.model="AB" | hashes.model must be 64 hexadecimal digits
            plain | hashes.others.base="AB" | hashes.others.base must be 64
            plain | retention.destroyedKeys=["a b"] | retention.destroyedKeys must be like
            plain | retention.keptCheckpoints=[-1] | retention.keptCheckpoints must be a whole number
            plain | bound.steps.1.count=1048562 | bound.steps must be at most 1048576 steps, not 1048577
            first | bound.delta=1 | bound.delta must be a finite number
            first | hashes.objective= | hashes.objective is missing
            first | hashes.checkpoint="x" | hashes.checkpoint must be 64
            first | algorithm.batches=7 | algorithm.batches must be a text
            first | algorithm.stepSizes= | algorithm.stepSizes is missing
            first | deletion.retainedDigest="x" | deletion.retainedDigest must be 64
            """)
    void whatIsJustNoCertificateIsRefused(String start, String edits, String fragment) {
        String sentence = refusal(ClaimRulesTest.start(start).with(edits));
        assertTrue(sentence.contains(fragment), sentence);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            plain | algorithm.checkpoint=0
            plain | algorithm.checkpoint=1048576
            plain | noise.units=9223372036854774784
            plain | noise.sigma=0
            plain | privacy.deltaAtBudget=1
            plain | constants.diameter.value=0
            unknown | constants.gradientBound.value=7
            plain | bound.steps.1.count=1048561
            plain | bound.delta=1
            first | bound.delta=1.0
            plain | retention.destroyedKeys=["a:1.b_C-2"]
            """)
    void whatIsJustOneIsRead(String start, String edits) {
        assertDoesNotThrow(() -> ClaimRulesTest.start(start).with(edits).claims());
    }

    @Test
    void aHundredPointsAreRead() {
        String points = IntStream.range(0, 100)
                .mapToObj(i -> "{\"delta\":0.5,\"epsilon\":" + i + "}")
                .collect(Collectors.joining(",", "privacy.points=[", "]"));
        Document hundred = Document.of(Scenario.stronglyConvex()).with(points);
        assertEquals(100, hundred.read().protection().privacy().points().size());
        Document more = hundred.with(points.replace("]", ",{\"delta\":0.5,\"epsilon\":7}]"));
        assertTrue(refusal(more).contains("privacy.points must be at most 100"));
    }

    @Test
    void everythingIsReadToTheLastNumber() {
        Claims claims = Document.of(Scenario.stronglyConvex())
                .with("algorithm.earlier=[{\"checkpoint\":3,\"recordsEver\":2}]")
                .read();
        assertEquals(2, claims.format());
        assertEquals(Instant.parse("2026-01-02T03:04:05Z"), claims.claim().issued());
        Claims.Schedule schedule = claims.grounds().algorithm().schedule().orElseThrow();
        assertEquals(List.of(new Claims.Rewind(3, 2)), schedule.earlier());
        assertEquals(
                new Claims.Steps(15, 0.5, 0.1, 1024, 995, 5),
                claims.grounds().bound().steps().get(0));
        assertEquals(2, claims.grounds().bound().steps().size());
        assertEquals(List.of("k1", "k2"), claims.retention().destroyedKeys());
        assertEquals(List.of(0, 4, 15, 20), claims.retention().keptCheckpoints());
        assertEquals(List.of(4, 15, 20), claims.retention().keptContaminated());
        assertEquals(
                List.of(new Claims.ReleasedFile("model.bin", 7, Scenario.ZEROS)),
                claims.references().files());
        assertEquals(
                Map.of("base", Scenario.ZEROS), claims.references().hashes().others());
        assertTrue(claims.references().hashes().isFirst());
        assertEquals(2, claims.protection().privacy().points().size());
        assertEquals(
                Double.POSITIVE_INFINITY,
                claims.grounds().constants().diameter().value());

        Claims first = ClaimRulesTest.start("first").read();
        assertEquals(1, first.format());
        assertTrue(first.grounds().algorithm().schedule().isEmpty()
                && first.references().files().isEmpty());
        assertTrue(first.references().names() instanceof Claims.PrivateNames.Digests);
    }
}
