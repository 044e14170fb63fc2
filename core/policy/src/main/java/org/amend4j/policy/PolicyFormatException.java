/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.safetensors.Printable;

/** A saved policy breaks a rule. The message is one sentence that names the file and the rule. */
public final class PolicyFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    PolicyFormatException(Path file, String sentence) {
        super("file " + Printable.quoted(file.toString()) + ": " + Printable.line(sentence));
    }

    PolicyFormatException(Path file, String sentence, Throwable cause) {
        super("file " + Printable.quoted(file.toString()) + ": " + Printable.line(sentence), cause);
    }
}
