/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Optional;
import org.amend4j.network.ChannelAffine;

/**
 * What follows a linear operation, gathered while compiling: a scale and shift per channel (batch norms compose into
 * it), then at most one activation.
 */
final class Fold {

    private double[] scale = new double[0];
    private double[] shift;
    private Optional<RowActivation> activation = Optional.empty();

    /**
     * @param bias the linear operation's bias, one entry a channel, or empty for none
     */
    Fold(double[] bias) {
        this.shift = bias.clone();
    }

    /** Whether a batch norm can still be taken in: not after an activation. */
    boolean isLinear() {
        return activation.isEmpty();
    }

    /** {@code factor · y + shift} per channel, and no more. */
    static Fold affine(ChannelAffine affine) {
        Fold fold = new Fold(affine.shift());
        fold.scale = affine.factor();
        return fold;
    }

    /** The number of channels of the scale. */
    int channels() {
        return scale.length;
    }

    /** Follows with what {@link #affine} made. */
    void follow(Fold affine) {
        double[] factor = affine.scale;
        int c = factor.length;
        double[] newScale = factor.clone();
        double[] newShift = affine.shift.clone();
        for (int j = 0; j < c; j++) {
            if (scale.length > 0) {
                newScale[j] *= scale[j];
            }
            if (shift.length > 0) {
                newShift[j] += factor[j] * shift[j];
            }
        }
        scale = newScale;
        shift = newShift;
    }

    /** Follows with an activation. */
    void activation(RowActivation next) {
        if (!(next instanceof RowActivation.Identity)) {
            activation = Optional.of(next);
        }
    }

    /** The factor of each channel, to be multiplied into weights; empty if there is none. */
    double[] scale() {
        return scale.clone();
    }

    /** All of it, for an operation whose weights stay as they are. */
    Epilogue whole() {
        return new Epilogue(floats(scale), floats(shift), activation.orElse(new RowActivation.Identity()));
    }

    /** All but the scale, for an operation that has taken the scale into its weights. */
    Epilogue withoutScale() {
        return new Epilogue(new float[0], floats(shift), activation.orElse(new RowActivation.Identity()));
    }

    private static float[] floats(double[] values) {
        float[] result = new float[values.length];
        for (int j = 0; j < values.length; j++) {
            result[j] = (float) values[j];
        }
        return result;
    }
}
