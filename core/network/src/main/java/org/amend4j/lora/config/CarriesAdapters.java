/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import java.util.List;
import org.amend4j.network.StandsOnBase;

/** A configuration on a base whose parameters are the factors of adapters, and what their scheme trains besides. */
public interface CarriesAdapters extends StandsOnBase {

    /** The adapters, in the order of their factors. */
    List<WeightAdapter> adapters();

    /** Biases that train too, behind the factors. */
    default List<AdaptedBias> biases() {
        return List.of();
    }
}
