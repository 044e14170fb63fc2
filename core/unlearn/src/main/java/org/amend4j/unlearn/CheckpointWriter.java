/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import org.amend4j.internal.file.DiskThread;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the checkpoints of a run, one after the other in the order of its steps, while the run goes on. The vault belongs
 * to this writer until it is closed. Interrupts of the run's thread do not affect files.
 */
final class CheckpointWriter implements Closeable {

    private final CheckpointVault vault;
    private final DiskThread disk = new DiskThread("checkpoints");

    CheckpointWriter(CheckpointVault vault) {
        this.vault = vault;
    }

    /**
     * Begins to keep a checkpoint; waits only while another one waits already.
     *
     * @param theta copied, and the copy overwritten once it is kept
     * @throws IOException if an earlier one could not be kept; none is kept after it
     */
    void keep(int step, double[] theta) throws IOException {
        requireNoFailure();
        double[] copy = theta.clone();
        disk.change(() -> {
            try {
                vault.keep(step, copy);
            } finally {
                Arrays.fill(copy, 0);
            }
        });
    }

    /**
     * Waits until all checkpoints are safe.
     *
     * @throws IOException if one could not be kept
     */
    @Override
    public void close() throws IOException {
        try {
            disk.await(() -> {});
        } finally {
            disk.end();
        }
        requireNoFailure();
    }

    private void requireNoFailure() throws IOException {
        Throwable failure = disk.failure();
        if (failure != null) {
            // a new exception each time: one that is thrown by keep and again by close could not suppress itself
            @Nullable String why = failure.getMessage();
            throw new IOException(
                    "a checkpoint could not be kept: "
                            + (why == null ? failure.getClass().getSimpleName() : why),
                    failure);
        }
    }
}
