/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.device;

import java.util.List;
import org.amend4j.backend.MachineException;

/** A compiled kernel source on a device; for devices to implement. */
public interface LoadedCode {

    /**
     * Starts a kernel, arguments checked before.
     *
     * @param arguments 64 bits each, a smaller value in the lowest bits
     * @throws MachineException if the device refuses
     */
    void launch(KernelSignature kernel, LaunchShape shape, long[] arguments);

    /**
     * As {@link #launch(KernelSignature, LaunchShape, long[])}, for devices that want to know which arrays the addresses are of.
     *
     * @param arrays the same arguments as they were given
     */
    default void launch(KernelSignature kernel, LaunchShape shape, long[] arguments, List<Argument> arrays) {
        launch(kernel, shape, arguments);
    }

    /** Gives the code back. */
    void unload();
}
