/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeConvolutional3D;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;

/**
 * The products that a layer makes of one example, of rows with its weights and of activations with one another. What is done
 * element by element is none.
 *
 * @param weights how each weight that an adapter can add to is used, by its key
 * @param between multiplications of activations with one another, forwards; their errors take twice as many
 */
public record ExampleProducts(Map<String, Use> weights, long between) {

    /**
     * How an example uses a weight.
     *
     * @param rows that are multiplied with it, or looked up in it
     * @param zeros how many of these are zero and left out
     * @param inner whether what the layer's own weights make is in these rows, so that errors go through this one if any of them trains
     */
    public record Use(long rows, long zeros, boolean inner) {

        /** @throws IllegalArgumentException if a component breaks its rule */
        public Use {
            if (zeros < 0 || zeros > rows) {
                throw new IllegalArgumentException("zero rows must be some of the " + rows + " rows, got " + zeros);
            }
        }

        /** Rows that are not left out. */
        public long multiplied() {
            return rows - zeros;
        }
    }

    /** Keeps the map's order. */
    public ExampleProducts {
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    }

    /** None of activations, and so many rows with each weight. */
    public static ExampleProducts of(Collection<String> keys, long rows) {
        Map<String, Use> weights = new LinkedHashMap<>();
        keys.forEach(key -> weights.put(key, new Use(rows, 0, false)));
        return new ExampleProducts(weights, 0);
    }

    /** A row with each weight at every place of an activation; empty if these cannot be counted. */
    public static Optional<ExampleProducts> at(InputType activation, Collection<String> keys) {
        return places(activation).map(rows -> of(keys, rows));
    }

    /** Pixels, voxels or steps of an activation, else 1; empty if there are steps and their number is not known. */
    public static Optional<Long> places(InputType activation) {
        if (activation instanceof InputTypeConvolutional image) {
            return Optional.of(image.getHeight() * image.getWidth());
        }
        if (activation instanceof InputTypeConvolutional3D volume) {
            return Optional.of(volume.getDepth() * volume.getHeight() * volume.getWidth());
        }
        return activation instanceof InputTypeRecurrent sequence
                ? Optional.of(sequence.getTimeSeriesLength()).filter(steps -> steps > 0)
                : Optional.of(1L);
    }

    /** This, with what other weights of the layer make in the rows of some. */
    public ExampleProducts withInner(String... keys) {
        return changing(use -> new Use(use.rows(), use.zeros(), true), keys);
    }

    /** This, with the layer's last output in the rows of some, which is zero at first. */
    public ExampleProducts withRecurrent(String... keys) {
        return changing(use -> new Use(use.rows(), 1, true), keys);
    }

    private ExampleProducts changing(UnaryOperator<Use> change, String... keys) {
        Map<String, Use> changed = new LinkedHashMap<>(weights);
        for (String key : keys) {
            changed.computeIfPresent(key, (same, use) -> change.apply(use));
        }
        return new ExampleProducts(changed, between);
    }

    /** This, of a layer inside of another one that puts a prefix before keys. */
    public ExampleProducts withPrefix(String prefix) {
        return new ExampleProducts(
                weights.entrySet().stream()
                        .collect(Collectors.toMap(one -> prefix + one.getKey(), Map.Entry::getValue)),
                between);
    }

    /** Both, of layers with other keys each. */
    public ExampleProducts plus(ExampleProducts other) {
        Map<String, Use> both = new LinkedHashMap<>(weights);
        both.putAll(other.weights);
        return new ExampleProducts(both, between + other.between);
    }

    /** All of it so many times. */
    public ExampleProducts times(long count) {
        Map<String, Use> all = new LinkedHashMap<>();
        weights.forEach((key, use) -> all.put(key, new Use(use.rows() * count, use.zeros() * count, use.inner())));
        return new ExampleProducts(all, between * count);
    }

    /** Of one weight. */
    public Use of(String key) {
        return Objects.requireNonNull(weights.get(key), key);
    }
}
