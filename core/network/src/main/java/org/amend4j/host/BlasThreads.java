/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How many threads OpenBLAS gives one product. It is one while a host machine holds memory, as products are made side by side: a
 * setting of the whole process (ND4J's products are made by one thread meanwhile), which is put back when the last machine has given
 * its memory back. It
 * takes OpenBLAS 0.1 ms, too long to be done around every step.
 */
final class BlasThreads {

    private static int machines;
    private static int before;

    private BlasThreads() {}

    static int now() {
        return openblas_nolapack.blas_get_num_threads();
    }

    static synchronized void one() {
        if (machines == 0) {
            Nd4j.getBlasWrapper(); // sets the number of threads when it is made
            before = now();
            openblas_nolapack.blas_set_num_threads(1);
        }
        machines++;
    }

    static synchronized void asBefore() {
        machines--;
        if (machines == 0) {
            openblas_nolapack.blas_set_num_threads(before);
        }
    }
}
