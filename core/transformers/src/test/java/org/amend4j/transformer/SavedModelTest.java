/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.checkpoint.DecoderNames;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.DecoderAdapter;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.training.GradientNormLimit;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Models that are made, trained whole and saved. */
class SavedModelTest {

    private static final long SEED = 23;

    @TempDir
    Path temp;

    private static TinyCheckpoint tiny(boolean tied) {
        return TinyCheckpoint.llama(SEED).with("num_hidden_layers", 2).with("tie_word_embeddings", tied);
    }

    private static FineTuneConfiguration by(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).build();
    }

    private static DataSet text(DataType type) {
        int[] ids = new Random(SEED).ints(10, 0, 37).toArray();
        double[][][] tokens = new double[1][1][ids.length];
        double[][] labels = new double[1][ids.length];
        for (int t = 0; t < ids.length; t++) {
            tokens[0][0][t] = ids[t];
            labels[0][t] = t + 1 < ids.length ? ids[t + 1] : -100;
        }
        return new DataSet(
                Nd4j.createFromArray(tokens).castTo(type),
                Nd4j.createFromArray(labels).castTo(type));
    }

    private static byte[] tensors(Path folder) throws IOException {
        return Files.readAllBytes(folder.resolve("model.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_opened_model_is_saved_to_the_bytes_of_its_tensors(boolean tied) throws IOException {
        Path folder = tiny(tied).filled().write(temp.resolve("original"));
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            Path saved = temp.resolve("saved" + type);
            TransformerModel model = TransformerModel.open(folder, type);
            model.save(saved);
            assertArrayEquals(tensors(folder), tensors(saved));
            assertEquals(model.config(), TransformerConfig.read(saved.resolve("config.json")));
        }
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(temp.resolve("saved" + DataType.FLOAT))) {
            assertEquals(!tied, checkpoint.shapes().containsKey("lm_head.weight"));
        }
    }

    @Test
    void another_head_than_the_configurations_is_computed_with_and_saved() throws IOException {
        TinyCheckpoint own = tiny(false).filled();
        Path expected = own.write(temp.resolve("own"));
        Path said = own.with("tie_word_embeddings", true).write(temp.resolve("said"));
        TransformerModel model = TransformerModel.open(said, DataType.FLOAT);
        assertEquals(
                TransformerModel.open(expected, DataType.FLOAT).graph().params(),
                model.graph().params());
        model.save(temp.resolve("saved"));
        assertArrayEquals(tensors(expected), tensors(temp.resolve("saved")));
    }

    static Stream<TinyCheckpoint> beginners() {
        return Stream.of(
                tiny(false),
                tiny(true),
                tiny(true).with("model_type", "gemma").with("head_dim", 6),
                tiny(true).with("model_type", "qwen3").with("head_dim", 6),
                TinyCheckpoint.gpt2(SEED).with("n_layer", 2));
    }

    @ParameterizedTest
    @MethodSource("beginners")
    @OneIn(2)
    void a_model_from_nothing_learns_is_saved_and_computes_the_same_in_the_decoder(TinyCheckpoint tiny)
            throws IOException {
        TransformerConfig config = TransformerConfig.read(tiny.writeConfig(temp));
        TransformerModel model =
                TransformerModel.create(config, DataType.FLOAT, SEED).trainedBy(by(new Adam(0.01)));
        DataSet data = text(DataType.FLOAT);
        double start = model.graph().score(data);
        assertEquals(Math.log(37), start, 0.2);
        for (int step = 0; step < 40; step++) {
            model.graph().fit(data);
        }
        double end = model.graph().score(data);
        assertTrue(end < 0.5 * start, end + " after " + start);
        model.save(temp.resolve("saved"));
        assertEquals(
                end,
                TransformerModel.open(temp.resolve("saved"), DataType.FLOAT)
                        .graph()
                        .score(data));
        Decoder decoder = Decoder.open(temp.resolve("saved"));
        int[] ids = new Random(SEED).ints(10, 0, 37).toArray();
        float[] logits = decoder.append(decoder.begin(), ids);
        INDArray expected = model.graph().outputSingle(data.getFeatures());
        for (int v = 0; v < logits.length; v++) {
            assertEquals(
                    expected.getDouble(9, v),
                    logits[v],
                    1e-4 * expected.amaxNumber().doubleValue());
        }
    }

    @Test
    void a_seed_gives_the_same_model_and_another_seed_another() throws IOException {
        TransformerConfig config = TransformerConfig.read(tiny(true).writeConfig(temp));
        INDArray once =
                TransformerModel.create(config, DataType.FLOAT, 1).graph().params();
        assertTrue(ArrayBytes.same(
                once, TransformerModel.create(config, DataType.FLOAT, 1).graph().params()));
        assertFalse(ArrayBytes.same(
                once, TransformerModel.create(config, DataType.FLOAT, 2).graph().params()));
    }

    /** Deviation 0.02 over 3,744 numbers of feed-forward weights: within 6 standard errors of 0.02/sqrt(2n). */
    @Test
    void matrices_start_normal_gains_with_one_and_biases_with_zero() throws IOException {
        TransformerConfig config =
                TransformerConfig.read(tiny(false).with("attention_bias", true).writeConfig(temp));
        ComputationGraph graph =
                TransformerModel.create(config, DataType.DOUBLE, SEED).graph();
        INDArray matrix = graph.getLayer("model.layers.1.mlp.up_proj").getParam("W");
        double deviation = matrix.stdNumber().doubleValue();
        assertEquals(0.02, deviation, 6 * 0.02 / Math.sqrt(2.0 * matrix.length()));
        assertEquals(
                1,
                graph.getLayer("model.norm").getParam(RowNorm.GAIN).minNumber().doubleValue());
        assertEquals(
                0,
                graph.getLayer("model.layers.0.self_attn.q_proj")
                        .getParam("b")
                        .amaxNumber()
                        .doubleValue());
    }

    /** Two graphs of the same numbers, of which one does not know that the arrays are one. */
    @Test
    void a_tied_table_makes_the_step_of_the_sum_of_both_gradients() throws IOException {
        TransformerConfig config = TransformerConfig.read(tiny(true).writeConfig(temp));
        TransformerModel tied =
                TransformerModel.create(config, DataType.DOUBLE, SEED).trainedBy(by(new Sgd(0.5)));
        ComputationGraph loose =
                new ComputationGraph(Configurations.copy(tied.graph().getConfiguration()));
        loose.init(tied.graph().params().dup(), false);
        DataSet data = text(DataType.DOUBLE);
        INDArray before =
                tied.graph().getLayer(DecoderNames.EMBEDDING_TABLE).params().dup();
        loose.fit(data);
        tied.graph().fit(data);
        INDArray stepOfTable =
                loose.getLayer(DecoderNames.EMBEDDING_TABLE).params().sub(before);
        INDArray stepOfHead = loose.getLayer(RowsGraph.HEAD).params().sub(before);
        INDArray step =
                tied.graph().getLayer(DecoderNames.EMBEDDING_TABLE).params().sub(before);
        assertTrue(stepOfHead.norm2Number().doubleValue() > 0.01);
        assertEquals(0, step.sub(stepOfTable.add(stepOfHead)).amaxNumber().doubleValue(), 1e-15);
        for (int more = 0; more < 5; more++) {
            tied.graph().fit(data);
        }
        assertTrue(ArrayBytes.same(
                tied.graph().getLayer(DecoderNames.EMBEDDING_TABLE).params(),
                tied.graph().getLayer(RowsGraph.HEAD).params()));
        refused(
                IllegalArgumentException.class,
                "one of the two was changed alone",
                () -> new TransformerModel(config, loose).save(temp.resolve("loose")));
    }

    /** Steps of AdamW on sums of the same terms in another order; rates, norms and parameters are below 1. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_plan_takes_the_steps_of_fit_on_a_whole_model_and_what_is_tied_stays_one(boolean tied) throws IOException {
        TransformerConfig config = TransformerConfig.read(tiny(tied).writeConfig(temp));
        FineTuneConfiguration training = FineTuneConfiguration.builder()
                .updater(new Adam(new WarmupCosine(0.01, 1, 10, 0.1)))
                .weightDecay(0.1, true)
                .build();
        TransformerModel model =
                TransformerModel.create(config, DataType.DOUBLE, SEED).trainedBy(training);
        model.graph().addListeners(new GradientNormLimit(0.1));
        TransformerModel fitted =
                TransformerModel.create(config, DataType.DOUBLE, SEED).trainedBy(training);
        fitted.graph().addListeners(new GradientNormLimit(0.1));
        DataSet data = text(DataType.DOUBLE);
        try (HostMachine machine = HostMachine.open(2);
                PlannedTraining planned =
                        PlannedTraining.of(machine, model.graph(), Records.of(data), 1, Arithmetic.DOUBLE)) {
            for (int step = 0; step < 4; step++) {
                planned.step(0);
                fitted.graph().fit(data);
            }
            planned.copyInto(model.graph());
        }
        double apart =
                model.graph().params().sub(fitted.graph().params()).amaxNumber().doubleValue();
        assertTrue(apart < 1e-12, "apart " + apart);
        assertEquals(
                tied,
                ArrayBytes.same(
                        model.graph().getLayer(DecoderNames.EMBEDDING_TABLE).params(),
                        model.graph().getLayer(RowsGraph.HEAD).params()));
    }

    @Test
    void a_merged_model_is_a_checkpoint_again_and_an_adapted_one_is_not() throws IOException {
        Path folder = tiny(true).filled().write(temp.resolve("base"));
        TransformerModel model = TransformerModel.open(folder, DataType.FLOAT);
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(model.graph()),
                LoraConfig.of(2, 4).withTargets(Targets.regex(".*_proj")),
                by(new Adam(0.01)));
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.2);
        adapted.save(temp.resolve("adapter"));
        new TransformerModel(model.config(), adapted.merge().network()).save(temp.resolve("merged"));
        Decoder merged = Decoder.open(temp.resolve("merged"));
        Decoder base = Decoder.open(folder);
        float[] expected = base.append(base.begin(Optional.of(DecoderAdapter.read(temp.resolve("adapter")))), 1, 2, 3);
        float[] logits = merged.append(merged.begin(), 1, 2, 3);
        float[] plain = base.append(base.begin(), 1, 2, 3);
        double moved = 0;
        for (int v = 0; v < logits.length; v++) {
            assertEquals(expected[v], logits[v], 1e-3);
            moved = Math.max(moved, Math.abs(plain[v] - logits[v]));
        }
        assertTrue(moved > 0.1, "moved by " + moved);
        refused(
                IllegalArgumentException.class,
                "adapters are merged before",
                () -> new TransformerModel(model.config(), adapted.graph()).save(temp.resolve("adapted")));
        assertFalse(Files.exists(temp.resolve("adapted")));
    }

    @Test
    void a_rate_rises_to_its_peak_and_falls_to_its_floor() {
        WarmupCosine rate = new WarmupCosine(0.4, 3, 13, 0.1);
        assertEquals(0.1, rate.valueAt(0, 0), 1e-12);
        assertEquals(0.3, rate.valueAt(2, 0), 1e-12);
        assertEquals(0.4, rate.valueAt(3, 0), 1e-12);
        assertEquals(0.4 * (0.1 + 0.9 / 2), rate.valueAt(8, 5), 1e-12);
        assertEquals(0.04, rate.valueAt(13, 0), 1e-12);
        assertEquals(0.04, rate.valueAt(1000, 0), 1e-12);
        refused(IllegalArgumentException.class, "steps must be >= 4, got 3", () -> new WarmupCosine(1, 3, 3, 0));
    }

    @Test
    void a_schedule_is_kept_in_a_graphs_file() throws IOException {
        TransformerConfig config = TransformerConfig.read(tiny(true).writeConfig(temp));
        TransformerModel model = TransformerModel.create(config, DataType.FLOAT, SEED)
                .trainedBy(by(new Adam(new WarmupCosine(0.01, 2, 10, 0.1))));
        Path file = temp.resolve("model.zip");
        model.graph().save(file.toFile());
        ComputationGraph loaded = ComputationGraph.load(file.toFile(), true);
        assertEquals(model.graph().getConfiguration(), loaded.getConfiguration());
    }
}
