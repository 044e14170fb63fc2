/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/** Graphs of transformers take the steps of {@code fit} by a plan, without Deeplearning4j's layers. */
class TransformersInPlansTest {

    private static final LoraConfig ALL =
            LoraConfig.of(2, 4).withTargets("query", "key", "value", "gate", "up", "down");

    /** Three steps of Adam on the same sums in another order. */
    static final double ROUNDING = 1e-12;

    /** The same in single precision, of what the steps moved: sums of a dozen terms, a dozen layers, there and back. */
    private static final double SINGLE = 1e-3;

    static Stream<AttentionRule> rules() {
        return BlocksTest.rules();
    }

    static Stream<RowNorm.Kind> kinds() {
        return BlocksTest.kinds();
    }

    private static AdaptedModel adapted(ComputationGraph graph, LoraConfig config) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(graph),
                config,
                FineTuneConfiguration.builder().updater(new Adam(0.01)).build());
        SmallNetworks.moved(model.graph(), new Random(3), 0.3);
        return model;
    }

    /** Steps of {@code fit} and of a plan on the same records must end at the same parameters, with the same losses on the way. */
    static double apartAfterSteps(ComputationGraph graph, DataSet data, Arithmetic arithmetic, double most) {
        ComputationGraph fitted = graph.clone();
        try (HostMachine machine = HostMachine.open(2);
                PlannedTraining training =
                        PlannedTraining.of(machine, graph, Records.of(data), data.numExamples(), arithmetic)) {
            assertEquals(Optional.empty(), training.delegation());
            for (int step = 0; step < 3; step++) {
                training.step(0, 1, 2);
                fitted.fit(data);
                assertEquals(fitted.score(), training.loss(), most * fitted.score());
            }
            training.copyInto(graph);
        }
        return graph.params().sub(fitted.params()).amaxNumber().doubleValue();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void adapters_on_all_projections_take_the_steps_of_fit(AttentionRule rule) {
        ComputationGraph plain = BlocksTest.graph(DataType.DOUBLE, rule, RowNorm.Kind.LAYER);
        for (boolean padded : new boolean[] {false, true}) {
            AdaptedModel model = adapted(plain, ALL);
            INDArray before = model.base().network().params().dup();
            DataSet data = BlocksTest.data(DataType.DOUBLE, padded);
            double apart = apartAfterSteps(model.graph(), data, Arithmetic.DOUBLE, ROUNDING);
            assertTrue(apart < ROUNDING, "padded: " + padded + ", apart " + apart);
            assertTrue(ArrayBytes.same(before, model.base().network().params()));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void every_norm_takes_the_steps_of_fit_below_adapters_and_when_it_trains(RowNorm.Kind kind) {
        ComputationGraph plain = BlocksTest.graph(DataType.DOUBLE, AttentionRule.causal(2), kind);
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        double adapted = apartAfterSteps(adapted(plain, ALL).graph(), data, Arithmetic.DOUBLE, ROUNDING);
        assertTrue(adapted < ROUNDING, "adapted: " + adapted);
        double full = apartAfterSteps(plain, data, Arithmetic.DOUBLE, ROUNDING);
        assertTrue(full < ROUNDING, "in full: " + full);
    }

    static Stream<LoraConfig> ends() {
        LoraConfig plain = LoraConfig.of(2, 4);
        return Stream.of(
                plain.withTargets("embedding"),
                plain.withTargets("head"),
                plain.withTargets("embedding", "query", "head"),
                plain.withTargets("embedding").withTrainedInFull("head"),
                plain.withTargets("head").withTrainedInFull("embedding"));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void adapters_on_words_and_heads_take_the_steps_of_fit(LoraConfig config) {
        ComputationGraph plain =
                BlocksTest.graph(DataType.DOUBLE, AttentionRule.causal(3), RowNorm.Kind.ROOT_MEAN_SQUARE);
        AdaptedModel model = adapted(plain, config);
        INDArray before = model.base().network().params().dup();
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        double apart = apartAfterSteps(model.graph(), data, Arithmetic.DOUBLE, ROUNDING);
        assertTrue(apart < ROUNDING, "apart " + apart);
        assertTrue(ArrayBytes.same(before, model.base().network().params()));
    }

    /** Chunks of 256 rows with labels. */
    @Test
    void a_head_takes_the_steps_of_fit_over_several_parts() {
        ComputationGraph plain = BlocksTest.graph(DataType.DOUBLE, AttentionRule.causal(3), RowNorm.Kind.LAYER);
        DataSet many = DataSet.merge(Collections.nCopies(40, BlocksTest.data(DataType.DOUBLE, true)));
        AdaptedModel model = adapted(plain, LoraConfig.of(2, 4).withTargets("embedding", "head"));
        ComputationGraph fitted = model.graph().clone();
        int[] all = IntStream.range(0, many.numExamples()).toArray();
        try (HostMachine machine = HostMachine.open(2);
                PlannedTraining training =
                        PlannedTraining.of(machine, model.graph(), Records.of(many), all.length, Arithmetic.DOUBLE)) {
            training.step(all);
            fitted.fit(many);
            training.copyInto(model.graph());
        }
        double apart = model.graph().params().sub(fitted.params()).amaxNumber().doubleValue();
        assertTrue(apart < ROUNDING, "apart " + apart);
    }

    @Test
    void magnitudes_take_the_steps_of_fit() {
        ComputationGraph plain = BlocksTest.graph(DataType.DOUBLE, AttentionRule.causal(3), RowNorm.Kind.LAYER);
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        for (Dora dora : new Dora[] {Dora.DETACHED_NORM, Dora.TRUE_GRADIENT}) {
            double apart =
                    apartAfterSteps(adapted(plain, ALL.withDora(dora)).graph(), data, Arithmetic.DOUBLE, ROUNDING);
            assertTrue(apart < ROUNDING, dora + ": " + apart);
        }
    }

    @Test
    void single_precision_is_fit_up_to_rounding() {
        ComputationGraph plain =
                BlocksTest.graph(DataType.FLOAT, AttentionRule.causal(3), RowNorm.Kind.ROOT_MEAN_SQUARE);
        DataSet data = BlocksTest.data(DataType.FLOAT, true);
        double apart = apartAfterSteps(adapted(plain, ALL).graph(), data, Arithmetic.SINGLE, 1e-5);
        assertTrue(apart < SINGLE * 0.03, "moved by up to 0.03: " + apart);
    }
}
