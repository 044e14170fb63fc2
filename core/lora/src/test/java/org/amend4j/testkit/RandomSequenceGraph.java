/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small random graph on sequences with data: recurrent layers, attention, a user's layers and vertices between layers that kernels
 * know, with a loss at every step or at the end; every layer that is not adapted is frozen or trained in full.
 *
 * @param model in double, every adapter's B moved away from zero
 * @param data a few examples
 * @param kinds what is in it and how: names of layers with {@code frozen}, {@code adapted} or {@code trained} before them
 */
public record RandomSequenceGraph(AdaptedModel model, MultiDataSet data, Set<String> kinds) {

    private static final int STEPS = 4;

    /** A user's layer: a dense layer to everyone but those who look at classes. */
    public static final class UserLayer extends DenseLayer {
        private static final long serialVersionUID = 1L;

        public UserLayer() {}

        UserLayer(int outputs) {
            setNOut(outputs);
            setActivationFn(Activation.SOFTSIGN.getActivationFunction());
        }
    }

    /** A user's vertex. */
    public static final class UserVertex extends ScaleVertex {
        private static final long serialVersionUID = 1L;

        public UserVertex() {
            super(1.5);
        }

        @Override
        public ScaleVertex clone() {
            return new UserVertex();
        }
    }

    /** The graph of a seed; equal seeds give equal bytes. */
    public static RandomSequenceGraph of(long seed) {
        return of(seed, new Sgd(0.1));
    }

    /** The same with another updater. */
    public static RandomSequenceGraph of(long seed, IUpdater updater) {
        return new Maker(seed, updater).make();
    }

    public ComputationGraph graph() {
        return model.graph();
    }

    private static final class Maker {

        private final Random random;
        private final List<String> adaptable = new ArrayList<>();
        private final List<String> others = new ArrayList<>();
        private final Set<String> kinds = new TreeSet<>();
        private final IUpdater updater;
        private final GraphBuilder builder;
        private String below = "in";
        private int width;

        Maker(long seed, IUpdater updater) {
            this.updater = updater;
            this.random = new Random(seed);
            this.width = 1 + random.nextInt(4);
            // layers inside of others keep the updater they are made with
            this.builder = new NeuralNetConfiguration.Builder()
                    .seed(seed)
                    .dataType(DataType.DOUBLE)
                    .biasInit(0.1)
                    .updater(updater)
                    .graphBuilder()
                    .addInputs("in");
        }

        RandomSequenceGraph make() {
            INDArray features = TestNetworks.normal(DataType.DOUBLE, random, 2 + random.nextInt(4), width, STEPS);
            builder.setInputTypes(InputType.recurrent(width, STEPS));
            for (int k = 0; k < 2 + random.nextInt(4); k++) {
                append(k);
            }
            int examples = (int) features.size(0);
            INDArray labels = end(examples);
            ComputationGraph plain = SmallNetworks.initialised(builder.setOutputs("out"));
            return new RandomSequenceGraph(adapted(plain), new MultiDataSet(features, labels), kinds);
        }

        private void append(int k) {
            // Deeplearning4j takes what a dense layer leaves for rows, not for sequences, until a layer reads it
            switch (random.nextInt(below.startsWith("dense") || below.startsWith("user") ? 5 : 10)) {
                case 0 -> layer("lstm" + k, new LSTM.Builder().nOut(next()).build(), false);
                case 1 -> layer("graves" + k, graves(next()), false);
                case 2 ->
                    layer("simple" + k, new SimpleRnn.Builder().nOut(next()).build(), false);
                case 3 -> {
                    layer(
                            "both" + k,
                            new Bidirectional(new LSTM.Builder().nOut(next()).build()),
                            false);
                    width *= 2;
                }
                case 4 -> layer("attention" + k, attention(next()), false);
                case 5 -> layer("user" + k, new UserLayer(next()), false);
                case 6 ->
                    layer(
                            "convolution" + k,
                            new Convolution1DLayer.Builder(1).nOut(next()).build(),
                            false);
                case 7 -> layer("dense" + k, dense(next()).build(), true);
                case 8 -> vertex("vertex" + k);
                default -> branches(k);
            }
        }

        private int next() {
            width = 1 + random.nextInt(4);
            return width;
        }

        @SuppressWarnings("deprecation") // old models have it
        private static Layer graves(int outputs) {
            return new GravesBidirectionalLSTM.Builder().nOut(outputs).build();
        }

        private static Layer attention(int outputs) {
            return new SelfAttentionLayer.Builder()
                    .nOut(outputs)
                    .nHeads(2)
                    .headSize(2)
                    .projectInput(true)
                    .build();
        }

        private static DenseLayer.Builder dense(int outputs) {
            return new DenseLayer.Builder().nOut(outputs).activation(Activation.TANH);
        }

        private void layer(String name, Layer layer, boolean isAdaptable) {
            builder.addLayer(name, layer, below);
            (isAdaptable ? adaptable : others).add(name);
            below = name;
        }

        private void vertex(String name) {
            builder.addVertex(name, new UserVertex(), below);
            kinds.add("frozen vertex");
            below = name;
        }

        /** Two layers on one, put together. */
        private void branches(int k) {
            int outputs = next();
            String from = below;
            layer("simple_left" + k, new SimpleRnn.Builder().nOut(outputs).build(), false);
            String left = below;
            below = from;
            layer(
                    "convolution_right" + k,
                    new Convolution1DLayer.Builder(1).nOut(outputs).build(),
                    false);
            boolean sum = random.nextBoolean();
            builder.addVertex(
                    "join" + k, sum ? new ElementWiseVertex(ElementWiseVertex.Op.Add) : new MergeVertex(), left, below);
            builder.addLayer(
                    "tanh" + k,
                    new ActivationLayer.Builder().activation(Activation.TANH).build(),
                    "join" + k);
            width = sum ? outputs : 2 * outputs;
            below = "tanh" + k;
        }

        private INDArray end(int examples) {
            int classes = 2 + random.nextInt(2);
            int kind = below.startsWith("dense") || below.startsWith("user") ? random.nextInt(3) : random.nextInt(5);
            switch (kind) {
                case 0 ->
                    layer(
                            "out",
                            new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                    .nOut(classes)
                                    .activation(Activation.SOFTMAX)
                                    .build(),
                            true);
                case 1 -> {
                    layer("dense_last", dense(classes).build(), true);
                    builder.addLayer(
                            "out",
                            new RnnLossLayer.Builder(LossFunction.MSE)
                                    .activation(Activation.TANH)
                                    .build(),
                            below);
                }
                case 2 -> {
                    layer(
                            "last",
                            new LastTimeStep(new LSTM.Builder().nOut(next()).build()),
                            false);
                    layer("out", output(classes), true);
                }
                case 3 -> {
                    builder.addVertex("last_step", new LastTimeStepVertex("in"), below);
                    below = "last_step";
                    layer("out", output(classes), true);
                }
                default -> {
                    builder.addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), below);
                    below = "pool";
                    layer("out", output(classes), true);
                }
            }
            if (kind == 1) {
                return TestNetworks.normal(DataType.DOUBLE, random, examples, classes, STEPS);
            }
            return TestNetworks.oneHot(DataType.DOUBLE, random, examples, classes, kind == 0 ? STEPS : 0);
        }

        private static OutputLayer output(int classes) {
            return SmallNetworks.output(classes, LossFunction.MCXENT, Activation.SOFTMAX);
        }

        private AdaptedModel adapted(ComputationGraph plain) {
            List<String> targets = new ArrayList<>();
            List<String> inFull = new ArrayList<>();
            adaptable.forEach(name -> choose(name, random.nextInt(3), targets, inFull));
            others.forEach(name -> choose(name, random.nextInt(2) * 2, targets, inFull));
            if (targets.isEmpty()) {
                String some = adaptable.isEmpty() ? others.get(0) : adaptable.get(0);
                inFull.remove(some);
                choose(some, adaptable.isEmpty() ? 2 : 1, targets, inFull);
            }
            LoraConfig config = LoraConfig.of(1, 1.5)
                    .withTargets(Targets.names(targets.toArray(String[]::new)))
                    .withTrainedInFull(inFull.toArray(String[]::new));
            AdaptedModel model = AdaptedModel.attach(
                    BaseModel.of(plain),
                    config,
                    new FineTuneConfiguration.Builder().updater(updater).build());
            SmallNetworks.moved(model.graph(), random, 0.3);
            return model;
        }

        private void choose(String name, int how, List<String> targets, List<String> inFull) {
            String kind = name.replaceAll("[0-9_].*", "");
            if (how == 1) {
                targets.add(name);
            } else if (how == 2) {
                inFull.add(name);
            }
            kinds.add(List.of("frozen ", "adapted ", "trained ").get(how) + kind);
        }
    }
}
