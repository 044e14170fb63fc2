/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.amend4j.internal.lora.gradient.FrozenA;
import org.amend4j.internal.lora.gradient.Riemannian;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestCase;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** How factors are trained beside the updater: LoRA+, LoRA-FA and Riemannian preconditioning. */
class FactorTrainingLawsTest {

    private static final long SEED = 31;
    private static final DataType TYPE = DataType.DOUBLE;

    /** Steps of order 1 by sums of at most 1,000 terms, and r x r systems with condition numbers below 1e4. */
    private static final double ROUNDING = 1e-9;

    private enum Case {
        DENSE(TestCase.DENSE, "dense_0", "dense_1"),
        CONVOLUTION(TestCase.NCHW, "conv_0", "conv_1"),
        WEIGHTS(TestCase.BELOW_ATTENTION, "attention", "above");

        final TestCase network;
        final String[] targets;

        Case(TestCase network, String... targets) {
            this.network = network;
            this.targets = targets;
        }

        AdaptedModel attached(FineTuneConfiguration training, FactorTraining factors) {
            BaseModel base = BaseModel.of(network.network(TYPE, SEED));
            LoraConfig config = LoraConfig.of(2, 3).withTargets(targets).withInit(AdapterInit.ORTHOGONAL);
            return AdaptedModel.attach(base, config, Attachment.of(training).withFactors(factors));
        }

        void fit(ComputationGraph graph, int step) {
            graph.fit(network.data(TYPE, 6, SEED + step));
        }
    }

    private static FineTuneConfiguration with(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).seed(SEED).build();
    }

    private static Map<String, INDArray> factors(AdaptedModel model, Function<WeightAdapter, String> key) {
        Map<String, INDArray> factors = new LinkedHashMap<>();
        for (WeightAdapter one : model.weights()) {
            factors.put(
                    one.weight().name(),
                    model.graph()
                            .getVertex(one.weight().vertex())
                            .paramTable(false)
                            .get(key.apply(one))
                            .dup('f'));
        }
        return factors;
    }

    private static Map<String, INDArray> a(AdaptedModel model) {
        return factors(model, one -> one.weight().keyOfA());
    }

    private static Map<String, INDArray> b(AdaptedModel model) {
        return factors(model, one -> one.weight().keyOfB());
    }

    private static double distance(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    @ParameterizedTest
    @EnumSource
    void b_learns_so_many_times_as_fast_as_a_and_follows_the_schedule(Case test) {
        IUpdater updater = new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 0.1, 0.5));
        AdaptedModel plain = test.attached(with(updater), FactorTraining.PLAIN);
        AdaptedModel fast = test.attached(with(updater), FactorTraining.loraPlus(16));
        for (int step = 0; step < 3; step++) {
            plain.graph().params().assign(fast.graph().params());
            Map<String, INDArray> a = a(fast);
            Map<String, INDArray> b = b(fast);
            test.fit(plain.graph(), step);
            test.fit(fast.graph(), step);
            a(fast).forEach((name, moved) -> assertTrue(distance(a(plain).get(name), moved) < ROUNDING, name));
            b(fast).forEach((name, moved) -> {
                INDArray once = b(plain).get(name).sub(b.get(name));
                assertTrue(once.amaxNumber().doubleValue() > 1e-7, name + " moves");
                assertTrue(distance(once.mul(16), moved.sub(b.get(name))) < ROUNDING, name);
            });
            assertFalse(a.isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_frozen_factor_a_is_moved_by_nothing_and_has_no_state(Case test) {
        FineTuneConfiguration training = FineTuneConfiguration.builder()
                .updater(new Adam(0.05))
                .l2(0.1)
                .weightDecay(0.1)
                .seed(SEED)
                .build();
        AdaptedModel model = test.attached(training, FactorTraining.loraFa());
        Map<String, INDArray> a = a(model);
        Map<String, INDArray> b = b(model);
        for (int step = 0; step < 3; step++) {
            test.fit(model.graph(), step);
        }
        a(model).forEach((name, now) -> assertTrue(ArrayBytes.same(a.get(name), now), name));
        b(model).forEach((name, now) -> assertTrue(distance(b.get(name), now) > 1e-3, name));
        long trained = b.values().stream().mapToLong(INDArray::length).sum();
        assertEquals(2 * trained, model.graph().getUpdater().getStateViewArray().length(), "Adam's two moments of B");
    }

    @ParameterizedTest
    @EnumSource
    void a_step_of_gradient_descent_is_along_the_preconditioned_gradients(Case test) {
        for (FactorTraining training : List.of(FactorTraining.loraFa(), FactorTraining.riemannian())) {
            AdaptedModel plain = test.attached(with(new Sgd(1)), FactorTraining.PLAIN);
            AdaptedModel model = test.attached(with(new Sgd(1)), training);
            Map<String, INDArray> a = a(plain);
            Map<String, INDArray> b = b(plain);
            test.fit(plain.graph(), 0);
            test.fit(model.graph(), 0);
            for (WeightAdapter one : model.weights()) {
                String name = one.weight().name();
                INDArray gradientA = a.get(name).sub(a(plain).get(name)).dup('f');
                INDArray gradientB = b.get(name).sub(b(plain).get(name)).dup('f');
                FactorRates.preconditioner(training)
                        .orElseThrow()
                        .preconditionInPlace(
                                a.get(name),
                                b.get(name),
                                gradientA,
                                gradientB,
                                one.adapter().scaling());
                double most = Math.max(
                        gradientA.amaxNumber().doubleValue(),
                        gradientB.amaxNumber().doubleValue());
                double rounding = ROUNDING * Math.max(1, most);
                assertTrue(distance(a.get(name).sub(gradientA), a(model).get(name)) < rounding, name);
                assertTrue(distance(b.get(name).sub(gradientB), b(model).get(name)) < rounding, name);
            }
        }
    }

    @Test
    void above_a_prefix_the_tail_trains_alike() {
        for (FactorTraining training : List.of(FactorTraining.loraPlus(4), FactorTraining.riemannian())) {
            FineTuneConfiguration steps = with(new Sgd(0.5));
            BaseModel base = BaseModel.of(TestCase.ABOVE_A_PREFIX.network(TYPE, SEED));
            LoraConfig config = LoraConfig.of(2, 3).withTargets("dense_1").withInit(AdapterInit.ORTHOGONAL);
            AdaptedModel whole =
                    AdaptedModel.attach(base, config, Attachment.of(steps).withFactors(training));
            AdaptedModel above =
                    AdaptedModel.attach(base, config, Attachment.of(steps).withFactors(training));
            var data = TestCase.ABOVE_A_PREFIX.data(TYPE, 6, SEED);
            whole.graph().fit(data);
            INDArray features =
                    base.network().feedForward(data.getFeatures(0), false).get("dense_0");
            above.tail().fit(new INDArray[] {features}, data.getLabels());
            assertTrue(distance(whole.graph().params(), above.graph().params()) < ROUNDING);
        }
    }

    @Test
    void a_clone_and_json_keep_the_rates_and_plain_training_is_not_written() {
        AdaptedModel fast = Case.DENSE.attached(with(new Sgd(0.1)), FactorTraining.loraPlus(16));
        ComputationGraph clone = fast.graph().clone();
        Case.DENSE.fit(clone, 0);
        Case.DENSE.fit(fast.graph(), 0);
        assertTrue(distance(fast.graph().params(), clone.params()) < ROUNDING);
        String json = fast.graph().getConfiguration().toJson();
        assertEquals(json, ComputationGraphConfiguration.fromJson(json).toJson(), "through JSON and back");
        assertTrue(json.contains("factorTraining"));
        AdaptedModel plain = Case.DENSE.attached(with(new Sgd(0.1)), FactorTraining.PLAIN);
        assertFalse(plain.graph().getConfiguration().toJson().contains("factorTraining"));
    }

    @Test
    void dampings_are_those_of_the_preconditioners() {
        assertEquals(Optional.of(FrozenA.standard()), FactorRates.preconditioner(FactorTraining.loraFa()));
        assertEquals(Optional.of(Riemannian.standard()), FactorRates.preconditioner(FactorTraining.riemannian()));
        assertEquals(Optional.empty(), FactorRates.preconditioner(FactorTraining.loraPlus(16)));
    }

    @Test
    void what_cannot_be_trained_so_is_refused() {
        assertEquals(
                "the ratio of B's learning rate to A's must be >= 1 and finite, got 0.5",
                refusal(() -> FactorTraining.loraPlus(0.5)));
        assertEquals(
                "the ratio of B's learning rate to A's must be 1 with LoRA-FA, which does not train A, got 16.0",
                refusal(() -> FactorTraining.loraFa().withRatio(16)));
        assertEquals(
                "damping must be 0 without a preconditioner, got 1.0",
                refusal(() -> FactorTraining.PLAIN.withDamping(1)));
        assertTrue(refusal(() -> Case.DENSE.attached(with(new AdaDelta()), FactorTraining.loraPlus(2)))
                .startsWith("LoRA+ needs an updater with a learning rate, got AdaDelta"));
    }

    private static String refusal(Executable made) {
        return assertThrows(IllegalArgumentException.class, made).getMessage();
    }
}
