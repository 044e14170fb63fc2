/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The rows on which a graph made from a base is checked to compute what the base computes, before it is trained. The check
 * costs about two forward passes of these rows; parameters and random states are only read.
 */
public sealed interface Probe {

    /**
     * Rows made up for the base: its input sizes are read off its configuration and weights, values are drawn with a fixed
     * seed. If none is found that the base takes, nothing is compared and the {@link ProbeReport} says so.
     */
    static Probe automatic() {
        return new Automatic();
    }

    /**
     * The caller's own rows, a few are enough.
     *
     * @param features one array per input of the network, as {@code output} takes them; only read
     * @throws IllegalArgumentException if there is none
     */
    static Probe of(INDArray... features) {
        return new Given(Arrays.asList(features), List.of());
    }

    /** As {@link #of(INDArray...)}, with the features and the feature masks of a data set. */
    static Probe of(MultiDataSet data) {
        INDArray @Nullable [] masks = data.getFeaturesMaskArrays();
        List<Optional<INDArray>> perInput = new ArrayList<>();
        if (masks != null) {
            for (@Nullable INDArray mask : masks) {
                perInput.add(Optional.ofNullable(mask));
            }
        }
        return new Given(Arrays.asList(data.getFeatures()), perInput);
    }

    /** Nothing is compared. */
    static Probe none() {
        return new None();
    }

    /** See {@link Probe#automatic()}. */
    record Automatic() implements Probe {}

    /**
     * See {@link Probe#of(INDArray...)}.
     *
     * @param features one array per input
     * @param masks a mask or none per input; empty if there is no mask at all
     */
    record Given(List<INDArray> features, List<Optional<INDArray>> masks) implements Probe {

        public Given {
            features.forEach(array -> Objects.requireNonNull(array, "a probe needs an array per input, got null"));
            features = List.copyOf(features);
            masks = List.copyOf(masks);
            if (features.isEmpty()) {
                throw new IllegalArgumentException("a probe needs an array per input of the network, got none");
            }
            if (!masks.isEmpty() && masks.size() != features.size()) {
                throw new IllegalArgumentException("a probe's masks must be one per input, got " + masks.size()
                        + " for " + features.size() + " inputs");
            }
        }
    }

    /** See {@link Probe#none()}. */
    record None() implements Probe {}
}
