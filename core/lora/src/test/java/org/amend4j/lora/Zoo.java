/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.L2Vertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PoolHelperVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.*;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.conf.ocnn.OCNNOutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.util.IdentityLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** One small graph for every layer and vertex class of Deeplearning4j: in → lead → it → (pool) → out. */
@SuppressWarnings({"rawtypes", "unchecked", "deprecation"}) // old classes, and builders without their own type
final class Zoo {

    static final DataType TYPE = DataType.DOUBLE;
    static final int BATCH = 3;
    static final long SEED = 5;

    /** What lead gives to it. */
    enum Habitat {
        FLAT(InputType.feedForward(4), 4),
        INDEX(InputType.feedForward(5), 1),
        INDICES(InputType.recurrent(5, 6, RNNFormat.NCW), 1, 6),
        SEQUENCE(InputType.recurrent(4, 6, RNNFormat.NCW), 4, 6),
        IMAGE(InputType.convolutional(6, 6, 2, CNN2DFormat.NCHW), 2, 6, 6),
        VOLUME(InputType.feedForward(4), 4);

        private final InputType input;
        private final long[] shape;

        Habitat(InputType input, long... shape) {
            this.input = input;
            this.shape = shape;
        }

        Layer lead() {
            return switch (this) {
                case FLAT -> dense(4);
                case SEQUENCE ->
                    new Convolution1DLayer.Builder(1)
                            .convolutionMode(ConvolutionMode.Same)
                            .nOut(4)
                            .activation(Activation.TANH)
                            .build();
                case IMAGE ->
                    new ConvolutionLayer.Builder(1, 1)
                            .nOut(2)
                            .activation(Activation.TANH)
                            .build();
                case VOLUME -> dense(128);
                case INDEX, INDICES -> throw new IllegalStateException("nothing trains below an index");
            };
        }

        boolean hasLead() {
            return this != INDEX && this != INDICES;
        }

        INDArray features(Random random) {
            long[] all = new long[shape.length + 1];
            all[0] = BATCH;
            System.arraycopy(shape, 0, all, 1, shape.length);
            INDArray result = TestNetworks.normal(TYPE, random, all);
            if (!hasLead()) {
                for (long i = 0; i < result.length(); i++) {
                    result.putScalar(i, random.nextInt(5));
                }
            }
            return result;
        }
    }

    /**
     * One class in its graph.
     *
     * @param build adds the vertex "it" (and others of a name of their own) on the vertex of the given name
     * @param pooled whether a global pooling must follow before the output layer
     * @param labels the labels' shape if "it" is the output, or nothing
     */
    record Animal(
            Class<?> kind,
            Habitat habitat,
            BiConsumer<GraphBuilder, String> build,
            boolean pooled,
            Supplier<INDArray> labels,
            boolean output) {

        ComputationGraph network() {
            return network(TYPE, all -> {});
        }

        /** Whether it is on pictures, which have two formats. */
        boolean readsPictures() {
            return habitat == Habitat.IMAGE;
        }

        /** On pictures with the channels last. */
        ComputationGraph networkOfChannelsLast() {
            return network(TYPE, all -> {}, InputType.convolutional(6, 6, 2, CNN2DFormat.NHWC));
        }

        /** The same in another type and with other settings for all layers. */
        ComputationGraph network(DataType type, Consumer<NeuralNetConfiguration.Builder> settings) {
            return network(type, settings, habitat.input);
        }

        private ComputationGraph network(
                DataType type, Consumer<NeuralNetConfiguration.Builder> settings, InputType input) {
            NeuralNetConfiguration.Builder all = new NeuralNetConfiguration.Builder()
                    .seed(SEED)
                    .dataType(type)
                    .weightInit(WeightInit.XAVIER)
                    .biasInit(0.1)
                    .activation(Activation.TANH)
                    .updater(new Sgd(0.05));
            settings.accept(all);
            GraphBuilder graph = all.graphBuilder().addInputs("in");
            String below = "in";
            if (habitat.hasLead()) {
                graph.addLayer("lead", habitat.lead(), "in");
                below = "lead";
            }
            build.accept(graph, below);
            if (!output) {
                String top = graph.getVertices().containsKey("half") ? "half" : "it";
                if (pooled) {
                    graph.addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), top);
                    top = "pool";
                }
                graph.addLayer(
                        "out",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        top);
            }
            ComputationGraph result = new ComputationGraph(
                    graph.setOutputs(output ? "it" : "out").setInputTypes(input).build());
            result.init();
            return result;
        }

        MultiDataSet data() {
            return data(TYPE);
        }

        MultiDataSet data(DataType type) {
            return new MultiDataSet(
                    habitat.features(new Random(SEED)).castTo(type),
                    labels.get().castTo(type));
        }

        private boolean isAdaptable() {
            try {
                ComputationGraph network = network();
                network.output(data().getFeatures());
                return AdaptedModel.adaptableLayers(BaseModel.of(network)).contains("it");
            } catch (RuntimeException e) {
                return false; // Deeplearning4j itself cannot
            }
        }

        @Override
        public String toString() {
            return kind.getSimpleName();
        }
    }

    private final List<Animal> animals = new ArrayList<>();

    private Zoo() {}

    static List<Animal> animals() {
        Zoo zoo = new Zoo();
        zoo.flat();
        zoo.sequences();
        zoo.images();
        zoo.volumes();
        zoo.outputs();
        zoo.vertices();
        return zoo.animals;
    }

    /** Those that take an adapter. */
    static List<Animal> adaptable() {
        return animals().stream().filter(Animal::isAdaptable).toList();
    }

    private static INDArray classes() {
        return TestNetworks.oneHot(TYPE, new Random(SEED), BATCH, 3, 0);
    }

    private void layer(Habitat habitat, boolean pooled, Supplier<Layer> layer) {
        Class<?> kind = layer.get().getClass();
        animals.add(new Animal(
                kind,
                habitat,
                (graph, below) -> graph.addLayer("it", layer.get(), below),
                pooled,
                Zoo::classes,
                false));
    }

    private void output(Habitat habitat, Supplier<Layer> layer, Supplier<INDArray> labels) {
        animals.add(new Animal(
                layer.get().getClass(),
                habitat,
                (graph, below) -> graph.addLayer("it", layer.get(), below),
                false,
                labels,
                true));
    }

    private void vertex(Habitat habitat, boolean pooled, GraphVertex vertex, BiConsumer<GraphBuilder, String> build) {
        animals.add(new Animal(vertex.getClass(), habitat, build, pooled, Zoo::classes, false));
    }

    private void vertex(Habitat habitat, boolean pooled, GraphVertex vertex) {
        vertex(habitat, pooled, vertex, (graph, below) -> graph.addVertex("it", vertex, below));
    }

    private static Layer dense(int nOut) {
        return new DenseLayer.Builder().nOut(nOut).activation(Activation.TANH).build();
    }

    private void flat() {
        layer(Habitat.FLAT, false, () -> new ActivationLayer(Activation.TANH));
        layer(Habitat.FLAT, false, () -> new AutoEncoder.Builder().nOut(5).build());
        layer(Habitat.FLAT, false, () -> new BatchNormalization());
        layer(Habitat.FLAT, false, () -> dense(5));
        layer(Habitat.FLAT, false, () -> new DropoutLayer(0.5));
        layer(
                Habitat.FLAT,
                false,
                () -> new ElementWiseMultiplicationLayer.Builder().nOut(4).build());
        layer(Habitat.FLAT, false, () -> new PReLULayer.Builder().inputShape(4).build());
        layer(
                Habitat.FLAT,
                false,
                () -> new VariationalAutoencoder.Builder()
                        .encoderLayerSizes(5)
                        .decoderLayerSizes(5)
                        .nOut(3)
                        .build());
        layer(Habitat.FLAT, false, IdentityLayer::new);
        layer(Habitat.FLAT, true, () -> new RepeatVector.Builder(3).build());
        layer(Habitat.FLAT, false, () -> new FrozenLayer(dense(5)));
        layer(Habitat.FLAT, false, () -> new FrozenLayerWithBackprop(dense(5)));
        layer(
                Habitat.INDEX,
                false,
                () -> new EmbeddingLayer.Builder().nIn(5).nOut(4).build());
    }

    @SuppressWarnings("deprecation") // old models have Graves' layers
    private void sequences() {
        layer(
                Habitat.INDICES,
                true,
                () -> new EmbeddingSequenceLayer.Builder()
                        .nIn(5)
                        .nOut(4)
                        .inputLength(6)
                        .build());
        layer(Habitat.SEQUENCE, true, () -> lstm());
        layer(
                Habitat.SEQUENCE,
                true,
                () -> new GravesLSTM.Builder()
                        .nOut(3)
                        .activation(Activation.TANH)
                        .build());
        layer(
                Habitat.SEQUENCE,
                true,
                () -> new GravesBidirectionalLSTM.Builder()
                        .nOut(3)
                        .activation(Activation.TANH)
                        .build());
        layer(Habitat.SEQUENCE, true, () -> new SimpleRnn.Builder().nOut(3).build());
        layer(Habitat.SEQUENCE, true, () -> new Bidirectional(lstm()));
        layer(Habitat.SEQUENCE, false, () -> new LastTimeStep(lstm()));
        layer(Habitat.SEQUENCE, true, () -> new TimeDistributed(dense(5)));
        layer(Habitat.SEQUENCE, true, () -> new MaskZeroLayer(lstm(), 0.0));
        layer(Habitat.SEQUENCE, true, MaskLayer::new);
        layer(
                Habitat.SEQUENCE,
                true,
                () -> new Convolution1DLayer.Builder(3)
                        .convolutionMode(ConvolutionMode.Same)
                        .nOut(3)
                        .build());
        layer(
                Habitat.SEQUENCE,
                true,
                () -> new Subsampling1DLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(2)
                        .stride(2)
                        .build());
        layer(Habitat.SEQUENCE, true, () -> new Upsampling1D.Builder(2).build());
        layer(Habitat.SEQUENCE, true, () -> new ZeroPadding1DLayer.Builder(1).build());
        layer(Habitat.SEQUENCE, true, () -> new Cropping1D.Builder(1).build());
        layer(
                Habitat.SEQUENCE,
                true,
                () -> new SelfAttentionLayer.Builder()
                        .nOut(4)
                        .nHeads(2)
                        .projectInput(true)
                        .build());
        layer(
                Habitat.SEQUENCE,
                true,
                () -> new LearnedSelfAttentionLayer.Builder()
                        .nOut(4)
                        .nHeads(2)
                        .nQueries(2)
                        .projectInput(true)
                        .build());
        layer(
                Habitat.SEQUENCE,
                true,
                () -> new RecurrentAttentionLayer.Builder()
                        .nOut(4)
                        .nHeads(2)
                        .projectInput(true)
                        .build());
        layer(
                Habitat.SEQUENCE,
                true,
                () -> new LocallyConnected1D.Builder().kernelSize(2).nOut(3).build());
        layer(Habitat.SEQUENCE, false, () -> new GlobalPoolingLayer.Builder(PoolingType.MAX).build());
    }

    private static Layer lstm() {
        return new LSTM.Builder().nOut(3).activation(Activation.TANH).build();
    }

    private void images() {
        layer(
                Habitat.IMAGE,
                true,
                () -> new ConvolutionLayer.Builder(3, 3).nOut(3).build());
        layer(
                Habitat.IMAGE,
                true,
                () -> new Deconvolution2D.Builder(2, 2).nOut(3).build());
        layer(
                Habitat.IMAGE,
                true,
                () -> new DepthwiseConvolution2D.Builder(2, 2)
                        .depthMultiplier(2)
                        .build());
        layer(
                Habitat.IMAGE,
                true,
                () -> new SeparableConvolution2D.Builder(2, 2).nOut(3).build());
        layer(
                Habitat.IMAGE,
                true,
                () -> new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build());
        layer(Habitat.IMAGE, true, () -> new Upsampling2D.Builder(2).build());
        layer(Habitat.IMAGE, true, () -> new ZeroPaddingLayer.Builder(1, 1).build());
        layer(Habitat.IMAGE, true, () -> new Cropping2D.Builder(1, 1).build());
        layer(Habitat.IMAGE, true, () -> new LocalResponseNormalization.Builder().build());
        layer(
                Habitat.IMAGE,
                true,
                () -> new LocallyConnected2D.Builder().kernelSize(2, 2).nOut(3).build());
        animals.add(new Animal(
                SpaceToBatchLayer.class,
                Habitat.IMAGE,
                (graph, below) -> graph.addLayer("it", new SpaceToBatchLayer.Builder(new int[] {2, 2}).build(), below)
                        .addVertex("half", new UnstackVertex(0, 4), "it"),
                true,
                Zoo::classes,
                false));
        layer(Habitat.IMAGE, true, () -> new SpaceToDepthLayer.Builder(2, SpaceToDepthLayer.DataFormat.NCHW).build());
        layer(Habitat.IMAGE, true, () -> capsules());
        animals.add(new Animal(
                CapsuleLayer.class,
                Habitat.IMAGE,
                (graph, below) -> graph.addLayer("capsules", capsules(), below)
                        .addLayer("it", new CapsuleLayer.Builder(3, 2, 1).build(), "capsules"),
                true,
                Zoo::classes,
                false));
        animals.add(new Animal(
                CapsuleStrengthLayer.class,
                Habitat.IMAGE,
                (graph, below) -> graph.addLayer("capsules", capsules(), below)
                        .addLayer("it", new CapsuleStrengthLayer.Builder().build(), "capsules"),
                false,
                Zoo::classes,
                false));
    }

    private static Layer capsules() {
        return new PrimaryCapsules.Builder(4, 2).kernelSize(3, 3).stride(2, 2).build();
    }

    private void volume(Supplier<Layer> layer) {
        animals.add(new Animal(
                layer.get().getClass(),
                Habitat.VOLUME,
                (graph, below) ->
                        graph.addLayer("it", layer.get(), new FeedForwardToCnn3DPreProcessor(4, 4, 4, 2, true), below),
                true,
                Zoo::classes,
                false));
    }

    private void volumes() {
        volume(() -> new Convolution3D.Builder(2, 2, 2).nOut(3).build());
        volume(() -> new Deconvolution3D.Builder().kernelSize(2, 2, 2).nOut(3).build());
        volume(() -> new Subsampling3DLayer.Builder(Subsampling3DLayer.PoolingType.MAX)
                .kernelSize(2, 2, 2)
                .stride(2, 2, 2)
                .build());
        volume(() -> new Upsampling3D.Builder(2).build());
        volume(() -> new ZeroPadding3DLayer.Builder(1).build());
        volume(() -> new Cropping3D.Builder(1, 1, 1, 1, 1, 1).build());
    }

    private void outputs() {
        output(
                Habitat.FLAT,
                () -> new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build(),
                Zoo::classes);
        output(
                Habitat.FLAT,
                () -> new LossLayer.Builder(LossFunction.MSE)
                        .activation(Activation.TANH)
                        .build(),
                () -> TestNetworks.normal(TYPE, new Random(SEED), BATCH, 4));
        output(
                Habitat.FLAT,
                () -> new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build(),
                Zoo::classes);
        output(
                Habitat.FLAT,
                () -> new OCNNOutputLayer.Builder()
                        .hiddenLayerSize(3)
                        .nu(0.1)
                        .windowSize(3)
                        .build(),
                () -> Nd4j.ones(TYPE, BATCH, 1));
        output(
                Habitat.SEQUENCE,
                () -> new RnnOutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build(),
                () -> TestNetworks.oneHot(TYPE, new Random(SEED), BATCH, 3, 6));
        output(
                Habitat.SEQUENCE,
                () -> new RnnLossLayer.Builder(LossFunction.MSE)
                        .activation(Activation.TANH)
                        .build(),
                () -> TestNetworks.normal(TYPE, new Random(SEED), BATCH, 4, 6));
        output(
                Habitat.IMAGE,
                () -> new CnnLossLayer.Builder(LossFunction.MSE)
                        .activation(Activation.TANH)
                        .build(),
                () -> TestNetworks.normal(TYPE, new Random(SEED), BATCH, 2, 6, 6));
        animals.add(new Animal(
                Cnn3DLossLayer.class,
                Habitat.VOLUME,
                (graph, below) -> graph.addLayer(
                        "it",
                        new Cnn3DLossLayer.Builder(Convolution3D.DataFormat.NCDHW)
                                .lossFunction(LossFunction.MSE)
                                .activation(Activation.TANH)
                                .build(),
                        new FeedForwardToCnn3DPreProcessor(4, 4, 4, 2, true),
                        below),
                false,
                () -> TestNetworks.normal(TYPE, new Random(SEED), BATCH, 2, 4, 4, 4),
                true));
        animals.add(new Animal(
                Yolo2OutputLayer.class,
                Habitat.IMAGE,
                (graph, below) -> graph.addLayer(
                                "grid",
                                new ConvolutionLayer.Builder(2, 2)
                                        .stride(2, 2)
                                        .nOut(14)
                                        .activation(Activation.IDENTITY)
                                        .build(),
                                below)
                        .addLayer(
                                "it",
                                new Yolo2OutputLayer.Builder()
                                        .boundingBoxPriors(Nd4j.createFromArray(new double[][] {{1, 1}, {2, 1}}))
                                        .build(),
                                "grid"),
                false,
                Zoo::boxes,
                true));
    }

    /** One box of one class in a cell of each picture: [batch, 4 + 2 classes, 3, 3]. */
    private static INDArray boxes() {
        INDArray labels = Nd4j.zeros(TYPE, BATCH, 6, 3, 3);
        for (int i = 0; i < BATCH; i++) {
            double[] corners = {1.1, 1.2, 1.8, 1.9};
            for (int k = 0; k < 4; k++) {
                labels.putScalar(new int[] {i, k, 1, 1}, corners[k]);
            }
            labels.putScalar(new int[] {i, 4 + i % 2, 1, 1}, 1);
        }
        return labels;
    }

    private void vertices() {
        vertex(
                Habitat.SEQUENCE,
                true,
                attention(),
                (graph, below) -> graph.addVertex("it", attention(), below, below, below));
        vertex(
                Habitat.FLAT,
                false,
                new ElementWiseVertex(ElementWiseVertex.Op.Product),
                (graph, below) -> graph.addLayer("other", dense(4), "in")
                        .addVertex("it", new ElementWiseVertex(ElementWiseVertex.Op.Product), below, "other"));
        vertex(Habitat.FLAT, false, new FrozenVertex(new ScaleVertex(2)));
        vertex(Habitat.FLAT, false, new L2NormalizeVertex());
        vertex(
                Habitat.FLAT,
                false,
                new L2Vertex(),
                (graph, below) ->
                        graph.addLayer("other", dense(4), "in").addVertex("it", new L2Vertex(), below, "other"));
        vertex(
                Habitat.FLAT,
                false,
                new MergeVertex(),
                (graph, below) ->
                        graph.addLayer("other", dense(4), "in").addVertex("it", new MergeVertex(), below, "other"));
        vertex(Habitat.IMAGE, true, new PoolHelperVertex());
        vertex(
                Habitat.IMAGE,
                false,
                new PreprocessorVertex(
                        new org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor(6, 6, 2)));
        vertex(Habitat.FLAT, false, new ReshapeVertex('c', new int[] {-1, 4}, null));
        vertex(Habitat.FLAT, false, new ScaleVertex(2));
        vertex(Habitat.FLAT, false, new ShiftVertex(2));
        vertex(
                Habitat.FLAT,
                false,
                new StackVertex(),
                (graph, below) -> graph.addLayer("other", dense(4), "in")
                        .addVertex("it", new StackVertex(), below, "other")
                        .addVertex("half", new UnstackVertex(0, 2), "it"));
        vertex(
                Habitat.FLAT,
                false,
                new UnstackVertex(1, 2),
                (graph, below) -> graph.addLayer("other", dense(4), "in")
                        .addVertex("stack", new StackVertex(), "other", below)
                        .addVertex("it", new UnstackVertex(1, 2), "stack"));
        vertex(Habitat.FLAT, false, new SubsetVertex(1, 2));
        vertex(
                Habitat.SEQUENCE,
                true,
                new DuplicateToTimeSeriesVertex("in"),
                (graph, below) -> graph.addVertex("last", new LastTimeStepVertex("in"), below)
                        .addVertex("it", new DuplicateToTimeSeriesVertex("in"), "last"));
        vertex(Habitat.SEQUENCE, false, new LastTimeStepVertex("in"));
        vertex(Habitat.SEQUENCE, true, new ReverseTimeSeriesVertex("in"));
    }

    private static AttentionVertex attention() {
        return new AttentionVertex.Builder()
                .nInQueries(4)
                .nInKeys(4)
                .nInValues(4)
                .nHeads(2)
                .headSize(2)
                .nOut(4)
                .projectInput(true)
                .build();
    }
}
