/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.amend4j.internal.validation.Checks;

/**
 * An adapter and the weight that it adds to. New adapters have a rank of at most the smaller side of the weight; those that PEFT wrote, or that
 * were put side by side, can have a higher one. Can be a property of a Deeplearning4j configuration; invalid JSON is refused.
 *
 * @param weight the weight, whose name is the adapter's target
 * @param adapter rank, scaling, dropout and start
 * @param rows rows of the matricised weight and of A: inputs, times the kernel's size for a convolution, >= 1
 * @param columns columns of the matricised weight and of B: outputs, >= 1
 */
public record WeightAdapter(AdaptedWeight weight, AdapterSpec adapter, long rows, long columns) {

    /** @throws IllegalArgumentException if the parts do not fit together */
    public WeightAdapter {
        Checks.present("the adapted weight", weight);
        Checks.present("the adapter of '" + weight.name() + "'", adapter);
        if (!adapter.target().equals(weight.name())) {
            throw new IllegalArgumentException(
                    "the target of the adapter of '" + weight.name() + "' must be it, got '" + adapter.target() + "'");
        }
    }

    /** This, with no input of A dropped. */
    public WeightAdapter withoutDropout() {
        return new WeightAdapter(weight, adapter.withoutDropout(), rows, columns);
    }

    /** Elements of everything that trains: A, B, and the vectors of the scheme. */
    public long parameters() {
        return shapes().values().stream()
                .mapToLong(shape -> shape[0] * shape[1])
                .sum();
    }

    /** Shapes of everything that trains by key, in the order in which parameters are laid out: A, B, magnitude, bias of B. */
    public Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(weight.keyOfA(), new long[] {rows, adapter.rank()});
        shapes.put(weight.keyOfB(), new long[] {adapter.rank(), columns});
        if (adapter.scheme().hasMagnitude()) {
            shapes.put(weight.keyOfMagnitude(), new long[] {1, columns});
        }
        if (adapter.scheme().biasOnB()) {
            shapes.put(weight.keyOfBiasOnB(), new long[] {1, columns});
        }
        return shapes;
    }
}
