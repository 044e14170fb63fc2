/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import static org.amend4j.lora.combine.RandomAdapters.change;
import static org.amend4j.lora.combine.RandomAdapters.content;
import static org.amend4j.lora.combine.RandomAdapters.dense;
import static org.amend4j.lora.combine.RandomAdapters.factors;
import static org.amend4j.lora.combine.RandomAdapters.norm;
import static org.amend4j.lora.combine.RandomAdapters.only;
import static org.amend4j.lora.combine.RandomAdapters.plus;
import static org.amend4j.lora.combine.RandomAdapters.tolerance;
import static org.amend4j.lora.combine.RandomAdapters.weighted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.MergedModel;
import org.amend4j.lora.combine.Pruning.Signs;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.FactorLayout;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.model.BaseModel;
import org.amend4j.model.TorchLayer;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Whole adapters, combined. */
class AdapterCombinationTest {

    private static final long SEED = 7;

    @TempDir
    private Path directory;

    private static AdaptedModel trained(BaseModel base, TestCase test, int rank, long seed, String... targets) {
        AdaptedModel model = AdaptedModel.attach(
                base,
                LoraConfig.of(rank, 3).withTargets(targets),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(seed).build());
        for (int i = 0; i < 3; i++) {
            model.graph().fit(test.data(DataType.DOUBLE, 6, seed + i));
        }
        return model;
    }

    private static INDArray weight(ComputationGraph network, String layer) {
        return network.getLayer(layer).getParam("W");
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "NCHW", "SEQUENCE", "BRANCHING"})
    void what_is_saved_loads_on_the_base_and_merges_to_the_weighted_sum(TestCase test) throws IOException {
        BaseModel base = BaseModel.of(test.network(DataType.DOUBLE, SEED));
        String[] all = test.targets();
        AdaptedModel first = trained(base, test, 2, 1, all);
        AdaptedModel second = trained(base, test, 1, 2, all[0]);
        first.save(directory.resolve("first"));
        second.save(directory.resolve("second"));
        AdapterCombination combined = AdapterCombination.of(
                Combination.cat(),
                WeightedAdapter.read(directory.resolve("second"), -1.5),
                WeightedAdapter.read(directory.resolve("first"), 0.75));
        combined.save(directory.resolve("both"));
        AdaptedModel both = AdaptedModel.load(
                base,
                directory.resolve("both"),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        assertEquals(first.adapters().stream().map(spec -> spec.target()).toList(), names(combined));
        ComputationGraph plain = test.network(DataType.DOUBLE, SEED);
        for (String layer : all) {
            INDArray w = weight(plain, layer);
            INDArray expected =
                    w.add(weight(first.merge().network(), layer).sub(w).mul(0.75));
            if (layer.equals(all[0])) {
                expected.addi(weight(second.merge().network(), layer).sub(w).mul(-1.5));
            }
            INDArray found = weight(both.merge().network(), layer);
            // a dozen roundings of values below 8
            assertEquals(0, expected.sub(found).amaxNumber().doubleValue(), 100 * 0x1p-53, layer);
            assertTrue(w.sub(found).amaxNumber().doubleValue() > 1e-6, layer);
        }
        both.graph().fit(test.data(DataType.DOUBLE, 6, 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"DENSE", "NCHW", "SEQUENCE", "BRANCHING"})
    void merged_one_after_the_other_they_are_merged_at_once_and_unmerging_restores(TestCase test) {
        BaseModel base = BaseModel.of(test.network(DataType.DOUBLE, SEED));
        AdaptedModel first = trained(base, test, 2, 1, test.targets());
        AdaptedModel second = trained(base, test, 1, 2, test.targets()[0]);
        FineTuneConfiguration training =
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build();
        AdapterContent both = AdapterCombination.of(
                        Combination.cat(),
                        new WeightedAdapter("first", first.content(), 1),
                        new WeightedAdapter("second", second.content(), 1))
                .content();
        INDArray atOnce =
                AdaptedModel.load(base, both, training).merge().network().params();

        BaseModel merged = BaseModel.of(first.merge().network());
        AdapterContent own = second.content();
        AdapterContent anybody = new AdapterContent(own.config(), "", Map.of(), own.factors(), own.fullLayers());
        MergedModel then = AdaptedModel.load(merged, anybody, training).merge();
        // a dozen roundings of values below 8
        assertEquals(0, atOnce.sub(then.network().params()).amaxNumber().doubleValue(), 100 * 0x1p-53);
        then.unmerge();
        assertTrue(
                ArrayBytes.same(first.merge().network().params(), then.network().params()));
        merged.verifyUnchanged();
        base.verifyUnchanged();
    }

    @Test
    void what_stands_beside_factors_is_refused_and_not_dropped() throws IOException {
        BaseModel base = BaseModel.of(TestCase.DENSE.network(DataType.DOUBLE, SEED));
        LoraConfig plain = LoraConfig.of(2, 4).withTargets("dense_0");
        for (LoraConfig config : List.of(plain.withDora(), plain.withBias(BiasMode.ALL), plain.withBiasOnB())) {
            AdaptedModel model = AdaptedModel.attach(
                    base,
                    config,
                    FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
            model.save(directory.resolve("beside"));
            WeightedAdapter adapter = WeightedAdapter.read(directory.resolve("beside"), 0.5);
            String sentence = assertThrows(
                            IllegalArgumentException.class,
                            () -> AdapterCombination.of(Combination.cat(), adapter, adapter))
                    .getMessage();
            assertTrue(sentence.startsWith("adapters must be plain ones to be combined"), sentence);
        }
    }

    private static List<String> names(AdapterCombination combined) {
        return combined.layers().stream().map(CombinedLayer::name).toList();
    }

    private static AdapterContent withHead(LoraConfig config, String head, LayerFactors... layers) {
        FullLayer full = new FullLayer(
                head,
                TorchLayer.DENSE,
                Map.of("W", Nd4j.ones(DataType.FLOAT, 3, 2), "b", Nd4j.ones(DataType.FLOAT, 1, 2)));
        return new AdapterContent(
                config.withTrainedInFull(head), RandomAdapters.BASE, Map.of(), List.of(layers), List.of(full));
    }

    @Test
    void layers_are_united_in_the_networks_order_and_each_keeps_its_own_scaling() {
        AdapterContent first = content(
                LoraConfig.of(2, 6).withRankPattern("c", 3),
                factors("a", DataType.FLOAT, 2, 6, 1),
                factors("c", DataType.FLOAT, 3, 6, 2));
        AdapterContent second = content(
                LoraConfig.of(2, 1),
                factors("a", DataType.FLOAT, 2, 1, 3),
                factors("b", DataType.DOUBLE, 2, 1, 4),
                factors("c", DataType.FLOAT, 2, 1, 5),
                factors("d", DataType.FLOAT, 2, 1, 6));
        AdapterCombination both =
                AdapterCombination.of(Combination.cat(), weighted("x", first, 2), weighted("y", second, -0.5));
        assertEquals(List.of("a", "b", "c", "d"), names(both));
        List<LayerFactors> found = both.content().factors();
        assertEquals(
                List.of(4, 2, 5, 2),
                found.stream().map(layer -> layer.spec().rank()).toList());
        assertEquals(
                List.of(6.0, 0.25, 4.0, 0.25),
                found.stream().map(layer -> layer.spec().scaling()).toList());
        assertEquals(DataType.DOUBLE, found.get(1).dataType());
        double[][] c = plus(
                plus(new double[7][5], 2, change(first.factors().get(1))),
                -0.5,
                change(second.factors().get(2)));
        assertEquals(0, norm(plus(c, -1, change(found.get(2)))), tolerance(found.get(2)));
        LoraConfig config = both.content().config();
        assertEquals(2, config.rank());
        assertEquals(Map.of("^a", 4, "^c", 5), config.rankPattern());
        assertEquals(Map.of("^a", 24.0, "^c", 20.0), config.alphaPattern());
        assertEquals(Targets.names("a", "b", "c", "d"), config.targets());
    }

    @Test
    void settings_are_those_that_all_adapters_have() throws IOException {
        LoraConfig shared =
                LoraConfig.of(4, 6).withRsLora(true).withDropout(0.25).withInit(AdapterInit.GAUSSIAN);
        LayerFactors layer = factors(new FactorLayout.Dense(), shared.adapter("dense", 4, 6), DataType.FLOAT, 1);
        LoraConfig other = LoraConfig.of(4, 6).withDropout(0.5);
        LayerFactors plain = factors(new FactorLayout.Dense(), other.adapter("dense", 4, 6), DataType.FLOAT, 2);
        AdapterCombination alike = AdapterCombination.of(
                Combination.svd(4), weighted("a", content(shared, layer), 1), weighted("b", content(shared, layer), 1));
        assertTrue(alike.content().config().rsLora());
        assertEquals(0.25, alike.content().config().dropout());
        assertEquals(AdapterInit.DEFAULT, alike.content().config().init());
        assertEquals(1, only(alike).spec().scaling());
        AdapterCombination mixed = AdapterCombination.of(
                Combination.cat(), weighted("a", content(shared, layer), 1), weighted("b", content(other, plain), 1));
        assertEquals(0, mixed.content().config().dropout());
        assertEquals(3, only(mixed).spec().scaling());
        assertEquals(24, only(mixed).spec().alpha());
        mixed.save(directory);
        assertEquals(
                mixed.content().config(), AdapterFile.read(directory).config(), "what is written is what was combined");
        AdapterCombination one = AdapterCombination.of(Combination.cat(), weighted("a", content(shared, layer), 1));
        assertEquals(6, only(one).spec().alpha());
        assertEquals(3, only(one).spec().scaling());
        assertTrue(ArrayBytes.same(layer.a(), only(one).a()));
    }

    @Test
    void a_layer_trained_in_full_is_taken_from_the_only_adapter_that_has_it() {
        AdapterContent with = withHead(LoraConfig.of(2, 6), "head", factors("dense", DataType.FLOAT, 2, 6, 1));
        AdapterContent without = dense(DataType.FLOAT, 2, 6, 2);
        AdapterCombination both =
                AdapterCombination.of(Combination.svd(2), weighted("a", without, 0.5), weighted("b", with, 0.25));
        assertSame(with.fullLayers().get(0), both.content().fullLayers().get(0));
        assertEquals(List.of("head"), both.content().config().trainedInFull());
        AdapterCombination heads = AdapterCombination.of(
                Combination.cat(),
                weighted("a", withHead(LoraConfig.withoutAdapters(), "head"), 1),
                weighted("b", withHead(LoraConfig.withoutAdapters(), "other"), 1));
        assertEquals(List.of("head", "other"), heads.content().config().trainedInFull());
        assertEquals(List.of(), heads.layers());
        assertEquals(0, heads.relativeError());
        refused(
                () -> AdapterCombination.of(Combination.cat(), weighted("a", with, 1), weighted("b", with, 1)),
                "the layer 'head' is trained in full by 'a' and by 'b'");
        refused(
                () -> AdapterCombination.of(
                        Combination.cat(),
                        weighted("a", with, 1),
                        weighted("b", content(LoraConfig.of(2, 6), factors("head", DataType.FLOAT, 2, 6, 1)), 1)),
                "the layer 'head' is adapted by 'b' and trained in full");
    }

    @Test
    void what_does_not_belong_together_is_refused_by_name() {
        AdapterContent one = dense(DataType.FLOAT, 2, 6, 1);
        AdapterContent elsewhere = new AdapterContent(one.config(), "f".repeat(64), Map.of(), one.factors(), List.of());
        refused(
                () -> AdapterCombination.of(Combination.cat(), weighted("a", one, 1), weighted("b", elsewhere, 1)),
                "must be of one base to be combined, 'a' is of 0123");
        AdapterContent unknown = new AdapterContent(one.config(), "", Map.of(), one.factors(), List.of());
        refused(
                () -> AdapterCombination.of(Combination.cat(), weighted("a", one, 1), weighted("b", unknown, 1)),
                "'b' of an unknown one");
        LoraConfig config = LoraConfig.of(2, 6);
        AdapterContent kernel =
                content(config, factors(new FactorLayout.Conv1D(3), config.adapter("dense", 2, 6), DataType.FLOAT, 1));
        refused(
                () -> AdapterCombination.of(Combination.cat(), weighted("a", one, 1), weighted("b", kernel, 1)),
                "the layer 'dense' must have one shape in all adapters, got 7 to 5 with kernel [] in 'a'");
        AdapterContent wide = dense(DataType.FLOAT, 3, 6, 1);
        for (Combination method : List.of(Combination.linear(), Combination.pruned(Pruning.ties(0.5, Signs.TOTAL)))) {
            refused(
                    () -> AdapterCombination.of(method, weighted("a", one, 1), weighted("b", wide, 1)),
                    "'" + method.peftName() + "' needs adapters of one rank, 'a' has 2 on 'dense' and 'b' has 3");
        }
        refused(() -> AdapterCombination.of(Combination.cat(), List.of()), "the number of adapters must be >= 1");
    }

    @Test
    void numbers_that_mean_nothing_are_refused() {
        AdapterContent one = dense(DataType.FLOAT, 2, 6, 1);
        refused(() -> weighted("a", one, Double.NaN), "the weight of 'a' must be finite");
        refused(() -> weighted("", one, 1), "must not be empty");
        refused(() -> Combination.svd(0), "rank must be >= 1");
        refused(() -> Combination.prunedSvd(Pruning.magnitude(0.5), 0), "rank must be >= 1");
        for (double density : new double[] {0, -0.1, 1.5, Double.NaN}) {
            refused(() -> Pruning.ties(density, Signs.TOTAL), "density must be in (0, 1]");
            refused(() -> Pruning.dareLinear(density, 1), "density must be in (0, 1]");
        }
        for (Combination method : List.of(Combination.cat(), Combination.svd(1), Combination.linear())) {
            refused(() -> AdapterCombination.of(method, weighted("a", one, 1e308)), "must be finite");
        }
        refused(() -> AdapterCombination.of(Combination.linear(), weighted("a", one, 1e300)), "must be finite");
    }

    @Test
    void an_order_that_adapters_disagree_about_is_some_order() {
        assertEquals(
                List.of("a", "b", "c"),
                NetworkOrder.merged(List.of(List.of("b", "c"), List.of("a", "b"), List.of("a", "c"))));
        assertEquals(List.of("a", "b"), NetworkOrder.merged(List.of(List.of("a", "b"), List.of("b", "a"))));
        assertEquals(List.of(), NetworkOrder.merged(List.of(List.of(), List.of())));
    }

    private static void refused(Supplier<Object> what, String part) {
        String message = assertThrows(IllegalArgumentException.class, what::get).getMessage();
        assertTrue(message.contains(part), message);
    }
}
