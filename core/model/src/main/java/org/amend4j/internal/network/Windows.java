/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/** The windows of convolution and pooling layers on images of a given shape. */
public final class Windows {

    private Windows() {}

    /** How a convolution looks at an image. */
    public static Window of(String vertex, ConvolutionLayer layer, Shape image) {
        return of(vertex, layer.getConvolutionMode(), Axis.of(layer, 0), Axis.of(layer, 1), image);
    }

    /** How a pooling looks at an image. */
    public static Window of(String vertex, SubsamplingLayer layer, Shape image) {
        return of(vertex, layer.getConvolutionMode(), axis(layer, 0), axis(layer, 1), image);
    }

    private static Axis axis(SubsamplingLayer layer, int dimension) {
        return new Axis(
                layer.getKernelSize()[dimension],
                layer.getStride()[dimension],
                layer.getDilation()[dimension],
                layer.getConvolutionMode(),
                layer.getConvolutionMode() == ConvolutionMode.Same ? 0 : layer.getPadding()[dimension]);
    }

    private static Window of(String vertex, ConvolutionMode mode, Axis height, Axis width, Shape image) {
        if (mode == ConvolutionMode.Causal) {
            throw UnsupportedNetworkException.vertex(vertex, "has the convolution mode Causal");
        }
        try {
            return window(height, width, image);
        } catch (IllegalArgumentException unfit) {
            throw UnsupportedNetworkException.vertex(
                    vertex, "does not fit its input " + image + ", " + unfit.getMessage());
        }
    }

    private static Window window(Axis height, Axis width, Shape image) {
        return new Window(span(height, image.height()), span(width, image.width()));
    }

    private static Window.Span span(Axis axis, int length) {
        return new Window.Span(axis.kernel(), axis.stride(), axis.front(length), axis.dilation(), axis.outputs(length));
    }

    /** Zero padding: windows of one pixel, of which some lie outside of the image. */
    public static Window padding(ZeroPaddingLayer layer, Shape image) {
        int[] padding = layer.getPadding();
        return new Window(
                Window.Span.padding(padding[0], image.height(), padding[1]),
                Window.Span.padding(padding[2], image.width(), padding[3]));
    }

    /** The shape after a window, with so many channels. */
    public static Shape after(Window window, int channels) {
        return new Shape(window.y().out(), window.x().out(), channels);
    }

    /** Whether a window leaves every pixel where it is. */
    public static boolean isTrivial(Window window, Shape image) {
        return window.y().isTrivial(image.height()) && window.x().isTrivial(image.width());
    }
}
