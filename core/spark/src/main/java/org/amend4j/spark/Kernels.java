/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.amend4j.internal.graph.KernelProbe;

/**
 * The native kernels of a process, which has the same ones as long as it lives.
 *
 * @param digest {@link KernelProbe#digest}
 * @param coreType {@link KernelProbe#coreType}, for people
 */
record Kernels(String digest, String coreType) implements Serializable {

    /** Probed when it is first asked for. */
    private static final class Here {
        static final Kernels KERNELS = new Kernels(KernelProbe.digest(), KernelProbe.coreType());
    }

    /** This process's. */
    static Kernels here() {
        return Here.KERNELS;
    }

    /** @throws IllegalArgumentException if this process's are not these, the driver's */
    void requireHere() {
        if (!here().digest.equals(digest)) {
            throw new IllegalArgumentException("executors must compute the bits that the driver does, with equal"
                    + " OMP_NUM_THREADS and processors (or OPENBLAS_CORETYPE), got others on "
                    + hostName() + ": OpenBLAS has kernels for " + here().coreType + " there, for " + coreType
                    + " in the driver");
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "a host without a name";
        }
    }
}
