/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Laws of the objective on a device, on random graphs of dense layers. The reference is core's, in double, whose gradient is
 * compared with differences of its value in core's own tests; so differences in single precision, good to three digits, would add
 * nothing here.
 */
class PlannedObjectiveTest {

    /** A random graph, its data, the reference, and a point. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Example(RandomGraph random, Records data, GraphObjective reference, double[] theta, String where) {
        static Example of(long seed) {
            RandomGraph random = RandomGraph.of(seed);
            Records data = Records.of(random.data());
            GraphObjective reference = GraphObjective.of(random.graph(), data);
            return new Example(random, data, reference, reference.parameters(), "seed " + seed);
        }

        PlannedObjective on(Machine device, PlanSettings settings) {
            return PlannedObjective.of(device, random.graph(), data, settings);
        }

        PlannedObjective on(Machine device) {
            return on(device, PlanSettings.DEFAULT);
        }

        double[] elsewhere() {
            Random steps = new Random(5);
            double[] moved = theta.clone();
            for (int k = 0; k < moved.length; k++) {
                moved[k] += 0.5 * steps.nextGaussian();
            }
            return moved;
        }
    }

    @Test
    void valueAndGradientAreTheReferences() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < 80; seed++) {
                Example example = Example.of(seed);
                try (PlannedObjective objective = example.on(device)) {
                    Agreement.assertAgree(example.reference, objective, example.theta, Agreement.SINGLE, example.where);
                    Agreement.assertAgree(
                            example.reference, objective, example.elsewhere(), Agreement.SINGLE, example.where);
                }
            }
        }
    }

    @Test
    void noOrderOfThreadsChangesAnything() {
        try (Machine device = LawMachines.checking()) {
            for (long seed = 200; seed < 212; seed++) {
                Example example = Example.of(seed);
                try (PlannedObjective objective = example.on(device)) {
                    Agreement.assertAgree(example.reference, objective, example.theta, Agreement.SINGLE, example.where);
                    double[] gradient = new double[example.theta.length];
                    objective.clipped(Clipping.perRecord(0.5)).valueAndGradient(example.theta, gradient);
                    objective.valueAndGradient(
                            example.theta,
                            gradient,
                            new double[objective.adapters().size()]);
                }
            }
        }
    }

    @Test
    void whatIsEvaluatedInBetweenChangesNoByte() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < 20; seed++) {
                Example example = Example.of(seed);
                try (PlannedObjective objective = example.on(device, PlanSettings.DEFAULT.withChunk(3))) {
                    double[] first = new double[example.theta.length];
                    double value = objective.valueAndGradient(example.theta, first);
                    assertEquals(value, objective.value(example.theta), example.where);
                    double[] other = new double[example.theta.length];
                    assertNotEquals(value, objective.value(example.elsewhere()), example.where);
                    objective.valueAndGradient(example.elsewhere(), other);
                    objective.valueAndGradient(
                            example.elsewhere(),
                            other,
                            new double[objective.adapters().size()]);
                    objective.clipped(Clipping.perRecord(0.1)).valueAndGradient(example.elsewhere(), other);
                    objective.restrictedTo(RecordIds.of(1)).valueAndGradient(example.elsewhere(), other);
                    objective.withNormaliser(3).withWeightDecay(1).valueAndGradient(example.elsewhere(), other);
                    double[] again = new double[example.theta.length];
                    assertEquals(value, objective.valueAndGradient(example.theta, again), example.where);
                    assertArrayEquals(first, again, example.where);
                }
            }
        }
    }

    @Test
    void aSubsetIsTheObjectiveOnTheSubsetsRecordsAlone() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < 25; seed++) {
                Example example = Example.of(seed);
                Random choice = new Random(seed);
                long[] some = LongStream.range(0, example.data.size())
                        .filter(id -> id == 0 || choice.nextBoolean())
                        .toArray();
                Records alone = Records.of(rows(example.random.data(), some));
                PlanSettings settings = PlanSettings.DEFAULT.withChunk(3);
                try (PlannedObjective all = example.on(device, settings);
                        PlannedObjective retrained =
                                PlannedObjective.of(device, example.random.graph(), alone, settings)) {
                    PlannedObjective restricted = all.restrictedTo(RecordIds.of(some));
                    double[] a = new double[example.theta.length];
                    double[] b = new double[example.theta.length];
                    assertEquals(
                            retrained.valueAndGradient(example.theta, b),
                            restricted.valueAndGradient(example.theta, a),
                            example.where);
                    assertArrayEquals(b, a, example.where);
                    assertEquals(retrained.value(example.theta), restricted.value(example.theta), example.where);
                    Agreement.assertAgree(
                            example.reference.restrictedTo(RecordIds.of(some)),
                            restricted,
                            example.theta,
                            Agreement.SINGLE,
                            example.where);
                }
            }
        }
    }

    private static MultiDataSet rows(MultiDataSet data, long[] chosen) {
        int[] places = LongStream.of(chosen).mapToInt(id -> (int) id).toArray();
        return new MultiDataSet(
                new INDArray[] {org.nd4j.linalg.factory.Nd4j.pullRows(data.getFeatures(0), 1, places)},
                new INDArray[] {org.nd4j.linalg.factory.Nd4j.pullRows(data.getLabels(0), 1, places)});
    }

    /** Sums in a chunk are rounded at each of its m records, sums over chunks hardly: twice m·u, u = 6e-8, for m of at most 13. */
    @Test
    void chunksChangeNothingButRounding() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < 15; seed++) {
                Example example = Example.of(seed);
                double[] whole = new double[example.theta.length];
                double value;
                try (PlannedObjective objective = example.on(device)) {
                    assertEquals(example.data.size(), objective.chunk(), "small data is one chunk");
                    value = objective.valueAndGradient(example.theta, whole);
                }
                for (int chunk : new int[] {1, 3}) {
                    try (PlannedObjective objective = example.on(device, PlanSettings.DEFAULT.withChunk(chunk))) {
                        double[] gradient = new double[example.theta.length];
                        String where = example.where + ", chunk " + chunk;
                        double other = objective.valueAndGradient(example.theta, gradient);
                        assertEquals(value, other, 2e-6 * Math.abs(value), where);
                        assertTrue(Agreement.error(whole, gradient) < 2e-6 * 5, where);
                    }
                }
            }
        }
    }

    @Test
    void normaliserAndWeightDecayAreTheReferences() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < 12; seed++) {
                Example example = Example.of(seed);
                try (PlannedObjective objective = example.on(device)) {
                    PlannedObjective changed = objective.withNormaliser(7).withWeightDecay(0.3);
                    Agreement.assertAgree(
                            example.reference.withNormaliser(7).withWeightDecay(0.3),
                            changed,
                            example.theta,
                            Agreement.SINGLE,
                            example.where);
                    assertEquals(7, changed.fixedNormaliser().orElseThrow());
                    assertEquals(0.3, changed.weightDecay());
                    assertEquals(0.3, changed.restrictedTo(RecordIds.of(0)).weightDecay());
                    assertEquals(example.reference.records(), changed.records());
                    assertEquals(example.reference.dimension(), changed.dimension());
                }
            }
        }
    }

    @Test
    void theNormsOfTheWeightsGradientsAreTheReferences() {
        int adapters = 0;
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < 40; seed += 2) {
                Example example = Example.of(seed);
                double[] right = new double[example.reference.adapters().size()];
                double[] norms = new double[right.length];
                double[] expected = new double[example.theta.length];
                double[] gradient = new double[example.theta.length];
                double[] plain = new double[example.theta.length];
                example.reference.withNormaliser(5).valueAndGradient(example.theta, expected, right);
                try (PlannedObjective objective = example.on(device, PlanSettings.DEFAULT.withChunk(4))) {
                    PlannedObjective five = objective.withNormaliser(5);
                    assertEquals(example.reference.adapters(), five.adapters(), example.where);
                    double value = five.valueAndGradient(example.theta, gradient, norms);
                    assertArrayEquals(
                            norms, norms(five, example.theta), 0, example.where + ": the same norms once more");
                    assertEquals(five.valueAndGradient(example.theta, plain), value, example.where);
                    assertArrayEquals(plain, gradient, example.where);
                }
                for (int k = 0; k < right.length; k++) {
                    assertEquals(right[k], norms[k], Agreement.SINGLE * right[k], example.where + ", adapter " + k);
                }
                adapters += right.length;
            }
        }
        assertTrue(adapters > 15, "adapters were compared, " + adapters);
    }

    private static double[] norms(PlannedObjective objective, double[] theta) {
        double[] norms = new double[objective.adapters().size()];
        objective.valueAndGradient(theta, new double[theta.length], norms);
        return norms;
    }

    /**
     * A product of two factors errs by two roundings of them, 2·2⁻¹¹ in TF32 and 2·2⁻⁸ in BF16; at most five products there and
     * five back make ten times that. And the twin: if nobody rounded, errors would be those of single precision.
     */
    @Test
    void precisionCostsWhatItMayAndIsReallyUsed() {
        assumeFalse(LawMachines.isHost(), "the host has one precision");
        try (Machine device = LawMachines.plain()) {
            Map<ProductPrecision, Double> sums = new EnumMap<>(ProductPrecision.class);
            for (long seed = 0; seed < 20; seed++) {
                Example example = Example.of(seed);
                double[] expected = new double[example.theta.length];
                example.reference.valueAndGradient(example.theta, expected);
                for (ProductPrecision precision : device.precisions()) {
                    double unit = switch (precision) {
                        case FP32 -> Agreement.SINGLE / 20;
                        case TF32 -> 0x1p-11;
                        case BF16 -> 0x1p-8;
                    };
                    try (PlannedObjective objective =
                            example.on(device, PlanSettings.DEFAULT.withArithmetic(Arithmetic.single(precision)))) {
                        double[] gradient = new double[example.theta.length];
                        objective.valueAndGradient(example.theta, gradient);
                        double error = Agreement.error(expected, gradient);
                        assertTrue(error <= 20 * unit, example.where + ", " + precision + ": " + error);
                        sums.merge(precision, error, Double::sum);
                    }
                }
            }
            double single = sums.getOrDefault(ProductPrecision.FP32, 0.0);
            double tensor = sums.getOrDefault(ProductPrecision.TF32, 0.0);
            double brain = sums.getOrDefault(ProductPrecision.BF16, 0.0);
            assertTrue(tensor > 100 * single, "TF32 is rounded: " + tensor + " against " + single);
            assertTrue(brain > 3 * tensor, "BF16 is rounded more: " + brain + " against " + tensor);
        }
    }

    private static Arithmetic another() {
        return LawMachines.isHost() ? Arithmetic.DOUBLE : Arithmetic.single(ProductPrecision.TF32);
    }

    @Test
    void theFingerprintNamesEverythingTheValuesDependOn() {
        Example example = Example.of(4);
        Example other = Example.of(6);
        try (Machine device = LawMachines.plain();
                PlannedObjective objective = example.on(device);
                PlannedObjective same = example.on(device);
                PlannedObjective rounded = example.on(device, PlanSettings.DEFAULT.withArithmetic(another()));
                PlannedObjective chunked = example.on(device, PlanSettings.DEFAULT.withChunk(1));
                PlannedObjective otherData = other.on(device)) {
            assertEquals(objective.fingerprint(), same.fingerprint());
            assertEquals(
                    objective.clipped(Clipping.perRecord(1)).fingerprint(),
                    same.clipped(Clipping.perRecord(1)).fingerprint());
            List<String> different = List.of(
                    example.reference.fingerprint(),
                    objective.fingerprint(),
                    rounded.fingerprint(),
                    chunked.fingerprint(),
                    otherData.fingerprint(),
                    objective.withNormaliser(9).fingerprint(),
                    objective.withWeightDecay(0.5).fingerprint(),
                    objective.restrictedTo(RecordIds.of(0)).fingerprint(),
                    objective.clipped(Clipping.perRecord(1)).fingerprint(),
                    objective.clipped(Clipping.perRecord(2)).fingerprint());
            Set<String> all = new HashSet<>(different);
            assertEquals(different.size(), all.size(), "all are different");
            different.forEach(print -> assertTrue(print.matches("[0-9a-f]{64}"), print));
        }
    }

    @Test
    void theGraphItsBaseAndTheDataNeverChange() {
        ComputationGraph plain = TestNetworks.branching(DataType.DOUBLE, 3);
        BaseModel base = BaseModel.of(plain);
        ComputationGraph graph = AdaptedModel.attach(
                        base,
                        LoraConfig.of(1, 2).withTargets("l", "out_a").withTrainedInFull("out_b"),
                        new FineTuneConfiguration.Builder()
                                .updater(new Sgd(0.1))
                                .build())
                .graph();
        MultiDataSet data = TestCase.BRANCHING.data(DataType.DOUBLE, 5, 1);
        INDArray parameters = graph.params().dup();
        INDArray weights = plain.params().dup();
        INDArray features = data.getFeatures(1).dup();
        try (Machine device = LawMachines.plain();
                PlannedObjective objective =
                        PlannedObjective.of(device, graph, Records.of(data), PlanSettings.DEFAULT)) {
            double[] at = parameters.toDoubleVector();
            double[] before = at.clone();
            objective.valueAndGradient(at, new double[at.length]);
            objective.clipped(Clipping.perRecord(0.1)).valueAndGradient(at, new double[at.length]);
            assertArrayEquals(before, at);
        }
        assertTrue(ArrayBytes.same(parameters, graph.params()));
        assertTrue(ArrayBytes.same(weights, plain.params()));
        assertTrue(ArrayBytes.same(features, data.getFeatures(1)));
        assertEquals(base.fingerprint(), BaseModel.of(plain).fingerprint());
    }

    @Test
    void closingFreesEverything() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < 6; seed++) {
                Example example = Example.of(seed);
                PlannedObjective objective = example.on(device, PlanSettings.DEFAULT.withChunk(2));
                double[] gradient = new double[example.theta.length];
                objective.valueAndGradient(
                        example.theta, gradient, new double[objective.adapters().size()]);
                objective.clipped(Clipping.perRecord(1)).valueAndGradient(example.theta, gradient);
                objective.restrictedTo(RecordIds.of(0)).close();
                objective.close();
                assertEquals(0, device.bytesInUse(), example.where);
            }
        }
    }

    @Test
    void wrongLengthsAndDataAreRefused() {
        Example example = Example.of(4);
        try (Machine device = LawMachines.plain();
                PlannedObjective objective = example.on(device)) {
            double[] theta = example.theta;
            refused("must have " + theta.length + " elements", () -> objective.value(new double[theta.length + 1]));
            refused("the gradient", () -> objective.valueAndGradient(theta, new double[1]));
            refused(
                    "the weights' gradient norms",
                    () -> objective.valueAndGradient(theta, new double[theta.length], new double[99]));
            assertThrows(IllegalArgumentException.class, () -> objective.restrictedTo(RecordIds.of(1000)));
            assertThrows(IllegalArgumentException.class, () -> objective.withNormaliser(0));
            assertThrows(IllegalArgumentException.class, () -> objective.withWeightDecay(-1));
            assertThrows(IllegalArgumentException.class, () -> PlanSettings.DEFAULT.withChunk(0));
        }
    }

    @Test
    void labelsThatDoNotFitTheOutputsAreRefusedBeforeAnythingRuns() {
        ComputationGraph graph = TestNetworks.dense(DataType.DOUBLE, 1);
        MultiDataSet right = TestCase.DENSE.data(DataType.DOUBLE, 4, 1);
        INDArray wide = TestNetworks.oneHot(DataType.DOUBLE, new Random(1), 4, 5, 0);
        Records tooWide = Records.of(new MultiDataSet(right.getFeatures(), new INDArray[] {wide}));
        Records tooMany = Records.of(new MultiDataSet(right.getFeatures(), new INDArray[] {right.getLabels(0), wide}));
        try (Machine device = LawMachines.plain()) {
            refused("out", () -> PlannedObjective.of(device, graph, tooWide, PlanSettings.DEFAULT));
            refused("labels", () -> PlannedObjective.of(device, graph, tooMany, PlanSettings.DEFAULT));
        }
    }

    @Test
    void masksAreRefused() {
        MultiDataSet data = TestCase.DENSE.data(DataType.DOUBLE, 4, 1);
        data.setLabelsMaskArray(new INDArray[] {org.nd4j.linalg.factory.Nd4j.ones(DataType.DOUBLE, 4, 1)});
        try (Machine device = LawMachines.plain()) {
            refused(
                    "a plan takes data without masks",
                    () -> PlannedObjective.of(
                            device, TestNetworks.dense(DataType.DOUBLE, 1), Records.of(data), PlanSettings.DEFAULT));
        }
    }
}
