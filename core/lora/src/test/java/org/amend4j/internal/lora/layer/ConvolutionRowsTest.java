/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which convolutions' adapters PEFT computes as we do. */
class ConvolutionRowsTest {

    @ParameterizedTest
    @CsvSource({
        "Truncate, 3, 2, 1, true",
        "Strict, 2, 1, 1, true",
        "Truncate, 3, 1, 2, false",
        "Same, 3, 1, 1, true",
        "Same, 5, 1, 1, true",
        "Same, 1, 1, 1, true",
        "Same, 2, 1, 1, true",
        "Same, 3, 2, 1, false",
        "Same, 3, 1, 2, false",
        "Causal, 3, 1, 1, false"
    })
    void peft_is_exact_without_dilation_and_with_padding_that_pytorch_has(
            ConvolutionMode mode, int kernel, int stride, int dilation, boolean exact) {
        Convolution1DLayer sequence = new Convolution1DLayer.Builder(kernel, stride)
                .convolutionMode(mode)
                .dilation(dilation)
                .nIn(2)
                .nOut(3)
                .build();
        assertEquals(exact, ConvolutionRows.ofSequences(sequence).isPeftExact());
        if (mode != ConvolutionMode.Causal) {
            assertEquals(
                    exact,
                    ConvolutionRows.ofImages(image(mode, kernel, kernel, stride, dilation))
                            .isPeftExact());
        }
    }

    @Test
    void even_sides_stay_exact_and_a_stride_does_not() {
        assertEquals(
                true,
                ConvolutionRows.ofImages(image(ConvolutionMode.Same, 3, 5, 1, 1))
                        .isPeftExact());
        assertEquals(
                true,
                ConvolutionRows.ofImages(image(ConvolutionMode.Same, 4, 2, 1, 1))
                        .isPeftExact());
        assertEquals(
                false,
                ConvolutionRows.ofImages(image(ConvolutionMode.Same, 4, 2, 2, 1))
                        .isPeftExact());
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5", "6", "7"})
    void same_padding_at_stride_1_has_pytorchs_smaller_half_before_on_every_input(int kernel) {
        for (int size = 1; size <= 12; size++) {
            int[] in = {size, size};
            int[] padding = ConvolutionUtils.getSameModeTopLeftPadding(
                    in, in, new int[] {kernel, kernel}, new int[] {1, 1}, new int[] {1, 1});
            assertArrayEquals(new int[] {(kernel - 1) / 2, (kernel - 1) / 2}, padding);
        }
    }

    private static ConvolutionLayer image(ConvolutionMode mode, int height, int width, int stride, int dilation) {
        return new ConvolutionLayer.Builder(height, width)
                .stride(stride, stride)
                .dilation(dilation, dilation)
                .convolutionMode(mode)
                .nIn(2)
                .nOut(3)
                .build();
    }
}
