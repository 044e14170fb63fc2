/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.NavigableSet;

/**
 * The checkpoints of one learning run, by step, each under a data key of its own that can be destroyed. When a deletion
 * requires checkpoints to be destroyed, {@link #destroyFrom} does so and returns the ids of the destroyed keys, to which a
 * certificate can refer.
 *
 * <p>Arrays are copied in both directions, bit for bit. Not thread-safe.
 */
public interface CheckpointVault extends Closeable {

    /** Steps that have a checkpoint, ascending; a snapshot. Damage inside a checkpoint shows when it is read. */
    NavigableSet<Integer> steps() throws IOException;

    /**
     * The parameters at a step.
     *
     * @throws IOException if there is no checkpoint of that step, it was destroyed, or it is damaged; the sentence says which
     */
    double[] read(int step) throws IOException;

    /**
     * Keeps the parameters at a step. They are safe when this returns, and an older checkpoint of the step is destroyed; if
     * it fails, an older one may still be there.
     *
     * @param step at least 0
     * @param theta the parameters, as many as the run has
     */
    void keep(int step, double[] theta) throws IOException;

    /**
     * SHA-256 of what a checkpoint says: the step (4 bytes) and the parameters (IEEE 754, 8 bytes each), most significant
     * byte first; 64 hexadecimal digits.
     *
     * @throws IOException as {@link #read}
     */
    String sha256(int step) throws IOException;

    /**
     * Names the data key of a checkpoint without giving it away.
     *
     * @throws IOException if there is no checkpoint of that step
     */
    String keyId(int step) throws IOException;

    /**
     * Destroys the keys of all checkpoints of this step and later ones, and then their content. When it returns, this is
     * final; if it fails, some or all may be left, and it can be called again. To be able to name the keys even after a
     * failure, ask for their ids before.
     *
     * @param step at least 0
     * @return ids of the keys that this call destroyed, by ascending step
     */
    List<String> destroyFrom(int step) throws IOException;

    @Override
    void close() throws IOException;
}
