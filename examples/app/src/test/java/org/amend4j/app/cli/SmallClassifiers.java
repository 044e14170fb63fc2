/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;

/** Networks that are trained in no time, and what they can learn. */
public final class SmallClassifiers {

    private SmallClassifiers() {}

    /** A network of 4 numbers and 3 classes. */
    static Path ofRows(Path zip, Activation first) throws IOException {
        return saved(
                zip,
                classifier(
                        new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(8)
                                .activation(first)
                                .build(),
                        8));
    }

    /** A network of 2 numbers and 2 classes. */
    public static Path ofPairs(Path zip) throws IOException {
        return saved(
                zip,
                layers().layer(new DenseLayer.Builder()
                                .nIn(2)
                                .nOut(8)
                                .activation(Activation.TANH)
                                .build())
                        .layer(new OutputLayer.Builder()
                                .nIn(8)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build())
                        .build());
    }

    private static NeuralNetConfiguration.ListBuilder layers() {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .updater(new Sgd(0.1))
                .list();
    }

    /** Of 3 classes, behind a layer of this width. */
    private static MultiLayerConfiguration classifier(Layer first, int width) {
        return layers().layer(first)
                .layer(new DenseLayer.Builder()
                        .nIn(width)
                        .nOut(8)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder()
                        .nIn(8)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
    }

    /** A table that it can learn: the largest of the first three. */
    static Path table(Path csv) throws IOException {
        Random random = new Random(11);
        StringBuilder rows = new StringBuilder("a,b,c,d,kind\n");
        for (int i = 0; i < 240; i++) {
            double[] x = random.doubles(4, -1, 1).toArray();
            int largest = x[0] > x[1] ? (x[0] > x[2] ? 0 : 2) : (x[1] > x[2] ? 1 : 2);
            rows.append(String.format(Locale.ROOT, "%.4f,%.4f,%.4f,%.4f,k%d%n", x[0], x[1], x[2], x[3], largest));
        }
        return Files.writeString(csv, rows);
    }

    /** A network of one of 9 words and 3 classes. */
    static Path ofWords(Path zip) throws IOException {
        return saved(zip, classifier(new EmbeddingLayer.Builder().nIn(9).nOut(4).build(), 4));
    }

    /** A network of sequences of 9 words, of any length, and 3 classes. */
    static Path ofSentences(Path zip) throws IOException {
        return saved(
                zip,
                layers().layer(new EmbeddingSequenceLayer.Builder()
                                .nIn(9)
                                .nOut(4)
                                .build())
                        .layer(new GlobalPoolingLayer.Builder().build())
                        .layer(new OutputLayer.Builder()
                                .nIn(4)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build())
                        .setInputType(InputType.recurrent(9))
                        .build());
    }

    /** A table of sentences of this length: the kind is the remainder of the first word. */
    static Path tableOfSentences(Path csv, int length) throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int word = 0; word < length; word++) {
            rows.append("word").append(word).append(',');
        }
        rows.append("kind\n");
        for (int i = 0; i < 90; i++) {
            for (int word = 0; word < length; word++) {
                rows.append((i + 2 * word) % 9).append(',');
            }
            rows.append('k').append(i % 3).append('\n');
        }
        return Files.writeString(csv, rows);
    }

    /** A table that it can learn: the remainders of words by 3. */
    static Path tableOfWords(Path csv) throws IOException {
        StringBuilder rows = new StringBuilder("word,kind\n");
        for (int i = 0; i < 90; i++) {
            rows.append(i % 9).append(",k").append(i % 3).append('\n');
        }
        return Files.writeString(csv, rows);
    }

    /** A network of coloured pictures and 2 classes, which does not say how large they are. */
    static Path ofPictures(Path zip) throws IOException {
        return saved(
                zip,
                new NeuralNetConfiguration.Builder()
                        .seed(3)
                        .list()
                        .layer(new ConvolutionLayer.Builder(3, 3)
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build())
                        .layer(new GlobalPoolingLayer.Builder().build())
                        .layer(new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build())
                        .setInputType(InputType.convolutional(8, 8, 3))
                        .build());
    }

    /** Pictures that it can learn: red and green ones. */
    static Path pictures(Path folder) throws IOException {
        for (int i = 0; i < 12; i++) {
            Pictures.write(folder.resolve("red/" + i + ".png"), 6 + i, 9, 0xff0000 + i);
            Pictures.write(folder.resolve("green/" + i + ".png"), 7, 5 + i, 0x00ff00 + i);
        }
        return folder;
    }

    private static Path saved(Path zip, MultiLayerConfiguration configuration) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        ModelSerializer.writeModel(network, zip.toFile(), false);
        return zip;
    }
}
