/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.List;

/**
 * A chat as the text that a model reads. Special tokens are in it: encode it without adding more.
 *
 * @param assistant what the assistant says, where the template marks it by {@code generation}
 */
public record RenderedChat(String text, List<AssistantSpan> assistant) {

    /** Copies. */
    public RenderedChat {
        assistant = List.copyOf(assistant);
    }
}
