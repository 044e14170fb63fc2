/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.machine.Gemm;
import org.amend4j.machine.MachineArray;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.factory.Nd4j;

/** A machine whose memory is held for long: OpenBLAS has one thread while it makes products, and its own number soon after. */
@Timeout(60)
class ResidentMachineTest {

    private static final int THREADS = 3;

    private final int before = openblas_nolapack.blas_get_num_threads();

    @AfterEach
    void putBack() {
        openblas_nolapack.blas_set_num_threads(before);
    }

    @Test
    void holdsOneThreadForAMomentOnly() throws InterruptedException {
        Nd4j.getBlasWrapper();
        openblas_nolapack.blas_set_num_threads(THREADS);
        try (HostMachine machine = HostMachine.openResident(1);
                MachineArray a = machine.allocate("A", new double[] {1, 2, 3, 4});
                MachineArray c = machine.allocate("C", new double[4])) {
            assertEquals(THREADS, BlasThreads.now(), "memory alone changes nothing");
            for (int round = 0; round < 2; round++) {
                machine.multiply(Gemm.rows(2, 2, 2), a, a, c);
                assertEquals(1, BlasThreads.now());
                int looks = 0;
                while (BlasThreads.now() == 1) {
                    Thread.sleep(20);
                    looks++;
                }
                assertEquals(THREADS, BlasThreads.now());
                assertTrue(looks > 10, "it stays for half a second, got " + looks + " looks");
            }
        }
    }
}
