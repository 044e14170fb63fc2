/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/** The usual loss from one softmax is Deeplearning4j's. */
class SoftmaxEntropyTest {

    private static final int ROWS = 12;
    private static final int CLASSES = 5;
    private static final IActivation SOFTMAX = new ActivationSoftmax();

    private static INDArray softLabels(DataType type, Random random, char order) {
        return SOFTMAX.getActivation(TestNetworks.normal(type, random, ROWS, CLASSES), true)
                .dup(order);
    }

    /** The spread makes probabilities that are clipped at both ends. Same operations, summed in another order at most. */
    @ParameterizedTest
    @CsvSource({"0,3", "1e-10,3", "1e-10,60", "0.01,3", "0.3,60"})
    void score_and_gradient_are_deeplearning4js(double clip, double spread) {
        LossMCXENT loss = new LossMCXENT(clip, null);
        SoftmaxEntropy ours = SoftmaxEntropy.of(loss, SOFTMAX).orElseThrow();
        Random random = new Random(1);
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            double unit = type == DataType.FLOAT ? Math.ulp(1f) : Math.ulp(1.0);
            for (char order : new char[] {'c', 'f'}) {
                INDArray labels = softLabels(type, random, 'c');
                INDArray z = TestNetworks.normal(type, random, ROWS, CLASSES)
                        .muli(spread)
                        .dup(order);
                double expected = loss.computeScore(labels, z.dup(order), SOFTMAX, null, false);
                INDArray gradient = loss.computeGradient(labels, z.dup(order), SOFTMAX, null);
                INDArray p = SOFTMAX.getActivation(z.dup(order), true);
                INDArray actual = ours.gradient(labels, p, LayerWorkspaceMgr.noWorkspaces());
                assertEquals(0, gradient.sub(actual).amaxNumber().doubleValue(), 4 * unit);
                assertEquals(expected, ours.score(labels, p), ROWS * CLASSES * unit * Math.abs(expected));
            }
        }
    }

    @Test
    void a_probability_that_is_no_number_makes_a_score_that_is_none() {
        INDArray p = Nd4j.createFromArray(new float[][] {{Float.NaN, 0.5f}});
        assertTrue(Double.isNaN(new SoftmaxEntropy(1e-10).score(Nd4j.createFromArray(new float[][] {{1, 0}}), p)));
    }

    @Test
    void only_the_plain_loss_is_taken_over() {
        assertTrue(SoftmaxEntropy.of(new LossNegativeLogLikelihood(), SOFTMAX).isPresent());
        assertFalse(SoftmaxEntropy.of(new LossMCXENT(Nd4j.ones(1, CLASSES)), SOFTMAX)
                .isPresent());
        assertFalse(SoftmaxEntropy.of(new LossMCXENT() {}, SOFTMAX).isPresent());
        assertFalse(SoftmaxEntropy.of(new LossMCXENT(), new ActivationSigmoid()).isPresent());
        assertFalse(SoftmaxEntropy.of(new LossMSE(), SOFTMAX).isPresent());
        INDArray z = Nd4j.zeros(DataType.FLOAT, 2, 3);
        assertTrue(SoftmaxEntropy.fits(z, z, null));
        assertFalse(SoftmaxEntropy.fits(z, z, Nd4j.ones(2, 1)));
        assertFalse(SoftmaxEntropy.fits(Nd4j.zeros(DataType.FLOAT, 2, 1), z, null));
        assertFalse(SoftmaxEntropy.fits(z.castTo(DataType.DOUBLE), z, null));
    }

    /** Scoring alone leaves everything to Deeplearning4j's loss; training takes the softmax of its gradient. */
    @Test
    void the_score_of_a_training_step_is_the_score_of_scoring() {
        TestCase example = TestCase.DENSE;
        ComputationGraph graph = AdaptedModel.attach(
                        BaseModel.of(example.network(DataType.DOUBLE, 1)),
                        LoraConfig.of(2, 2),
                        FineTuneConfiguration.builder().updater(new Sgd(0.1)).build())
                .graph();
        MultiDataSet data = example.data(DataType.DOUBLE, 9, 1);
        double expected = graph.score(data, true);
        INDArray before = graph.params().dup();
        graph.fit(data);
        assertEquals(expected, graph.score(), 1e-12 * Math.abs(expected));
        assertFalse(ArrayBytes.same(before, graph.params()));
        graph.clear();
        data.setLabelsMaskArray(new INDArray[] {Nd4j.ones(DataType.DOUBLE, 9, 1).putScalar(0, 0)});
        double masked = graph.score(data, true);
        graph.fit(data);
        assertEquals(masked, graph.score(), 1e-12 * Math.abs(masked));
    }
}
