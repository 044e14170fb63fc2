/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.ConvolutionLaws;
import org.amend4j.internal.backend.ImageCase;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.PoolingLaws;
import org.amend4j.internal.backend.ResamplingLaws;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The host keeps the laws of images, in floats and in doubles. */
class HostImageLawsTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void patchesAndTheirGradientAreTheirDefinitions(ImageCase images) {
        OnHost.holds(
                Kernels::convolution,
                (machine, kernels, type) -> ConvolutionLaws.patches(machine, kernels, type, images));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void depthwiseConvolutionsAndTheirGradientAreTheirDefinitions(ImageCase images) {
        OnHost.holds(
                Kernels::convolution,
                (machine, kernels, type) -> ConvolutionLaws.depthwise(machine, kernels, type, images));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void maximaAndTheirGradientAreTheirDefinitions(ImageCase images) {
        OnHost.holds(
                Kernels::pooling, (machine, kernels, type) -> PoolingLaws.max(machine, kernels, type, images, false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void aNaNIsTheMaximumWhereverItIs(ImageCase images) {
        OnHost.holds(
                Kernels::pooling, (machine, kernels, type) -> PoolingLaws.max(machine, kernels, type, images, true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void averagesAndTheirGradientAreTheirDefinitions(ImageCase images) {
        OnHost.holds(
                Kernels::pooling,
                (machine, kernels, type) -> PoolingLaws.average(machine, kernels, type, images, false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ImageCase#all")
    void averagesThatCountPaddingAndTheirGradientAreTheirDefinitions(ImageCase images) {
        OnHost.holds(
                Kernels::pooling,
                (machine, kernels, type) -> PoolingLaws.average(machine, kernels, type, images, true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ResamplingLaws#cases")
    void aPixelBecomesItsBlockAndItsGradientIsTheBlocksSum(ResamplingLaws.Case images) {
        OnHost.holds(
                Kernels::resampling,
                (machine, kernels, type) -> ResamplingLaws.upsampling(machine, kernels, type, images));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.ResamplingLaws#cases")
    void croppingCutsAndItsGradientPadsWithZeros(ResamplingLaws.Case images) {
        OnHost.holds(
                Kernels::resampling,
                (machine, kernels, type) -> ResamplingLaws.cropping(machine, kernels, type, images));
    }

    @Test
    void imagesOfAnotherShapeAreRefused() {
        OnHost.holds(Kernels::resampling, ResamplingLaws::otherShapes);
    }
}
