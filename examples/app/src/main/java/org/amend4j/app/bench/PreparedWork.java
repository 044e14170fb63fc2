/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

/** Something prepared that can be done again and again. */
interface PreparedWork extends AutoCloseable {

    void run();

    /** Gives back the memory it took. */
    @Override
    void close();
}
