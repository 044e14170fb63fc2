/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running layer or vertex whose adapters can be switched off: it then computes what the base computes. */
public interface SwitchableAdapters {

    /** Switches the adapters on or off; without any nothing happens. */
    void setAdapterEnabled(boolean enabled);

    /**
     * Says what it computes with while adapters are off, where that is not the weights that they add to: they hold a part
     * of those.
     *
     * @param weights all weights of the layer by Deeplearning4j's keys, only read
     */
    void setWeightsWithoutAdapter(Map<String, INDArray> weights);
}
