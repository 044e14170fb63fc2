/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.checkpoint.CheckpointException;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.model.Configurations;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.TinyCheckpoint;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Encoders as graphs compute what their paper says, whatever is put on them. */
class EncoderModelTest {

    private static final long SEED = 19;

    /** Three layers of sums of up to 40 terms of order 1, in double precision, by norms of order 1. */
    private static final double TOLERANCE = 1e-11;

    private static final int[][] TOKENS = {{3, 1, 4, 15, 9}, {2, 6, 5}};
    private static final int[][] TYPES = {{0, 0, 1, 1, 1}, {0, 1, 1}};

    @TempDir
    Path temp;

    private static TinyCheckpoint bert() {
        return TinyCheckpoint.bert(SEED);
    }

    private static TinyCheckpoint classifier() {
        return bert().with("architectures", List.of("BertForSequenceClassification"))
                .with("num_labels", 3);
    }

    static Stream<TinyCheckpoint> encoders() {
        return Stream.of(
                bert(),
                bert().with("hidden_act", "gelu_new").with("layer_norm_eps", 1e-3),
                TinyCheckpoint.roberta(SEED),
                distilBert(),
                distilBert().with("activation", "gelu_new"));
    }

    private static TinyCheckpoint distilBert() {
        return TinyCheckpoint.distilBert(SEED);
    }

    private static boolean hasTypes(TinyCheckpoint tiny) {
        return tiny.text("model_type").equals("bert");
    }

    private static int[] types(TinyCheckpoint tiny, int example) {
        return hasTypes(tiny) ? TYPES[example] : new int[TYPES[example].length];
    }

    /** Both examples, the shorter one padded in front. */
    private static INDArray tokens(TinyCheckpoint tiny) {
        double[][][] tokens = new double[2][hasTypes(tiny) ? 3 : 2][5];
        for (int example = 0; example < 2; example++) {
            int padding = 5 - TOKENS[example].length;
            for (int step = padding; step < 5; step++) {
                tokens[example][0][step] = TOKENS[example][step - padding];
                tokens[example][1][step] = 1;
                if (hasTypes(tiny)) {
                    tokens[example][2][step] = TYPES[example][step - padding];
                }
            }
        }
        return Nd4j.createFromArray(tokens);
    }

    private static void assertNear(double[][] expected, INDArray found) {
        assertArrayEquals(new long[] {expected.length, expected[0].length}, found.shape());
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], found.getRow(row).dup().toDoubleVector(), TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void rows_of_tokens_are_those_of_the_paper(TinyCheckpoint tiny) throws IOException {
        TransformerModel model = TransformerModel.open(tiny.filled().write(temp), DataType.DOUBLE);
        NaiveEncoder naive = new NaiveEncoder(tiny);
        double[][] expected = Stream.of(0, 1)
                .flatMap(example -> Stream.of(naive.rows(TOKENS[example], types(tiny, example))))
                .toArray(double[][]::new);
        assertNear(expected, model.graph().outputSingle(tokens(tiny)));
    }

    @ParameterizedTest
    @EnumSource
    void pooled_rows_are_the_first_the_mean_or_the_last(Pooling pooling) throws IOException {
        TinyCheckpoint tiny = bert().filled();
        ComputationGraph graph = TransformerModel.open(
                        tiny.write(temp), DataType.DOUBLE, new EncoderOutput.Pooled(pooling))
                .graph();
        double[][] expected = new double[2][];
        for (int example = 0; example < 2; example++) {
            double[][] rows = new NaiveEncoder(tiny).rows(TOKENS[example], TYPES[example]);
            expected[example] = switch (pooling) {
                case FIRST -> rows[0];
                case LAST -> rows[rows.length - 1];
                case MEAN -> Nd4j.createFromArray(rows).mean(0).toDoubleVector();
            };
        }
        assertNear(expected, graph.outputSingle(tokens(tiny)));
    }

    @Test
    void a_classifiers_probabilities_are_those_of_the_paper() throws IOException {
        TinyCheckpoint tiny = classifier().filled();
        TinyCheckpoint roberta = TinyCheckpoint.roberta(SEED)
                .with("architectures", List.of("RobertaForSequenceClassification"))
                .with("num_labels", 2)
                .filled();
        requireClasses(tiny, "bert.pooler.dense", "classifier");
        requireClasses(roberta, "classifier.dense", "classifier.out_proj");
        TinyCheckpoint distilled = distilBert()
                .with("architectures", List.of("DistilBertForSequenceClassification"))
                .with("num_labels", 3)
                .filled();
        requireClasses(distilled, "pre_classifier", "classifier");
    }

    private static TinyCheckpoint masked(TinyCheckpoint headless) {
        String family = switch (headless.text("model_type")) {
            case "bert" -> "Bert";
            case "roberta" -> "Roberta";
            default -> "DistilBert";
        };
        return headless.with("architectures", List.of(family + "ForMaskedLM"));
    }

    /** RoBERTa's head has the exact GELU beside layers that have another. */
    static Stream<TinyCheckpoint> maskedEncoders() {
        return Stream.concat(encoders(), Stream.of(TinyCheckpoint.roberta(SEED).with("hidden_act", "gelu_new")))
                .map(EncoderModelTest::masked);
    }

    /** Logits are sums of 24 products of the order 1 on rows that are as exact as the others. */
    @ParameterizedTest
    @MethodSource("maskedEncoders")
    void scores_of_masked_words_are_those_of_the_paper(TinyCheckpoint tiny) throws IOException {
        TransformerModel model = TransformerModel.open(tiny.filled().write(temp), DataType.DOUBLE);
        INDArray found = model.graph().outputSingle(tokens(tiny));
        assertArrayEquals(new long[] {2 * 5, 37}, found.shape());
        for (int example = 0; example < 2; example++) {
            double[][] expected = new NaiveEncoder(tiny).scores(TOKENS[example], types(tiny, example));
            int end = 5 * (example + 1);
            assertNear(expected, found.get(NDArrayIndex.interval(end - expected.length, end), NDArrayIndex.all()));
        }
    }

    /** Both examples; the padding and one token have no labels. */
    private static DataSet maskedWords() {
        double[][] labels = {{7, -100, 11, 0, 36}, {-100, -100, 5, 8, 2}};
        return new DataSet(tokens(bert()), Nd4j.createFromArray(labels));
    }

    private TransformerModel trainedMasked(Path folder, double rate) throws IOException {
        return TransformerModel.open(folder, DataType.DOUBLE)
                .trainedBy(
                        FineTuneConfiguration.builder().updater(new Sgd(rate)).build());
    }

    /** The same numbers in a graph that does not know that head and table are one. */
    private static ComputationGraph loose(TransformerModel tied) {
        ComputationGraph loose =
                new ComputationGraph(Configurations.copy(tied.graph().getConfiguration()));
        loose.init(tied.graph().params().dup(), false);
        return loose;
    }

    @Test
    void gradients_of_masked_words_are_differences() throws IOException {
        Path folder = masked(bert()).with("num_hidden_layers", 1).filled().write(temp);
        ComputationGraph graph = loose(trainedMasked(folder, 0.1));
        assertEquals(120, Gradients.check(graph, maskedWords().toMultiDataSet(), 120, SEED));
    }

    @Test
    void a_step_of_the_words_table_is_that_of_table_and_head_and_biases_take_their_own() throws IOException {
        Path folder = masked(bert()).filled().write(temp);
        TransformerModel tied = trainedMasked(folder, 0.1);
        ComputationGraph loose = loose(tied);
        INDArray before =
                weight(tied.graph(), "bert.embeddings.word_embeddings").dup();
        INDArray bias =
                tied.graph().getLayer("cls.predictions.decoder").getParam("b").dup();
        loose.fit(maskedWords());
        tied.graph().fit(maskedWords());
        INDArray ofHead = weight(loose, "cls.predictions.decoder").transpose().sub(before);
        INDArray ofTable = weight(loose, "bert.embeddings.word_embeddings").sub(before);
        INDArray step = weight(tied.graph(), "bert.embeddings.word_embeddings").sub(before);
        assertTrue(ofHead.norm2Number().doubleValue() > 0.01);
        assertEquals(0, step.sub(ofTable.add(ofHead)).amaxNumber().doubleValue(), 1e-15);
        assertTrue(ArrayBytes.same(
                weight(tied.graph(), "bert.embeddings.word_embeddings"),
                weight(tied.graph(), "cls.predictions.decoder").transpose()));
        INDArray moved = tied.graph().getLayer("cls.predictions.decoder").getParam("b");
        assertTrue(ArrayBytes.same(loose.getLayer("cls.predictions.decoder").getParam("b"), moved));
        assertTrue(moved.sub(bias).amaxNumber().doubleValue() > 1e-3);
        tied.save(temp.resolve("saved"));
        assertTrue(ArrayBytes.same(
                tied.graph().params().castTo(DataType.FLOAT),
                TransformerModel.open(temp.resolve("saved"), DataType.FLOAT)
                        .graph()
                        .params()));
    }

    @Test
    void a_head_for_masked_words_is_put_on_an_encoder_that_has_none() throws IOException {
        Path folder = bert().filled().write(temp);
        TransformerModel model = TransformerModel.open(folder, DataType.DOUBLE, new EncoderOutput.MaskedTokens(3));
        ComputationGraph graph = model.graph();
        TransformerModel again = TransformerModel.open(folder, DataType.DOUBLE, new EncoderOutput.MaskedTokens(3));
        assertTrue(ArrayBytes.same(graph.params(), again.graph().params()));
        assertTrue(ArrayBytes.same(
                weight(graph, "bert.embeddings.word_embeddings"),
                weight(graph, "cls.predictions.decoder").transpose()));
        assertEquals(
                0,
                graph.getLayer("cls.predictions.decoder")
                        .getParam("b")
                        .amaxNumber()
                        .doubleValue());
        double score = graph.score(maskedWords());
        model.save(temp.resolve("saved"));
        assertEquals(
                score,
                TransformerModel.open(temp.resolve("saved"), DataType.DOUBLE)
                        .graph()
                        .score(maskedWords()),
                1e-4 * score);
    }

    private void requireClasses(TinyCheckpoint tiny, String pooler, String classifier) throws IOException {
        TransformerModel model = TransformerModel.open(tiny.write(temp.resolve(pooler + classifier)), DataType.DOUBLE);
        NaiveEncoder naive = new NaiveEncoder(tiny);
        double[][] logits = new double[2][];
        for (int example = 0; example < 2; example++) {
            logits[example] = naive.classes(TOKENS[example], types(tiny, example), pooler, classifier);
        }
        INDArray expected = Transforms.softmax(Nd4j.createFromArray(logits));
        assertNear(expected.toDoubleMatrix(), model.graph().outputSingle(tokens(tiny)));
    }

    @ParameterizedTest
    @EnumSource
    void gradients_of_a_classifier_on_pooled_rows_are_differences(Pooling pooling) throws IOException {
        ComputationGraph graph = classes(Optional.of(pooling), 3);
        assertEquals(80, Gradients.check(graph, labelled().toMultiDataSet(), 80, SEED));
    }

    @Test
    void gradients_through_a_pooler_are_differences() throws IOException {
        assertEquals(
                80, Gradients.check(classes(Optional.empty(), 3), labelled().toMultiDataSet(), 80, SEED));
    }

    private ComputationGraph classes(Optional<Pooling> pooling, long seed) throws IOException {
        TinyCheckpoint tiny = bert().with("num_hidden_layers", 1).filled();
        EncoderOutput output = new EncoderOutput.Classes(List.of("a", "b"), pooling, seed);
        return TransformerModel.open(tiny.write(temp), DataType.DOUBLE, output)
                .trainedBy(FineTuneConfiguration.builder().updater(new Sgd(0.1)).build())
                .graph();
    }

    private static DataSet labelled() {
        return new DataSet(tokens(bert()), Nd4j.createFromArray(new double[][] {{1, 0}, {0, 1}}));
    }

    @Test
    void new_layers_start_from_the_seed_and_the_encoder_is_the_checkpoints() throws IOException {
        ComputationGraph graph = classes(Optional.empty(), 3);
        assertTrue(ArrayBytes.same(graph.params(), classes(Optional.empty(), 3).params()));
        ComputationGraph other = classes(Optional.empty(), 4);
        assertFalse(ArrayBytes.same(weight(graph, "classifier"), weight(other, "classifier")));
        for (String kept : List.of("bert.pooler.dense", "bert.encoder.layer.0.attention.self.query")) {
            assertTrue(ArrayBytes.same(weight(graph, kept), weight(other, kept)), kept);
        }
    }

    private static INDArray weight(ComputationGraph graph, String layer) {
        return graph.getLayer(layer).getParam("W");
    }

    @Test
    void a_classifier_is_the_checkpoints_if_its_labels_are() throws IOException {
        TinyCheckpoint tiny = classifier().filled();
        Path folder = tiny.write(temp);
        INDArray stored = weight(TransformerModel.open(folder, DataType.FLOAT).graph(), "classifier");
        List<String> labels = List.of("LABEL_0", "LABEL_1", "LABEL_2");
        for (boolean same : new boolean[] {true, false}) {
            EncoderOutput output =
                    new EncoderOutput.Classes(same ? labels : List.of("x", "y", "z"), Optional.empty(), 1);
            INDArray found =
                    weight(TransformerModel.open(folder, DataType.FLOAT, output).graph(), "classifier");
            assertEquals(same, ArrayBytes.same(stored, found));
        }
    }

    @Test
    void what_was_opened_and_saved_is_the_same_model() throws IOException {
        for (TinyCheckpoint tiny : List.of(
                classifier(),
                bert(),
                masked(bert()),
                masked(TinyCheckpoint.roberta(SEED)),
                distilBert(),
                masked(distilBert()),
                distilBert()
                        .with("architectures", List.of("DistilBertForSequenceClassification"))
                        .with("num_labels", 2))) {
            Path folder = tiny.filled()
                    .drop("pooler.dense.weight")
                    .drop("pooler.dense.bias")
                    .write(temp.resolve("original"));
            TransformerModel model = TransformerModel.open(folder, DataType.FLOAT);
            model.save(temp.resolve("saved"));
            TransformerModel again = TransformerModel.open(temp.resolve("saved"), DataType.FLOAT);
            assertEquals(model.config(), again.config());
            assertTrue(ArrayBytes.same(model.graph().params(), again.graph().params()));
            again.save(temp.resolve("again"));
            for (String file : List.of("config.json", "model.safetensors")) {
                assertEquals(
                        -1,
                        Files.mismatch(
                                temp.resolve("saved").resolve(file),
                                temp.resolve("again").resolve(file)));
            }
        }
    }

    @Test
    void an_adapter_on_all_projections_learns_classes_and_the_base_stays_as_it_was() throws IOException {
        EncoderOutput output = new EncoderOutput.Classes(List.of("a", "b"), Optional.of(Pooling.MEAN), SEED);
        BaseModel base = BaseModel.of(TransformerModel.open(bert().filled().write(temp), DataType.FLOAT, output)
                .graph());
        INDArray before = base.network().params().dup();
        AdaptedModel adapted = AdaptedModel.attach(
                base,
                LoraConfig.of(2, 4)
                        .withTargets(Targets.regex(".*(query|key|value|dense)"))
                        .withTrainedInFull("classifier"),
                FineTuneConfiguration.builder().updater(new Adam(0.01)).build());
        DataSet data = new DataSet(
                tokens(bert()).castTo(DataType.FLOAT), labelled().getLabels().castTo(DataType.FLOAT));
        double first = adapted.graph().score(data);
        for (int step = 0; step < 20; step++) {
            adapted.graph().fit(data);
        }
        assertTrue(
                adapted.graph().score(data) < first / 4,
                first + " to " + adapted.graph().score(data));
        assertTrue(ArrayBytes.same(before, base.network().params()));
        assertNotNull(adapted.merge());
    }

    @Test
    void decoders_are_refused_where_an_encoder_is_wanted() throws IOException {
        Path folder = TinyCheckpoint.llama(SEED).filled().write(temp);
        refused(
                CheckpointException.class,
                "a llama model says one token after another, it is no encoder",
                () -> TransformerModel.open(folder, DataType.FLOAT, new EncoderOutput.Rows()));
    }
}
