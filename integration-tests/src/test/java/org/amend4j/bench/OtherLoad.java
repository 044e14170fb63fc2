/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import java.util.OptionalDouble;

/**
 * How much of the machine other processes used while something was timed. OpenBLAS's threads wait for each other by
 * yielding, so that a single busy neighbour makes a product several times slower: such a timing says nothing.
 */
final class OtherLoad {

    private final long start = System.nanoTime();
    private final OptionalDouble busyBefore = Machine.busyTime();
    private final double ownBefore = Machine.ownTime();

    /** Mean number of processors others kept busy since this object was made; empty where the system does not tell. */
    OptionalDouble processors() {
        OptionalDouble busyNow = Machine.busyTime();
        if (busyBefore.isEmpty() || busyNow.isEmpty()) {
            return OptionalDouble.empty();
        }
        double others = busyNow.getAsDouble() - busyBefore.getAsDouble() - (Machine.ownTime() - ownBefore);
        return OptionalDouble.of(Math.max(0, others / (System.nanoTime() - start)));
    }
}
