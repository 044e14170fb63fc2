/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the current thread allocates. */
final class Allocated {

    private Allocated() {}

    /** Bytes that something allocates the second time, when classes have been loaded. */
    static long by(Runnable something) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        something.run();
        long before = threads.getCurrentThreadAllocatedBytes();
        something.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
