/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.amend4j.lora.ResolvedLoraConfig.Candidate;
import org.amend4j.lora.ResolvedLoraConfig.Candidate.Sort;
import org.amend4j.lora.ResolvedLoraConfig.Free;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResolvedLoraConfigTest {

    private static final Candidate WIDE = new Candidate(AdaptedWeight.single("wide", "W"), Sort.LINEAR, false, 64, 32);
    private static final Candidate NARROW =
            new Candidate(AdaptedWeight.single("a.narrow", "W"), Sort.LINEAR, false, 64, 3);
    private static final Candidate CONVOLUTION =
            new Candidate(AdaptedWeight.single("conv", "W"), Sort.CONVOLUTION, false, 27, 16);
    private static final Candidate SMALL =
            new Candidate(AdaptedWeight.single("conv+1", "W"), Sort.CONVOLUTION, false, 4, 16);
    private static final Candidate OUT = new Candidate(AdaptedWeight.single("out", "W"), Sort.LINEAR, true, 32, 5);
    private static final LoraConfig WISH = LoraConfig.of(8, 16);
    private static final Set<Free> ALL = EnumSet.allOf(Free.class);

    private static ResolvedLoraConfig fit(List<Candidate> candidates, LoraConfig wish, Set<Free> free) {
        return ResolvedLoraConfig.of(candidates, names(candidates), wish, free, SettingNames.METHODS);
    }

    private static List<String> names(List<Candidate> candidates) {
        return candidates.stream().map(Candidate::name).toList();
    }

    private static List<AdapterSpec> adapters(List<Candidate> candidates, LoraConfig config) {
        return fit(candidates, config, Set.of()).adapters();
    }

    @Test
    void aWishThatFitsStaysAsItIs() {
        ResolvedLoraConfig fit = fit(List.of(WIDE, CONVOLUTION, OUT), WISH, ALL);
        assertEquals(WISH, fit.config());
        assertEquals(List.of(), fit.notes());
    }

    /** Seeded networks of layers with sides in [1, 20]. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aRankThatNobodyChoseIsTheHighestTheLayerAllowsAndTheScalingThatOfTheOthers(long seed) {
        Random random = new Random(seed);
        List<Candidate> candidates = IntStream.range(0, 12)
                .mapToObj(i -> new Candidate(
                        AdaptedWeight.single("x.layer[" + i + "]", "W"),
                        Sort.LINEAR,
                        false,
                        1 + random.nextInt(20),
                        1 + random.nextInt(20)))
                .toList();
        for (boolean rsLora : new boolean[] {false, true}) {
            LoraConfig wish = WISH.withRsLora(rsLora);
            List<AdapterSpec> specs =
                    adapters(candidates, fit(candidates, wish, ALL).config());
            assertEquals(12, specs.size());
            for (int i = 0; i < 12; i++) {
                AdapterSpec spec = specs.get(i);
                assertEquals(
                        Math.min(
                                8,
                                Math.min(
                                        candidates.get(i).rows(),
                                        candidates.get(i).columns())),
                        spec.rank());
                // three roundings
                double scaling = wish.scaling(8, 16);
                assertEquals(scaling, spec.scaling(), 3 * Math.ulp(scaling));
            }
        }
    }

    @Test
    void aLoweredRankIsNotedWithItsLayers() {
        ResolvedLoraConfig fit = fit(List.of(WIDE, NARROW, OUT), WISH.withTargets("wide", "a.narrow", "out"), ALL);
        assertEquals(
                List.of("rank 3 for 'a.narrow'; rank 5 for 'out': their weights allow no more, so not 8; the scaling is"
                        + " the same"),
                fit.notes());
    }

    @Test
    void aLoweredRankIsOneThatTheStartTakes() {
        LoraConfig wish = WISH.withTargets("wide", "a.narrow", "out");
        assertEquals(
                List.of(
                        "rank 2 for 'a.narrow'; rank 4 for 'out': their weights allow no more with the start ORTHOGONAL,"
                                + " so not 8; the scaling is the same"),
                fit(List.of(WIDE, NARROW, OUT), wish.withInit(AdapterInit.ORTHOGONAL), ALL)
                        .notes());
        assertEquals(
                List.of(1, 2),
                adapters(
                                List.of(NARROW, OUT),
                                fit(
                                                List.of(NARROW, OUT),
                                                wish.withTargets("a.narrow", "out")
                                                        .withInit(AdapterInit.LORA_GA),
                                                ALL)
                                        .config())
                        .stream()
                        .map(AdapterSpec::rank)
                        .toList());
    }

    @Test
    void aChosenRankAboveTheLimitIsRefused() {
        List<Candidate> candidates = List.of(WIDE, NARROW);
        refused("rank must be <= 3", () -> fit(candidates, WISH, EnumSet.of(Free.TARGETS)));
        refused("rank must be <= 3", () -> fit(candidates, WISH.withRankPattern("narrow", 4), ALL));
        assertEquals(
                2,
                adapters(
                                candidates,
                                fit(candidates, WISH.withRankPattern("narrow", 2), ALL)
                                        .config())
                        .get(1)
                        .rank());
    }

    @Test
    void aChosenAlphaStays() {
        LoraConfig config = fit(List.of(WIDE, NARROW), WISH.withAlphaPattern("narrow", 12), ALL)
                .config();
        AdapterSpec spec = adapters(List.of(WIDE, NARROW), config).get(1);
        assertEquals(12, spec.alpha());
        assertEquals(4, spec.scaling());
    }

    @Test
    void whereThereIsNeitherALinearLayerNorAConvolutionAllWeightsAreAdapted() {
        Candidate input = new Candidate(new AdaptedWeight("lstm", "W", false), Sort.OTHER, false, 9, 8);
        Candidate recurrent = new Candidate(new AdaptedWeight("lstm", "RW", false), Sort.OTHER, false, 8, 8);
        ResolvedLoraConfig fit = fit(List.of(input, recurrent, OUT), WISH, ALL);
        assertEquals(
                List.of("lstm.W", "lstm.RW"),
                adapters(List.of(input, recurrent, OUT), fit.config()).stream()
                        .map(AdapterSpec::target)
                        .toList());
        assertTrue(
                fit.notes().get(0).contains("adapting 2 weights instead"),
                fit.notes().toString());
        assertEquals(
                List.of("conv"),
                adapters(
                                List.of(CONVOLUTION, recurrent),
                                fit(List.of(CONVOLUTION, recurrent), WISH, ALL).config())
                        .stream()
                        .map(AdapterSpec::target)
                        .toList());
    }

    @Test
    void whereNoLinearLayerIsLeftConvolutionsAreAdaptedAndTheSentenceSaysWhatAllLinearMeans() {
        List<Candidate> candidates = List.of(CONVOLUTION, SMALL, OUT);
        ResolvedLoraConfig fit = fit(candidates, WISH, ALL);
        assertEquals(
                List.of("conv", "conv+1"),
                adapters(candidates, fit.config()).stream()
                        .map(AdapterSpec::target)
                        .toList());
        assertEquals(
                "all-linear means the dense layers that are not outputs of the network, and none is left: adapting 2"
                        + " convolutions instead; withTargets chooses others",
                fit.notes().get(0));
        assertTrue(
                fit.notes().get(1).startsWith("rank 4 for 'conv+1'"),
                fit.notes().toString());
        assertEquals(
                List.of("conv"),
                adapters(
                                List.of(WIDE, CONVOLUTION, SMALL),
                                fit(
                                                List.of(WIDE, CONVOLUTION, SMALL),
                                                WISH.withTrainedInFull("wide").withExclusions("conv+1"),
                                                ALL)
                                        .config())
                        .stream()
                        .map(AdapterSpec::target)
                        .toList());
    }

    @Test
    void chosenTargetsAndNetworksWithoutConvolutionsAreLeftAlone() {
        refused("all-linear means", () -> fit(List.of(CONVOLUTION, OUT), WISH, EnumSet.of(Free.RANK)));
        refused("no layer is left to adapt (all-linear means", () -> fit(List.of(OUT), WISH, ALL));
        assertEquals(
                List.of("wide"),
                adapters(
                                List.of(WIDE, CONVOLUTION),
                                fit(List.of(WIDE, CONVOLUTION), WISH, ALL).config())
                        .stream()
                        .map(AdapterSpec::target)
                        .toList());
    }
}
