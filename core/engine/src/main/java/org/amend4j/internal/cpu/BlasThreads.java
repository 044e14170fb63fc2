/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How many threads OpenBLAS gives one product: one to those of plans, which are made side by side, and to those whose bytes
 * must not depend on the number. This is a setting of the whole process
 * that several threads want at once. So it is lent to the first, and a daemon thread puts it back when
 * none has been made for a moment; ND4J's own products are made by one thread meanwhile.
 */
public final class BlasThreads {

    /** For how long the setting stays after a product. */
    private static final long MOMENT_NANOS = 20_000_000;
    /** How often somebody looks whether it has passed. */
    private static final long LOOK_MILLIS = 10;

    /** Whose products are being made. */
    private static final AtomicInteger users = new AtomicInteger();

    private static volatile long lastUse;
    private static volatile boolean lent;
    private static boolean watched;
    private static int before;

    private BlasThreads() {}

    static int now() {
        return BlasSetting.get();
    }

    /** Does work whose products are made by one thread each, however long it takes. Costs little if the setting is lent already. */
    public static void one(Runnable work) {
        users.incrementAndGet();
        try {
            if (!lent) {
                lend();
            }
            work.run();
        } finally {
            lastUse = System.nanoTime();
            users.decrementAndGet();
        }
    }

    /** Does others' work, whose products are made by as many threads as ever, unless some of plans are being made just now. */
    static void all(Runnable work) {
        takeBack();
        work.run();
    }

    /** After work whose products are made by one thread each, and before others' by as many as ever: no need to wait for the moment to pass. */
    public static void done() {
        takeBack();
    }

    private static synchronized void lend() {
        if (!lent) {
            Nd4j.getBlasWrapper(); // sets the number of threads when it is made
            before = now();
            BlasSetting.set(1);
            lent = true;
            if (!watched) {
                watched = true;
                Thread watch = new Thread(BlasThreads::watch, "amend4j-blas-threads");
                watch.setDaemon(true);
                watch.start();
            }
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
            over = isOver();
        }
    }

    private static synchronized boolean isOver() {
        if (System.nanoTime() - lastUse >= MOMENT_NANOS) {
            takeBack();
        }
        watched = lent;
        return !lent;
    }

    /** Takes the setting back if nobody uses it; who begins just now either is seen here or sees that it is gone. */
    private static synchronized void takeBack() {
        if (lent) {
            lent = false;
            if (users.get() > 0) {
                lent = true;
            } else {
                BlasSetting.set(before);
            }
        }
    }
}
