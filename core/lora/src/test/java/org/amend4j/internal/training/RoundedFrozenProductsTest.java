/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.onednn.OneDnn;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.numeric.Vectors;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Adapters above frozen products in bf16, on the host. */
class RoundedFrozenProductsTest {

    private static final int INPUTS = 64;
    private static final int OUTPUTS = 24;
    private static final int RECORDS = 48;
    private static final double SCALE = 2;
    private static final Arithmetic ROUNDED = Arithmetic.frozenIn(ProductPrecision.BF16);

    @BeforeEach
    void theProcessorHasThem() {
        assumeTrue(LawMachines.isHost(), "A device rounds all products or none.");
        assumeTrue(OneDnn.here().filter(OneDnn::multipliesBfloat16).isPresent(), OneDnn::sentence);
    }

    private static AdaptedModel model() {
        ComputationGraph plain = SmallNetworks.initialised(SmallNetworks.builder(DataType.FLOAT, 3)
                .addInputs("in")
                .addLayer("out", SmallNetworks.output(INPUTS, OUTPUTS, LossFunction.MSE, Activation.IDENTITY), "in")
                .setOutputs("out"));
        AdaptedModel model =
                SmallNetworks.adapted(plain, LoraConfig.of(2, 2 * SCALE).withTargets(Targets.names("out")));
        INDArray start = TestNetworks.normal(
                DataType.FLOAT, new Random(5), model.graph().params().shape());
        model.graph().params().assign(start.muli(0.3));
        return model;
    }

    private static DataSet data() {
        Random random = new Random(6);
        return new DataSet(
                TestNetworks.normal(DataType.FLOAT, random, RECORDS, INPUTS),
                TestNetworks.normal(DataType.FLOAT, random, RECORDS, OUTPUTS));
    }

    /**
     * A product errs by e = (2^-8 + 2^-15) sum |x w|: two factors rounded to 8 bits, 64 sums in floats. The gradient of the mean squared
     * error z - t is linear in z, so that of B = s (XA)^T d errs by no more than s |XA| |e| 2/(n m) in Frobenius norms, that of A by
     * s |X| |B| |e| 2/(n m).
     */
    @Test
    void gradientsErrByNoMoreThanTheRoundingOfFrozenFactors() {
        AdaptedModel model = model();
        DataSet data = data();
        double[] theta = ParameterVectors.of(model.graph());
        double[] exact = gradient(model.graph(), data, Arithmetic.SINGLE, theta);
        double[] rounded = gradient(model.graph(), data, ROUNDED, theta);
        double error = distance(exact, rounded);
        INDArray weight = Objects.requireNonNull(model.base().parameters("out").get("W"));
        double ofProducts = 0x1.01p-8 * norm(absolute(data.getFeatures()).mmul(absolute(weight)));
        double ofOutputs = 2.0 / (RECORDS * OUTPUTS) * ofProducts;
        double bound = SCALE * ofOutputs * norm(data.getFeatures()) * Vectors.norm(theta) * Math.sqrt(2);
        assertTrue(error <= bound, error + " is above " + bound);
        // Without rounding there would be some 2^-20 of it.
        assertTrue(error > 1e-4 * Vectors.norm(exact), error + " of " + Vectors.norm(exact));
    }

    private static double distance(double[] x, double... y) {
        double[] difference = new double[x.length];
        Arrays.setAll(difference, k -> x[k] - y[k]);
        return Vectors.norm(difference);
    }

    private static INDArray absolute(INDArray array) {
        return Transforms.abs(array, true);
    }

    private static double norm(INDArray array) {
        return array.norm2Number().doubleValue();
    }

    private static double[] gradient(ComputationGraph graph, DataSet data, Arithmetic arithmetic, double... theta) {
        double[] gradient = new double[theta.length];
        try (Machine machine = HostMachine.open(2);
                PlannedObjective objective = PlannedObjective.of(
                        machine, graph, Records.of(data), PlanSettings.DEFAULT.withArithmetic(arithmetic))) {
            objective.valueAndGradient(theta, gradient);
        }
        return gradient;
    }

    @Tag("kernels")
    @Test
    void trainingMakesTheSameBytesAgainLeavesTheBaseAndComesToAboutTheSameLoss() {
        double[] rounded = trained(ROUNDED);
        assertArrayEquals(rounded, trained(ROUNDED));
        double[] exact = trained(Arithmetic.SINGLE);
        assertNotEquals(exact[0], rounded[0]);
        // the loss, last: it is dominated by labels that nothing predicts
        assertEquals(exact[exact.length - 1], rounded[rounded.length - 1], 0.01 * exact[exact.length - 1]);
    }

    /** Parameters after some steps, then the loss. */
    private static double[] trained(Arithmetic arithmetic) {
        AdaptedModel model = model();
        double[] base = ParameterVectors.of(model.base().plainCopy());
        double[] result;
        try (Machine machine = HostMachine.open(2);
                PlannedTraining training =
                        PlannedTraining.of(machine, model.graph(), Records.of(data()), RECORDS, arithmetic)) {
            int[] all = IntStream.range(0, RECORDS).toArray();
            for (int step = 0; step < 20; step++) {
                training.step(all);
            }
            training.copyInto(model.graph());
            double[] theta = ParameterVectors.of(model.graph());
            result = Arrays.copyOf(theta, theta.length + 1);
            result[theta.length] = training.loss();
        }
        assertArrayEquals(base, ParameterVectors.of(model.base().plainCopy()), "the base was touched");
        return result;
    }

    @Test
    void aFingerprintTellsTheRounding() {
        ComputationGraph graph = model().graph();
        try (Machine machine = HostMachine.open(1);
                PlannedObjective exact = PlannedObjective.of(machine, graph, Records.of(data()), PlanSettings.DEFAULT);
                PlannedObjective rounded = PlannedObjective.of(
                        machine, graph, Records.of(data()), PlanSettings.DEFAULT.withArithmetic(ROUNDED))) {
            assertNotEquals(exact.settingsFingerprint(), rounded.settingsFingerprint());
        }
    }
}
