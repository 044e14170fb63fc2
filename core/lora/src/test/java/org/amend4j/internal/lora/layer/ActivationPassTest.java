/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Our activations are Deeplearning4j's, forward and backward, bit for bit. */
class ActivationPassTest {

    static Stream<IActivation> activations() {
        return Stream.of(
                new ActivationReLU(),
                new ActivationReLU(6.0, null, null),
                new ActivationReLU(6.0, 0.0, 0.0),
                new ActivationReLU(3.0, 0.5, 0.1),
                Activation.RELU6.getActivationFunction(),
                Activation.IDENTITY.getActivationFunction(),
                Activation.TANH.getActivationFunction(),
                Activation.SIGMOID.getActivationFunction(),
                Activation.LEAKYRELU.getActivationFunction(),
                Activation.ELU.getActivationFunction(),
                Activation.SWISH.getActivationFunction(),
                Activation.SOFTPLUS.getActivationFunction(),
                Activation.CUBE.getActivationFunction());
    }

    private static final float[] SPECIAL = {0f, 6f, Math.nextDown(6f), Math.nextUp(6f), -0f, Float.MIN_VALUE, 7f, -7f};

    @ParameterizedTest
    @MethodSource("activations")
    void forward_and_backward_are_deeplearning4js(IActivation function) {
        Random random = new Random(1);
        for (char order : new char[] {'c', 'f'}) {
            INDArray z =
                    TestNetworks.normal(DataType.FLOAT, random, 20, 30).muli(5).dup(order);
            for (int i = 0; i < SPECIAL.length; i++) {
                z.putScalar(i, i, SPECIAL[i]);
            }
            INDArray epsilon =
                    TestNetworks.normal(DataType.FLOAT, random, 20, 30).dup(order);
            INDArray expected = function.getActivation(z.dup(order), true);
            INDArray expectedGradient = function.backprop(z.dup(order), epsilon.dup(order))
                    .getFirst()
                    .dup(order);
            ActivationPass pass = new ActivationPass(function);
            INDArray given = epsilon.dup(order);
            INDArray actual = pass.forwardInPlace(z.dup(order), true, LayerWorkspaceMgr.noWorkspaces());
            INDArray gradient = pass.backward(given);
            // 0 and -0 are one value
            assertEquals(0, expected.sub(actual).amaxNumber().doubleValue());
            for (long i = 0; i < z.length(); i++) {
                // at a kink Deeplearning4j's own rectifiers take the derivative from either side
                if (z.dup('c').getDouble(i) != 0) {
                    assertTrue(expectedGradient.dup('c').getDouble(i)
                            == gradient.dup('c').getDouble(i));
                }
            }
            assertTrue(ArrayBytes.same(epsilon, given), "the incoming gradient must not be changed");
        }
    }

    /** A threshold other than zero loses NaN in Deeplearning4j itself. */
    static Stream<IActivation> keepingNaN() {
        return activations().filter(f -> !f.equals(new ActivationReLU(3.0, 0.5, 0.1)));
    }

    @ParameterizedTest
    @MethodSource("keepingNaN")
    void not_a_number_is_not_hidden(IActivation function) {
        INDArray z = TestNetworks.normal(DataType.FLOAT, new Random(2), 4, 4);
        z.putScalar(1, 2, Float.NaN);
        INDArray result = new ActivationPass(function).forwardInPlace(z, false, LayerWorkspaceMgr.noWorkspaces());
        assertTrue(Double.isNaN(result.getDouble(1, 2)));
    }

    /** Kernels are asked for rectifiers, with their bound; what they say is kept, and where they decline no byte changes. */
    @ParameterizedTest
    @MethodSource("activations")
    void kernels_give_the_gradient_of_rectifiers_or_decline(IActivation function) {
        INDArray z = TestNetworks.normal(DataType.FLOAT, new Random(3), 20, 30).muli(5);
        INDArray epsilon = TestNetworks.normal(DataType.FLOAT, new Random(4), 20, 30);
        INDArray expected = gradient(new ActivationPass(function, Optional.empty()), z, epsilon);
        FakeKernels declining = new FakeKernels(false);
        assertTrue(
                ArrayBytes.same(expected, gradient(new ActivationPass(function, Optional.of(declining)), z, epsilon)));
        FakeKernels taking = new FakeKernels(true);
        INDArray result = gradient(new ActivationPass(function, Optional.of(taking)), z, epsilon);
        boolean asked = !taking.bounds.isEmpty();
        assertEquals(asked, !declining.bounds.isEmpty());
        INDArray kept = asked ? taking.results.get(0) : expected;
        assertTrue(ArrayBytes.same(kept, result));
        if (function instanceof ActivationReLU6) {
            assertEquals(List.of(6.0), taking.bounds);
        } else if (function.equals(new ActivationReLU())) {
            assertEquals(List.of(Double.POSITIVE_INFINITY), taking.bounds);
        } else if (!(function instanceof ActivationReLU)) {
            assertEquals(List.of(), taking.bounds);
        }
    }

    private static INDArray gradient(ActivationPass pass, INDArray z, INDArray epsilon) {
        pass.forwardInPlace(z.dup(), true, LayerWorkspaceMgr.noWorkspaces());
        return pass.backward(epsilon);
    }
}
