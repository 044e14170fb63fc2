/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

/**
 * Bilinear interpolation of one picture to a square. Pixel centres sit at half-integers in both pictures
 * (source = (target + 0.5) * size / side - 0.5) and the border is repeated, so a picture scaled to its own size is itself.
 * When shrinking there is no low-pass filter: details finer than a target pixel alias.
 */
final class PictureScaling {

    private final int side;
    private final int[] firstRow;
    private final int[] firstColumn;
    private final float[] rowWeight;
    private final float[] columnWeight;
    private final int height;
    private final int width;

    PictureScaling(int height, int width, int side) {
        this.height = height;
        this.width = width;
        this.side = side;
        this.firstRow = new int[side];
        this.rowWeight = new float[side];
        this.firstColumn = new int[side];
        this.columnWeight = new float[side];
        plan(height, firstRow, rowWeight);
        plan(width, firstColumn, columnWeight);
    }

    private static void plan(int size, int[] first, float[] weight) {
        for (int i = 0; i < first.length; i++) {
            double at = Math.min(size - 1.0, Math.max(0.0, (i + 0.5) * size / first.length - 0.5));
            first[i] = Math.min((int) at, Math.max(0, size - 2));
            weight[i] = size == 1 ? 0 : (float) (at - first[i]);
        }
    }

    /**
     * Scales one channel.
     *
     * @param pixels unsigned bytes, channels interleaved
     * @param start position of the channel's first value
     * @param stride distance between two neighbours of a row (the number of channels in {@code pixels})
     * @param into values in [0, 1], at the positions {@code shape} gives for {@code channel}
     */
    void scale(byte[] pixels, int start, int stride, PictureShape shape, int channel, float[] into, int offset) {
        for (int row = 0; row < side; row++) {
            int upper = start + firstRow[row] * width * stride;
            int lower = height == 1 ? upper : upper + width * stride;
            for (int column = 0; column < side; column++) {
                int left = firstColumn[column] * stride;
                int right = width == 1 ? left : left + stride;
                float x = columnWeight[column];
                float above = mix(pixels[upper + left], pixels[upper + right], x);
                float below = mix(pixels[lower + left], pixels[lower + right], x);
                into[offset + shape.position(row, column, channel)] = (above + (below - above) * rowWeight[row]) / 255f;
            }
        }
    }

    private static float mix(byte a, byte b, float weight) {
        float from = a & 0xff;
        return from + ((b & 0xff) - from) * weight;
    }
}
