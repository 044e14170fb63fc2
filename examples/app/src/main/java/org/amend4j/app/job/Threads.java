/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.factory.Nd4j;

/** How many threads the native libraries use in this process. */
public final class Threads {

    private Threads() {}

    /**
     * One thread from now on. For products of a few megaflops a second one gains nothing, and where the cores have other
     * work it costs a factor of ten: OpenBLAS's threads wait for one another by spinning.
     */
    public static void useOne() {
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
        openblas.blas_set_num_threads(1);
    }

    /** How many ND4J uses. */
    public static int inUse() {
        return Nd4j.getEnvironment().maxMasterThreads();
    }
}
