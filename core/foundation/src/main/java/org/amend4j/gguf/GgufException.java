/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.gguf;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.safetensors.Printable;

/** A file breaks a rule of the format. The message is one sentence that names the file, the rule and the key or tensor. */
public final class GgufException extends IOException {
    private static final long serialVersionUID = 1L;

    GgufException(Path file, String sentence) {
        super("file " + Printable.quoted(file.toString()) + ": " + sentence);
    }
}
