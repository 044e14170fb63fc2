/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Random;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The gradients of A, B and of what lies below agree with finite differences, for every layer kind. */
@OneIn(2)
class GradientLawsTest {

    private static final DataType TYPE = DataType.DOUBLE;
    private static final int ELEMENTS = 150;

    /** Adapters with B away from zero: at B = 0 the gradient of A vanishes and would prove nothing. */
    static AdaptedModel adapted(ComputationGraph network, long seed, String... targets) {
        return adapted(network, seed, LoraConfig.of(2, 3).withTargets(targets));
    }

    private static AdaptedModel adapted(ComputationGraph network, long seed, LoraConfig config) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                config,
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).seed(seed).build());
        INDArray parameters = model.graph().params();
        parameters.assign(TestNetworks.normal(parameters.dataType(), new Random(seed), parameters.shape())
                .muli(0.3));
        return model;
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("dense and output layers")
    void gradientsOfDenseAndOutputLayersAgreeWithDifferences(long seed) {
        AdaptedModel model = adapted(TestNetworks.dense(TYPE, seed), seed, "dense_0", "dense_1", "out");
        checkOnRows(model, seed);
    }

    private static void checkOnRows(AdaptedModel model, long seed) {
        Random random = new Random(seed);
        INDArray rows = TestNetworks.normal(TYPE, random, 6, 5);
        check(model, new MultiDataSet(rows, TestNetworks.oneHot(TYPE, random, 6, 3, 0)), seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("a frozen layer between adapters passes the right gradient")
    void gradientsBelowFrozenLayersAgreeWithDifferences(long seed) {
        AdaptedModel model = adapted(TestNetworks.dense(TYPE, seed), seed, "dense_0");
        checkOnRows(model, seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("dense and output layers trained in full, above and below an adapter")
    void gradientsOfLayersTrainedInFullAgreeWithDifferences(long seed) {
        LoraConfig config = LoraConfig.of(2, 3).withTargets("dense_1").withTrainedInFull("dense_0", "out");
        AdaptedModel model = adapted(TestNetworks.dense(TYPE, seed), seed, config);
        checkOnRows(model, seed);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("several inputs and outputs, shared vertices, addition and merge")
    void gradientsOfBranchingGraphsAgreeWithDifferences(long seed) {
        AdaptedModel model = adapted(TestNetworks.branching(TYPE, seed), seed, "l", "shared", "side", "out_a");
        Random random = new Random(seed);
        check(
                model,
                new MultiDataSet(
                        new INDArray[] {TestNetworks.normal(TYPE, random, 5, 4), TestNetworks.normal(TYPE, random, 5, 3)
                        },
                        new INDArray[] {
                            TestNetworks.oneHot(TYPE, random, 5, 3, 0), TestNetworks.oneHot(TYPE, random, 5, 2, 0)
                        }),
                seed);
    }

    @ParameterizedTest(name = "adapters on {0}, in full {1}, seed {2}")
    @CsvSource({"one,out,1", "two,out,2", "one two,out,3", "one,two out,4", "two,one out,5", "one two,none,6"})
    @DisplayName("a frozen vertex read by a residual sum and by layers that train")
    void gradientsAboveASharedFrozenVertexAgreeWithDifferences(String adapters, String full, long seed) {
        LoraConfig config = LoraConfig.of(2, 3).withTargets(adapters.split(" "));
        config = full.equals("none") ? config : config.withTrainedInFull(full.split(" "));
        AdaptedModel model = adapted(TestNetworks.residual(TYPE, seed), seed, config);
        Random random = new Random(seed);
        check(
                model,
                new MultiDataSet(TestNetworks.normal(TYPE, random, 6, 3), TestNetworks.oneHot(TYPE, random, 6, 3, 0)),
                seed);
        check(
                model.tail(),
                new MultiDataSet(
                        model.cut().stream()
                                .map(vertex -> TestNetworks.normal(TYPE, random, 6, 4))
                                .toArray(INDArray[]::new),
                        new INDArray[] {TestNetworks.oneHot(TYPE, random, 6, 3, 0)}),
                seed);
    }

    @ParameterizedTest(name = "{0} {1} seed {2}")
    @CsvSource({
        "NCHW,Truncate,1",
        "NCHW,Same,2",
        "NHWC,Truncate,3",
        "NHWC,Same,4",
    })
    @DisplayName("convolutions in both layouts, strided, dilated, same-mode, 1×1, below a frozen batch norm")
    void gradientsOfConvolutionsAgreeWithDifferences(CNN2DFormat format, ConvolutionMode mode, long seed) {
        AdaptedModel model = adapted(
                TestNetworks.convolutional(TYPE, format, mode, seed), seed, "conv_0", "conv_1", "conv_2", "point");
        Random random = new Random(seed);
        INDArray images = format == CNN2DFormat.NCHW
                ? TestNetworks.normal(TYPE, random, 3, 2, 9, 8)
                : TestNetworks.normal(TYPE, random, 3, 9, 8, 2);
        check(model, new MultiDataSet(images, TestNetworks.oneHot(TYPE, random, 3, 3, 0)), seed);
    }

    @ParameterizedTest(name = "{0} seed {1} masked {2}")
    @CsvSource({"Same,1,false", "Same,2,true", "Causal,3,false", "Truncate,4,false"})
    @DisplayName("1D convolution below a frozen LSTM below a recurrent output, with and without masks")
    void gradientsOfSequencesAgreeWithDifferences(ConvolutionMode mode, long seed, boolean masked) {
        AdaptedModel model = adapted(TestNetworks.recurrent(TYPE, mode, seed), seed, "conv", "out");
        Random random = new Random(seed);
        int time = mode == ConvolutionMode.Truncate ? 4 : 8;
        MultiDataSet data = new MultiDataSet(
                TestNetworks.normal(TYPE, random, 3, 3, 8), TestNetworks.oneHot(TYPE, random, 3, 3, time));
        if (masked) {
            INDArray mask = Nd4j.ones(TYPE, 3, 8);
            mask.putScalar(0, 7, 0);
            mask.putScalar(2, 6, 0);
            mask.putScalar(2, 7, 0);
            data.setFeaturesMaskArrays(new INDArray[] {mask});
            data.setLabelsMaskArray(new INDArray[] {mask.dup()});
        }
        check(model, data, seed);
    }

    @ParameterizedTest(name = "adapters on {0}, seed {1}, masked {2}")
    @CsvSource({"below out,1,false", "below above,2,true", "above,3,false", "above out,4,true"})
    @DisplayName("an attention vertex and a self-attention layer above an adapter, or in the prefix")
    void gradientsThroughAttentionAgreeWithDifferences(String adapters, long seed, boolean masked) {
        AdaptedModel model = adapted(TestNetworks.attention(TYPE, seed), seed, adapters.split(" "));
        Random random = new Random(seed);
        MultiDataSet data = new MultiDataSet(
                TestNetworks.normal(TYPE, random, 3, 3, 6), TestNetworks.oneHot(TYPE, random, 3, 3, 6));
        if (masked) {
            INDArray mask = Nd4j.ones(TYPE, 3, 6);
            mask.putScalar(1, 5, 0);
            data.setFeaturesMaskArrays(new INDArray[] {mask});
            data.setLabelsMaskArray(new INDArray[] {mask.dup()});
        }
        check(model, data, seed);
    }

    private static void check(ComputationGraph tail, MultiDataSet data, long seed) {
        Gradients.check(tail, data, ELEMENTS, seed);
    }

    private static void check(AdaptedModel model, MultiDataSet data, long seed) {
        Gradients.check(model.graph(), data, ELEMENTS, seed);
        model.base().verifyUnchanged();
    }
}
