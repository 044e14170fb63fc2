/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import org.amend4j.graph.Records;

/** Reads blocks of records where they are, on executors. It is sent there by Java's serialization, so it holds paths, not data. */
public interface BlockReader extends Serializable {

    /**
     * The records of a block, the same bytes every time.
     *
     * @throws IOException if they cannot be read here
     */
    Records read(long block) throws IOException;
}
