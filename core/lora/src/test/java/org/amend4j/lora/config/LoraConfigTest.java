/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.names.NamePattern;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoraConfigTest {
    private static final LoraConfig PLAIN = LoraConfig.of(4, 8);
    private static final AdapterSpec SPEC = AdapterSpec.plain("dense_1", 2, 4, 2, 0.25, AdapterInit.GAUSSIAN);

    @Test
    void scalingIsAlphaOverRankOrOverItsRoot() {
        assertEquals(2.0, PLAIN.scaling(4, 8));
        assertEquals(4.0, PLAIN.withRsLora(true).scaling(4, 8));
    }

    @Test
    void everyInvalidComponentIsRefusedWithItsRule() {
        refused("rank must be >= 1, got 0", () -> LoraConfig.of(0, 8));
        refused("alpha must be > 0 and finite, got 0.0", () -> LoraConfig.of(4, 0));
        refused("alpha must be > 0 and finite, got NaN", () -> LoraConfig.of(4, Double.NaN));
        refused("alpha must be > 0 and finite, got Infinity", () -> LoraConfig.of(4, Double.POSITIVE_INFINITY));
        refused("dropout must be in [0, 1), got 1.0", () -> PLAIN.withDropout(1));
        refused("dropout must be in [0, 1), got -0.1", () -> PLAIN.withDropout(-0.1));
        refused("dropout must be in [0, 1), got NaN", () -> PLAIN.withDropout(Double.NaN));
        refused("the rank of pattern 'd' must be >= 1, got 0", () -> PLAIN.withRankPattern("d", 0));
        refused("the alpha of pattern 'd' must be > 0 and finite, got -1.0", () -> PLAIN.withAlphaPattern("d", -1));
        refused("an entry of exclusions must not be empty", () -> PLAIN.withExclusions(""));
        refused("targets names 'a' twice", () -> PLAIN.withTargets("a", "a"));
    }

    @Test
    void theOrderOfWithersDoesNotMatter() {
        assertEquals(
                PLAIN.withTrainedInFull("out").withTargets(),
                PLAIN.withTargets().withTrainedInFull("out"));
    }

    @Test
    void withoutAdaptersOnlyWhatIsTrainedInFullTrains() {
        LoraConfig config = LoraConfig.withoutAdapters("head", "norm");
        assertEquals(Targets.names(), config.targets());
        assertEquals(List.of("head", "norm"), config.trainedInFull());
    }

    @Test
    void aPatternThatIsNoRegularExpressionIsRefusedInOneSentence() {
        refused("'a(' of targets is not a regular expression", () -> PLAIN.withTargets(Targets.regex("a(")));
        refused("is not a regular expression", () -> PLAIN.withRankPattern("a)|(b", 2));
    }

    @Test
    void oversizedPatternsAreRefusedBeforeTheyAreCompiled() {
        refused("at most", () -> PLAIN.withTargets(Targets.regex("a".repeat(NamePattern.LONGEST + 1))));
        String nested = "(".repeat(NamePattern.MOST_GROUPS + 1) + ")".repeat(NamePattern.MOST_GROUPS + 1);
        refused("at most", () -> PLAIN.withTargets(Targets.regex(nested)));
    }

    @Test
    void collectionsAreCopiedAndKeepTheirOrder() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        ranks.put("z", 1);
        ranks.put("a", 2);
        LoraConfig config = PLAIN.withRankPattern(ranks);
        ranks.clear();
        assertEquals(List.of("z", "a"), List.copyOf(config.rankPattern().keySet()));
        assertThrows(
                UnsupportedOperationException.class, () -> config.rankPattern().clear());
    }

    @Test
    void theJsonOfAPlainSpecIsThatOfReleasesWithoutSchemesAndIsReadAsPlain() throws Exception {
        String json = NeuralNetConfiguration.mapper().writeValueAsString(SPEC);
        assertFalse(json.contains("scheme"), json);
        assertEquals(
                Scheme.PLAIN,
                NeuralNetConfiguration.mapper()
                        .readValue(json, AdapterSpec.class)
                        .scheme());
    }

    @ParameterizedTest
    @EnumSource(Dora.class)
    void aSchemeSurvivesDl4jsJson(Dora dora) throws Exception {
        for (BiasMode bias : BiasMode.values()) {
            AdapterSpec spec = PLAIN.withDora(dora).withBias(bias).adapter("d", 2, 4);
            String json = NeuralNetConfiguration.mapper().writeValueAsString(spec);
            assertEquals(spec, NeuralNetConfiguration.mapper().readValue(json, AdapterSpec.class));
        }
    }

    @Test
    void aBiasOnBGoesNeitherWithDoraNorWithAnotherStart() {
        String dora = "B must not have a bias together with DoRA: leave one of them out";
        refused(dora, () -> PLAIN.withDora().withBiasOnB());
        refused(dora, () -> PLAIN.withBiasOnB().withDora());
        String start = "B must have a bias only with the default start, got GAUSSIAN";
        refused(start, () -> PLAIN.withInit(AdapterInit.GAUSSIAN).withBiasOnB());
        refused(start, () -> PLAIN.withBiasOnB().withInit(AdapterInit.GAUSSIAN));
        Scheme scheme = PLAIN.withBiasOnB().withBias(BiasMode.ALL).scheme();
        assertEquals("trained biases of all layers, a bias on B", scheme.toString());
        assertEquals("plain factors", Scheme.PLAIN.toString());
        assertEquals(new Scheme(Dora.NONE, BiasMode.ALL, true), scheme);
    }

    @Test
    void anAdapterHasItsConfigurationsScheme() {
        LoraConfig config = PLAIN.withDora().withBias(BiasMode.ADAPTED);
        assertEquals(config.scheme(), config.adapter("d", 2, 4).scheme());
        assertEquals(config.scheme(), config.adapter("d", 2, 4).withoutDropout().scheme());
    }

    @Test
    void aSpecSurvivesDl4jsJsonAndBadJsonIsRefused() throws Exception {
        String json = NeuralNetConfiguration.mapper().writeValueAsString(SPEC);
        assertEquals(SPEC, NeuralNetConfiguration.mapper().readValue(json, AdapterSpec.class));
        for (String bad : List.of(
                json.replaceAll("\"rank\"\\s*:\\s*2", "\"rank\" : 0"),
                json.replaceAll("\"target\"\\s*:\\s*\"dense_1\"", "\"target\" : null"),
                json.replaceAll("\"init\"\\s*:\\s*\"GAUSSIAN\"", "\"init\" : null"),
                json.replaceAll("\"scaling\"\\s*:\\s*2.0", "\"scaling\" : -2.0"),
                json.replaceAll("\"dropout\"\\s*:\\s*0.25", "\"dropout\" : 1.5"),
                "{}")) {
            Exception e = assertThrows(
                    Exception.class, () -> NeuralNetConfiguration.mapper().readValue(bad, AdapterSpec.class), bad);
            assertTrue(String.valueOf(e.getMessage()).contains("must"), e.getMessage());
        }
    }
}
