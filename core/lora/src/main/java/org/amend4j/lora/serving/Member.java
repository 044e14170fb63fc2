/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import org.amend4j.internal.lora.FittedAdapter;
import org.amend4j.internal.lora.SharedGraph.Scaled;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.file.LayerFactors;

/** An adapter of a set. */
record Member(FittedAdapter adapter, double scale) {

    Scaled scaled() {
        return new Scaled(adapter, scale);
    }

    AdapterStatus status(String name, boolean active) {
        return new AdapterStatus(
                name,
                active,
                scale,
                adapter.bytes(),
                adapter.content().factors().stream()
                        .map(LayerFactors::spec)
                        .map(AdapterSpec::target)
                        .toList(),
                adapter.trained().stream().toList());
    }
}
