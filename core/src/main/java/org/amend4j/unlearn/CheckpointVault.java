package org.amend4j.unlearn;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.NavigableSet;

/** Checkpoints of a run that can be destroyed. What was kept is on the disk, or wherever it is kept, when a method returns. */
public interface CheckpointVault extends Closeable {

    /** Steps that have a checkpoint. */
    NavigableSet<Integer> steps() throws IOException;

    /**
     * The parameters after so many steps; the array is the caller's.
     *
     * @throws IOException if there is no such checkpoint, or it is damaged
     */
    double[] read(int step) throws IOException;

    /** Keeps parameters, copied; an older checkpoint of the step is destroyed. */
    void keep(int step, double[] theta) throws IOException;

    /** SHA-256 of a checkpoint's step and parameters: 64 hexadecimal digits. */
    String sha256(int step) throws IOException;

    /** Names the key of a checkpoint without giving it away. */
    String keyId(int step) throws IOException;

    /**
     * Destroys all checkpoints of this step and later ones.
     *
     * @return the ids of the keys that were destroyed
     */
    List<String> destroyFrom(int step) throws IOException;
}
