/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A small random image network with data: convolutions of every kind, pooling, padding, upsampling, cropping, frozen batch norms, layer norms, sums, products and
 * merges of branches, every activation that kernels know, flattened or pooled at the end, with a second input and a second output
 * now and then; two thirds of the graphs are adapted, with B moved away from zero.
 *
 * <p>Functions with kinks are among the activations, and maxima. What is computed in float may be on the other side of a kink
 * than in double, so data is drawn until the gradient is smooth around the parameters: its second difference over steps of 2e-5
 * in random directions is below 1e-7 of it. Smooth functions have about (2e-5)² = 4e-10 times their second derivatives; a kink
 * crossed makes a jump. The steps are ten times the rounding of float.
 *
 * @param graph in double
 * @param plain what was adapted, or the same
 */
public record RandomImageGraph(ComputationGraph graph, ComputationGraph plain, MultiDataSet data) {

    /** Every activation a device knows, as Deeplearning4j names it. */
    public static final List<IActivation> ACTIVATIONS = List.of(
            new ActivationIdentity(),
            new ActivationReLU(),
            new ActivationReLU(6.0, 0.0, 0.0),
            new ActivationReLU6(),
            new ActivationLReLU(0.1),
            new ActivationELU(1.0),
            new ActivationSELU(),
            new ActivationSigmoid(),
            new ActivationHardSigmoid(),
            new ActivationTanH(),
            new ActivationHardTanH(),
            new ActivationSoftPlus(),
            new ActivationSoftSign(),
            new ActivationSwish(),
            new ActivationGELU(false));

    private static final double STEP = 2e-5;

    /** To another seed of the same kind. */
    private static final long ANOTHER = 3_000_000;

    /** The graph of a seed; equal seeds give equal bytes. */
    public static RandomImageGraph of(long seed) {
        Random random = new Random(seed);
        Sketch sketch = new Sketch(random, seed, seed % 3 != 0);
        ComputationGraph plain = sketch.graph();
        ComputationGraph graph = seed % 3 != 0 ? sketch.adapted(plain) : plain;
        for (int attempt = 0; attempt < 20; attempt++) {
            MultiDataSet data = sketch.data();
            if (isUsable(graph, data, random)) {
                return new RandomImageGraph(graph, plain, data);
            }
        }
        return of(seed + ANOTHER); // large weights on kinks everywhere
    }

    private static boolean isUsable(ComputationGraph graph, MultiDataSet data, Random random) {
        try {
            return isSmooth(graph, data, random);
        } catch (RuntimeException e) {
            // ND4J's depthwise convolutions cannot go back from some images of one pixel
            if (String.valueOf(e.getMessage()).contains("depthwise_conv2d")) {
                return false;
            }
            throw e;
        }
    }

    /** Whether there is a gradient and no kink near a graph's parameters. */
    public static boolean isSmooth(ComputationGraph graph, MultiDataSet data, Random random) {
        GraphObjective objective = GraphObjective.of(graph, Records.of(data));
        double[] at = objective.parameters();
        double[] middle = gradient(objective, at);
        for (int draw = 0; draw < 2; draw++) {
            double[] above = at.clone();
            double[] below = at.clone();
            for (int k = 0; k < at.length; k++) {
                double step = STEP * random.nextGaussian();
                above[k] += step;
                below[k] -= step;
            }
            double[] up = gradient(objective, above);
            double[] down = gradient(objective, below);
            double bend = 0;
            double size = 0;
            for (int k = 0; k < at.length; k++) {
                bend += Math.pow(up[k] - 2 * middle[k] + down[k], 2);
                size += Math.pow(middle[k], 2);
            }
            if (!(size > 0 && Math.sqrt(bend) <= 1e-7 * Math.sqrt(size))) {
                return false;
            }
        }
        return true;
    }

    private static double[] gradient(GraphObjective objective, double[] at) {
        double[] gradient = new double[at.length];
        objective.valueAndGradient(at, gradient);
        return gradient;
    }

    /** How a layer looks at images; sizes of height and width. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Drawn(ConvolutionMode mode, int[] kernel, int[] stride, int[] padding, int[] dilation) {
        static final Drawn POINT =
                new Drawn(ConvolutionMode.Same, new int[] {1, 1}, new int[] {1, 1}, new int[] {0, 0}, new int[] {1, 1});
    }

    /** A network while it is drawn. */
    private static final class Sketch {
        private final Random random;
        private final boolean frozenParts;
        private final CNN2DFormat format;
        private final GraphBuilder builder;
        private final boolean twoInputs;
        private final boolean twoOutputs;
        private final LossFunction loss;
        private final int[] image;
        private final List<String> trainable = new ArrayList<>();
        private final List<String> onlyInFull = new ArrayList<>();
        private final List<String> norms = new ArrayList<>();
        private int height;
        private int width;
        private int channels;
        private int count;
        private String below = "in";

        Sketch(Random random, long seed, boolean frozenParts) {
            this.random = random;
            this.frozenParts = frozenParts;
            this.format = random.nextBoolean() ? CNN2DFormat.NCHW : CNN2DFormat.NHWC;
            this.height = 5 + random.nextInt(5);
            this.width = 5 + random.nextInt(5);
            this.channels = 1 + random.nextInt(3);
            this.image = new int[] {height, width, channels};
            this.twoInputs = random.nextInt(3) == 0;
            this.twoOutputs = random.nextInt(3) == 0;
            this.loss = List.of(LossFunction.MCXENT, LossFunction.MSE, LossFunction.XENT, LossFunction.L2)
                    .get(random.nextInt(4));
            this.builder = SmallNetworks.builder(DataType.DOUBLE, seed);
        }

        ComputationGraph graph() {
            InputType images = InputType.convolutional(height, width, channels, format);
            if (twoInputs) {
                builder.addInputs("in", "more").setInputTypes(images, InputType.feedForward(3));
            } else {
                builder.addInputs("in").setInputTypes(images);
            }
            convolution(below, 2 + random.nextInt(3), true);
            for (int k = 0; k < 2 + random.nextInt(3); k++) {
                block();
            }
            head();
            ComputationGraph graph = SmallNetworks.initialised(builder);
            norms.forEach(name -> statistics(graph, name));
            return graph;
        }

        private void block() {
            switch (random.nextInt(frozenParts ? 11 : 9)) {
                case 0 -> convolution(below, 1 + random.nextInt(4), random.nextBoolean());
                case 1 -> pooling();
                case 2 -> padding();
                case 3 -> activation();
                case 4, 5 -> combination();
                case 6 -> merge();
                case 7 -> upsampling();
                case 8 -> cropping();
                case 9 -> norm();
                default -> depthwise();
            }
        }

        private String name(String kind) {
            return kind + "_" + count++;
        }

        private IActivation function() {
            return ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size()));
        }

        private void layer(String name, Layer layer, String input) {
            builder.addLayer(name, layer, input);
            below = name;
        }

        private static int after(int size, int kernel, int stride, int padding, int dilation, ConvolutionMode mode) {
            int extent = (kernel - 1) * dilation + 1;
            return mode == ConvolutionMode.Same
                    ? (size + stride - 1) / stride
                    : (size + 2 * padding - extent) / stride + 1;
        }

        private static boolean fits(int size, int kernel, int stride, int padding, int dilation, ConvolutionMode mode) {
            int left = size + 2 * padding - (kernel - 1) * dilation - 1;
            return mode == ConvolutionMode.Same
                    || (left >= 0 && (mode != ConvolutionMode.Strict || left % stride == 0));
        }

        /** A window that fits; from here on height and width are those behind it. */
        private Drawn window(boolean wild) {
            while (true) {
                ConvolutionMode mode = List.of(ConvolutionMode.Same, ConvolutionMode.Truncate, ConvolutionMode.Strict)
                        .get(random.nextInt(3));
                int[] kernel = {1 + random.nextInt(3), 1 + random.nextInt(3)};
                int[] stride = {1 + random.nextInt(2), 1 + random.nextInt(2)};
                int[] padding = {random.nextInt(kernel[0]), random.nextInt(kernel[1])};
                int[] dilation = wild ? new int[] {1 + random.nextInt(2), 1 + random.nextInt(2)} : new int[] {1, 1};
                if (mode == ConvolutionMode.Same) {
                    padding = new int[] {0, 0};
                }
                if (fits(height, kernel[0], stride[0], padding[0], dilation[0], mode)
                        && fits(width, kernel[1], stride[1], padding[1], dilation[1], mode)) {
                    height = after(height, kernel[0], stride[0], padding[0], dilation[0], mode);
                    width = after(width, kernel[1], stride[1], padding[1], dilation[1], mode);
                    return new Drawn(mode, kernel, stride, padding, dilation);
                }
            }
        }

        private void convolution(String input, int outputs, boolean wild) {
            String name = name("conv");
            Drawn window = wild ? window(true) : Drawn.POINT;
            layer(
                    name,
                    new ConvolutionLayer.Builder(window.kernel(), window.stride(), window.padding())
                            .dilation(window.dilation())
                            .convolutionMode(window.mode())
                            .dataFormat(format)
                            .hasBias(random.nextInt(3) > 0)
                            .nOut(outputs)
                            .activation(function())
                            .build(),
                    input);
            trainable.add(name);
            channels = outputs;
        }

        /** One that keeps height and width. */
        private String branch(String input, int outputs) {
            String name = name("branch");
            int size = 1 + 2 * random.nextInt(2);
            layer(
                    name,
                    new ConvolutionLayer.Builder(size, size)
                            .convolutionMode(ConvolutionMode.Same)
                            .dataFormat(format)
                            .nOut(outputs)
                            .activation(function())
                            .build(),
                    input);
            trainable.add(name);
            return name;
        }

        private void depthwise() {
            int multiplier = 1 + random.nextInt(2);
            Drawn window = window(true);
            layer(
                    name("depthwise"),
                    new DepthwiseConvolution2D.Builder(window.kernel(), window.stride(), window.padding())
                            .depthMultiplier(multiplier)
                            .dilation(window.dilation())
                            .convolutionMode(window.mode())
                            .dataFormat(format)
                            .hasBias(random.nextBoolean())
                            .nOut(channels * multiplier)
                            .activation(function())
                            .build(),
                    below);
            channels *= multiplier;
        }

        private void pooling() {
            Drawn window = window(false);
            boolean most = random.nextBoolean();
            layer(
                    name(most ? "max" : "average"),
                    new SubsamplingLayer.Builder(
                                    most ? SubsamplingLayer.PoolingType.MAX : SubsamplingLayer.PoolingType.AVG,
                                    window.kernel(),
                                    window.stride())
                            .padding(window.padding())
                            .convolutionMode(window.mode())
                            .dataFormat(format)
                            .build(),
                    below);
        }

        private void padding() {
            int[] sizes = {random.nextInt(2), random.nextInt(2), random.nextInt(2), random.nextInt(2)};
            layer(
                    name("padding"),
                    new ZeroPaddingLayer.Builder(sizes).dataFormat(format).build(),
                    below);
            height += sizes[0] + sizes[1];
            width += sizes[2] + sizes[3];
        }

        private void upsampling() {
            int[] factors = {1 + random.nextInt(2), 1 + random.nextInt(2)};
            layer(
                    name("up"),
                    new Upsampling2D.Builder(1).size(factors).dataFormat(format).build(),
                    below);
            height *= factors[0];
            width *= factors[1];
        }

        /** Leaves a pixel at least. */
        private void cropping() {
            int top = random.nextInt(Math.min(3, height));
            int left = random.nextInt(Math.min(3, width));
            int bottom = random.nextInt(Math.min(3, height - top));
            int right = random.nextInt(Math.min(3, width - left));
            layer(name("crop"), new Cropping2D(format, top, bottom, left, right), below);
            height -= top + bottom;
            width -= left + right;
        }

        private void activation() {
            layer(
                    name("act"),
                    new ActivationLayer.Builder().activation(function()).build(),
                    below);
        }

        private void norm() {
            String name = name("norm");
            norms.add(name);
            layer(name, new BatchNormalization.Builder().dataFormat(format).build(), below);
            if (random.nextBoolean()) {
                activation();
            }
        }

        private void combination() {
            String input = below;
            ElementWiseVertex.Op op = List.of(ElementWiseVertex.Op.values()).get(random.nextInt(5));
            boolean two = op == ElementWiseVertex.Op.Subtract || op == ElementWiseVertex.Op.Max;
            List<String> parts = new ArrayList<>(List.of(input, branch(input, channels)));
            if (!two && random.nextBoolean()) {
                parts.add(branch(random.nextBoolean() ? input : below, channels));
            }
            String name = name(op.name().toLowerCase(java.util.Locale.ROOT));
            builder.addVertex(name, new ElementWiseVertex(op), parts.toArray(String[]::new));
            below = name;
        }

        private void merge() {
            String input = below;
            int more = 1 + random.nextInt(2);
            String branch = branch(input, more);
            String name = name("merge");
            builder.addVertex(name, new MergeVertex(), input, branch);
            channels += more;
            below = name;
        }

        private void head() {
            if (random.nextBoolean()) {
                layer(
                        name("pool"),
                        new GlobalPoolingLayer.Builder(random.nextBoolean() ? PoolingType.AVG : PoolingType.MAX)
                                .build(),
                        below);
            } else if (random.nextBoolean()) {
                dense(below);
            }
            if (twoInputs) {
                dense(below);
                String first = below;
                dense("more");
                builder.addVertex("both", new MergeVertex(), first, below);
                below = "both";
            }
            builder.addLayer("out", output(loss), below);
            trainable.add("out");
            if (twoOutputs) {
                builder.addLayer("also", output(LossFunction.MCXENT), below).setOutputs("out", "also");
                trainable.add("also");
            } else {
                builder.setOutputs("out");
            }
        }

        private void dense(String input) {
            String name = name("dense");
            // a normalised row of two is always (1, -1): a gradient of nothing but rounding, divided by a deviation
            boolean normed = random.nextInt(4) == 0;
            layer(
                    name,
                    new DenseLayer.Builder()
                            .nOut(normed ? 6 : 2 + random.nextInt(4))
                            .hasBias(random.nextBoolean())
                            .hasLayerNorm(normed)
                            .activation(function())
                            .build(),
                    input);
            (normed ? onlyInFull : trainable).add(name);
        }

        private Layer output(LossFunction function) {
            IActivation activation = switch (function) {
                case MCXENT -> new ActivationSoftmax();
                case XENT -> new ActivationSigmoid();
                case MSE -> new ActivationTanH();
                default -> new ActivationIdentity();
            };
            return new OutputLayer.Builder(function)
                    .nOut(3)
                    .hasBias(random.nextInt(4) > 0)
                    .activation(activation)
                    .build();
        }

        private void statistics(ComputationGraph graph, String name) {
            graph.getLayer(name).paramTable().forEach((key, values) -> {
                boolean positive = key.equals("gamma") || key.equals("var");
                for (long i = 0; i < values.length(); i++) {
                    values.putScalar(i, positive ? 0.5 + random.nextDouble() : 0.3 * random.nextGaussian());
                }
            });
        }

        ComputationGraph adapted(ComputationGraph plain) {
            List<String> targets = new ArrayList<>();
            List<String> inFull = new ArrayList<>();
            for (String name : trainable) {
                switch (random.nextInt(3)) {
                    case 0 -> targets.add(name);
                    case 1 -> inFull.add(name);
                    default -> {}
                }
            }
            onlyInFull.stream().filter(name -> random.nextBoolean()).forEach(inFull::add);
            if (targets.isEmpty()) {
                targets.add(trainable.get(0));
                inFull.remove(trainable.get(0));
            }
            LoraConfig config = LoraConfig.of(1, 0.5 + random.nextDouble())
                    .withTargets(Targets.names(targets.toArray(String[]::new)))
                    .withTrainedInFull(inFull.toArray(String[]::new));
            return SmallNetworks.moved(SmallNetworks.adapted(plain, config).graph(), random, 0.3);
        }

        MultiDataSet data() {
            int examples = 1 + random.nextInt(5);
            List<INDArray> features = new ArrayList<>();
            features.add(
                    format == CNN2DFormat.NCHW
                            ? TestNetworks.normal(DataType.DOUBLE, random, examples, image[2], image[0], image[1])
                            : TestNetworks.normal(DataType.DOUBLE, random, examples, image[0], image[1], image[2]));
            if (twoInputs) {
                features.add(TestNetworks.normal(DataType.DOUBLE, random, examples, 3));
            }
            List<INDArray> labels = new ArrayList<>();
            boolean numbers = loss == LossFunction.MSE || loss == LossFunction.L2;
            labels.add(
                    numbers
                            ? TestNetworks.normal(DataType.DOUBLE, random, examples, 3)
                            : TestNetworks.oneHot(DataType.DOUBLE, random, examples, 3, 0));
            if (twoOutputs) {
                labels.add(TestNetworks.oneHot(DataType.DOUBLE, random, examples, 3, 0));
            }
            return new MultiDataSet(features.toArray(INDArray[]::new), labels.toArray(INDArray[]::new));
        }
    }
}
