/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations and tensors of BERT's family. */
class EncoderCheckpointTest {

    @TempDir
    Path directory;

    private EncoderConfig read(TinyCheckpoint tiny) throws IOException {
        return (EncoderConfig) TransformerConfig.read(tiny.writeConfig(directory));
    }

    private void isRefused(String rule, TinyCheckpoint tiny) throws IOException {
        tiny.write(directory);
        refused(CheckpointException.class, rule, () -> TransformerCheckpoint.open(directory));
    }

    private static TinyCheckpoint bert() {
        return TinyCheckpoint.bert(1);
    }

    private static TinyCheckpoint classifier() {
        return bert().with("architectures", List.of("BertForSequenceClassification"))
                .with("num_labels", 3);
    }

    @Test
    void what_bert_base_says_is_read_and_absent_fields_have_its_sizes() throws IOException {
        EncoderConfig base = read(bert().without("vocab_size")
                .without("hidden_size")
                .without("intermediate_size")
                .without("num_hidden_layers")
                .without("num_attention_heads")
                .without("max_position_embeddings")
                .without("type_vocab_size")
                .without("architectures")
                .with("attention_probs_dropout_prob", 0.1)
                .with("hidden_dropout_prob", 0.1)
                .with("position_embedding_type", "absolute")
                .with("pad_token_id", 0)
                .with("gradient_checkpointing", false));
        assertEquals(
                new EncoderConfig(
                        EncoderFamily.BERT,
                        new EncoderHead.None(),
                        30522,
                        768,
                        3072,
                        12,
                        12,
                        512,
                        2,
                        1e-12,
                        HiddenActivation.GELU,
                        OptionalInt.of(0)),
                base);
        assertEquals(512, base.longest());
        assertEquals(62, read(TinyCheckpoint.roberta(1)).longest());
    }

    @Test
    void distilbert_says_its_sizes_by_names_of_its_own() throws IOException {
        EncoderConfig base = read(TinyCheckpoint.distilBert(1)
                .without("vocab_size")
                .without("dim")
                .without("hidden_dim")
                .without("n_layers")
                .without("n_heads")
                .without("max_position_embeddings")
                .without("architectures")
                .with("dropout", 0.1)
                .with("seq_classif_dropout", 0.2)
                .with("tie_weights_", true)
                .with("pad_token_id", 0));
        assertEquals(
                new EncoderConfig(
                        EncoderFamily.DISTILBERT,
                        new EncoderHead.None(),
                        30522,
                        768,
                        3072,
                        6,
                        12,
                        512,
                        0,
                        1e-12,
                        HiddenActivation.GELU,
                        OptionalInt.of(0)),
                base);
        for (String field : List.of("hidden_size", "num_hidden_layers", "num_attention_heads")) {
            isRefused(
                    "'" + field + "' is not supported, got 3",
                    TinyCheckpoint.distilBert(1).filled().with(field, 3));
        }
        isRefused(
                "'sinusoidal_pos_embds' is not supported",
                TinyCheckpoint.distilBert(1).filled().with("sinusoidal_pos_embds", true));
        isRefused(
                "the tensor 'pooler.dense.bias' has no place in a distilbert model",
                TinyCheckpoint.distilBert(1).filled().put("pooler.dense.bias", List.of(24L), new float[24]));
        TinyCheckpoint copied = TinyCheckpoint.distilBert(1)
                .with("architectures", List.of("DistilBertForMaskedLM"))
                .filled();
        copied.put(
                        "vocab_projector.weight",
                        List.of(37L, 24L),
                        copied.values("distilbert.embeddings.word_embeddings.weight"))
                .write(directory);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            assertEquals(copied.names().size() - 1, checkpoint.shapes().size(), "a copy of the table is passed over");
        }
    }

    @Test
    void classes_have_the_names_of_the_file_in_the_order_of_their_numbers() throws IOException {
        assertEquals(
                new EncoderHead.Classifier(List.of("bad", "good", "so so")),
                read(classifier().without("num_labels").with("id2label", Map.of("2", "so so", "0", "bad", "1", "good")))
                        .head());
        assertEquals(
                new EncoderHead.Classifier(List.of("LABEL_0", "LABEL_1", "LABEL_2")),
                read(classifier()).head());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "position_embedding_type, relative_key, 'position_embedding_type' must be",
                "hidden_act, relu, the activation 'relu' is not supported",
                "architectures, BertForQuestionAnswering, 'architectures' must be",
                "is_decoder, true, 'is_decoder' is not supported",
                "embedding_size, 128, 'embedding_size' is not supported"
            })
    void what_would_compute_something_else_is_refused_by_name(String field, String value, String rule)
            throws IOException {
        Object typed = value.equals("true") ? true : value;
        isRefused(rule, bert().filled().with(field, field.equals("architectures") ? List.of(value) : typed));
    }

    @Test
    void positions_and_classes_of_other_kinds_are_refused() throws IOException {
        isRefused(
                "'pad_token_id' must be 1, since positions begin behind it, got 0",
                TinyCheckpoint.roberta(1).filled().with("pad_token_id", 0));
        isRefused(
                "'problem_type' must be \"single_label_classification\"",
                classifier().filled().with("problem_type", "multi_label_classification"));
    }

    @ParameterizedTest
    @CsvSource({
        "bert, BertModel",
        "bert, BertForMaskedLM",
        "bert, BertForSequenceClassification",
        "roberta, RobertaModel",
        "roberta, RobertaForMaskedLM",
        "roberta, RobertaForSequenceClassification"
    })
    void every_tensor_of_a_head_and_its_encoder_is_read(String family, String head) throws IOException {
        TinyCheckpoint tiny = (family.equals("bert") ? bert() : TinyCheckpoint.roberta(1))
                .with("architectures", List.of(head))
                .with("num_labels", 3)
                .filled();
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(tiny.write(directory))) {
            assertEquals(
                    new TreeSet<>(tiny.names()),
                    new TreeSet<>(checkpoint.shapes().keySet()));
            for (String name : tiny.names()) {
                assertArrayEquals(tiny.values(name), checkpoint.read(name), name);
            }
            assertThrows(CheckpointException.class, checkpoint::decoder);
        }
    }

    /** As RoBERTa's classifiers of cardiffnlp have it: Hugging Face's class has no pooler, and passes its tensors over. */
    @Test
    void a_pooler_that_no_head_reads_is_passed_over() throws IOException {
        TinyCheckpoint tiny = TinyCheckpoint.roberta(1)
                .with("architectures", List.of("RobertaForSequenceClassification"))
                .with("num_labels", 3)
                .filled();
        int asked = tiny.names().size();
        tiny.put("roberta.pooler.dense.weight", List.of(24L, 24L), new float[24 * 24])
                .put("roberta.pooler.dense.bias", List.of(24L), new float[24]);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(tiny.write(directory))) {
            assertEquals(asked, checkpoint.shapes().size());
        }
        isRefused("has no place", tiny.put("roberta.pooler.other.bias", List.of(24L), new float[24]));
    }

    @Test
    void norms_of_older_files_are_read_under_their_newer_names() throws IOException {
        TinyCheckpoint tiny = bert().filled();
        float[] gains = tiny.values("embeddings.LayerNorm.weight");
        tiny.put("embeddings.LayerNorm.gamma", List.of(24L), gains).drop("embeddings.LayerNorm.weight");
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(tiny.write(directory))) {
            assertArrayEquals(gains, checkpoint.read("embeddings.LayerNorm.weight"));
        }
        isRefused("are the same", tiny.put("embeddings.LayerNorm.weight", List.of(24L), gains));
    }

    @Test
    void a_pooler_may_be_missing_whole_and_not_in_part() throws IOException {
        TinyCheckpoint tiny = bert().filled().drop("pooler.dense.weight");
        isRefused("the tensor 'pooler.dense.weight' is missing", tiny);
        try (TransformerCheckpoint checkpoint =
                TransformerCheckpoint.open(tiny.drop("pooler.dense.bias").write(directory))) {
            assertEquals(tiny.names().size(), checkpoint.shapes().size());
        }
        isRefused(
                "the tensor 'bert.pooler.dense.weight' is missing",
                classifier().filled().drop("bert.pooler.dense.weight"));
    }

    @Test
    void copies_and_unused_parts_beside_masked_tokens_are_passed_over_and_other_tensors_refused() throws IOException {
        TinyCheckpoint tiny =
                bert().with("architectures", List.of("BertForPreTraining")).filled();
        TinyCheckpoint masked =
                bert().with("architectures", List.of("BertForMaskedLM")).filled();
        masked.put("cls.seq_relationship.weight", List.of(2L, 24L), new float[48])
                .put(
                        "cls.predictions.decoder.weight",
                        List.of(37L, 24L),
                        masked.values("bert.embeddings.word_embeddings.weight"))
                .put("bert.embeddings.position_ids", List.of(1L, 64L), new float[64]);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(masked.write(directory))) {
            assertEquals(masked.names().size() - 3, checkpoint.shapes().size());
        }
        isRefused(
                "the tensor 'cls.predictions.decoder.bias' must equal 'cls.predictions.bias'",
                masked.put("cls.predictions.decoder.bias", List.of(37L), new float[37]));
        masked.drop("cls.predictions.decoder.bias");
        isRefused("has no place in a bert model", masked.put("qa_outputs.bias", List.of(2L), new float[2]));
        isRefused("the tensor 'cls.predictions.transform.dense.weight' is missing", tiny);
    }
}
