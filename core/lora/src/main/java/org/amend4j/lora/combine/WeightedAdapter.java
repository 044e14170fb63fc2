/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;

/**
 * An adapter and how much of it is wanted.
 *
 * @param name what messages call it
 * @param weight factor of what it adds to the base's weights: any finite number, negative ones turn it round
 */
public record WeightedAdapter(String name, AdapterContent content, double weight) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public WeightedAdapter {
        Checks.name("the name of an adapter", name);
        Checks.present("the content of '" + name + "'", content);
        Checks.finite("the weight of '" + name + "'", weight);
    }

    /**
     * One of ours or of PEFT's.
     *
     * @throws IOException if it cannot be read, as in {@link AdapterFile#readAsNamed(Path)}
     */
    public static WeightedAdapter read(Path directory, double weight) throws IOException {
        return new WeightedAdapter(directory.toString(), AdapterFile.readAsNamed(directory), weight);
    }

    /** The highest rank among its layers; 0 if it only has layers trained in full. */
    public int largestRank() {
        return content.factors().stream()
                .mapToInt(layer -> layer.spec().rank())
                .max()
                .orElse(0);
    }
}
