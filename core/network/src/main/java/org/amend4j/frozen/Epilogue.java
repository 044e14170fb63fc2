/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What is still to be done to a raw product: a scale and a shift per channel, then the activation. A consumer that
 * reads rows anyway applies it on the way; otherwise the producer finishes its own buffer.
 */
final class Epilogue {

    private final float[] scale;
    private final float[] shift;
    private final RowActivation activation;

    /** Scale and shift, repeated pixel after pixel for the longest piece so far; replaced whole, never changed. */
    private volatile Tiles tiles;

    private record Tiles(Floats scale, Floats shift, int length) {}

    /** A float array that is not to be changed. */
    private static final class Floats {
        private final float[] values;

        Floats(float[] values) {
            this.values = values;
        }
    }

    /**
     * @param scale one factor a channel, or empty for none
     * @param shift one summand a channel, or empty for none
     */
    Epilogue(float[] scale, float[] shift, RowActivation activation) {
        this.scale = scale.clone();
        this.shift = shift.clone();
        this.activation = activation;
        this.tiles = new Tiles(new Floats(new float[0]), new Floats(new float[0]), 0);
    }

    /** Whether there is nothing to do. */
    boolean isNothing() {
        return scale.length == 0 && shift.length == 0 && activation instanceof RowActivation.Identity;
    }

    /** Whether all of it can be applied row by row. */
    boolean ridesAlong() {
        return activation.ridesAlong();
    }

    /** Applies all but a native activation to the whole pixels at the front: length is a multiple of the channels. */
    void apply(float[] x, int length) {
        Tiles repeated = tiles(length);
        if (scale.length > 0) {
            RowMath.scale(x, repeated.scale.values, length);
        }
        boolean rectifies = activation instanceof RowActivation.Rectifier;
        if (shift.length > 0 && rectifies) {
            RowMath.shiftAndRelu(x, repeated.shift.values, length);
        } else if (shift.length > 0) {
            RowMath.shift(x, repeated.shift.values, length);
        } else if (rectifies) {
            RowMath.relu(x, length);
        }
        if (activation instanceof RowActivation.Rectifier rectifier && rectifier.high() < Float.POSITIVE_INFINITY) {
            RowMath.cap(x, rectifier.high(), length);
        }
        if (activation instanceof RowActivation.Leaky leaky) {
            RowMath.leaky(x, leaky.slope(), length);
        }
    }

    /** Applies the native activation, if that is what it is, to a whole buffer. */
    void applyNative(INDArray whole) {
        if (activation instanceof RowActivation.Native other) {
            INDArray result = other.function().getActivation(whole, false);
            if (result != whole) {
                whole.assign(result);
            }
        }
    }

    /** Repeats a vector until it has the given length. */
    static float[] repeated(float[] vector, int length) {
        if (vector.length == 0) {
            return vector;
        }
        float[] result = new float[length];
        for (int at = 0; at < length; at += vector.length) {
            System.arraycopy(vector, 0, result, at, Math.min(vector.length, length - at));
        }
        return result;
    }

    private Tiles tiles(int length) {
        Tiles current = tiles;
        if (current.length < length) {
            current = new Tiles(new Floats(repeated(scale, length)), new Floats(repeated(shift, length)), length);
            tiles = current;
        }
        return current;
    }
}
