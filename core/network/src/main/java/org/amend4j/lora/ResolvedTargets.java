/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;

/**
 * A configuration made concrete for one network.
 *
 * @param adapters one entry per adapted layer, in the network's order
 * @param trainedInFull names of the layers trained as they are, in the network's order
 */
public record ResolvedTargets(List<AdapterSpec> adapters, List<String> trainedInFull) {
    public ResolvedTargets {
        adapters = List.copyOf(adapters);
        trainedInFull = List.copyOf(trainedInFull);
    }
}
