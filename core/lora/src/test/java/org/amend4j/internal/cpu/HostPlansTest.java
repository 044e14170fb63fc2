/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.RandomImageGraph;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.MultiDataSet;

/** Plans on the host: in double, and with several threads. What holds in single precision is in the plans' own tests. */
class HostPlansTest {

    private static final int GRAPHS_OF_A_KIND = Exhaustive.times(30, 150);

    /**
     * Of the gradient's norm. With u = 2⁻⁵³ what makes 6e-6 in single precision (see {@link Agreement}) makes 1e-14; the reference
     * rounds as often, and terms of large activations cancel.
     */
    private static final double DOUBLE = 1e-11;

    /**
     * The same with functions whose constants Deeplearning4j rounds to float: 0.2 of the hard sigmoid, 1.702 of GELU, the leaky
     * ReLU's slope in its derivative (3e-9 to 7e-9 absolute). Our own derivatives are held against our own values below.
     */
    private static final double ROUNDED_CONSTANTS = 1e-7;

    private static final Pattern WITH_ROUNDED_CONSTANTS = Pattern.compile("HardSigmoid|GELU|LReLU");

    private static final PlanSettings IN_DOUBLE = PlanSettings.DEFAULT.withArithmetic(Arithmetic.DOUBLE);

    /** A graph and data in double, without kinks nearby. */
    private record Example(ComputationGraph graph, Records data, double tolerance, String where) {

        static Example of(int number) {
            long seed = number / 2;
            if (number % 2 == 0) {
                RandomGraph random = RandomGraph.of(seed);
                return of(random.graph(), random.data(), "dense seed " + seed);
            }
            RandomImageGraph random = RandomImageGraph.of(seed);
            return of(random.graph(), random.data(), "image seed " + seed);
        }

        private static Example of(ComputationGraph graph, MultiDataSet data, String where) {
            boolean rounded = WITH_ROUNDED_CONSTANTS
                    .matcher(graph.getConfiguration().toJson())
                    .find();
            return new Example(graph, Records.of(data), rounded ? ROUNDED_CONSTANTS : DOUBLE, where);
        }

        PlannedObjective on(HostMachine machine, PlanSettings settings) {
            return PlannedObjective.of(machine, graph, data, settings);
        }

        boolean isOfSeveral() {
            return graph.getNumInputArrays() > 1 || graph.getNumOutputArrays() > 1;
        }

        double[] theta() {
            return GraphObjective.of(graph, data).parameters();
        }
    }

    /** Also those of several inputs or outputs: their data go where they belong. */
    @Test
    void networksInDoubleAreTheReferences() {
        int exact = 0;
        int several = 0;
        try (HostMachine machine = HostMachine.open(2)) {
            for (int number = 0; number < 2 * GRAPHS_OF_A_KIND; number++) {
                Example example = Example.of(number);
                GraphObjective reference = GraphObjective.of(example.graph(), example.data());
                exact += example.tolerance() == DOUBLE ? 1 : 0;
                several += example.isOfSeveral() ? 1 : 0;
                try (PlannedObjective objective = example.on(machine, IN_DOUBLE)) {
                    Agreement.assertAgree(
                            reference, objective, reference.parameters(), example.tolerance(), example.where());
                }
            }
        }
        assertTrue(exact > GRAPHS_OF_A_KIND, exact + " without rounded constants");
        assertTrue(several > GRAPHS_OF_A_KIND / 15, several + " with several inputs or outputs");
    }

    /** The twin of the tolerance: single precision is outside of it. */
    @Test
    void singlePrecisionIsNoticed() {
        Example example = Example.of(8);
        GraphObjective reference = GraphObjective.of(example.graph(), example.data());
        double[] theta = reference.parameters();
        double[] expected = new double[theta.length];
        double[] found = new double[theta.length];
        reference.valueAndGradient(theta, expected);
        try (HostMachine machine = HostMachine.open(1);
                PlannedObjective objective = example.on(machine, PlanSettings.DEFAULT)) {
            objective.valueAndGradient(theta, found);
        }
        assertTrue(Agreement.error(expected, found) > 100 * DOUBLE);
    }

    /**
     * Along random directions v, (f(θ + hv) − f(θ − hv))/2h = ⟨∇f, v⟩ up to h²/6 of a third derivative, which is some ten times the
     * gradient in these networks, and 2^-52·|f|/h.
     */
    @Test
    void gradientsAreThoseOfTheValuesForEveryOperation() {
        Set<String> operations = new TreeSet<>();
        double h = 1e-5;
        try (HostMachine machine = HostMachine.open(2)) {
            for (int number = 0; number < Exhaustive.times(60, 120); number++) {
                Example example = Example.of(number);
                double[] theta = example.theta();
                NetworkReader.training(example.graph(), PlacedRecords.exampleShapes(example.data())).nodes().stream()
                        .map(Node::operation)
                        .forEach(
                                operation -> operations.add(operation.getClass().getSimpleName()));
                try (PlannedObjective objective = example.on(machine, IN_DOUBLE)) {
                    double[] gradient = new double[theta.length];
                    double value = objective.valueAndGradient(theta, gradient);
                    Random random = new Random(number);
                    double[] direction = random.doubles(theta.length, -1, 1).toArray();
                    double slope =
                            (objective.value(moved(theta, direction, h)) - objective.value(moved(theta, direction, -h)))
                                    / (2 * h);
                    double expected = 0;
                    for (int k = 0; k < theta.length; k++) {
                        expected += gradient[k] * direction[k];
                    }
                    double tolerance = 1e-7 * Agreement.norm(gradient) * Agreement.norm(direction)
                            + 8 * 0x1p-52 * Math.abs(value) / h;
                    assertEquals(slope, expected, tolerance, example.where());
                }
            }
        }
        Set<String> all = Set.of(
                "Input",
                "Product",
                "Depthwise",
                "Affine",
                "MaxPool",
                "AveragePool",
                "Upsample",
                "Crop",
                "Elementwise",
                "Combine",
                "Merge",
                "Loss");
        assertTrue(operations.containsAll(all), "every operation was there: " + operations);
    }

    private static double[] moved(double[] theta, double[] direction, double by) {
        double[] moved = theta.clone();
        for (int k = 0; k < moved.length; k++) {
            moved[k] += by * direction[k];
        }
        return moved;
    }

    /** Blocks are computed by one thread each and added up in their order. */
    @Test
    void noNumberOfThreadsChangesABit() {
        for (PlanSettings settings : new PlanSettings[] {PlanSettings.DEFAULT, IN_DOUBLE}) {
            for (int number = 0; number < 12; number++) {
                Example example = Example.of(number);
                double[] theta = example.theta();
                double[] alone = new double[theta.length];
                double[] clippedAlone = new double[theta.length];
                double value = compute(example, settings, 1, theta, alone, clippedAlone);
                for (int threads = 2; threads <= 4; threads++) {
                    double[] gradient = new double[theta.length];
                    double[] clipped = new double[theta.length];
                    assertEquals(
                            value, compute(example, settings, threads, theta, gradient, clipped), 0, example.where());
                    assertArrayEquals(alone, gradient, 0, example.where());
                    assertArrayEquals(clippedAlone, clipped, 0, example.where());
                }
            }
        }
    }

    /** In blocks of two examples, so that threads have something to divide. */
    private static double compute(
            Example example, PlanSettings settings, int threads, double[] theta, double[] gradient, double[] clipped) {
        try (HostMachine machine = HostMachine.open(threads);
                PlannedObjective objective = example.on(machine, settings.withChunk(2))) {
            objective.clipped(Clipping.perRecord(0.1)).valueAndGradient(theta, clipped);
            return objective.valueAndGradient(theta, gradient);
        }
    }

    @Test
    void anObjectiveGivesItsMemoryBack() {
        try (HostMachine machine = HostMachine.open(2)) {
            try (PlannedObjective objective = Example.of(3).on(machine, PlanSettings.DEFAULT)) {
                objective.value(objective.parameters());
            }
            assertEquals(0, machine.bytesInUse());
        }
    }
}
