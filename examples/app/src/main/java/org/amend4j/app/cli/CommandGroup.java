/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only names others; those that are hidden it does not name. */
@Command(synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true, versionProvider = Version.class)
abstract class CommandGroup implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** The commands it names, in the order of its help. */
    abstract List<Class<?>> commands();

    /**
     * This group with the command that the arguments begin with, or with all its commands if they begin with none: to read the
     * options of all takes longer than many a command.
     */
    final CommandLine line(List<String> args) {
        List<Class<?>> named = commands().stream()
                .filter(command -> !args.isEmpty()
                        && command.getAnnotation(Command.class).name().equals(args.get(0)))
                .toList();
        CommandLine line = new CommandLine(this);
        for (Class<?> each : named.isEmpty() ? commands() : named) {
            Object command = made(each);
            line.addSubcommand(
                    command instanceof CommandGroup group
                            ? group.line(named.isEmpty() ? List.of() : args.subList(1, args.size()))
                            : command);
        }
        return line;
    }

    private static Object made(Class<?> command) {
        try {
            return CommandLine.defaultFactory().create(command);
        } catch (Exception e) {
            throw new IllegalStateException(command + " cannot be made", e);
        }
    }

    @Override
    public final void run() {
        List<String> names = spec.subcommands().entrySet().stream()
                .filter(command ->
                        !command.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();
        int last = names.size() - 1;
        String choice = last == 0 ? names.get(0) : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
        throw new ParameterException(spec.commandLine(), "Missing command: " + choice);
    }

    /** Low-rank adapters. */
    @Command(
            name = "lora",
            description = "Explains, trains, checks, merges, combines, imports and exports low-rank adapters (LoRA).")
    static final class Lora extends CommandGroup {

        @Override
        List<Class<?>> commands() {
            return List.of(
                    LoraExplainCommand.class,
                    LoraTrainCommand.class,
                    LoraEvalCommand.class,
                    LoraMergeCommand.class,
                    LoraInfoCommand.class,
                    LoraImportCommand.class,
                    LoraExportCommand.class,
                    LoraCombineCommand.class);
        }
    }

    /** Policies that learn. */
    @Command(name = "policy", description = "Policy gradients: training, evaluation, and where training ended.")
    static final class Policy extends CommandGroup {

        @Override
        List<Class<?>> commands() {
            return List.of(
                    PolicyDemoCommand.class,
                    PolicyTrainCommand.class,
                    PolicyEvalCommand.class,
                    PolicyReportCommand.class);
        }
    }

    /** Language models. */
    @Command(name = "text", description = "Small models of texts, made and adapted here.")
    static final class Text extends CommandGroup {

        @Override
        List<Class<?>> commands() {
            return List.of(TextDemoCommand.class, TextPretrainCommand.class);
        }
    }

    /** Gradient descent with guarantees. */
    @Command(name = "descent", description = "Gradient descent whose steps carry guarantees.")
    static final class Descent extends CommandGroup {

        @Override
        List<Class<?>> commands() {
            return List.of(DescentDemoCommand.class);
        }
    }

    /** Models in Hugging Face's layout. */
    @Command(
            name = "checkpoint",
            description = "Makes folders in Hugging Face's layout, which --base takes, of models in other formats.")
    static final class Checkpoint extends CommandGroup {

        @Override
        List<Class<?>> commands() {
            return List.of(CheckpointImportCommand.class);
        }
    }

    /** Models that forget. */
    @Command(name = "unlearn", description = "Models that forget subjects, with certificates.")
    static final class Unlearn extends CommandGroup {

        @Override
        List<Class<?>> commands() {
            return List.of(
                    UnlearnDemoCommand.class,
                    UnlearnTrainCommand.class,
                    UnlearnAdoptCommand.class,
                    UnlearnPlanCommand.class,
                    UnlearnDeleteCommand.class,
                    UnlearnEvalCommand.class,
                    UnlearnVerifyCommand.class,
                    UnlearnOpenCommand.class,
                    UnlearnAuditCommand.class,
                    UnlearnHeadCommand.class,
                    UnlearnCosignCommand.class);
        }
    }
}
