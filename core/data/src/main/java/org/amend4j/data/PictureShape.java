/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

/**
 * How a picture is laid out for a network.
 *
 * @param side height and width in pixels, at least 1
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param order where the channels stand
 */
public record PictureShape(int side, int channels, Order order) {

    /** The two layouts of DL4J's convolutions, and none for dense networks. */
    public enum Order {
        /** {@code [h, w, c]}, as in networks imported from Keras. */
        NHWC,
        /** {@code [c, h, w]}, DL4J's own. */
        NCHW,
        /** One row of {@code c * h * w} values, channels first: what DL4J's FeedForwardToCnnPreProcessor takes. */
        FLAT
    }

    public PictureShape {
        if (side < 1 || side > 4096) {
            throw new BadInputException("the side of a picture must be from 1 to 4096 pixels, got " + side);
        }
        if (channels != 1 && channels != 3) {
            throw new BadInputException("a picture has 1 channel (grey) or 3 (colour), got " + channels);
        }
    }

    /** Shape of one picture, without the batch dimension. */
    public long[] shape() {
        return switch (order) {
            case NHWC -> new long[] {side, side, channels};
            case NCHW -> new long[] {channels, side, side};
            case FLAT -> new long[] {(long) side * side * channels};
        };
    }

    /** Position of a pixel's channel in the picture's values. */
    public int position(int row, int column, int channel) {
        return order == Order.NHWC
                ? (row * side + column) * channels + channel
                : (channel * side + row) * side + column;
    }
}
