/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.amend4j.internal.prefix.CachedData;
import org.amend4j.internal.prefix.PrefixCache;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.model.NormClipVertex;
import org.amend4j.prefix.Prefix;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.adapter.SingletonMultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Adapted networks that have, among them, every configuration class of ours that a model's zip may name. A folder holds
 *
 * <pre>
 *   base.zip, fingerprint.txt    the base and its fingerprint
 *   adapter                      as {@link AdaptedModel#save} writes it
 *   graph.zip                    the adapted graph with its updater's state, as {@link ModelSerializer} writes it
 *   parameters.txt, updater.txt, output.txt   of the graph; the output is that of {@link #rows}
 *   cache                        activations of the prefix, if there is one
 * </pre>
 */
enum GoldenAdapter {
    /** A prefix, a clip of norms, an adapter, an output layer in full; in DOUBLE. */
    DENSE(DataType.DOUBLE) {
        @Override
        LoraConfig config() {
            return LoraConfig.of(2, 4).withTargets("middle").withTrainedInFull("out");
        }

        @Override
        GraphBuilder layers(GraphBuilder empty) {
            return empty.addInputs("in")
                    .setInputTypes(InputType.feedForward(4))
                    .addLayer("first", dense(5, Activation.TANH), "in")
                    .addVertex("ball", new NormClipVertex(1), "first")
                    .addLayer("middle", dense(4, Activation.SIGMOID), "ball")
                    .addLayer("upper", dense(4, Activation.RELU), "middle")
                    .addLayer("out", softmax(3), "upper");
        }

        @Override
        INDArray rows(int count) {
            return Golden.made(11, count, 4);
        }

        @Override
        INDArray labels(int count) {
            return oneHot(3, count);
        }
    },
    /** Convolutions below and above a batch norm, and an adapted output layer; in FLOAT, as the next. */
    CONVOLUTION(DataType.FLOAT) {
        @Override
        LoraConfig config() {
            return LoraConfig.of(1, 2)
                    .withTargets("lower", "out")
                    .withRankPattern("out", 2)
                    .withTrainedInFull("norm");
        }

        @Override
        GraphBuilder layers(GraphBuilder empty) {
            return empty.addInputs("in")
                    .setInputTypes(InputType.convolutional(4, 4, 2))
                    .addLayer("lower", convolution(3), "in")
                    .addLayer("norm", new BatchNormalization.Builder().build(), "lower")
                    .addLayer("upper", convolution(2), "norm")
                    .addLayer("fixed", new BatchNormalization.Builder().build(), "upper")
                    .addLayer("out", softmax(2), "fixed");
        }

        @Override
        INDArray rows(int count) {
            return Golden.made(12, count, 2, 4, 4);
        }

        @Override
        INDArray labels(int count) {
            return oneHot(2, count);
        }
    },
    /** Recurrent layers below and above an adapted convolution, attention frozen and in full, an output layer for each step. */
    SEQUENCE(DataType.FLOAT) {
        @Override
        LoraConfig config() {
            return LoraConfig.of(1, 1).withTargets("middle").withTrainedInFull("attention", "out");
        }

        @Override
        GraphBuilder layers(GraphBuilder empty) {
            return empty.addInputs("in")
                    .setInputTypes(InputType.recurrent(2, STEPS))
                    .addLayer("below", lstm(), "in")
                    .addLayer(
                            "middle",
                            new Convolution1DLayer.Builder(1)
                                    .nOut(3)
                                    .activation(Activation.TANH)
                                    .build(),
                            "below")
                    .addLayer("above", lstm(), "middle")
                    .addVertex(
                            "attend",
                            new AttentionVertex.Builder()
                                    .nInKeys(3)
                                    .nInValues(3)
                                    .nInQueries(3)
                                    .nHeads(1)
                                    .headSize(2)
                                    .nOut(3)
                                    .projectInput(true)
                                    .build(),
                            "above",
                            "above",
                            "above")
                    .addLayer(
                            "attention",
                            new SelfAttentionLayer.Builder()
                                    .nOut(3)
                                    .nHeads(1)
                                    .headSize(2)
                                    .projectInput(true)
                                    .build(),
                            "attend")
                    .addLayer(
                            "out",
                            new RnnOutputLayer.Builder(LossFunction.MSE)
                                    .nOut(2)
                                    .activation(Activation.TANH)
                                    .build(),
                            "attention");
        }

        @Override
        INDArray rows(int count) {
            return Golden.made(13, count, 2, STEPS);
        }

        @Override
        INDArray labels(int count) {
            return Golden.made(14, count, 2, STEPS);
        }
    },
    /** An output layer in full on a flattened picture: nothing below it trains. */
    HEAD(DataType.FLOAT) {
        @Override
        LoraConfig config() {
            return LoraConfig.of(1, 1).withTargets("out").withTrainedInFull("wide");
        }

        @Override
        GraphBuilder layers(GraphBuilder empty) {
            return empty.addInputs("in")
                    .setInputTypes(InputType.convolutional(3, 3, 1))
                    .addLayer("lower", convolution(2), "in")
                    .addLayer("wide", dense(3, Activation.TANH), "lower")
                    .addLayer("out", softmax(2), "wide");
        }

        @Override
        INDArray rows(int count) {
            return Golden.made(15, count, 1, 3, 3);
        }

        @Override
        INDArray labels(int count) {
            return oneHot(2, count);
        }
    };

    static final int ROWS = 6;
    static final int STEPS = 3;
    static final long CACHE_BYTES = 1 << 20;

    private final DataType type;

    GoldenAdapter(DataType type) {
        this.type = type;
    }

    abstract LoraConfig config();

    abstract GraphBuilder layers(GraphBuilder empty);

    abstract INDArray rows(int count);

    abstract INDArray labels(int count);

    /** The folder's name. */
    String folder() {
        return "adapters/" + name().toLowerCase(Locale.ROOT);
    }

    DataType type() {
        return type;
    }

    /** Examples to train on; the first row is the one whose output is kept. */
    DataSet data() {
        return new DataSet(rows(ROWS).castTo(type), labels(ROWS).castTo(type));
    }

    /** What adapters are loaded with, for more training: part of the fingerprint of an objective on them. */
    static FineTuneConfiguration training() {
        return new FineTuneConfiguration.Builder()
                .seed(1)
                .updater(new Sgd(0.125))
                .build();
    }

    static INDArray outputOf(ComputationGraph graph, INDArray rows) {
        return graph.output(false, rows)[0];
    }

    static CachedData cached(Path folder, Prefix prefix, BaseModel base, DataSet data) {
        return PrefixCache.at(folder.resolve("cache"), CACHE_BYTES)
                .compute(
                        prefix,
                        base.fingerprint().hex(),
                        new SingletonMultiDataSetIterator(data.toMultiDataSet()),
                        examples -> {});
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path zip = folder.resolve("base.zip");
        ModelSerializer.writeModel(network(), zip.toFile(), false);
        BaseModel base = BaseModel.open(zip);
        AdaptedModel model = AdaptedModel.attach(
                base,
                config(),
                new FineTuneConfiguration.Builder()
                        .seed(1)
                        .updater(new Adam(0.01))
                        .build());
        DataSet data = data();
        for (int step = 0; step < 3; step++) {
            model.graph().fit(data);
        }
        model.save(folder.resolve("adapter"));
        ModelSerializer.writeModel(model.graph(), folder.resolve("graph.zip").toFile(), true);
        Files.writeString(folder.resolve("fingerprint.txt"), base.fingerprint().hex() + "\n");
        Golden.write(folder.resolve("parameters.txt"), model.graph().params());
        Golden.write(folder.resolve("updater.txt"), model.graph().getUpdater().getStateViewArray());
        Golden.write(folder.resolve("output.txt"), outputOf(model.graph(), data.getFeatures()));
        if (model.prefix().isPresent()) {
            cached(folder, model.prefix().get(), base, data).close();
        }
    }

    /** Weights that are no multiples of anything, and running means and variances of batch norms that are not 0 and 1. */
    private ComputationGraph network() {
        ComputationGraph graph = new ComputationGraph(layers(new NeuralNetConfiguration.Builder()
                        .seed(7)
                        .dataType(type)
                        .convolutionMode(ConvolutionMode.Same)
                        .updater(new Sgd(0.1))
                        .graphBuilder())
                .setOutputs("out")
                .build());
        graph.init();
        graph.fit(data());
        return graph;
    }

    static INDArray oneHot(int classes, int count) {
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, count, classes);
        for (int row = 0; row < count; row++) {
            labels.putScalar(row, row % classes, 1);
        }
        return labels;
    }

    private static DenseLayer dense(int outputs, Activation activation) {
        return new DenseLayer.Builder().nOut(outputs).activation(activation).build();
    }

    private static ConvolutionLayer convolution(int outputs) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(outputs)
                .activation(Activation.TANH)
                .build();
    }

    private static LSTM lstm() {
        return new LSTM.Builder().nOut(3).activation(Activation.TANH).build();
    }

    private static OutputLayer softmax(int classes) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .build();
    }
}
