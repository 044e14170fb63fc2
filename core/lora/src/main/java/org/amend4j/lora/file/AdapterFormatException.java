/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.safetensors.Printable;

/** A saved adapter breaks a rule. The message is one sentence that names the file, the rule and the place. */
public final class AdapterFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    AdapterFormatException(Path file, String sentence) {
        super("file " + Printable.quoted(file.toString()) + ": " + Printable.line(sentence));
    }

    AdapterFormatException(Path file, String sentence, Throwable cause) {
        super("file " + Printable.quoted(file.toString()) + ": " + Printable.line(sentence), cause);
    }
}
