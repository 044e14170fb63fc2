/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderFamily;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.EncoderNames;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.transformer.EncoderOutput;
import org.amend4j.transformer.Pooling;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * BERT with random weights, adapters with random factors on all linear layers of its layers, a frozen classifier of the mean row, and one
 * batch of texts of the same length, so that nobody computes padding.
 *
 * @param config with a classifier
 * @param rank of adapters, whose scale is 2
 * @param texts in the batch
 * @param length tokens of each
 */
public record EncoderProblem(EncoderConfig config, int rank, int texts, int length, long seed) {

    /** As large as fresh factors, and far from 0. */
    private static final double DEVIATION = 0.02;

    /** MiniLM's shape, rank 8. */
    public static EncoderProblem miniLm(int texts, int length) {
        return new EncoderProblem(config(30_522, 384, 1536, 6, 12), 8, texts, length, 42);
    }

    /** A BERT with two classes and 512 positions. */
    static EncoderConfig config(int vocabulary, int width, int inner, int layers, int heads) {
        return new EncoderConfig(
                EncoderFamily.BERT,
                new EncoderHead.Classifier(List.of("no", "yes")),
                vocabulary,
                width,
                inner,
                layers,
                heads,
                512,
                2,
                1e-12,
                HiddenActivation.GELU);
    }

    /** Number of classes. */
    public int classes() {
        return labels().size();
    }

    private List<String> labels() {
        return ((EncoderHead.Classifier) config.head()).labels();
    }

    EncoderNames names() {
        return new EncoderNames(config);
    }

    /** The names of the linear layers of a layer that have adapters, without the layer's own. */
    static List<String> linears() {
        return List.of(
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
                "attention.output.dense",
                "intermediate.dense",
                "output.dense");
    }

    /** Writes the base as a checkpoint. */
    public void save(Path folder) throws IOException {
        TransformerModel.create(config, DataType.FLOAT, seed).save(folder);
    }

    /**
     * The adapted graph, in single precision.
     *
     * @param folder with the base
     */
    ComputationGraph adapted(Path folder, double learningRate) throws IOException {
        EncoderOutput output = new EncoderOutput.Classes(labels(), Optional.of(Pooling.MEAN), seed);
        TransformerModel base = TransformerModel.open(folder, DataType.FLOAT, output);
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(base.graph()),
                LoraConfig.of(rank, 2.0 * rank)
                        .withTargets(Targets.regex("bert\\.encoder\\..*(query|key|value|dense)")),
                FineTuneConfiguration.builder().updater(new Sgd(learningRate)).build());
        INDArray factors = model.graph().params();
        factors.assign(TestNetworks.normal(DataType.FLOAT, new Random(seed), factors.shape())
                .muli(DEVIATION));
        return model.graph();
    }

    /** Token ids, [texts, length] in C order. */
    long[] tokens() {
        return new Random(seed + 1)
                .longs((long) texts * length, 0, config.vocabulary())
                .toArray();
    }

    /** One-hot classes, [texts, classes] in C order. */
    float[] classesOfTexts() {
        Random random = new Random(seed + 2);
        float[] labels = new float[texts * classes()];
        for (int text = 0; text < texts; text++) {
            labels[text * classes() + random.nextInt(classes())] = 1;
        }
        return labels;
    }

    /** The batch as Deeplearning4j's graphs read it. */
    DataSet batch() {
        INDArray features = Nd4j.ones(DataType.FLOAT, texts, 2, length);
        long[] tokens = tokens();
        for (int text = 0; text < texts; text++) {
            for (int step = 0; step < length; step++) {
                features.putScalar(text, 0, step, (double) tokens[text * length + step]);
            }
        }
        return new DataSet(features, Nd4j.create(classesOfTexts(), new long[] {texts, classes()}, 'c'));
    }
}
