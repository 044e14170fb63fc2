/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.GraphBlocks;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockSums;
import org.amend4j.objective.blocks.BlockedObjective;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * An adapted network, inputs → hidden (tanh behind a {@link Gate}) → 3 classes, and records for it: the same in every process.
 *
 * @param type in which it computes
 * @param inputs of the network
 * @param hidden units
 * @param rank of the adapters
 * @param size how many records there are
 */
record ClusterProblem(DataType type, int inputs, int hidden, int rank, int size) {

    private static final int CLASSES = 3;

    /** One that takes no time. */
    static ClusterProblem small(DataType type) {
        return new ClusterProblem(type, 6, 5, 2, 29);
    }

    /** Records of six subjects. */
    Records records() {
        Random random = new Random(5);
        INDArray features = array(random, size, inputs);
        INDArray labels = Nd4j.zeros(type, new long[] {size, CLASSES});
        for (int k = 0; k < size; k++) {
            labels.putScalar(k, random.nextInt(CLASSES), 1);
        }
        return Records.of(new DataSet(features, labels))
                .ownedBy(LongStream.range(0, size).map(id -> id % 6).toArray());
    }

    private INDArray array(Random random, int rows, int columns) {
        double[] values = random.doubles((long) rows * columns, -1, 1).toArray();
        return Nd4j.createFromArray(values)
                .reshape('c', new long[] {rows, columns})
                .castTo(type);
    }

    /** The network that is adapted. */
    ComputationGraph base(long seed) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(type)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hiddenLayer(), "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(hidden)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private DenseLayer hiddenLayer() {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(hidden)
                .activation(new GatedTanh())
                .build();
    }

    /** The adapted model that all use. */
    AdaptedModel model() {
        return model(7);
    }

    /** An adapted model on a base with this seed, with parameters that are nowhere zero. */
    AdaptedModel model(long seed) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(base(seed)),
                LoraConfig.of(rank, 3).withTargets(Targets.names("hidden", "out")),
                new FineTuneConfiguration.Builder().updater(new Sgd(0.1)).build());
        Random random = new Random(2);
        for (long i = 0; i < model.graph().numParams(); i++) {
            model.graph().params().putScalar(i, 0.3 * random.nextGaussian());
        }
        return model;
    }

    /** Where runs start. */
    double[] start() {
        return model().graph().params().toDoubleVector();
    }

    /** The objective of the sums, wherever they are computed. */
    static BlockedObjective objective(BlockSums sums) {
        return BlockedObjective.of(sums, 40).withWeightDecay(0.01);
    }

    /** The objective computed in this process. */
    BlockedObjective local(BlockSettings settings) {
        return objective(GraphBlocks.of(model().graph(), settings).local(records()));
    }

    /** The records' blocks, written into a folder. */
    BlockFolder written(Path folder, BlockSettings settings) throws IOException {
        BlockFolder blocks = BlockFolder.at(folder);
        blocks.write(records(), settings.blocks(records()));
        return blocks;
    }

    /** The sums computed on a cluster. */
    SparkBlocks spark(JavaSparkContext context, BlockFolder blocks, BlockSettings settings, int tasks)
            throws IOException {
        return SparkBlocks.open(context, SentGraph.of(model().graph()), settings, blocks, blocks.numbers(), tasks);
    }

    /** All that an objective computes at one point. */
    static double[] answers(BlockedObjective objective) {
        double[] theta =
                new Random(11).doubles(objective.dimension(), -0.5, 0.5).toArray();
        double[] gradient = new double[theta.length];
        double[] other = new double[theta.length];
        double[] norms = new double[objective.adapters().size()];
        DoubleStream values = DoubleStream.of(
                objective.value(theta),
                objective.valueAndGradient(theta, gradient),
                norms.length == 0 ? 0 : objective.valueAndGradient(theta, other, norms));
        return Stream.of(values, Arrays.stream(gradient), Arrays.stream(other), Arrays.stream(norms))
                .flatMapToDouble(numbers -> numbers)
                .toArray();
    }

    /** Two steps on the objective, two more on what a deletion leaves. */
    static double[] descended(RecordObjective objective, double[] start, RecordIds left) {
        double[] theta = start.clone();
        double[] gradient = new double[theta.length];
        RecordObjective now = objective;
        for (int step = 0; step < 4; step++) {
            now = step == 2 ? objective.restrictedTo(left) : now;
            now.gradient(theta, gradient);
            IntStream.range(0, theta.length).forEach(i -> theta[i] -= 0.5 * gradient[i]);
        }
        return theta;
    }
}
