/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.Generating;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Sentence;
import org.amend4j.app.text.Vocabulary;
import org.amend4j.data.BadInputException;
import org.amend4j.generate.Choice;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.DecoderAdapter;
import org.amend4j.generate.Generation;
import org.amend4j.generate.GenerationDefaults;
import org.amend4j.generate.GenerationRules;
import org.amend4j.generate.Generator;
import org.amend4j.generate.Prompt;
import org.amend4j.text.Tokenizer;
import org.amend4j.text.chat.ChatTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Continues texts with a language model, with adapters or without. */
@Command(
        name = "generate",
        description =
                "Continues texts with a model of Llama's family, with adapters or without; a single one is printed while"
                        + " it grows.")
final class GenerateCommand extends PageJob {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--base",
            paramLabel = "PATH",
            required = true,
            description =
                    "A model in Hugging Face's layout (config.json, model.safetensors or its parts, tokenizer.json), or a GGUF file.")
    private Path base = Path.of("");

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description =
                    "A tokenizer.json or a vocabulary of llama2.c (default: tokenizer.json or tok*.bin in --base).")
    private Optional<Path> tokenizer = Optional.empty();

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "A LoRA adapter's directory in PEFT's layout: one for all prompts, or one for each.")
    private List<Path> adapters = List.of();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "How a text begins; may be repeated.")
    private List<String> prompts = List.of();

    @Mixin
    private ChatOptions chat = new ChatOptions();

    @Mixin
    private GenerationOptions options = new GenerationOptions();

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Override
    String title() {
        return "Generated text";
    }

    @Override
    Computing computing() {
        return Computing.ANYWHERE;
    }

    /**
     * For JSON.
     *
     * @param family of the model
     * @param texts in the order of prompts
     */
    private record Facts(String base, String family, List<Text> texts) {}

    /**
     * A text.
     *
     * @param prompt as the model read it
     * @param adapter its folder; empty for the base alone
     * @param continuation without the prompt
     * @param tokens ids of the continuation
     * @param end why there are no more
     */
    private record Text(String prompt, String adapter, String continuation, List<Integer> tokens, String end) {}

    @Override
    Report run(Progress progress) {
        options.check();
        chat.check(prompts);
        Vocabulary.file(base, tokenizer); // refused before the model is read
        Optional<ChatTemplate> template = chat.template(base);
        List<String> begins =
                template.map(some -> chat.written(some, base, prompts)).orElse(prompts);
        if (adapters.size() > 1 && adapters.size() != begins.size()) {
            throw new BadInputException("--adapter must be given once, or once for each --prompt, got "
                    + adapters.size() + " for " + begins.size());
        }
        try (Compute compute = Compute.open(wanted(), precision.precision(), progress)) {
            Decoder decoder = decoder();
            GenerationDefaults defaults = defaults(decoder);
            Tokenizer tokens = Vocabulary.open(base, tokenizer, decoder.config().vocabulary());
            List<Prompt> begun = begun(begins, decoder, chat.isChat() ? tokens.withoutSpecialTokens() : tokens);
            try (Generating generating = Generating.open(compute, wanted(), decoder, adapters(begun), progress)) {
                return generated(
                        progress,
                        decoder,
                        generating.generator(),
                        tokens,
                        new Begun(begins, begun),
                        options.rules(
                                decoder, tokens, defaults, template.flatMap(some -> some.specialToken("eos_token"))));
            }
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    /** Prompts as texts and as tokens. */
    private record Begun(List<String> texts, List<Prompt> prompts) {}

    private static Set<DecoderAdapter> adapters(List<Prompt> begun) {
        return begun.stream().flatMap(prompt -> prompt.adapter().stream()).collect(Collectors.toSet());
    }

    private Decoder decoder() {
        try {
            return Decoder.open(base);
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    private GenerationDefaults defaults(Decoder decoder) {
        try {
            return GenerationDefaults.read(base, decoder.config());
        } catch (IOException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    private Report generated(
            Progress progress,
            Decoder decoder,
            Generator generator,
            Tokenizer tokens,
            Begun begun,
            GenerationRules rules) {
        if (rules.choice() instanceof Choice.Sampling drawn) {
            progress.say(String.format(
                    Locale.ROOT,
                    "tokens are drawn: temperature %s, top k %s, top p %s",
                    drawn.temperature(),
                    drawn.topK() == 0 ? "all" : drawn.topK(),
                    drawn.topP()));
        }
        PrintWriter out = spec.commandLine().getOut();
        // the prompt is shown with the first token: until then something can be wrong with it
        boolean grows = growsOnScreen();
        List<String> stops = options.stops(tokens);
        List<GrowingText> growing = begun.prompts().stream()
                .map(prompt -> new GrowingText(tokens, prompt.tokens(), stops, chat.isChat()))
                .toList();
        long start = System.nanoTime();
        List<Generation> generations = generator.generate(begun.prompts(), rules, (prompt, token) -> {
            growing.get(prompt).add(token);
            if (grows) {
                show(out, growing.get(prompt).rest(false));
            }
            return !growing.get(prompt).isOver();
        });
        double seconds = (System.nanoTime() - start) / 1e9;
        if (grows) {
            show(out, growing.get(0).rest(true));
            out.println();
        }
        int count = generations.stream().mapToInt(some -> some.tokens().size()).sum();
        progress.say(String.format(
                Locale.ROOT,
                "%d tokens in %.1f s, %.0f a second; %s",
                count,
                seconds,
                count / seconds,
                ends(generations)));
        return report(decoder, begun.texts(), growing, generations);
    }

    /** Several would be mixed up, and programs want all of it. */
    private boolean growsOnScreen() {
        return prompts.size() <= 1 && !isForPrograms();
    }

    private static void show(PrintWriter out, String text) {
        out.print(Sentence.printable(text));
        out.flush();
    }

    private List<Prompt> begun(List<String> texts, Decoder decoder, Tokenizer tokens) {
        Map<Path, DecoderAdapter> read = new LinkedHashMap<>();
        adapters.forEach(folder -> read.computeIfAbsent(folder, unread -> Models.read(unread, DecoderAdapter::read)));
        List<Prompt> begun = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            List<Integer> ids =
                    Arrays.stream(tokens.encode(texts.get(i)).ids()).boxed().toList();
            if (ids.isEmpty()) {
                ids = decoder.config().usableIds().start().stream().boxed().toList();
            }
            if (ids.isEmpty()) {
                throw new BadInputException(
                        "--prompt must not be empty: the model has no token with which texts begin");
            }
            begun.add(new Prompt(ids, adapter(i).map(read::get)));
        }
        return begun;
    }

    private Optional<Path> adapter(int prompt) {
        return adapters.isEmpty() ? Optional.empty() : Optional.of(adapters.get(adapters.size() == 1 ? 0 : prompt));
    }

    private Report report(Decoder decoder, List<String> begins, List<GrowingText> grown, List<Generation> generations) {
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < grown.size(); i++) {
            texts.add(new Text(
                    begins.get(i),
                    adapter(i).map(Path::toString).orElse(""),
                    grown.get(i).continuation(),
                    generations.get(i).tokens(),
                    named(generations.get(i).end())));
        }
        return new Report(
                        new Facts(base.toString(), decoder.config().modelType(), texts),
                        grown.stream()
                                .map(GrowingText::told)
                                .collect(Collectors.joining(
                                        System.lineSeparator().repeat(2))))
                .saying(String.format(
                        Locale.ROOT,
                        "%s went on with %d text%s, %,d tokens in all.",
                        decoder.config().modelType(),
                        texts.size(),
                        texts.size() == 1 ? "" : "s",
                        generations.stream()
                                .mapToInt(one -> one.tokens().size())
                                .sum()));
    }

    private static String named(Generation.End end) {
        return end == Generation.End.LISTENER ? "stop_text" : end.name().toLowerCase(Locale.ROOT);
    }

    private static String ends(List<Generation> generations) {
        return generations.stream()
                .map(generation -> switch (generation.end()) {
                    case STOP_TOKEN -> "the model ended the text";
                    case LISTENER -> "--stop ended it";
                    case MOST_TOKENS -> "--tokens ended it";
                    case POSITIONS -> "the model has no more positions";
                })
                .distinct()
                .collect(Collectors.joining(", "));
    }

    @Override
    void print(Report report, PrintWriter out) {
        if (!growsOnScreen()) {
            super.print(report, out);
        }
    }
}
