/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.driver;

import org.amend4j.cuda.cache.CodeCache;
import org.amend4j.machine.MachineException;

/** What {@link TrialProcess} runs: all that a card is asked for in its trial, on the first one. */
final class TrialMain {

    private TrialMain() {}

    /**
     * Ends normally unless CUDA does not let it.
     *
     * @param libraries of CUDA's, to be loaded first, in this order
     */
    public static void main(String[] libraries) {
        for (String library : libraries) {
            System.load(library);
        }
        tell(TrialProcess.STARTED);
        try {
            CudaDevice.openTried(0, CodeCache.ofUser()).close();
        } catch (MachineException failed) {
            tell(failed.getMessage());
        }
    }

    private static void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
