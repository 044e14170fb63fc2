/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.util.Arrays;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;

/**
 * A process of a test's cluster that ends with the test's JVM, however that ends: its standard input is a pipe from there, which the
 * system closes.
 */
public final class Tethered {

    private Tethered() {}

    /** Becomes what the first argument names, with the others as its own. */
    public static void main(String[] arguments) throws Exception {
        Thread tether = new Thread(Tethered::endWithInput, "tether");
        tether.setDaemon(true);
        tether.start();
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        switch (arguments[0]) {
            case "master" -> Master.main(rest);
            case "worker" -> Worker.main(rest);
            case "driver" -> ClusterDriver.run(rest);
            default -> throw new IllegalArgumentException("master, worker or driver, got " + arguments[0]);
        }
    }

    private static void endWithInput() {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever said
            }
        } catch (IOException e) {
            // the same as its end
        }
        Runtime.getRuntime().halt(1);
    }
}
