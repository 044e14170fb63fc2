/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.io.IOException;
import org.amend4j.internal.text.Shown;

/** A tokenizer's file cannot be read, or asks for what this library does not do. The message is one sentence that names the file and the place. */
public final class TokenizerException extends IOException {
    private static final long serialVersionUID = 1L;

    TokenizerException(String file, String sentence) {
        super("file " + Shown.quoted(file) + ": " + sentence);
    }

    TokenizerException(String file, String sentence, Throwable cause) {
        super("file " + Shown.quoted(file) + ": " + sentence, cause);
    }
}
