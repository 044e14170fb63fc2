/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.amend4j.algorithm.CheckpointRule;
import org.amend4j.algorithm.Metric;
import org.amend4j.algorithm.Preset;
import org.amend4j.algorithm.Presets;
import org.amend4j.algorithm.UpdateRecord;
import org.amend4j.chart.Colour;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.exact.ExactReturn;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.Gaussian;
import org.amend4j.policy.MultiCategorical;
import org.amend4j.policy.Policy;
import org.amend4j.random.SplitMix64;
import org.amend4j.rollout.EpisodeSummary;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;

/** What trainings and reports are put together from. */
class PolicyPartsTest {

    @TempDir
    private Path folder;

    @Test
    void a_learning_curve_is_the_mean_of_the_last_hundred_episodes_and_ends_with_its_run() {
        List<Metrics.Point> points =
                List.of(new Metrics.Point(400, 50, 1), new Metrics.Point(800, 50, 3), new Metrics.Point(900, 100, 10));
        double[] grid = {100, 400, 800, 900, 901};
        assertArrayEquals(new double[] {1, 1, 2, 10, Double.NaN}, LearningCurve.of(points, grid));
    }

    @Test
    void several_seeds_are_thin_lines_a_mean_and_its_interval() {
        double[] x = {1, 2};
        double[][] curves = {{1, 2}, {2, 3}, {3, 5}};
        LearningChart chart =
                LearningChart.of("title").with(Colour.BLUE, "IQM", x, curves).level("mark", 4);
        List<String> lines = chart.chart().labels();
        assertEquals(
                List.of("IQM, seed 1", "IQM, seed 2", "IQM, seed 3", "IQM", "IQM, low", "IQM, high", "mark"), lines);
        assertEquals(2, chart.estimates().size());
    }

    @Test
    void a_mean_ends_with_the_first_run_and_says_so() {
        double[] x = {1, 2, 3};
        double[][] curves = {{1, 2, 3}, {2, Double.NaN, Double.NaN}, {3, 5, Double.NaN}};
        LearningChart chart = LearningChart.of("title").with(Colour.BLUE, "IQM", x, curves);
        assertEquals("IQM until the first ends", chart.chart().labels().get(3));
        assertEquals(1, chart.estimates().size());
        assertEquals(2, chart.estimates().get(0).value());
    }

    @Test
    void one_seed_has_no_interval() {
        double[] x = {1, 2};
        LearningChart chart = LearningChart.of("title").with(Colour.BLUE, "seed 7", x, new double[][] {{1, 2}});
        assertEquals(List.of(), chart.estimates());
        assertEquals(List.of("seed 7"), chart.chart().labels());
    }

    /** A quarter of log 4 + log 4 is log 2. */
    @Test
    void little_is_less_than_a_quarter_of_the_greatest_entropy_where_there_is_one() {
        double quarter = Math.log(2);
        assertTrue(Saturation.sentence(MultiCategorical.of(4, 4), quarter - 1e-9, 0)
                .isPresent());
        assertTrue(Saturation.sentence(new Categorical(16), quarter - 1e-9, 0).isPresent());
        assertEquals(Optional.empty(), Saturation.sentence(MultiCategorical.of(4, 4), quarter + 1e-9, 0));
        assertEquals(Optional.empty(), Saturation.sentence(Gaussian.fixed(1, 1), -5, 0));
    }

    @Test
    void a_grid_ends_where_the_run_does() {
        double[] grid = LearningCurve.grid(2_001);
        assertEquals(LearningCurve.POINTS, grid.length);
        assertEquals(2_001, grid[grid.length - 1]);
    }

    @Test
    void metrics_after_a_checkpoint_keep_the_rows_up_to_it_and_no_broken_one() throws IOException {
        Path file = folder.resolve("metrics.csv");
        try (Metrics metrics = Metrics.after(file, 0)) {
            for (int update = 1; update <= 3; update++) {
                metrics.add(record(update), OptionalDouble.empty(), 5);
            }
        }
        List<String> all = Files.readAllLines(file);
        Files.writeString(file, Files.readString(file) + "4,40");
        Metrics.after(file, 2).close();
        assertEquals(all.subList(0, 3), Files.readAllLines(file));
        List<Metrics.Point> points = Metrics.returns(file);
        assertEquals(List.of(new Metrics.Point(10, 1, 1), new Metrics.Point(20, 1, 2)), points);
    }

    private static UpdateRecord record(int update) {
        return new UpdateRecord(
                update, 10L * update, List.of(new EpisodeSummary(update, update, 10)), Map.of(Metric.ENTROPY, 0.5));
    }

    @Test
    void a_limit_replaces_the_one_that_is_there() {
        assertEquals("A-v1?limit=5", EnvironmentIds.withLimit("A-v1", "5"));
        assertEquals("A-v1?b=2&limit=none", EnvironmentIds.withLimit("A-v1?limit=7&b=2", "none"));
        assertTrue(EnvironmentIds.hasLimitOption("A-v1?b=2&limit=7"));
        assertFalse(EnvironmentIds.hasLimitOption("A-v1?unlimited=7"));
    }

    /** The logits of the exact return's linear map are the network's own, in the graph's order of parameters. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void the_exact_return_of_a_table_is_that_of_its_network(long seed) {
        EnvironmentSpec spec = EnvironmentIds.spec("FrozenLake-v1");
        Learner learner = new Start.Fresh(List.of(), Activation.TANH, false, false, Optional.empty())
                .learner(spec, false, new Seeds(seed));
        Policy policy = learner.policy();
        assertTrue(TablePolicies.isTable(policy));
        SplitMix64 random = new SplitMix64(seed);
        double[] theta = new double[policy.dimension()];
        Arrays.setAll(theta, i -> random.nextGaussian());
        policy.setParameters(theta);
        ExactReturn exact = TablePolicies.exactReturn(spec, policy, 0.9);
        double[] inputs = new double[16 * 16];
        for (int o = 0; o < 16; o++) {
            inputs[16 * o + o] = 1;
        }
        double[] logits = policy.network().forward(inputs, new int[] {16}).outputs();
        // one product with 1 and one sum each, in either order
        assertArrayEquals(logits, exact.map().logits(theta), 1e-15);
    }

    @Test
    void a_network_with_hidden_layers_is_no_table() {
        EnvironmentSpec spec = EnvironmentIds.spec("FrozenLake-v1");
        Learner hidden = new Start.Fresh(List.of(4), Activation.TANH, false, false, Optional.empty())
                .learner(spec, false, new Seeds(1));
        assertFalse(TablePolicies.isTable(hidden.policy()));
    }

    @Test
    void a_value_of_its_own_shares_no_layer_and_gets_no_adapter_where_no_value_is_learned() {
        EnvironmentSpec spec = EnvironmentIds.spec("CartPole-v1");
        Start shared = new Start.Fresh(List.of(8), Activation.TANH, false, true, Optional.empty());
        Start own = new Start.Fresh(List.of(8), Activation.TANH, true, true, Optional.empty());
        assertEquals("new network, hidden layers [8] tanh, observations normalised", shared.words());
        assertEquals("new network, hidden layers [8] tanh, others for the value, observations normalised", own.words());
        Learner learner = own.learner(spec, true, new Seeds(1));
        assertEquals(
                shared.learner(spec, true, new Seeds(1)).policy().dimension() + 4 * 8 + 8,
                learner.policy().dimension());
        BaseModel base = BaseModel.of(learner.network().graph());
        assertEquals(
                Set.of("hidden0", "action"),
                Set.copyOf(adapted(DenseAdapters.config(base, 2, 2, false).targets())));
        assertEquals(
                4, adapted(DenseAdapters.config(base, 2, 2, true).targets()).size());
    }

    private static List<String> adapted(Targets targets) {
        return ((Targets.Names) targets).names();
    }

    /** Its parameters are there, and without a derivative; the return is that of the same logits without a value. */
    @Test
    void a_table_with_a_value_output_has_an_exact_return_too() {
        EnvironmentSpec spec = EnvironmentIds.spec("FrozenLake-v1");
        Start start = new Start.Fresh(List.of(), Activation.TANH, false, false, Optional.empty());
        Learner value = start.learner(spec, true, new Seeds(1));
        Learner plain = start.learner(spec, false, new Seeds(1));
        assertTrue(TablePolicies.isTable(value.policy()));
        double[] theta = value.policy().parameters();
        assertEquals(plain.policy().dimension() + 17, theta.length);
        ExactReturn exact = TablePolicies.exactReturn(spec, value.policy(), 0.9);
        ExactReturn without = TablePolicies.exactReturn(spec, plain.policy(), 0.9);
        assertArrayEquals(theta, value.policy().parameters());
        double[] same = Arrays.copyOf(theta, plain.policy().dimension());
        assertEquals(without.expectedReturn(same), exact.expectedReturn(theta), 1e-14);
        double[] gradient = exact.returnGradient(theta);
        assertArrayEquals(without.returnGradient(same), Arrays.copyOf(gradient, same.length), 1e-14);
        for (int i = same.length; i < gradient.length; i++) {
            assertEquals(0, gradient[i]);
        }
        assertEquals(17, exact.deadParameters(theta).cardinality());
    }

    /** XOR has the period 2, and its lazy variant none; a chain whose states part for good has no single law. */
    @Test
    void the_chain_of_a_critic_is_checked() {
        for (String name : List.of("Xor-v0", "XorLazy-v0", "FrozenLake-v1")) {
            EnvironmentSpec spec = EnvironmentIds.spec(name);
            Learner learner = new Start.Fresh(List.of(), Activation.TANH, false, false, Optional.empty())
                    .learner(spec, false, new Seeds(1));
            ChainCheck chain = ChainCheck.of(spec, learner.policy()).orElseThrow();
            assertEquals(OptionalInt.of(name.equals("Xor-v0") ? 2 : 1), chain.period(), name);
            assertEquals(!name.equals("Xor-v0"), chain.isErgodic());
        }
        ChainCheck parted = new ChainCheck(OptionalInt.empty(), "0 never leads to 1");
        assertFalse(parted.isErgodic());
        assertTrue(parted.sentence().contains("0 never leads to 1"));
    }

    /** So what docs/policy.md says of presets is what the command line does. */
    @Test
    void a_preset_begins_with_the_bytes_that_the_command_line_begins_with() {
        for (Preset preset : Presets.all()) {
            TrainingOptions options =
                    options(preset.environment(), preset.config().algorithm());
            TrainSettings settings = TrainSettings.of(options, new Seeds(1));
            assertEquals(preset.stop(), settings.stop());
            assertEquals(preset.config(), settings.config());
            assertEquals(
                    preset.task().timeLimit(), Task.of(settings.trainedOn()).timeLimit());
            assertArrayEquals(
                    preset.policy(5).parameters(),
                    settings.learner(new Seeds(5)).policy().parameters());
        }
    }

    /** L is of the order of 1/(1 - γ)² = 10,000: 1e-5 is short enough, the defaults are not. */
    @Test
    void steps_longer_than_smoothness_allows_are_said_to_prove_nothing() {
        for (String algorithm : List.of("gpomdp", "actor-critic")) {
            TrainSettings usual = TrainSettings.of(options("FrozenLake-v1", algorithm), new Seeds(1));
            String sentence =
                    LongSteps.sentence(usual, usual.learner(new Seeds(1))).orElseThrow();
            assertTrue(sentence.contains("not proved"), sentence);
            assertEquals(OptionalInt.empty(), usual.trainedOn().timeLimit());
            TrainSettings shortened = new TrainSettings(
                    usual.environment(),
                    usual.trainedOn(),
                    usual.config().withFirstRate(1e-5),
                    usual.start(),
                    usual.stop(),
                    usual.checkpoints(),
                    usual.evaluation(),
                    usual.rolloutBatch(),
                    List.of());
            assertEquals(Optional.empty(), LongSteps.sentence(shortened, usual.learner(new Seeds(1))));
        }
        TrainSettings practice = TrainSettings.of(options("FrozenLake-v1", "a2c"), new Seeds(1));
        assertEquals(Optional.empty(), LongSteps.sentence(practice, practice.learner(new Seeds(1))));
    }

    private static TrainingOptions options(String environment, String algorithm) {
        return new TrainingOptions(
                environment,
                Surroundings.usual(),
                algorithm,
                TrainingOptions.Tuning.USUAL,
                PracticeTuning.USUAL,
                TrainingOptions.Beginning.FRESH,
                CheckpointRule.everyUpdates(10),
                EvaluationChoice.USUAL);
    }
}
