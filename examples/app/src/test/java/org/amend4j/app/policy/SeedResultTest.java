/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.job.Json;
import org.junit.jupiter.api.Test;

class SeedResultTest {

    private static Map<String, Object> facts(Map<String, Object> more) {
        Map<String, Object> scores =
                new HashMap<>(Map.of("sampled", Map.of("return", 1.5), "greedy", Map.of("return", 2)));
        scores.putAll(more);
        return new HashMap<>(Map.of(
                "seed",
                1L << 40,
                "updates",
                3,
                "steps",
                96,
                "seconds",
                0.5,
                "stepsPerSecond",
                192.0,
                "evaluation",
                scores));
    }

    @Test
    void whatTablesSayComesBeforeWhatWasPlayed() {
        SeedResult played = SeedResult.of(Json.tree(facts(Map.of())));
        assertEquals(1.5, played.returns().orElseThrow().drawn());
        assertEquals(1L << 40, played.seed());
        assertEquals(
                1.25,
                SeedResult.of(Json.tree(facts(Map.of("exactReturn", 1.25))))
                        .returns()
                        .orElseThrow()
                        .drawn());
    }

    @Test
    void sentencesThatAreNotThereAreEmpty() {
        assertEquals(Optional.empty(), SeedResult.of(Json.tree(facts(Map.of()))).bestOrLast());
        assertEquals(List.of(), SeedResult.of(Json.tree(facts(Map.of()))).warnings());
    }

    @Test
    void aSeedNeedNotHaveBeenEvaluated() {
        Map<String, Object> facts = facts(Map.of());
        facts.remove("evaluation");
        assertEquals(Optional.empty(), SeedResult.of(Json.tree(facts)).returns());
    }

    @Test
    void aMissingNumberIsNamed() {
        Map<String, Object> facts = facts(Map.of());
        facts.put("evaluation", Map.of("greedy", Map.of("return", 2)));
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> SeedResult.of(Json.tree(facts)));
        assertEquals("a seed's result must have the number /evaluation/sampled/return, got none", refused.getMessage());
    }
}
