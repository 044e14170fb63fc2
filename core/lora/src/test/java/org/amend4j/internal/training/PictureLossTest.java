/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.moved;

import java.util.List;
import java.util.Random;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks from pictures to pictures on a device are the same networks in double on the CPU. */
class PictureLossTest {

    private static final int EXAMPLES = 5;
    private static final int CHANNELS = 3;

    /** Half the size, twice the size, its edges off, beside the picture itself without its edges: 4 × 5. */
    private static ComputationGraph network(CNN2DFormat format, LossFunction loss, Activation activation) {
        return initialised(SmallNetworks.builder(DataType.DOUBLE, 7)
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 8, 2, format))
                .addLayer("down", convolution(format, 4, 2), "in")
                .addLayer("up", new Upsampling2D.Builder(2).dataFormat(format).build(), "down")
                .addLayer("middle", new Cropping2D(format, 1, 1, 2, 1), "up")
                .addLayer("same", new Cropping2D(format, 1, 1, 2, 1), "in")
                .addVertex("both", new MergeVertex(), "middle", "same")
                .addLayer("last", convolution(format, CHANNELS, 1), "both")
                .addLayer(
                        "out",
                        new CnnLossLayer.Builder(loss)
                                .format(format)
                                .activation(activation)
                                .build(),
                        "last")
                .setOutputs("out"));
    }

    private static ConvolutionLayer convolution(CNN2DFormat format, int outputs, int stride) {
        return new ConvolutionLayer.Builder(3, 3)
                .stride(stride, stride)
                .convolutionMode(ConvolutionMode.Same)
                .dataFormat(format)
                .nOut(outputs)
                .activation(Activation.TANH)
                .build();
    }

    private static INDArray pictures(CNN2DFormat format, Random random, int height, int width, int channels) {
        return format == CNN2DFormat.NCHW
                ? TestNetworks.normal(DataType.DOUBLE, random, EXAMPLES, channels, height, width)
                : TestNetworks.normal(DataType.DOUBLE, random, EXAMPLES, height, width, channels);
    }

    private static INDArray labels(CNN2DFormat format, Random random, LossFunction loss) {
        INDArray drawn = pictures(format, random, 4, 5, CHANNELS);
        if (loss != LossFunction.MCXENT && loss != LossFunction.XENT) {
            return drawn;
        }
        int channels = format == CNN2DFormat.NCHW ? 1 : 3;
        return drawn.eq(drawn.max(true, channels).broadcast(drawn.shape())).castTo(DataType.DOUBLE);
    }

    /**
     * Deeplearning4j's score of {@link CnnLossLayer} takes channels for first even where they are last, its gradient does not: the
     * value of a mean over channels or of a softmax is wrong there. So with channels last the values compared are sums.
     */
    @ParameterizedTest(name = "{0}, {1} of {2}, chunks of {3}")
    @CsvSource({
        "NCHW, MSE, TANH, 5",
        "NCHW, L2, IDENTITY, 2",
        "NCHW, MCXENT, SOFTMAX, 2",
        "NCHW, XENT, SIGMOID, 5",
        "NHWC, L2, TANH, 2",
        "NHWC, XENT, SIGMOID, 5"
    })
    void lossesAndGradientsArePerPictureAndTheReferences(
            CNN2DFormat format, LossFunction loss, Activation activation, int chunk) {
        Random random = new Random(11);
        ComputationGraph plain = network(format, loss, activation);
        ComputationGraph adapted = moved(
                SmallNetworks.adapted(plain, LoraConfig.of(2, 1.5).withTargets(Targets.names("down", "last")))
                        .graph(),
                random,
                0.3);
        Records records = Records.of(new MultiDataSet(
                new INDArray[] {pictures(format, random, 6, 8, 2)}, new INDArray[] {labels(format, random, loss)}));
        for (ComputationGraph graph : List.of(plain, adapted)) {
            GraphObjective reference = GraphObjective.of(graph, records);
            try (Machine device = LawMachines.checking();
                    PlannedObjective objective =
                            PlannedObjective.of(device, graph, records, PlanSettings.DEFAULT.withChunk(chunk))) {
                Agreement.assertAgree(
                        reference, objective, reference.parameters(), Agreement.SINGLE, format + " " + loss);
            }
        }
    }
}
