/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import java.io.IOException;
import java.nio.file.Path;

/** A file breaks a rule of the format. The message is one sentence that names the file, the rule and the tensor. */
public final class SafetensorsException extends IOException {
    private static final long serialVersionUID = 1L;

    SafetensorsException(Path file, String sentence) {
        super("file " + Printable.quoted(file.toString()) + ": " + sentence);
    }

    SafetensorsException(Path file, String sentence, Throwable cause) {
        super("file " + Printable.quoted(file.toString()) + ": " + sentence, cause);
    }
}
