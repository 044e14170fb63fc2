/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a chat as the text that a model has learned to read, by the Jinja template that comes with the model. It is an interpreter of
 * what chat templates use, with transformers' results; other constructs are refused by name. A template is a stranger's program: it
 * sees the chat, the special tokens and the clock alone, and what it may take is bounded. Immutable; threads may share it.
 */
public final class ChatTemplate {

    private final String source;
    private final Template template;
    private final Map<String, String> specialTokens;
    private final Clock clock;

    private ChatTemplate(String source, Template template, Map<String, String> specialTokens, Clock clock) {
        this.source = source;
        this.template = template;
        this.specialTokens = Map.copyOf(specialTokens);
        this.clock = clock;
    }

    /**
     * Reads a template.
     *
     * @throws ChatTemplateException with the line, if something in it is not understood
     */
    public static ChatTemplate parse(String source) {
        return new ChatTemplate(
                source, StatementParser.template(source), Map.of(), Clock.system(ZoneId.systemDefault()));
    }

    /**
     * The template of a model in Hugging Face's layout: {@code chat_template.jinja}, {@code chat_template.json} or an entry of
     * {@code tokenizer_config.json}, whichever comes first, with the special tokens that the folder names.
     *
     * @return empty if the folder has none
     * @throws ChatTemplateException with the line, if something in it is not understood
     * @throws IllegalArgumentException naming the file, if one of them is not what it should be
     * @throws IOException if a file cannot be read
     */
    public static Optional<ChatTemplate> open(Path folder) throws IOException {
        return TemplateFiles.open(folder);
    }

    /** The template's own text. */
    public String source() {
        return source;
    }

    /** What a name such as {@code eos_token} stands for, if it does. */
    public Optional<String> specialToken(String name) {
        return Optional.ofNullable(specialTokens.get(name));
    }

    /** The same, where names such as {@code bos_token} stand for these texts. */
    public ChatTemplate withSpecialTokens(Map<String, String> tokens) {
        return new ChatTemplate(source, template, tokens, clock);
    }

    /** The same at another time, which {@code strftime_now} tells. */
    public ChatTemplate withClock(Clock other) {
        return new ChatTemplate(source, template, specialTokens, other);
    }

    /**
     * The chat as a text.
     *
     * @param answerBegins whether the begin of the model's answer comes behind it
     * @throws ChatTemplateException if the template refuses the chat, or takes too much
     */
    public RenderedChat render(Chat chat, boolean answerBegins) {
        Map<String, Object> names = new HashMap<>(Functions.all(ZonedDateTime.now(clock)));
        names.putAll(specialTokens);
        names.put("messages", chat.messageValues());
        names.put("tools", chat.toolValues());
        names.put("documents", None.NONE);
        names.put("add_generation_prompt", answerBegins);
        return new Rendering(Scope.outermost(names)).run(template);
    }
}
