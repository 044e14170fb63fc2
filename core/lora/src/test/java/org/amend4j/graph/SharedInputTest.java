/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.model.Configurations;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Two readers of one array, of which the first may not write over it, whichever is computed first. With both, the loss is
 * the sum of those with one of them; and it is the same whether a gradient was asked for or not.
 */
@OneIn(3)
class SharedInputTest {

    private static final int RECORDS = 3;

    /** Sums of a few hundred terms of order 1 in double. */
    private static final double ROUNDING = 1e-12;

    /** Central difference with step 1e-5: h²/6·f''' + 2u·f/h is about 1e-10, large slopes and all; three orders above. */
    private static final double DIFFERENCE = 1e-7;

    private static final double STEP = 1e-5;

    /** What a record is: 4 numbers, 4 numbers at each of 5 times, 2 channels of 4·4 pixels or 4·4·4 voxels. */
    enum Body {
        ROW(4),
        SEQUENCE(4, 5),
        IMAGE(2, 4, 4),
        VOLUME(2, 4, 4, 4);

        private final long[] sizes;

        Body(long... sizes) {
            this.sizes = sizes;
        }

        long[] shape() {
            long[] shape = new long[sizes.length + 1];
            shape[0] = RECORDS;
            System.arraycopy(sizes, 0, shape, 1, sizes.length);
            return shape;
        }

        InputType type() {
            return switch (this) {
                case ROW -> InputType.feedForward(4);
                case SEQUENCE -> InputType.recurrent(4, 5);
                case IMAGE -> InputType.convolutional(4, 4, 2);
                case VOLUME -> InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 4, 4, 4, 2);
            };
        }

        Layer trained() {
            return switch (this) {
                case ROW -> dense();
                case SEQUENCE -> lstm();
                case IMAGE ->
                    new ConvolutionLayer.Builder(3, 3)
                            .nOut(2)
                            .convolutionMode(ConvolutionMode.Same)
                            .activation(Activation.SOFTPLUS)
                            .build();
                case VOLUME ->
                    new Convolution3D.Builder(3, 3, 3)
                            .nOut(2)
                            .convolutionMode(ConvolutionMode.Same)
                            .activation(Activation.SOFTPLUS)
                            .build();
            };
        }
    }

    /**
     * The reader that is tested.
     *
     * @param rows whether it gives rows, whatever the body
     */
    record Reader(Body body, Layer layer, boolean rows, boolean onInput, boolean masked) {

        static Reader of(Body body, Layer layer) {
            return new Reader(body, layer, body == Body.ROW, false, false);
        }

        Reader givingRows() {
            return new Reader(body, layer, true, onInput, masked);
        }

        Reader readingTheInput() {
            return new Reader(body, layer, rows, true, masked);
        }

        Reader withMask() {
            return new Reader(body, layer, rows, onInput, true);
        }

        boolean isLoss() {
            return layer instanceof LossLayer
                    || layer instanceof RnnLossLayer
                    || layer instanceof CnnLossLayer
                    || layer instanceof Cnn3DLossLayer;
        }

        @Override
        public String toString() {
            return body + (masked ? ", masked, " : ", ") + (onInput ? "on the input, " : "") + layer;
        }
    }

    private static DenseLayer dense() {
        return new DenseLayer.Builder().nOut(4).activation(Activation.SOFTPLUS).build();
    }

    private static LSTM lstm() {
        return new LSTM.Builder().nOut(4).activation(Activation.TANH).build();
    }

    private static ActivationLayer tanh() {
        return new ActivationLayer.Builder().activation(Activation.TANH).build();
    }

    private static DropoutLayer identity() {
        return new DropoutLayer.Builder(1.0).build();
    }

    static Stream<Reader> activations() {
        Stream<Reader> each = Arrays.stream(Activation.values())
                .filter(activation -> activation != Activation.RRELU)
                .map(activation -> Reader.of(
                        Body.ROW,
                        new ActivationLayer.Builder().activation(activation).build()));
        Stream<Reader> everywhere = Arrays.stream(Body.values())
                .flatMap(body -> Stream.of(
                        Reader.of(body, tanh()),
                        Reader.of(body, tanh()).readingTheInput(),
                        Reader.of(body, new FrozenLayer(tanh())).readingTheInput(),
                        Reader.of(body, identity()),
                        Reader.of(body, identity()).readingTheInput(),
                        Reader.of(body, new FrozenLayer(identity())).readingTheInput()));
        Stream<Reader> masked = Stream.of(
                Reader.of(Body.ROW, tanh()).withMask(),
                Reader.of(Body.ROW, identity()).withMask(),
                Reader.of(Body.ROW, identity()).readingTheInput().withMask(),
                Reader.of(Body.ROW, new FrozenLayer(identity()))
                        .readingTheInput()
                        .withMask(),
                Reader.of(Body.SEQUENCE, tanh()).withMask());
        return Stream.of(each, everywhere, masked).flatMap(readers -> readers);
    }

    static Stream<Reader> losses() {
        List<Reader> result = new ArrayList<>();
        List<LossFunction> any = List.of(LossFunction.MSE, LossFunction.L1, LossFunction.HINGE);
        for (Activation activation : List.of(Activation.TANH, Activation.IDENTITY)) {
            any.forEach(loss -> result.add(loss(loss, activation)));
        }
        for (Activation activation : List.of(Activation.SIGMOID, Activation.SOFTMAX)) {
            any.forEach(loss -> result.add(loss(loss, activation)));
            for (LossFunction loss : List.of(
                    LossFunction.POISSON,
                    LossFunction.KL_DIVERGENCE,
                    LossFunction.COSINE_PROXIMITY,
                    LossFunction.MEAN_SQUARED_LOGARITHMIC_ERROR,
                    LossFunction.WASSERSTEIN)) {
                result.add(loss(loss, activation));
            }
        }
        result.add(loss(LossFunction.MCXENT, Activation.SOFTMAX));
        result.add(loss(LossFunction.XENT, Activation.SIGMOID));
        result.add(loss(LossFunction.XENT, Activation.SIGMOID).withMask());
        for (Activation activation : List.of(Activation.TANH, Activation.SIGMOID, Activation.SOFTMAX)) {
            Reader sequences = Reader.of(
                    Body.SEQUENCE,
                    new RnnLossLayer.Builder(LossFunction.MSE)
                            .activation(activation)
                            .build());
            result.add(sequences);
            result.add(sequences.withMask());
            result.add(Reader.of(
                    Body.IMAGE,
                    new CnnLossLayer.Builder(LossFunction.MSE)
                            .activation(activation)
                            .build()));
            result.add(Reader.of(
                    Body.VOLUME,
                    new Cnn3DLossLayer.Builder(Convolution3D.DataFormat.NCDHW)
                            .lossFunction(LossFunction.MSE)
                            .activation(activation)
                            .build()));
        }
        return result.stream();
    }

    private static Reader loss(LossFunction loss, Activation activation) {
        return Reader.of(
                Body.ROW, new LossLayer.Builder(loss).activation(activation).build());
    }

    static Stream<Reader> others() {
        return Stream.of(rows(), sequences(), wholeSequences(), images()).flatMap(readers -> readers);
    }

    private static Stream<Reader> rows() {
        return Stream.of(
                Reader.of(Body.ROW, dense()),
                Reader.of(
                        Body.ROW,
                        new DenseLayer.Builder()
                                .nOut(4)
                                .hasLayerNorm(true)
                                .activation(Activation.TANH)
                                .build()),
                Reader.of(
                        Body.ROW,
                        new ElementWiseMultiplicationLayer.Builder()
                                .nIn(4)
                                .nOut(4)
                                .activation(Activation.TANH)
                                .build()));
    }

    private static Stream<Reader> sequences() {
        return Stream.of(
                        Reader.of(Body.SEQUENCE, lstm()),
                        Reader.of(Body.SEQUENCE, new SimpleRnn.Builder().nOut(4).build()),
                        Reader.of(Body.SEQUENCE, new Bidirectional(lstm())),
                        Reader.of(Body.SEQUENCE, new MaskZeroLayer(lstm(), 0)),
                        Reader.of(Body.SEQUENCE, new TimeDistributed(dense())),
                        Reader.of(Body.SEQUENCE, new TimeDistributed(tanh())),
                        Reader.of(Body.SEQUENCE, new MaskLayer()),
                        pooling(Body.SEQUENCE, PoolingType.MAX),
                        pooling(Body.SEQUENCE, PoolingType.AVG))
                .flatMap(reader -> Stream.of(reader, reader.withMask()));
    }

    /** Which Deeplearning4j has trouble with if there are masks. */
    private static Stream<Reader> wholeSequences() {
        return Stream.of(
                Reader.of(
                        Body.SEQUENCE,
                        new Convolution1DLayer.Builder().kernelSize(2).nOut(3).build()),
                Reader.of(Body.SEQUENCE, new LastTimeStep(lstm())).givingRows());
    }

    private static Reader pooling(Body body, PoolingType type) {
        return Reader.of(body, new GlobalPoolingLayer.Builder(type).build()).givingRows();
    }

    private static Reader subsampling(PoolingType type) {
        return Reader.of(
                Body.IMAGE,
                new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(1, 1).build());
    }

    private static Stream<Reader> images() {
        return Stream.of(
                pooling(Body.IMAGE, PoolingType.MAX),
                pooling(Body.IMAGE, PoolingType.PNORM),
                subsampling(PoolingType.MAX),
                subsampling(PoolingType.AVG),
                Reader.of(Body.IMAGE, new Upsampling2D.Builder(2).build()),
                Reader.of(Body.IMAGE, new ZeroPaddingLayer.Builder(1, 1).build()),
                Reader.of(Body.IMAGE, new Cropping2D(1, 1)),
                Reader.of(Body.IMAGE, new ConvolutionLayer.Builder(2, 2).nOut(3).build()),
                Reader.of(Body.IMAGE, new Deconvolution2D.Builder(2, 2).nOut(3).build()),
                Reader.of(
                        Body.IMAGE,
                        new DepthwiseConvolution2D.Builder(2, 2).nOut(2).build()),
                Reader.of(
                        Body.IMAGE,
                        new SeparableConvolution2D.Builder(2, 2).nOut(3).build()),
                Reader.of(Body.VOLUME, new ZeroPadding3DLayer.Builder(1).build()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"activations", "losses", "others"})
    @OneIn(15)
    void a_reader_leaves_its_input_to_the_other(Reader reader) {
        for (boolean first : new boolean[] {true, false}) {
            assertValues(graph(reader, first, true, true), reader, first);
        }
    }

    private static void assertValues(ComputationGraph both, Reader reader, boolean first) {
        GraphObjective objective = GraphObjective.of(both, data(reader, true, true));
        double value = assertValueIsThatOfTheGradient(objective);
        double sum = value(both, reader, first, true, false) + value(both, reader, first, false, true);
        if (reader.onInput) {
            sum -= value(both, reader, first, false, false);
        }
        assertEquals(sum, value, ROUNDING * (1 + Math.abs(sum)), "computed first: " + first);
    }

    @ParameterizedTest
    @MethodSource("losses")
    void a_loss_alone_is_the_same_with_a_gradient_and_without(Reader reader) {
        assertValueIsThatOfTheGradient(GraphObjective.of(graph(reader, true, true, false), data(reader, true, false)));
    }

    /** Exactly; and the gradient is that of the value. Twice, in case the data were written over. */
    private static double assertValueIsThatOfTheGradient(GraphObjective objective) {
        double[] at = objective.parameters();
        double[] gradient = new double[at.length];
        double value = objective.value(at);
        assertEquals(value, objective.valueAndGradient(at, gradient));
        assertEquals(value, objective.value(at));
        Random random = new Random(8);
        for (int k = 0; k < 3; k++) {
            double[] direction = random.doubles(at.length, -1, 1).toArray();
            double above = objective.value(GraphObjectiveTest.moved(at, direction, STEP));
            double below = objective.value(GraphObjectiveTest.moved(at, direction, -STEP));
            double slope = GraphObjectiveTest.dot(gradient, direction);
            assertEquals(slope, (above - below) / (2 * STEP), DIFFERENCE * (1 + Math.abs(slope)), "direction " + k);
        }
        return value;
    }

    /** The value with some of the readers of a graph, at its parameters. */
    private static double value(ComputationGraph both, Reader reader, boolean first, boolean tested, boolean other) {
        ComputationGraph graph = graph(reader, first, tested, other);
        for (var layer : graph.getLayers()) {
            String name = layer.conf().getLayer().getLayerName();
            if (layer.numParams() > 0) {
                both.getLayer(name)
                        .paramTable()
                        .forEach((key, values) -> layer.getParam(key).assign(values));
            }
        }
        GraphObjective objective = GraphObjective.of(graph, data(reader, tested, other));
        return objective.value(objective.parameters());
    }

    /** Without an objective around them, so that the laws above are about something. */
    @Test
    void Deeplearning4j_itself_writes_over_inputs() {
        Reader activation = Reader.of(Body.ROW, tanh());
        ComputationGraph graph = graph(activation, true, true, true);
        MultiDataSet data = dataSet(activation, true, true);
        assertNotEquals(graph.score(data, true), graph.score(data, false), 1e-3, "right now: simplify the objective");
        Reader loss = loss(LossFunction.XENT, Activation.SIGMOID);
        ComputationGraph alone = graph(loss, true, true, false);
        MultiDataSet labelled = dataSet(loss, true, false);
        double score = alone.score(labelled, false);
        alone.setInputs(labelled.getFeatures());
        alone.setLabels(labelled.getLabels());
        alone.computeGradientAndScore();
        assertNotEquals(score, alone.score(), 1e-3, "right now: simplify the objective");
    }

    private static ComputationGraph graph(Reader reader, boolean first, boolean tested, boolean other) {
        GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.DOUBLE)
                .biasInit(0.1)
                .activation(Activation.TANH)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer("trained", reader.body.trained(), "in");
        List<String> outputs = new ArrayList<>();
        if (reader.onInput) {
            outputs.add(head(builder, "trained", "trained", reader.body == Body.ROW));
        }
        String shared = reader.onInput ? "in" : "trained";
        if (other && !first) {
            head(builder, "other", shared, reader.body == Body.ROW);
        }
        if (tested) {
            builder.addLayer("tested", Configurations.copy(reader.layer), shared);
            outputs.add(reader.isLoss() ? "tested" : head(builder, "tested", "tested", reader.rows));
        }
        if (other && first) {
            head(builder, "other", shared, reader.body == Body.ROW);
        }
        if (other) {
            outputs.add("other_out");
        }
        ComputationGraph graph = new ComputationGraph(builder.setOutputs(outputs.toArray(String[]::new))
                .setInputTypes(reader.body.type())
                .build());
        graph.init();
        return graph;
    }

    private static String head(GraphBuilder builder, String name, String below, boolean rows) {
        String flat = below;
        if (!rows) {
            flat = name + "_flat";
            builder.addLayer(flat, new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), below);
        }
        String output = name + "_out";
        builder.addLayer(
                output,
                new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build(),
                flat);
        return output;
    }

    private static Records data(Reader reader, boolean tested, boolean other) {
        return Records.of(dataSet(reader, tested, other));
    }

    private static MultiDataSet dataSet(Reader reader, boolean tested, boolean other) {
        Random random = new Random(3);
        INDArray features = TestNetworks.normal(DataType.DOUBLE, random, reader.body.shape());
        INDArray ofTrained = TestNetworks.normal(DataType.DOUBLE, random, RECORDS, 2);
        INDArray ofOther = TestNetworks.normal(DataType.DOUBLE, random, RECORDS, 2);
        List<INDArray> labels = new ArrayList<>();
        if (reader.onInput) {
            labels.add(ofTrained);
        }
        if (tested) {
            labels.add(labels(reader, random));
        }
        if (other) {
            labels.add(ofOther);
        }
        MultiDataSet data = new MultiDataSet(new INDArray[] {features}, labels.toArray(INDArray[]::new));
        if (reader.masked) {
            data.setFeaturesMaskArrays(new INDArray[] {mask(reader.body)});
        }
        return data;
    }

    private static INDArray labels(Reader reader, Random random) {
        if (!reader.isLoss()) {
            return TestNetworks.normal(DataType.DOUBLE, random, RECORDS, 2);
        }
        return reader.body == Body.ROW
                ? TestNetworks.oneHot(DataType.DOUBLE, random, RECORDS, 4, 0)
                        .muli(0.8)
                        .addi(0.05)
                : TestNetworks.normal(DataType.DOUBLE, random, reader.body.shape());
    }

    private static INDArray mask(Body body) {
        if (body == Body.ROW) {
            return Nd4j.ones(DataType.DOUBLE, RECORDS, 1).putScalar(1, 0, 0);
        }
        return Nd4j.ones(DataType.DOUBLE, RECORDS, 5)
                .putScalar(1, 4, 0)
                .putScalar(2, 3, 0)
                .putScalar(2, 4, 0);
    }
}
