/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

/**
 * One entry of a comparison.
 *
 * @param name its column
 * @param step one unit of work, repeatable without limit
 * @param close frees what the contender holds
 * @param begin what makes ready for a turn, not timed
 */
record Contender(String name, Runnable step, Runnable close, Runnable begin) {

    /** One whose products are OpenBLAS's, by all of its threads. */
    Contender(String name, Runnable step, Runnable close) {
        this(name, step, close, Machine::allThreads);
    }
}
