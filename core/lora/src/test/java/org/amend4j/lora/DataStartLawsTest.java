/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.amend4j.lora.StartedAdapterLawsTest.distance;
import static org.amend4j.lora.StartedAdapterLawsTest.training;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.internal.lora.init.Eva;
import org.amend4j.internal.lora.init.InputComponents;
import org.amend4j.internal.lora.init.LoraGa;
import org.amend4j.internal.lora.init.StartFactors;
import org.amend4j.internal.lora.init.StartSite;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.EvaConfig;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.LoraGaConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Starts that are made from examples: EVA, CorDA, LoRA-GA. */
class DataStartLawsTest {

    private static final long SEED = 37;
    private static final int STEPS = 4;

    private record Case(TestCase network, AdapterInit init, DataType type) {

        BaseModel base() {
            return BaseModel.of(network.network(type, SEED));
        }

        LoraConfig config() {
            String[] targets =
                    network == TestCase.DENSE ? new String[] {"dense_0", "dense_1"} : new String[] {"conv_1", "conv_2"};
            int rank = network == TestCase.DENSE ? 2 : 1;
            return LoraConfig.of(rank, 3).withTargets(targets).withInit(init);
        }

        List<MultiDataSet> batches() {
            return List.of(network.data(type, 16, 5), network.data(type, 12, 6));
        }

        AdaptedModel attached() {
            return AdaptedModel.attach(
                    base(), config(), Attachment.of(training()).withData(StartData.of(batches())));
        }

        INDArray output(ComputationGraph graph) {
            return graph.output(network.data(type, 5, 99).getFeatures())[0].dup();
        }

        /** As in {@link StartedAdapterLawsTest}, and CorDA solves systems with condition numbers of some 100. */
        double rounding() {
            return type == DataType.FLOAT ? 10_000 * 0x1p-24 : 100_000 * 0x1p-53;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(TestCase.DENSE, TestCase.NCHW)
                .flatMap(network -> Stream.of(AdapterInit.EVA, AdapterInit.CORDA, AdapterInit.LORA_GA)
                        .flatMap(init ->
                                Stream.of(DataType.FLOAT, DataType.DOUBLE).map(type -> new Case(network, init, type))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_first_output_is_the_base_s_within_rounding_and_the_base_s_bytes_stay(Case test) {
        INDArray before = test.base().network().params().dup();
        AdaptedModel model = test.attached();
        assertTrue(distance(test.output(model.base().network()), test.output(model.graph())) < test.rounding());
        assertTrue(ArrayBytes.same(before, model.base().network().params()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void trained_it_loads_on_the_untouched_base_and_merges_with_the_trained_output(Case test, @TempDir Path directory)
            throws Exception {
        AdaptedModel model = test.attached();
        for (int i = 0; i < STEPS; i++) {
            model.graph().fit(test.network().data(test.type(), 6, SEED + i));
        }
        INDArray trained = test.output(model.graph());
        assertTrue(distance(test.output(model.base().network()), trained) > 1e-3, "it does something");
        model.save(directory);
        AdaptedModel loaded = AdaptedModel.load(test.base(), directory, training());
        assertTrue(distance(trained, test.output(loaded.graph())) < test.rounding());
        assertTrue(distance(trained, test.output(model.merge().network())) < test.rounding());
    }

    @Test
    void eva_starts_with_the_components_of_the_inputs_and_keeps_the_sum_of_ranks_and_the_scalings() {
        Case test = new Case(TestCase.DENSE, AdapterInit.EVA, DataType.DOUBLE);
        AdaptedModel model = test.attached();
        assertEquals(4, model.adapters().stream().mapToInt(AdapterSpec::rank).sum());
        for (AdapterSpec adapter : model.adapters()) {
            assertEquals(1.5, adapter.scaling(), 4 * Math.ulp(1.5));
            INDArray a = model.graph().getLayer(adapter.target()).getParam("A");
            double error =
                    distance(a.transpose().mmul(a), Nd4j.eye(adapter.rank()).castTo(DataType.DOUBLE));
            assertTrue(error < test.rounding(), "columns of A are orthonormal");
        }
        AdapterSpec first = model.adapters().get(0);
        assertEquals("dense_0", first.target());
        InputComponents components = new InputComponents("dense_0", 5, new Eva(EvaConfig.standard()).kept(2, 5));
        test.batches().forEach(batch -> components.addInPlace(batch.getFeatures(0)));
        StartSite site = site(test, first);
        assertTrue(ArrayBytes.same(
                new Eva(EvaConfig.standard()).of(site, components).a(),
                model.graph().getLayer("dense_0").getParam("A").dup('f')));
    }

    private static StartSite site(Case test, AdapterSpec adapter) {
        INDArray weight = test.base().parameters(adapter.target()).get("W");
        return new StartSite(adapter.target(), weight, adapter.rank(), adapter.scaling(), 0);
    }

    @Test
    void lora_ga_starts_with_the_gradient_of_the_mean_loss_of_the_base() {
        Case test = new Case(TestCase.DENSE, AdapterInit.LORA_GA, DataType.DOUBLE);
        AdaptedModel model = test.attached();
        ComputationGraph plain = test.base().plainCopy();
        INDArray sum = null;
        for (MultiDataSet batch : test.batches()) {
            plain.setInputs(batch.getFeatures());
            plain.setLabels(batch.getLabels());
            plain.computeGradientAndScore();
            INDArray gradient = plain.gradient().getGradientFor("dense_1_W").dup('f');
            sum = sum == null ? gradient : sum.add(gradient);
        }
        StartFactors expected =
                new LoraGa(LoraGaConfig.peft()).of(site(test, model.adapters().get(1)), sum.div(28));
        assertTrue(distance(expected.a(), model.graph().getLayer("dense_1").getParam("A")) < 1e-9);
        assertTrue(distance(expected.b(), model.graph().getLayer("dense_1").getParam("B")) < 1e-9);
    }

    @Test
    void without_examples_or_rows_the_start_is_refused() {
        Case test = new Case(TestCase.DENSE, AdapterInit.EVA, DataType.FLOAT);
        assertEquals(
                "the start EVA needs examples: attach with Attachment.withData",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> AdaptedModel.attach(test.base(), test.config(), training()))
                        .getMessage());
        TestCase sequences = TestCase.BELOW_ATTENTION;
        BaseModel base = BaseModel.of(sequences.network(DataType.FLOAT, SEED));
        String attention = AdaptedModel.adaptableWeights(base).stream()
                .filter(name -> name.contains("."))
                .findFirst()
                .orElseThrow();
        Attachment how =
                Attachment.of(training()).withData(StartData.of(List.of(sequences.data(DataType.FLOAT, 4, SEED))));
        LoraConfig config = LoraConfig.of(1, 1).withTargets(attention).withInit(AdapterInit.CORDA);
        assertEquals(
                "the start CORDA needs layers that multiply rows of their inputs by one weight and show these rows, which these do not: '"
                        + attention + "'; leave them out of the targets, or choose another start",
                assertThrows(IllegalArgumentException.class, () -> AdaptedModel.attach(base, config, how))
                        .getMessage());
    }
}
