/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.file.AtomicFile;

/**
 * Where a training is kept until its adapter is there: a file next to the adapter.
 *
 * @param file the file; a stopped training has left it there if {@code before} is present
 * @param before what it had reached; empty for one that begins
 */
public record CheckpointPlace(Path file, Optional<AdapterCheckpoint> before) {

    private static final String ENDING = ".checkpoint.safetensors";

    /**
     * Looks at what is there.
     *
     * @param adapter a new folder
     * @param resume whether to go on with the training that was stopped; else there must be none
     * @throws BadInputException if it is otherwise, or the checkpoint cannot be read; nothing has changed then
     */
    public static CheckpointPlace of(Path adapter, boolean resume) {
        Path file = file(adapter);
        boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        if (there && !resume) {
            throw new BadInputException("--out: a training of " + adapter + " was stopped, " + file
                    + " has it: --resume continues it; delete that file to begin anew, or choose another name");
        }
        if (!there && resume) {
            throw new BadInputException(
                    "--resume: there is no checkpoint " + file + ": leave out --resume to begin from the start");
        }
        try {
            return new CheckpointPlace(file, resume ? Optional.of(AdapterCheckpoint.read(file)) : Optional.empty());
        } catch (IOException bad) {
            throw new BadInputException(
                    "--resume: the checkpoint " + file + " cannot be used: " + Reasons.of(bad)
                            + "; delete it to begin from the start",
                    bad);
        }
    }

    /**
     * Refuses to go on with a training if its adapter is there.
     *
     * @throws BadInputException if it is there, naming what is left to do
     */
    public static void requireUnfinished(Path adapter) {
        if (Files.exists(adapter, LinkOption.NOFOLLOW_LINKS)) {
            Path file = file(adapter);
            throw new BadInputException("--resume: " + adapter + " is there already, so there is nothing to go on with"
                    + (Files.exists(file) ? "; " + file + " can be deleted" : ""));
        }
    }

    private static Path file(Path adapter) {
        return adapter.resolveSibling(adapter.getFileName() + ENDING);
    }

    /** Removes what runs that were killed while they wrote have left of this file and the adapter. No run may be writing them. */
    public void removeLeftovers(Path adapter) throws IOException {
        AtomicFile.removeLeftovers(file);
        WholeFolder.removeLeftovers(adapter);
    }
}
