/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * How many threads ND4J's loops have. It divides loops over a thousand numbers already; where a layer goes from step to step, waking the
 * others takes longer than the loops do.
 */
final class OpenMpThreads {

    private OpenMpThreads() {}

    /** Whether a layer goes through a sequence step by step. */
    static boolean isStepwise(Layer layer) {
        return layer instanceof RecurrentLayer
                || (layer instanceof BaseWrapperLayer wrapper && isStepwise(wrapper.getUnderlying()));
    }

    /** Does work of this thread whose loops are not divided; products are none. */
    static <T> T one(Supplier<T> work) {
        NativeOps settings = NativeOpsHolder.getInstance().getDeviceNativeOps();
        int before = settings.ompGetMaxThreads();
        settings.setOmpNumThreads(1);
        try {
            return work.get();
        } finally {
            settings.setOmpNumThreads(before);
        }
    }
}
