/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import static org.amend4j.testkit.Refusals.refused;
import static org.amend4j.testkit.SmallNetworks.dense;
import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.output;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.RandomGraph;
import org.amend4j.testkit.RandomImageGraph;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Plans on machines share memory only where nobody notices (on paper: {@link PlanMemoryTest}), do what they declare, and cost what a network of their kind must cost. */
class PlanTest {

    static final List<Variant> TRAINED =
            List.of(Variant.VALUE, Variant.GRADIENT, Variant.WEIGHT_GRADIENTS, Variant.CLIPPED);

    /** A network that trains, with data. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(Network network, Records data, float[] theta, String where) {
        static Case of(ComputationGraph graph, MultiDataSet data, String where) {
            Records records = Records.of(data);
            ComputationGraph twin =
                    ObservedGraph.of(graph, TrainingExtras.REFUSE).graph();
            Network network = NetworkReader.training(twin, PlacedRecords.exampleShapes(records));
            return new Case(network, records, graph.params().toFloatVector(), where);
        }

        static Case dense(long seed) {
            RandomGraph random = RandomGraph.of(seed);
            return of(random.graph(), random.data(), "dense seed " + seed);
        }

        static Case image(long seed) {
            RandomImageGraph random = RandomImageGraph.of(seed);
            return of(random.graph(), random.data(), "image seed " + seed);
        }
    }

    /** By default a third of them. */
    static void forEachCase(int dense, int images, Consumer<Case> law) {
        for (long seed = 0; seed < Exhaustive.times(dense / 5, dense); seed++) {
            law.accept(Case.dense(seed));
        }
        for (long seed = 0; seed < Exhaustive.times(images / 5, images); seed++) {
            law.accept(Case.image(seed));
        }
    }

    private static RunSize size(int examples) {
        return new RunSize(examples, 0);
    }

    private static double[] doubles(float... values) {
        return IntStream.range(0, values.length).mapToDouble(k -> values[k]).toArray();
    }

    /** Losses, norms and the gradient of a run, bit for bit. */
    private static List<float[]> results(PlanSession session, Case example, Variant variant) {
        org.amend4j.internal.backend.Machine device = session.machine();
        int n = example.data.size();
        try (PlacedRecords records = new PlacedRecords(device, ElementType.FLOAT, example.data, example.network, n);
                MachineArray losses = device.allocate("losses", ElementType.FLOAT, n);
                MachineArray squares = device.allocate("squares", ElementType.FLOAT, n)) {
            session.setParameters(doubles(example.theta));
            int[] order = IntStream.range(0, n).toArray();
            Examples all = records.batch(order, 0, n, Optional.of(losses)).withShares(Shares.ofExamples(squares));
            session.run(variant, List.of(all), 0.7);
            List<float[]> results = new ArrayList<>();
            results.add(device.downloadFloats(losses));
            if (variant != Variant.VALUE) {
                results.add(device.downloadFloats(session.gradient()));
            }
            if (variant == Variant.CLIPPED) {
                results.add(device.downloadFloats(squares));
            }
            for (LowRank adapter : session.plan(variant).adapters()) {
                results.add(device.downloadFloats(session.weightGradient(0, adapter)));
            }
            return results;
        }
    }

    /** What is below the losses. */
    static Network withoutLosses(Network network) {
        List<Node> nodes = network.nodes().stream()
                .filter(node -> !(node.operation() instanceof Operation.Loss))
                .toList();
        List<Integer> outputs =
                network.losses().stream().map(loss -> loss.inputs().get(0)).toList();
        return new Network(nodes, network.parameters(), network.inputs(), outputs);
    }

    /** Losses are the last nodes, so that the others keep their numbers. */
    static boolean endsWithLosses(Network network) {
        int losses = network.losses().size();
        List<Node> all = network.nodes();
        return all.subList(all.size() - losses, all.size()).equals(network.losses())
                && network.inputs().stream().allMatch(input -> input.content() == Network.Content.NUMBERS);
    }

    /** Outputs, and the gradient that errors make, recorded; twice, as a recording is made to be repeated. */
    private static List<double[]> recorded(PlanSession session, Case example, Network network) {
        int n = example.data.size();
        Machine machine = session.machine();
        try (PlacedRecords records = new PlacedRecords(machine, ElementType.FLOAT, example.data, example.network, n)) {
            session.setParameters(doubles(example.theta));
            Examples all = records.batch(IntStream.range(0, n).toArray(), 0, n, Optional.empty());
            List<double[]> results = new ArrayList<>();
            try (RecordedPasses passes = session.record(all)) {
                for (int round = 0; round < 2; round++) {
                    passes.forward();
                    results.addAll(passes.outputs());
                    passes.backward();
                    results.add(session.readGradient());
                    results.addAll(passes.outputs());
                }
            }
            assertEquals(2 * (2 * network.outputs().size() + 1), results.size());
            return results;
        }
    }

    /** The labels serve as errors. */
    @Test
    void passesWithErrorsShareMemoryOnlyWhereNobodyNotices() {
        int[] all = {0};
        int[] cases = {0};
        try (Machine device = LawMachines.plain()) {
            forEachCase(20, 20, example -> {
                all[0]++;
                if (!endsWithLosses(example.network)) {
                    return;
                }
                cases[0]++;
                int n = example.data.size();
                Network network = withoutLosses(example.network);
                try (PlanSession shared = PlanSession.open(device, network, Arithmetic.SINGLE, n);
                        PlanSession separate = PlanSession.openWithoutReuse(device, network, Arithmetic.SINGLE, n)) {
                    List<double[]> expected = recorded(separate, example, network);
                    List<double[]> found = recorded(shared, example, network);
                    for (int k = 0; k < expected.size(); k++) {
                        assertArrayEquals(expected.get(k), found.get(k), example.where);
                        assertArrayEquals(expected.get(k % (expected.size() / 2)), expected.get(k), example.where);
                    }
                }
            });
        }
        assertTrue(cases[0] > all[0] / 4, cases[0] + " cases of " + all[0]);
    }

    /** Without reuse every value lies between guard words, so a kernel that goes too far is caught there. */
    @Test
    void memoryUsedTwiceChangesNoBit() {
        try (Machine device = LawMachines.plain()) {
            forEachCase(20, 35, example -> {
                int n = example.data.size();
                try (PlanSession shared = PlanSession.open(device, example.network, Arithmetic.SINGLE, n);
                        PlanSession separate =
                                PlanSession.openWithoutReuse(device, example.network, Arithmetic.SINGLE, n)) {
                    for (Variant variant : TRAINED) {
                        List<float[]> expected = results(separate, example, variant);
                        List<float[]> actual = results(shared, example, variant);
                        assertEquals(expected.size(), actual.size());
                        for (int k = 0; k < expected.size(); k++) {
                            assertArrayEquals(expected.get(k), actual.get(k), example.where + ", " + variant);
                            for (float value : actual.get(k)) {
                                assertTrue(Float.isFinite(value), example.where + ", " + variant);
                            }
                        }
                    }
                }
            });
        }
    }

    /** A smaller run than there is room for uses its part of each value only. */
    @Test
    void aRunOfFewerExamplesIsThatOfASmallerSession() {
        try (Machine device = LawMachines.plain()) {
            forEachCase(10, 10, example -> {
                int n = example.data.size();
                try (PlanSession exact = PlanSession.open(device, example.network, Arithmetic.SINGLE, n);
                        PlanSession roomy = PlanSession.open(device, example.network, Arithmetic.SINGLE, n + 9)) {
                    for (Variant variant : TRAINED) {
                        List<float[]> expected = results(exact, example, variant);
                        List<float[]> actual = results(roomy, example, variant);
                        for (int k = 0; k < expected.size(); k++) {
                            assertArrayEquals(expected.get(k), actual.get(k), example.where + ", " + variant);
                        }
                    }
                }
            });
        }
    }

    @Test
    void stepsTouchNothingTheyDoNotDeclare() {
        try (Machine device = LawMachines.plain()) {
            forEachCase(15, 25, example -> {
                for (Variant variant : TRAINED) {
                    WatchedRun.check(
                            device,
                            Plan.of(example.network, variant),
                            example.data,
                            example.theta,
                            example.where + ", " + variant);
                }
            });
        }
    }

    private static GraphBuilder builder() {
        return SmallNetworks.builder(DataType.FLOAT, 1).addInputs("in");
    }

    /** Dense layers of these widths, the last the output. */
    private static ComputationGraph layers(Activation activation, int... widths) {
        GraphBuilder builder = builder();
        String below = "in";
        for (int k = 1; k < widths.length - 1; k++) {
            builder.addLayer("dense_" + k, dense(widths[k - 1], widths[k], activation), below);
            below = "dense_" + k;
        }
        OutputLayer output =
                output(widths[widths.length - 2], widths[widths.length - 1], LossFunction.MCXENT, Activation.SOFTMAX);
        return initialised(builder.addLayer("out", output, below).setOutputs("out"));
    }

    private static Network training(ComputationGraph graph, long... inputs) {
        return NetworkReader.training(
                ObservedGraph.of(graph, TrainingExtras.REFUSE).graph(), List.of(inputs));
    }

    @Test
    void reuseSavesMemoryInDeepNetworks() {
        int[] widths = new int[22];
        Arrays.fill(widths, 64);
        Network network = training(layers(Activation.TANH, widths), 64);
        Plan value = Plan.of(network, Variant.VALUE);
        // of 21 layers two are there at a time
        assertTrue(value.workingBytes(16) <= 2 * 16 * 64 * Float.BYTES, value.describe(16));
        assertTrue(value.bytesWithoutReuse(16) >= 20 * 16 * 64 * Float.BYTES);
        // tanh keeps its pre-activation and its result, the gradients of all layers share two places
        Plan gradient = Plan.of(network, Variant.GRADIENT);
        assertTrue(gradient.workingBytes(16) <= (2 * 21 + 4) * 16 * 64 * Float.BYTES, gradient.describe(16));
        assertTrue(gradient.workingBytes(16) < 0.7 * gradient.bytesWithoutReuse(16));
    }

    private static ComputationGraph wide(int width, int rank) {
        ComputationGraph plain = layers(Activation.RELU, width, width, width, 3);
        return SmallNetworks.adapted(plain, LoraConfig.of(rank, rank).withTargets("dense_1", "dense_2"))
                .graph();
    }

    @Test
    void nothingOfTheSizeOfAFrozenWeightIsMade() {
        int width = 512;
        int rank = 4;
        Network network = training(wide(width, rank), width);
        assertEquals(2L * 2 * width * rank, network.parameters(), "adapters of two layers");
        long weight = (long) width * width;
        for (Variant variant : TRAINED) {
            Plan plan = Plan.of(network, variant);
            for (PlanStep step : plan.steps()) {
                for (Value value : step.writes()) {
                    boolean asked = value.buffer() instanceof Value.Buffer.WeightGradient;
                    assertEquals(asked, value.length(size(1)) >= weight, variant + ": " + value.name());
                    assertTrue(!asked || variant == Variant.WEIGHT_GRADIENTS, variant.name());
                }
            }
            long perExample = 8L * width * Float.BYTES;
            long fixed = 3L * rank * width * Float.BYTES;
            assertTrue(plan.workingBytes(4) <= 4 * perExample + fixed + 64 * 256, variant + ":\n" + plan.describe(4));
            assertEquals((2 * weight + 2L * width + 3L * width + 3) * Float.BYTES, plan.constantBytes());
        }
    }

    /** 2mnk for each product; of a layer n → m trained in full three of them, of the first two: its input has no gradient. */
    @Test
    void theOperationsOfANetworkTrainedInFullAreCounted() {
        Network network = training(layers(Activation.TANH, 20, 30, 40, 10), 20);
        double forward = 2 * (20 * 30 + 30 * 40 + 40 * 10);
        assertEquals(7 * forward, Plan.of(network, Variant.VALUE).flops(7));
        assertEquals(
                7 * (3 * forward - 2 * 20 * 30),
                Plan.of(network, Variant.GRADIENT).flops(7));
    }

    /**
     * A frozen layer n → m with an adapter of rank r: W forwards, W back to the input unless it is the network's; with A
     * forwards, for its own gradient, and back; with B forwards, for xA's gradient, and its own.
     */
    @Test
    void theOperationsOfAnAdaptedNetworkAreCounted() {
        int n = 64;
        int r = 2;
        Network network = training(wide(n, r), n);
        double adapters = 2 * (2 * n * n + 2 * r * (n + n)) + 2 * n * 3;
        assertEquals(adapters, Plan.of(network, Variant.VALUE).flops(1));
        double gradient = Plan.of(network, Variant.GRADIENT).flops(1) - adapters;
        double expected =
                // the output's input gradient
                2 * n * 3
                        // dB' and the gradients of A and B, of both layers
                        + 2 * (2 * n * r + 2 * n * r + 2 * n * r)
                        // the upper layer's input gradient, through W and through A
                        + 2 * n * n
                        + 2 * n * r;
        assertEquals(expected, gradient);
    }

    @Test
    void theDescriptionNamesEveryVertexAndIsAPlanOfItsOwnSize() {
        Network network = training(layers(Activation.TANH, 5, 6, 7, 3), 5);
        for (Variant variant : TRAINED) {
            Plan plan = Plan.of(network, variant);
            String text = plan.describe(9);
            for (String vertex : List.of("dense_1", "dense_2", "out", variant.name(), "9 examples")) {
                assertTrue(text.contains(vertex), text);
            }
            assertEquals(plan.length() + 1, text.lines().count(), text);
            assertEquals(plan.describe(1), plan.toString());
        }
    }

    @Test
    void aPlanForLossesNeedsLossesAndOneForOutputsNone() {
        ComputationGraph graph = layers(Activation.TANH, 5, 6, 3);
        Network trained = training(graph, 5);
        Network used = NetworkReader.inference(graph, List.of(new long[] {5}));
        refused("losses", () -> Plan.of(trained, Variant.OUTPUT));
        TRAINED.forEach(variant -> refused("losses", () -> Plan.of(used, variant)));
    }

    @Test
    void aRunOfMoreExamplesThanThereIsRoomForIsRefused() {
        Case example = Case.dense(1);
        int n = example.data.size();
        try (Machine device = LawMachines.plain();
                PlanSession session = PlanSession.open(device, example.network, Arithmetic.SINGLE, n - 1)) {
            refused("examples must be", () -> results(session, example, Variant.VALUE));
        }
    }

    private static List<double[]> outputs(Machine device, ComputationGraph graph, MultiDataSet data) {
        Records records = Records.of(data);
        int n = records.size();
        Network network = NetworkReader.inference(graph, PlacedRecords.exampleShapes(records));
        assertEquals(0, network.parameters());
        try (PlanSession session = PlanSession.open(device, network, Arithmetic.SINGLE, n);
                PlacedRecords examples = new PlacedRecords(device, ElementType.FLOAT, records, network, n)) {
            int[] order = IntStream.range(0, n).toArray();
            return session.outputs(examples.batch(order, 0, n, Optional.empty()));
        }
    }

    /** Outputs are about 1 in size, after at most a dozen sums of at most 60 terms: as for gradients, 1e-5 of the largest. */
    private static void assertOutputs(
            Machine device, ComputationGraph graph, INDArray[] expected, MultiDataSet data, String where) {
        List<double[]> actual = outputs(device, graph, data);
        assertEquals(expected.length, actual.size(), where);
        for (int k = 0; k < expected.length; k++) {
            double[] right = expected[k].castTo(DataType.DOUBLE).dup('c').data().asDouble();
            double most = 0;
            for (double value : right) {
                most = Math.max(most, Math.abs(value));
            }
            assertArrayEquals(right, actual.get(k), 1e-5 * most, where + ", output " + k);
        }
    }

    private static INDArray[] outputs(ComputationGraph graph, MultiDataSet data) {
        return graph.output(data.getFeatures());
    }

    @Test
    void outputsOfPlainNetworksAreTheirs() {
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < Exhaustive.times(5, 30); seed++) {
                RandomGraph random = RandomGraph.of(seed, false);
                assertOutputs(
                        device,
                        random.graph(),
                        outputs(random.graph(), random.data()),
                        random.data(),
                        "dense seed " + seed);
            }
            for (long seed = 0; seed < Exhaustive.times(8, 50); seed++) {
                RandomImageGraph random = RandomImageGraph.of(seed);
                assertOutputs(
                        device,
                        random.plain(),
                        outputs(random.plain(), random.data()),
                        random.data(),
                        "image seed " + seed);
            }
        }
    }

    /**
     * Outputs in the order the network gives them, also of vertices that others read and might overwrite. Deeplearning4j's own
     * activation layers do overwrite their input when it does not train, so it is asked as if it did.
     */
    @Test
    void outputsThatOthersReadAreThereAndInOrder() {
        ComputationGraph graph = initialised(builder()
                .addLayer("below", dense(4, 5, Activation.IDENTITY), "in")
                .addLayer("act", new ActivationLayer(Activation.TANH), "below")
                .addLayer("soft", new ActivationLayer(Activation.SOFTMAX), "act")
                .addLayer("out", output(5, 2, LossFunction.MSE, Activation.SIGMOID), "soft")
                .addLayer("nowhere", dense(5, 3, Activation.TANH), "act")
                .setOutputs("out", "below", "soft", "act")
                .allowDisconnected(true));
        Random random = new Random(3);
        MultiDataSet data = new MultiDataSet(
                new INDArray[] {TestNetworks.normal(DataType.FLOAT, random, 6, 4)},
                new INDArray[] {TestNetworks.normal(DataType.FLOAT, random, 6, 2)});
        try (Machine device = LawMachines.plain()) {
            assertOutputs(device, graph, graph.output(true, data.getFeatures()), data, "four outputs");
        }
    }
}
