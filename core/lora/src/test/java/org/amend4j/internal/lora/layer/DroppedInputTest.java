/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.amend4j.internal.lora.layer.LoraProduct.Gradients;
import org.amend4j.internal.lora.layer.Trained.Vectors;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Dropout in products that train more than factors: PEFT's formula, and its gradient with the mask held. */
class DroppedInputTest {

    private static final long SEED = 5;
    private static final long MASK = 9;
    private static final double KEPT = 0.6;
    private static final double S = 2;

    /** Differences of functions of order 1 to 10 with a step of 1e-5, see {@code testkit.Gradients}. */
    private static final double STEP = 1e-5;

    private static final double DIFFERENCES = 1e-7;
    private static final double ROUNDING = 1e-12;

    private final Random random = new Random(SEED);
    private final INDArray x = normal(7, 6);
    private final INDArray weight = normal(6, 5);
    private final INDArray a = normal(6, 2);
    private final INDArray b = normal(2, 5);
    private final INDArray vector = normal(1, 5);
    private final INDArray bias = normal(1, 5);
    private final INDArray d = normal(7, 5);

    private INDArray normal(long... shape) {
        return TestNetworks.normal(DataType.DOUBLE, random, shape).dup('f');
    }

    private static INDArray empty(INDArray like) {
        return Nd4j.create(DataType.DOUBLE, like.shape(), 'f');
    }

    private enum Scheme {
        DORA,
        BIAS,
        BIAS_ON_B;

        Vectors vectors(INDArray vector) {
            return new Vectors(only(DORA, vector), only(BIAS, vector), only(BIAS_ON_B, vector));
        }

        private Optional<INDArray> only(Scheme scheme, INDArray vector) {
            return this == scheme ? Optional.of(vector) : Optional.empty();
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private LoraProduct product(Scheme scheme, boolean trueGradient) {
        Trained.Adapter adapter = new Trained.Adapter(a, b, S, new Dropout(KEPT));
        Trained trained = new Trained(Optional.of(adapter), scheme.vectors(vector), trueGradient);
        return new LoraProduct(weight, Optional.of(bias), trained);
    }

    /** With the same mask every time. */
    private INDArray forward(LoraProduct product, boolean training) {
        Nd4j.getRandom().setSeed(MASK);
        return product.forward(x, empty(d), training, ArrayType.ACTIVATIONS, LayerWorkspaceMgr.noWorkspaces());
    }

    /** The mask, times 1/(1 - p). */
    private INDArray mask() {
        Nd4j.getRandom().setSeed(MASK);
        INDArray mask = new Dropout(KEPT)
                .applyDropout(Nd4j.onesLike(x).dup('f'), empty(x), 0, 0, LayerWorkspaceMgr.noWorkspaces());
        long gone = mask.eq(0).castTo(DataType.INT64).sumNumber().longValue();
        assertTrue(gone > 5 && gone < x.length() - 5, "some are dropped: " + gone);
        return mask;
    }

    private INDArray scale() {
        return vector.div(weight.add(a.mmul(b).mul(S)).norm2(true, 0));
    }

    private static void assertClose(INDArray expected, INDArray actual, double tolerance) {
        double scale = Math.max(1, expected.amaxNumber().doubleValue());
        assertEquals(0, expected.sub(actual).amaxNumber().doubleValue(), tolerance * scale);
    }

    /** PEFT: {@code result = base(x); x = dropout(x); result += (k - 1)·(xW) + k·s·(xA)B}. */
    @Test
    void dora_scales_what_is_left_of_the_input_as_peft_does() {
        INDArray left = x.mul(mask());
        INDArray expected = x.mmul(weight)
                .addRowVector(bias)
                .add(left.mmul(weight).mulRowVector(scale().sub(1)))
                .add(left.mmul(a).mmul(b).mul(S).mulRowVector(scale()));
        assertClose(expected, forward(product(Scheme.DORA, false), true), ROUNDING);
        INDArray whole =
                x.mmul(weight.add(a.mmul(b).mul(S))).mulRowVector(scale()).addRowVector(bias);
        assertClose(whole, forward(product(Scheme.DORA, false), false), ROUNDING);
    }

    @Test
    void dora_s_gradients_with_constant_norms_are_those_of_peft_s_formula() {
        LoraProduct product = product(Scheme.DORA, false);
        INDArray mask = mask();
        INDArray left = x.mul(mask);
        INDArray e = d.mulRowVector(scale());
        Found found = gradients(Scheme.DORA, product);
        assertClose(left.transpose().mmul(e.mmul(b.transpose())).mul(S), found.a(), ROUNDING);
        assertClose(left.mmul(a).transpose().mmul(e).mul(S), found.b(), ROUNDING);
        INDArray behind = e.sub(d)
                .mmul(weight.transpose())
                .add(e.mmul(b.transpose()).mmul(a.transpose()).mul(S));
        assertClose(d.mmul(weight.transpose()).add(behind.mul(mask)), found.x(), ROUNDING);
    }

    @ParameterizedTest
    @EnumSource(Scheme.class)
    void with_the_mask_held_gradients_are_those_of_differences(Scheme scheme) {
        LoraProduct product = product(scheme, true);
        Found found = gradients(scheme, product);
        assertDifferences(product, x, found.x());
        assertDifferences(product, a, found.a());
        assertDifferences(product, b, found.b());
        assertDifferences(product, vector, found.vector());
    }

    private void assertDifferences(LoraProduct product, INDArray of, INDArray gradient) {
        INDArray differences = empty(of);
        for (int i = 0; i < of.rows(); i++) {
            for (int j = 0; j < of.columns(); j++) {
                double value = of.getDouble(i, j);
                of.putScalar(i, j, value + STEP);
                double above = loss(product);
                of.putScalar(i, j, value - STEP);
                double below = loss(product);
                of.putScalar(i, j, value);
                differences.putScalar(i, j, (above - below) / (2 * STEP));
            }
        }
        assertClose(differences, gradient, DIFFERENCES);
    }

    private double loss(LoraProduct product) {
        return forward(product, true).mul(d).sumNumber().doubleValue();
    }

    private record Found(INDArray x, INDArray a, INDArray b, INDArray vector) {}

    private Found gradients(Scheme scheme, LoraProduct product) {
        LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
        Found into = new Found(empty(x), empty(a), empty(b), empty(vector));
        forward(product, true);
        product.backward(d, Optional.of(into.x()), ArrayType.BP_WORKING_MEM, none);
        product.gradients(
                d,
                new Gradients(Optional.of(new Gradients.Factors(into.a(), into.b())), scheme.vectors(into.vector())),
                false,
                none);
        return into;
    }
}
