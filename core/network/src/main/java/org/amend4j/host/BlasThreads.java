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

    /** For how long the setting stays after the last product of a machine that is there for long. */
    private static final long MOMENT_NANOS = 500_000_000;
    /** How often somebody looks whether it has passed. */
    private static final long LOOK_MILLIS = 100;

    private static int machines;
    private static int before;

    private static volatile long lastUse;
    private static volatile boolean lent;

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

    /** One thread for the product that comes next, and for half a second. Costs little if it is so already. */
    static void forAMoment() {
        lastUse = System.nanoTime();
        if (!lent) {
            lend();
        }
    }

    private static synchronized void lend() {
        if (!lent) {
            one();
            lent = true;
            Thread watch = new Thread(BlasThreads::watch, "amend4j-blas-threads");
            watch.setDaemon(true);
            watch.start();
        }
    }

    private static void watch() {
        boolean over = false;
        while (!over) {
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException nobodyDoesThat) {
                continue;
            }
            over = takeBack();
        }
    }

    /** Takes the setting back if nobody used it lately; who uses it just now either is seen here or sees that it is gone. */
    private static synchronized boolean takeBack() {
        lent = false;
        if (System.nanoTime() - lastUse < MOMENT_NANOS) {
            lent = true;
            return false;
        }
        asBefore();
        return true;
    }
}
