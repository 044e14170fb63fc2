/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import org.amend4j.internal.text.Shown;

/** A chat template cannot be read, refuses a chat, or takes too much. The message is one sentence that names the line of the template. */
public final class ChatTemplateException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final int line;

    ChatTemplateException(String reason) {
        this(reason, 0);
    }

    ChatTemplateException(String reason, int line) {
        super((line == 0 ? "" : "line " + line + " of the chat template: ") + Shown.sentence(reason));
        this.reason = reason;
        this.line = line;
    }

    /** What is wrong without the line: the template's own words, if it refuses a chat by {@code raise_exception}. */
    public String reason() {
        return reason;
    }

    /** The innermost line counts: what has one keeps it. */
    ChatTemplateException at(int place) {
        return line == 0 ? new ChatTemplateException(reason, place) : this;
    }
}
