/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

/**
 * Some work, and how its memory is released.
 */
record Prepared(Runnable work, Runnable end) implements PreparedWork {

    @Override
    public void run() {
        work.run();
    }

    @Override
    public void close() {
        end.run();
    }
}
