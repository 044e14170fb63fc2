/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.checkpoint.AttentionShape;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderFamily;
import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.checkpoint.RotaryEmbedding;
import org.amend4j.checkpoint.RotaryScaling;
import org.amend4j.checkpoint.SpecialIds;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.MachineDecoder;
import org.amend4j.generate.MachineText;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.internal.network.TokenSequence;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.SmallTransformer;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** Plans whose values have rows for tokens. */
class TokenPlanTest {

    private static final int RECORDS = 5;

    private static ComputationGraph adapted(String... targets) {
        LoraConfig config = LoraConfig.of(2, 4).withTargets(targets);
        return SmallNetworks.moved(
                SmallNetworks.adapted(SmallTransformer.graph(DataType.FLOAT), config)
                        .graph(),
                new Random(3),
                0.3);
    }

    /** With norms of heads; with a factor of embeddings; with queries, keys and values in one. */
    static Stream<TransformerConfig> families() {
        SpecialIds none = new SpecialIds(OptionalInt.empty(), List.of());
        Gpt2Config gpt2 = new Gpt2Config(11, 12, 7, 1, 3, 9, 1e-5, HiddenActivation.GELU_TANH, false, none);
        return Stream.of(llama(DecoderFamily.QWEN3, none), llama(DecoderFamily.GEMMA, none), gpt2);
    }

    private static DecoderConfig llama(DecoderFamily family, SpecialIds ids) {
        return new DecoderConfig(
                family,
                11,
                12,
                7,
                1,
                new AttentionShape(3, 1, 4, false, false, Optional.empty()),
                new RotaryEmbedding(100, new RotaryScaling.None()),
                9,
                1e-5,
                HiddenActivation.GELU_TANH,
                false,
                false,
                ids);
    }

    /** Trained in full, and with adapters on everything. */
    private static List<ComputationGraph> graphs(TransformerConfig config) {
        ComputationGraph whole = SmallNetworks.moved(
                TransformerModel.create(config, DataType.FLOAT, 1)
                        .trainedBy(FineTuneConfiguration.builder()
                                .updater(new Sgd(0.1))
                                .build())
                        .graph(),
                new Random(1),
                0.3);
        LoraConfig everywhere = LoraConfig.of(2, 4).withTargets(Targets.regex(".*(_proj|c_attn|c_fc)"));
        ComputationGraph adapted = SmallNetworks.adapted(whole, everywhere).graph();
        return List.of(whole, SmallNetworks.moved(adapted, new Random(3), 0.3));
    }

    @ParameterizedTest
    @MethodSource("families")
    @OneIn(4)
    void steps_of_other_families_ask_for_what_they_declare(TransformerConfig config) {
        for (ComputationGraph graph : graphs(config)) {
            float[] theta = floats(ParameterVectors.of(graph));
            for (Variant variant : List.of(Variant.GRADIENT, Variant.CLIPPED)) {
                try (Machine machine = LawMachines.checking()) {
                    Plan plan = Plan.of(network(graph), variant);
                    WatchedRun.check(machine, plan, records(), theta, config.modelType() + ", " + variant);
                }
            }
        }
    }

    @OneIn(8)
    @ParameterizedTest
    @MethodSource("families")
    void memory_of_other_families_is_shared_only_where_nobody_notices(TransformerConfig config) {
        for (ComputationGraph graph : graphs(config)) {
            requireSharedUnnoticed(graph, Variant.GRADIENT);
        }
        graphs(config).forEach(graph -> requireSharedUnnoticed(graph, Variant.CLIPPED));
    }

    private static final String[] ALL = {"query", "key", "value", "gate", "up", "down"};

    private static Records records() {
        return Records.of(SmallTransformer.data(DataType.FLOAT, RECORDS));
    }

    private static Network network(ComputationGraph graph) {
        ObservedGraph twin = ObservedGraph.of(graph, TrainingExtras.REFUSE);
        return NetworkReader.training(twin.graph(), PlacedRecords.exampleShapes(records()));
    }

    @ParameterizedTest
    @EnumSource(
            value = Variant.class,
            names = {"VALUE", "GRADIENT", "WEIGHT_GRADIENTS", "CLIPPED"})
    @OneIn(2)
    void every_step_asks_for_what_it_declares_and_changes_nothing_else(Variant variant) {
        ComputationGraph graph = adapted(ALL);
        float[] theta = floats(ParameterVectors.of(graph));
        try (Machine machine = LawMachines.checking()) {
            WatchedRun.check(machine, Plan.of(network(graph), variant), records(), theta, variant.name());
        }
    }

    private static float[] floats(double[] values) {
        float[] result = new float[values.length];
        for (int k = 0; k < values.length; k++) {
            result[k] = (float) values[k];
        }
        return result;
    }

    @ParameterizedTest
    @EnumSource(
            value = Variant.class,
            names = {"GRADIENT", "CLIPPED"})
    @OneIn(2)
    void memory_is_shared_only_where_nobody_notices(Variant variant) {
        requireSharedUnnoticed(adapted(ALL), variant);
    }

    private static void requireSharedUnnoticed(ComputationGraph graph, Variant variant) {
        Network network = network(graph);
        try (Machine machine = LawMachines.plain();
                PlanSession shared = PlanSession.open(machine, network, Arithmetic.SINGLE, RECORDS);
                PlanSession separate = PlanSession.openWithoutReuse(machine, network, Arithmetic.SINGLE, RECORDS)) {
            double[] theta = ParameterVectors.of(graph);
            assertArrayEquals(gradient(separate, variant, theta), gradient(shared, variant, theta));
            assertTrue(
                    shared.plan(variant).workingBytes(4) < shared.plan(variant).bytesWithoutReuse(4));
        }
    }

    /** Of all records in an order in which lengths change, after runs of fewer and of shorter ones: nothing of them is left. */
    private static double[] gradient(PlanSession session, Variant variant, double[] theta) {
        Machine machine = session.machine();
        session.setParameters(theta);
        try (PlacedRecords records =
                        new PlacedRecords(machine, ElementType.FLOAT, records(), session.network(), RECORDS);
                MachineArray losses = machine.allocate("losses", ElementType.FLOAT, RECORDS);
                MachineArray norms = machine.allocate("norms", ElementType.FLOAT, RECORDS)) {
            for (int[] order : new int[][] {{0}, {4, 1, 3}, {2, 4, 0, 1, 3}}) {
                Examples some = records.batch(order, 0, order.length, Optional.of(losses.slice(0, order.length)))
                        .withShares(Shares.ofExamples(norms.slice(0, order.length)));
                session.run(variant, List.of(some), 0.3);
            }
            return session.readGradient();
        }
    }

    /** Which inputs are dropped follows from the token's place in the run, whatever part it is in. */
    @Test
    void parts_of_a_run_drop_the_same_inputs_and_add_up() {
        LoraConfig config = LoraConfig.of(2, 4).withTargets(ALL).withDropout(0.3);
        ComputationGraph graph = SmallNetworks.moved(
                SmallNetworks.adapted(SmallTransformer.graph(DataType.FLOAT), config)
                        .graph(),
                new Random(3),
                0.3);
        ObservedGraph twin = ObservedGraph.of(graph, TrainingExtras.LEAVE_TO_TRAINER);
        Network network = NetworkReader.training(twin.graph(), PlacedRecords.exampleShapes(records()));
        try (HostMachine machine = HostMachine.open(2);
                PlanSession session = PlanSession.open(machine, network, Arithmetic.DOUBLE, RECORDS);
                PlacedRecords records = new PlacedRecords(machine, ElementType.DOUBLE, records(), network, RECORDS);
                MachineArray losses = machine.allocate("losses", ElementType.DOUBLE, RECORDS)) {
            session.setParameters(ParameterVectors.of(graph));
            session.setDropoutKey(11);
            Examples all = records.batch(new int[] {4, 1, 3, 0, 2}, 0, RECORDS, Optional.of(losses));
            session.run(Variant.GRADIENT, all);
            double[] whole = session.readGradient();
            session.run(Variant.GRADIENT, all.divided(2), Double.POSITIVE_INFINITY);
            session.addGradients(2);
            double[] parts = session.readGradient();
            assertArrayEquals(
                    whole,
                    parts,
                    1e-13 * Arrays.stream(whole).map(Math::abs).max().orElseThrow());
        }
    }

    @Test
    void nothing_is_computed_back_below_the_lowest_adapter() {
        String plan = Plan.of(network(adapted("down")), Variant.GRADIENT).describe(4);
        assertTrue(plan.contains("causal attention, 3 heads on 1 of 4"), plan);
        assertTrue(!plan.contains("gradients of causal attention"), plan);
        assertTrue(!plan.contains("gradients of gate"), plan);
        String deeper = Plan.of(network(adapted("value")), Variant.GRADIENT).describe(4);
        assertTrue(deeper.contains("gradients of causal attention"), deeper);
        assertTrue(!deeper.contains("gradient of root mean square norm"), deeper);
    }

    @Test
    void a_plan_says_what_it_does_with_tokens() {
        String plan = Plan.of(network(adapted(ALL)), Variant.GRADIENT).describe(4);
        for (String step : new String[] {
            "rows of words [11, 12]",
            "+ rows of positions",
            "root mean square norm of [12]",
            "turned by positions",
            "gate by swish of [7]",
            "rows with labels",
            "logits [256, 11] at a time, cross-entropy with labels of tokens and its gradient",
            "mean of losses of tokens",
            "gradients of gate of [7]",
            "gradient turned back by positions"
        }) {
            assertTrue(plan.contains(step), step + " in\n" + plan);
        }
    }

    @Test
    void logits_are_never_all_there() {
        Plan plan = Plan.of(network(adapted(ALL)), Variant.GRADIENT);
        long tokens = 4L * SmallTransformer.TIME;
        long largest = plan.steps().stream()
                .flatMap(step -> step.writes().stream())
                .filter(value -> value.per() == RowUnit.TOKEN)
                .mapToLong(Value::each)
                .max()
                .orElseThrow();
        assertEquals(SmallTransformer.WIDTH, largest, "no value has a row of the vocabulary for each of " + tokens);
    }

    /** More rows with labels than logits exist at once, of a head that trains and of one with an adapter: as if parts were computed alone. */
    @Test
    void chunks_of_logits_are_those_of_a_few_examples_at_a_time() {
        int examples = 120; // 480 labels
        Records many = Records.of(SmallTransformer.data(DataType.FLOAT, examples));
        LoraConfig onHead = LoraConfig.of(2, 4).withTargets(Targets.regex(".*(lm_head|q_proj)"));
        TransformerConfig config = llama(DecoderFamily.GEMMA, new SpecialIds(OptionalInt.empty(), List.of()));
        ComputationGraph whole = graphs(config).get(0);
        ComputationGraph withAdapter =
                SmallNetworks.moved(SmallNetworks.adapted(whole, onHead).graph(), new Random(3), 0.3);
        for (ComputationGraph graph : Exhaustive.oneIn(2, List.of(withAdapter, whole))) {
            Network network = NetworkReader.training(
                    ObservedGraph.of(graph, TrainingExtras.REFUSE).graph(), PlacedRecords.exampleShapes(many));
            try (Machine machine = LawMachines.plain();
                    PlanSession session = PlanSession.open(machine, network, Arithmetic.SINGLE, examples);
                    PlacedRecords records = new PlacedRecords(machine, ElementType.FLOAT, many, network, examples);
                    MachineArray losses = machine.allocate("losses", ElementType.FLOAT, examples)) {
                session.setParameters(ParameterVectors.of(graph));
                double[] together = gradient(session, records, losses, 0, examples);
                double[] parts = new double[together.length];
                for (int from = 0; from < examples; from += 40) {
                    double[] part = gradient(session, records, losses, from, 40);
                    Arrays.setAll(parts, k -> parts[k] + part[k]);
                }
                double largest = Arrays.stream(parts).map(Math::abs).max().orElseThrow();
                // sums over 480 tokens in single precision, in another order
                assertArrayEquals(parts, together, 480 * 0x1p-24 * largest);
            }
        }
    }

    private static double[] gradient(
            PlanSession session, PlacedRecords records, MachineArray losses, int from, int count) {
        int[] order = IntStream.range(from, from + count).toArray();
        session.run(Variant.GRADIENT, records.batch(order, 0, count, Optional.of(losses.slice(0, count))));
        return session.readGradient();
    }

    /** On the same machine, with keys and values that are kept: the plan reads whole texts. */
    @ParameterizedTest
    @MethodSource("families")
    void a_decoder_that_goes_token_by_token_has_the_losses_of_the_plan(TransformerConfig config, @TempDir Path folder)
            throws IOException {
        ComputationGraph graph = SmallNetworks.moved(
                TransformerModel.create(config, DataType.FLOAT, 1).graph(), new Random(1), 0.3);
        new TransformerModel(config, graph).save(folder);
        Network network = network(new TransformerModel(config, graph)
                .trainedBy(FineTuneConfiguration.builder().updater(new Sgd(0.1)).build())
                .graph());
        DataSet data = SmallTransformer.data(DataType.FLOAT, RECORDS);
        try (Machine machine = LawMachines.plain();
                PlanSession session = PlanSession.open(machine, network, Arithmetic.SINGLE, RECORDS);
                PlacedRecords records = new PlacedRecords(machine, ElementType.FLOAT, records(), network, RECORDS);
                MachineArray losses = machine.allocate("losses", ElementType.FLOAT, RECORDS);
                MachineDecoder decoder = new MachineDecoder(machine, Decoder.open(folder), ProductPrecision.FP32)) {
            session.setParameters(ParameterVectors.of(graph));
            int[] order = IntStream.range(0, RECORDS).toArray();
            session.run(Variant.VALUE, records.batch(order, 0, RECORDS, Optional.of(losses)));
            float[] ofPlan = machine.downloadFloats(losses);
            for (int example = 0; example < RECORDS; example++) {
                double loss = loss(
                        decoder,
                        data.getFeatures().slice(example),
                        data.getLabels().slice(example));
                // some twenty products, each summed over up to 12 terms
                assertEquals(ofPlan[example], loss, 20 * 12 * 0x1p-24 * 8, "example " + example);
            }
        }
    }

    private static double loss(MachineDecoder decoder, INDArray features, INDArray labels) {
        MachineText text = decoder.begin(Optional.empty());
        double sum = 0;
        int count = 0;
        for (int step = 0; step < SmallTransformer.TIME; step++) {
            if (features.getInt(1, step) == 1) {
                float[] logits = decoder.append(text, features.getInt(0, step));
                int label = labels.getInt(step);
                if (label >= 0) {
                    sum += crossEntropy(logits, label);
                    count++;
                }
            }
        }
        return sum / count;
    }

    private static double crossEntropy(float[] logits, int label) {
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit);
        }
        return Math.log(total) - logits[label];
    }

    @Test
    void tokens_that_are_no_rows_of_tables_are_refused_in_one_sentence() {
        Network network = network(adapted(ALL));
        refused(network, 0, 0, 0, 11, "a token id must be a whole number in [0, 11), got 11.0 in example 0, step 0");
        refused(network, 0, 1, 2, 0.5, "a mask must be 0 or 1, got 0.5 in example 0, step 2");
        DataSet data = SmallTransformer.data(DataType.FLOAT, RECORDS);
        INDArray labels = data.getLabels();
        labels.putScalar(1, 1, 11);
        IllegalArgumentException label = assertThrows(IllegalArgumentException.class, () -> place(network, data));
        assertEquals(
                "a label must be a token in [0, 11) or negative, and negative where the mask is 0, got 11.0 in example 1,"
                        + " step 1",
                label.getMessage());
    }

    private static void refused(Network network, int example, int feature, int step, double value, String why) {
        DataSet data = SmallTransformer.data(DataType.FLOAT, RECORDS);
        data.getFeatures().putScalar(new int[] {example, feature, step}, value);
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> place(network, data));
        assertEquals(why, refusal.getMessage());
    }

    private static void place(Network network, DataSet data) {
        try (Machine machine = HostMachine.open(1)) {
            new PlacedRecords(machine, ElementType.FLOAT, Records.of(data), network, RECORDS).close();
        }
    }

    /** Deeplearning4j is not asked to: a plan's examples have rows that its layers would not know whose they are. */
    @Test
    void a_layer_on_rows_of_tokens_that_no_kernel_knows_is_refused_by_name() {
        Layer odd = new DenseLayer.Builder()
                .nIn(7)
                .nOut(SmallTransformer.WIDTH)
                .activation(Activation.RATIONALTANH)
                .build();
        ComputationGraph graph = SmallTransformer.graph(DataType.FLOAT, odd);
        UnsupportedNetworkException refusal = assertThrows(
                UnsupportedNetworkException.class,
                () -> NetworkReader.training(graph, PlacedRecords.exampleShapes(records()), Scope.ANY));
        assertEquals(
                "vertex 'down' cannot be computed by a plan: it has the activation function rationaltanh",
                refusal.getMessage());
    }

    @Test
    void a_run_is_divided_by_tokens() {
        int[] lengths = {1, 1, 6, 1, 1, 1, 1};
        Examples all = new Examples(
                lengths.length,
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Arrays.stream(lengths).mapToObj(TokenPlanTest::sequence).toList());
        assertEquals(
                List.of(3, 4), all.divided(2).stream().map(Examples::examples).toList());
        assertEquals(
                List.of(1, 2, 2, 2),
                all.divided(7).stream().map(Examples::examples).toList(),
                "an example is never divided");
        assertEquals(new RunSize(7, 32), all.size());
    }

    private static TokenSequence sequence(int length) {
        int[] ids = IntStream.range(0, length).toArray();
        return new TokenSequence(ids, ids, Map.of());
    }
}
