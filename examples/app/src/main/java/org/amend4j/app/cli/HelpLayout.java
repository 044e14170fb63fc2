/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Help that can be read: what it begins with is what a command takes, in sections where that is much, and examples end it. */
final class HelpLayout {

    /** So many options are read in one piece. */
    private static final int FEW = 12;

    private HelpLayout() {}

    /** What options are about, in the order of the help; those that no section names come first. */
    private enum Section {
        OWN("Options"),
        INPUT(
                "Input",
                "--model --base --adapter --data --labels --label --owner --classes --text --texts --task --lines --columns"
                        + " --length --tokenizer --side --scale --row-norm --standardize --holdout --subject --subjects-file --keys"
                        + " --skip-damaged --validation --class-weights"),
        ENVIRONMENT("Environment", "--env --env-class --class-path --python --workers --gamma --reward-range"),
        ADAPTER(
                "Adapter",
                "--targets --exclude --train-in-full --trainable-tokens --rank --alpha --rank-pattern --alpha-pattern --rslora"
                        + " --dora --bias --lora-bias --dropout --init --lora-plus --lora-fa --riemannian --pooling --adapter-of"
                        + " --both-factors"),
        TRAINING(
                "Training",
                "--epochs --steps --batch --batches --lr --learning-rate --step-size --updater --weight-decay --clip-norm"
                        + " --max-grad-norm --clip --seed --seeds --checkpoint-every --checkpoints --resume --from --minutes --entropy --hidden"
                        + " --horizon --bias-tolerance --rollout-batch --distribution --eval-every --eval-episodes --eval-greedy"
                        + " --final-episodes --environments --lambda --minibatches --target-kl"),
        PROMISES(
                "Promises",
                "--epsilon --delta --lifetime-epsilon --largest-sigma --accept-assumptions --planned-records --feature-radius"
                        + " --parameter-radius --layer-radius --ignore-updater --tolerance --reconstruct --to-double"),
        COMPUTATION(
                "Computation",
                "--device --precision --base-storage --master --block-size --cache --card --dense --variant --no-probe"),
        OUTPUT("Output", "--out --report --record --json --html --svg --verbose --help --version");

        private final String title;
        private final String options;

        Section(String title, String... options) {
            this.title = title;
            this.options = " " + String.join(" ", options) + " ";
        }

        static Section of(OptionSpec option) {
            return List.of(values()).stream()
                    .filter(section -> section.options.contains(" " + option.longestName() + " "))
                    .findFirst()
                    .orElse(OWN);
        }
    }

    /** Gives a command and those below it such help. */
    static CommandLine on(CommandLine line) {
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpLayout::options);
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_FOOTER, HelpLayout::examples);
        line.getSubcommands().values().forEach(HelpLayout::on);
        return line;
    }

    private static String options(Help help) {
        List<OptionSpec> all = help.commandSpec().options().stream()
                .filter(option -> !option.hidden())
                .toList();
        if (all.size() <= FEW) {
            return listed(help, all);
        }
        Map<Section, List<OptionSpec>> sections =
                all.stream().collect(Collectors.groupingBy(Section::of, TreeMap::new, Collectors.toList()));
        return sections.entrySet().stream()
                .map(section -> System.lineSeparator() + section.getKey().title + ":" + System.lineSeparator()
                        + listed(help, section.getValue()))
                .collect(Collectors.joining());
    }

    private static String listed(Help help, List<OptionSpec> options) {
        Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
        layout.addAllOptions(options, help.parameterLabelRenderer());
        return layout.toString();
    }

    /** Those of the file of examples that name the command. */
    private static String examples(Help help) {
        String start = "./" + help.commandSpec().qualifiedName() + " ";
        String own = examples()
                .lines()
                .filter(line -> (line + " ").startsWith(start))
                .map(line -> "  " + line + System.lineSeparator())
                .collect(Collectors.joining());
        return own.isEmpty() || !help.commandSpec().subcommands().isEmpty()
                ? ""
                : System.lineSeparator() + "Examples:" + System.lineSeparator() + own;
    }

    private static String examples() {
        try (InputStream file = Objects.requireNonNull(HelpLayout.class.getResourceAsStream("examples.txt"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
