package org.amend4j.prefix;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What is still to be done to a raw product: a scale and a shift per channel, then the activation. A consumer that
 * reads rows anyway applies it on the way; otherwise the producer finishes its own buffer.
 */
final class Epilogue {

    /** Rows are treated in tiles of about this many floats, so that a tile and its row stay in the first cache. */
    static final int TILE = 1024;

    private final float[] scale;
    private final float[] shift;
    private final Activation activation;

    /**
     * @param scale one factor a channel, or empty for none
     * @param shift one summand a channel, or empty for none
     */
    Epilogue(float[] scale, float[] shift, Activation activation) {
        this.scale = tiled(scale);
        this.shift = tiled(shift);
        this.activation = activation;
    }

    /** Whether there is nothing to do. */
    boolean isNothing() {
        return isLinearNothing() && activation instanceof Activation.Identity;
    }

    /** Whether all of it can be applied row by row. */
    boolean ridesAlong() {
        return activation.ridesAlong();
    }

    /** Applies all but a native activation to whole pixels: length is a multiple of the channel count. */
    void apply(float[] x, int offset, int length) {
        int tile = Math.max(Math.max(scale.length, shift.length), 1);
        if (isLinearNothing()) {
            tile = Math.max(1, length);
        }
        for (int at = 0; at < length; at += tile) {
            applyTile(x, offset + at, Math.min(tile, length - at));
        }
    }

    /** Applies the native activation, if that is what it is, to a whole buffer. */
    void applyNative(INDArray whole) {
        if (activation instanceof Activation.Native other) {
            INDArray result = other.function().getActivation(whole, false);
            if (result != whole) {
                whole.assign(result);
            }
        }
    }

    /** Repeats a vector of length c until it has about {@link #TILE} entries, and whole pixels. */
    static float[] tiled(float[] vector) {
        int c = vector.length;
        if (c == 0) {
            return vector;
        }
        float[] tile = new float[c * pixelsPerTile(c)];
        for (int at = 0; at < tile.length; at += c) {
            System.arraycopy(vector, 0, tile, at, c);
        }
        return tile;
    }

    /** How many pixels of c channels make a tile. */
    static int pixelsPerTile(int c) {
        return Math.max(1, TILE / c);
    }

    private boolean isLinearNothing() {
        return scale.length == 0 && shift.length == 0;
    }

    private void applyTile(float[] x, int o, int length) {
        if (scale.length > 0) {
            RowMath.scale(x, o, scale, length);
        }
        boolean rectifies = activation instanceof Activation.Rectifier;
        if (shift.length > 0 && rectifies) {
            RowMath.shiftAndRelu(x, o, shift, length);
        } else if (shift.length > 0) {
            RowMath.shift(x, o, shift, length);
        } else if (rectifies) {
            RowMath.relu(x, o, length);
        }
        if (activation instanceof Activation.Rectifier rectifier && rectifier.high() < Float.POSITIVE_INFINITY) {
            RowMath.cap(x, o, rectifier.high(), length);
        }
        if (activation instanceof Activation.Leaky leaky) {
            RowMath.leaky(x, o, leaky.slope(), length);
        }
    }
}
