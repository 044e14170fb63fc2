/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.List;

/**
 * An adapter of a set, as it is now.
 *
 * @param active whether it is used where nothing else is said
 * @param scale factor on what it adds to weights
 * @param bytes of its arrays
 * @param weights names of the weights that it adds to
 * @param trainedInFull names of the layers that it brings with it
 */
public record AdapterStatus(
        String name, boolean active, double scale, long bytes, List<String> weights, List<String> trainedInFull) {

    /** Copies the lists. */
    public AdapterStatus {
        weights = List.copyOf(weights);
        trainedInFull = List.copyOf(trainedInFull);
    }
}
