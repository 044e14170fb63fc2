/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.amend4j.graph.KernelProbe;

/** The native kernels of this process, which has the same ones as long as it lives. */
final class Kernels {

    /** Probed when it is first asked for. */
    private static final class Here {
        static final String DIGEST = KernelProbe.digest();
    }

    private Kernels() {}

    static String digest() {
        return Here.DIGEST;
    }

    /** @throws IllegalArgumentException if this process's are not the driver's */
    static void require(String ofDriver) {
        if (!digest().equals(ofDriver)) {
            throw new IllegalArgumentException("executors must compute the bits that the driver does, with equal"
                    + " OMP_NUM_THREADS and processors (or OPENBLAS_CORETYPE), got others on "
                    + hostName());
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
