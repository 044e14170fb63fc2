/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.network.StandsOnBase;

/** A configuration on a base whose parameters are the factors of adapters. */
public interface CarriesAdapters extends StandsOnBase {

    /** The adapters, in the order of their factors; at least one. */
    List<WeightAdapter> adapters();
}
