/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.files.Reasons;
import org.amend4j.app.job.Sentence;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.data.BadInputException;
import org.amend4j.text.chat.Chat;
import org.amend4j.text.chat.ChatTemplate;
import org.amend4j.text.chat.ChatTemplateException;
import picocli.CommandLine.Option;

/** Chats with a model that has learned to answer. */
final class ChatOptions {

    private static final int MOST_BYTES = 1 << 24;

    @Option(
            names = "--chat",
            description =
                    "Each --prompt is a message of a user, written by the model's chat template, and what comes is the answer.")
    private boolean chat;

    @Option(
            names = "--messages",
            paramLabel = "FILE",
            description =
                    "A chat of several turns in place of --prompt: a JSON array of objects with role and content.")
    private Optional<Path> messages = Optional.empty();

    @Option(names = "--system", paramLabel = "TEXT", description = "A message of the system in front of each chat.")
    private Optional<String> system = Optional.empty();

    /** @throws BadInputException if the options do not belong together */
    void check(List<String> prompts) {
        if (prompts.isEmpty() && messages.isEmpty()) {
            throw new MissingOptionException("Missing option: --prompt=TEXT, or --messages=FILE");
        }
        if (!prompts.isEmpty() && messages.isPresent()) {
            throw new BadInputException("--messages has the whole chat: give it in place of --prompt");
        }
        if (system.isPresent() && !isChat()) {
            throw new BadInputException("--system belongs to a chat: give --chat or --messages, too");
        }
    }

    /** Whether prompts are messages. */
    boolean isChat() {
        return chat || messages.isPresent();
    }

    /** The template of a model, if one is needed. */
    Optional<ChatTemplate> template(Path base) {
        if (!isChat()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Vocabulary.template(base)
                    .orElseThrow(() -> new BadInputException("the model in " + base
                            + " has no chat template (chat_template.jinja, or an entry of tokenizer_config.json): without --chat it"
                            + " continues texts")));
        } catch (IOException unreadable) {
            throw new BadInputException(
                    "cannot read the chat template in " + base + ": " + Reasons.of(unreadable), unreadable);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("the chat template in " + base + " cannot be used: " + Sentence.of(bad), bad);
        }
    }

    /** The chats as a model reads them, up to where its answer begins. */
    List<String> written(ChatTemplate template, Path base, List<String> prompts) {
        List<Chat> chats = messages.map(file -> List.of(read(file)))
                .orElseGet(() -> prompts.stream().map(Chat::of).toList());
        try {
            return chats.stream()
                    .map(one -> system.map(one::withSystem).orElse(one))
                    .map(one -> template.render(one, true).text())
                    .toList();
        } catch (ChatTemplateException refused) {
            throw new BadInputException(
                    "the chat template in " + base + " refuses the chat: " + Sentence.of(refused), refused);
        } catch (IllegalArgumentException twice) {
            throw new BadInputException("--system must not be given: " + Sentence.of(twice), twice);
        }
    }

    private static Chat read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                throw new BadInputException(
                        "--messages must be an existing file of at most " + MOST_BYTES + " bytes, got " + file);
            }
            return Chat.read(Files.readString(file));
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read --messages " + file + ": " + Reasons.of(unreadable), unreadable);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("--messages " + file + ": " + Sentence.of(bad), bad);
        }
    }
}
