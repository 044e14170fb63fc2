/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.safetensors.Printable;

/** A checkpoint is damaged, or its model computes something that is not supported. The message is one sentence that names the file. */
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1L;

    CheckpointException(Path file, String sentence) {
        super("file " + Printable.quoted(file.toString()) + ": " + sentence);
    }

    CheckpointException(Path file, String sentence, Throwable cause) {
        super("file " + Printable.quoted(file.toString()) + ": " + sentence, cause);
    }
}
