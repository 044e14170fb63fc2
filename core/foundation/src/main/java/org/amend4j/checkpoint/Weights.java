/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;

/** The weights of a model by the names of its checkpoint; matrices are [outputs, inputs] in C-order. */
@FunctionalInterface
public interface Weights {

    /**
     * The values of a tensor, which the caller keeps.
     *
     * @param name one that the configuration asks for
     * @throws IOException if they cannot be read
     */
    float[] values(String name) throws IOException;

    /** Whether there is a tensor that a checkpoint may lack, as an encoder's pooler. */
    default boolean hasOptional(String name) {
        return false;
    }
}
