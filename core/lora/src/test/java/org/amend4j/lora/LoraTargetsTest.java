/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.amend4j.lora.ResolvedLoraConfig.Candidate;
import org.amend4j.lora.ResolvedLoraConfig.Candidate.Sort;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.junit.jupiter.api.Test;

/** Which layers a configuration means, and what is refused. */
class LoraTargetsTest {
    private static final List<Candidate> CANDIDATES = List.of(
            new Candidate(AdaptedWeight.single("block1.q", "W"), Sort.LINEAR, false, 16, 32),
            new Candidate(AdaptedWeight.single("block1.v", "W"), Sort.LINEAR, false, 16, 32),
            new Candidate(AdaptedWeight.single("block10.q", "W"), Sort.LINEAR, false, 16, 32),
            new Candidate(AdaptedWeight.single("q", "W"), Sort.LINEAR, false, 16, 32),
            new Candidate(AdaptedWeight.single("seq", "W"), Sort.LINEAR, false, 16, 32),
            new Candidate(AdaptedWeight.single("conv", "W"), Sort.CONVOLUTION, false, 27, 32),
            new Candidate(AdaptedWeight.single("out", "W"), Sort.LINEAR, true, 32, 5));
    private static final List<String> ALL =
            List.of("block1.q", "block1.v", "block10.q", "q", "seq", "conv", "norm", "out");
    private static final LoraConfig PLAIN = LoraConfig.of(2, 4);

    @Test
    void allLinearTakesLinearLayersButNoNetworkOutput() {
        assertEquals(List.of("block1.q", "block1.v", "block10.q", "q", "seq"), targets(PLAIN));
    }

    @Test
    void aConfigurationThatTrainsNothingIsRefused() {
        resolveRefused("must name a layer, got an empty list and nothing trained in full", PLAIN.withTargets());
    }

    @Test
    void anEntryMatchesTheWholeNameOrAfterADotButNeverASubstring() {
        assertEquals(List.of("block1.q", "block10.q", "q"), targets(PLAIN.withTargets("q")));
        assertEquals(List.of("block1.q"), targets(PLAIN.withTargets("block1.q")));
    }

    @Test
    void aTargetRegexCoversTheWholeName() {
        assertEquals(List.of("block1.q", "block10.q"), targets(PLAIN.withTargets(Targets.regex("block\\d+\\.q"))));
        resolveRefused("withTargets: pattern 'block' matches no layer", PLAIN.withTargets(Targets.regex("block")));
    }

    @Test
    void anExplicitlyNamedNetworkOutputIsAdapted() {
        assertEquals(List.of("out"), targets(PLAIN.withTargets("out")));
    }

    @Test
    void exclusionsWinOverTargets() {
        assertEquals(List.of("block1.v", "seq"), targets(PLAIN.withExclusions("q")));
    }

    @Test
    void layersTrainedInFullGetNoAdapter() {
        ResolvedLoraConfig resolved = resolve(CANDIDATES, ALL, PLAIN.withTrainedInFull("norm", "v", "out"));
        assertEquals(List.of("block1.v", "norm", "out"), resolved.trainedInFull());
        assertEquals(
                List.of("block1.q", "block10.q", "q", "seq"),
                resolved.adapters().stream().map(AdapterSpec::target).toList());
    }

    @Test
    void nothingButLayersTrainedInFullIsAllowed() {
        ResolvedLoraConfig resolved =
                resolve(CANDIDATES, ALL, PLAIN.withTrainedInFull("out").withTargets());
        assertEquals(List.of(), resolved.adapters());
        assertEquals(List.of("out"), resolved.trainedInFull());
    }

    @Test
    void everyEntryMustMatchAndTheErrorListsTheCandidates() {
        String candidates = "candidates: 'block1.q', 'block1.v', 'block10.q', 'q', 'seq', 'conv', 'out'";
        resolveRefused("withTargets: 'nope' matches no layer; " + candidates, PLAIN.withTargets("q", "nope"));
        resolveRefused("withExclusions: 'nope' matches no layer; " + candidates, PLAIN.withExclusions("nope"));
        resolveRefused("withTrainedInFull: 'nope' matches no layer; candidates: ", PLAIN.withTrainedInFull("nope"));
        resolveRefused("'norm', 'out'", PLAIN.withTrainedInFull("nope"));
        resolveRefused("withRankPattern: key 'nope' matches no layer", PLAIN.withRankPattern("nope", 1));
        resolveRefused("withAlphaPattern: key 'conv' matches no layer", PLAIN.withAlphaPattern("conv", 1));
    }

    @Test
    void nothingLeftToAdaptIsAnError() {
        resolveRefused("no layer is left to adapt", PLAIN.withTargets("seq").withExclusions("seq"));
        resolveRefused("no layer is left to adapt", PLAIN.withTargets("seq").withTrainedInFull("seq"));
        refused("candidates: none", () -> resolve(List.of(), ALL, PLAIN));
        refused(
                "all-linear means the dense layers that are not outputs of the network",
                () -> resolve(CANDIDATES.subList(5, 7), ALL, PLAIN));
    }

    /** In the words of a program and in those of a command line. */
    @Test
    void everyRefusalNamesTheSettingThatHelpsAsTheCallerCallsIt() {
        SettingNames options = new SettingNames(
                "--rank", "--rank-pattern", "--alpha-pattern", "--targets", "none", "--exclude", "--full");
        for (SettingNames names : List.of(SettingNames.METHODS, options)) {
            sentence(
                    names,
                    LoraConfig.of(17, 1),
                    names.rank() + " must be <= 16",
                    names.rankPattern(),
                    names.exclusions());
            sentence(names, PLAIN.withTargets("nope"), names.targets() + ": 'nope'");
            sentence(names, PLAIN.withTargets(Targets.regex("no")), names.targets() + ": pattern 'no'");
            sentence(names, PLAIN.withExclusions("nope"), names.exclusions() + ": 'nope'");
            sentence(names, PLAIN.withTrainedInFull("nope"), names.trainedInFull() + ": 'nope'");
            sentence(names, PLAIN.withRankPattern("nope", 1), names.rankPattern() + ": key 'nope'");
            sentence(names, PLAIN.withAlphaPattern("nope", 1), names.alphaPattern() + ": key 'nope'");
            sentence(
                    names,
                    PLAIN.withTargets("seq").withExclusions("seq"),
                    "once " + names.exclusions(),
                    "with " + names.targets(),
                    "with " + names.noTargets() + " and " + names.trainedInFull());
        }
    }

    private static void sentence(SettingNames names, LoraConfig config, String... parts) {
        for (String part : parts) {
            refused(part, () -> ResolvedLoraConfig.of(CANDIDATES, ALL, config, Set.of(), names));
        }
    }

    @Test
    void longCandidateListsAreCut() {
        List<Candidate> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add(new Candidate(AdaptedWeight.single("layer" + i, "W"), Sort.LINEAR, false, 4, 4));
        }
        refused("'layer19' and 80 more", () -> resolve(many, List.of(), PLAIN.withTargets("nope")));
    }

    @Test
    void patternKeysAreTriedAfterAnyPrefixAndAgreeWhereTheyOverlap() {
        LoraConfig config = PLAIN.withTargets("q", "v")
                .withRankPattern("block\\d+\\.q", 3)
                .withRankPattern("block1.q", 3)
                .withRankPattern("^q", 5)
                .withAlphaPattern("v", 9);
        assertEquals(
                List.of(
                        AdapterSpec.plain("block1.q", 3, 4, 4.0 / 3, 0, AdapterInit.DEFAULT),
                        AdapterSpec.plain("block1.v", 2, 9, 4.5, 0, AdapterInit.DEFAULT),
                        AdapterSpec.plain("block10.q", 3, 4, 4.0 / 3, 0, AdapterInit.DEFAULT),
                        AdapterSpec.plain("q", 5, 4, 0.8, 0, AdapterInit.DEFAULT)),
                resolve(CANDIDATES, ALL, config).adapters());
        resolveRefused(
                "withRankPattern: keys 'q' and 'block1.q' must agree on 'block1.q', got 3 and 5",
                PLAIN.withRankPattern("q", 3).withRankPattern("block1.q", 5));
    }

    @Test
    void scalingUsesEachLayersOwnRankAndAlpha() {
        LoraConfig config = PLAIN.withTargets("q", "v")
                .withRsLora(true)
                .withRankPattern("v", 16)
                .withAlphaPattern("v", 8);
        AdapterSpec v = resolve(CANDIDATES, ALL, config).adapters().get(1);
        assertEquals(2.0, v.scaling());
    }

    @Test
    void aRankAboveTheSmallerSideOfTheWeightIsRefused() {
        resolveRefused(
                "rank must be <= 5, the smaller side of the 32 x 5 weight of target 'out', got 6: a smaller one,"
                        + " withRankPattern for this layer, or withExclusions to leave it out",
                LoraConfig.of(6, 1).withTargets("out"));
        assertEquals(List.of("out"), targets(LoraConfig.of(5, 1).withTargets("out")));
    }

    @Test
    void anEndlessPatternIsGivenUpWithASentence() {
        Candidate evil = new Candidate(AdaptedWeight.single("a".repeat(60) + "b", "W"), Sort.LINEAR, false, 4, 4);
        refused(
                "reads more than",
                () -> resolve(List.of(evil), List.of(), PLAIN.withTargets(Targets.regex("(.*)(.*)(.*)(.*)(.*)(.*)x"))));
    }

    private static List<String> targets(LoraConfig config) {
        return resolve(CANDIDATES, ALL, config).adapters().stream()
                .map(AdapterSpec::target)
                .toList();
    }

    private static ResolvedLoraConfig resolve(List<Candidate> candidates, List<String> names, LoraConfig config) {
        return ResolvedLoraConfig.of(candidates, names, config, Set.of(), SettingNames.METHODS);
    }

    private static void resolveRefused(String rule, LoraConfig config) {
        refused(rule, () -> resolve(CANDIDATES, ALL, config));
    }
}
