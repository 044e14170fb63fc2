/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.DoubleStream;
import org.amend4j.internal.model.ArrayBytes;
import org.apache.commons.numbers.gamma.Erfc;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** GELU in its two forms, as a function of Deeplearning4j's layers. */
class GeluTest {

    private static final double[] POINTS =
            DoubleStream.iterate(-12, x -> x <= 12, x -> x + 0.0625).toArray();

    private static double value(Gelu.Form form, double x) {
        return form == Gelu.Form.EXACT
                ? x * Erfc.value(-x / Math.sqrt(2)) / 2
                : x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
    }

    @ParameterizedTest
    @EnumSource
    void values_are_those_of_the_definition(Gelu.Form form) {
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
            INDArray found =
                    new Gelu(form).getActivation(Nd4j.createFromArray(POINTS).castTo(type), true);
            // in single precision a rational form of erf is used that is right to 2e-7 of the largest values near 1
            double relative = type == DataType.DOUBLE ? 4e-16 : 4e-7;
            for (int k = 0; k < POINTS.length; k++) {
                double expected = value(form, POINTS[k]);
                assertEquals(
                        expected, found.getDouble(k), relative * Math.max(1, Math.abs(POINTS[k])), "at " + POINTS[k]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void derivatives_are_differences(Gelu.Form form) {
        INDArray points = Nd4j.createFromArray(POINTS);
        INDArray upstream = Nd4j.createFromArray(POINTS).muli(0.5).addi(1);
        INDArray found = new Gelu(form).backprop(points, upstream).getFirst();
        double step = 1e-5;
        for (int k = 0; k < POINTS.length; k++) {
            double slope = (value(form, POINTS[k] + step) - value(form, POINTS[k] - step)) / (2 * step);
            double expected = slope * upstream.getDouble(k);
            // differences err by step²/6 of a third derivative below 2, and by rounding of 12·2^-53/step
            assertEquals(expected, found.getDouble(k), Math.abs(upstream.getDouble(k)) * 5e-10 + 1e-15);
        }
        assertEquals(
                0,
                upstream.sub(Nd4j.createFromArray(POINTS).muli(0.5).addi(1))
                        .amaxNumber()
                        .doubleValue());
    }

    /** What is no gapless array is computed by ND4J's operations. */
    @ParameterizedTest
    @EnumSource
    void views_and_orders_change_nothing_but_rounding(Gelu.Form form) {
        INDArray wide = Nd4j.createFromArray(POINTS).reshape(5, POINTS.length / 5);
        INDArray view = wide.dup().get(NDArrayIndex.all(), NDArrayIndex.interval(1, 40));
        INDArray plain = view.dup('c');
        INDArray upstream = plain.mul(0.25).addi(2);
        INDArray expected = new Gelu(form).backprop(plain, upstream).getFirst();
        INDArray ofView = new Gelu(form).backprop(view, upstream).getFirst();
        INDArray ofOther = new Gelu(form).backprop(plain.dup('f'), upstream).getFirst();
        INDArray ofFortran =
                new Gelu(form).backprop(plain.dup('f'), upstream.dup('f')).getFirst();
        assertTrue(expected.sub(ofView).amaxNumber().doubleValue() < 1e-13);
        assertTrue(expected.sub(ofOther).amaxNumber().doubleValue() < 1e-13);
        assertTrue(ArrayBytes.same(expected, ofFortran.dup('c')));
        INDArray values = new Gelu(form).getActivation(plain.dup(), true);
        assertTrue(values.sub(new Gelu(form).getActivation(view, true))
                        .amaxNumber()
                        .doubleValue()
                < 1e-13);
    }

    @Test
    void a_configuration_keeps_its_form() {
        for (Gelu.Form form : Gelu.Form.values()) {
            NeuralNetConfiguration configuration = new NeuralNetConfiguration.Builder()
                    .layer(new DenseLayer.Builder()
                            .nIn(2)
                            .nOut(2)
                            .activation(new Gelu(form))
                            .build())
                    .build();
            NeuralNetConfiguration read = NeuralNetConfiguration.fromJson(configuration.toJson());
            assertEquals(new Gelu(form), ((DenseLayer) read.getLayer()).getActivationFn());
        }
    }
}
