/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.app.job.Json;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.app.policy.TrainJob;
import org.amend4j.data.BadInputException;
import picocli.CommandLine;

/** A seed's training on its way to another process: the user's words, which mean the same there. What it gives is JSON. */
final class SentSeed implements NumberedTasks.Work<Long, byte[]> {

    private static final long serialVersionUID = 1;

    private final ArrayList<String> words;
    private final String from;
    private final String out;

    /**
     * Of a run that was begun.
     *
     * @param words after the program's name, those of files (@FILE) among them
     * @param from the folder that relative paths begin at
     * @param out the run's folder
     */
    SentSeed(List<String> words, Path from, Path out) {
        this.words = new ArrayList<>(words);
        this.from = from.toString();
        this.out = out.toString();
    }

    /** What the user of an interrupted run is told. */
    String howToGoOn() {
        return TrainJob.howToGoOn(Path.of(out));
    }

    /** Where relative paths of this process begin. */
    static Path here() {
        return Path.of("").toAbsolutePath();
    }

    @Override
    public byte[] with(Long seed) throws IOException, InterruptedException {
        if (!TrainJob.isBegun(Path.of(out))) {
            throw new BadInputException("--out must be a folder that all executors see, got " + out);
        }
        CommandLine line = Amend4j.line(words.toArray(String[]::new))
                .setExpandAtFiles(false)
                .registerConverter(Path.class, path -> Path.of(from).resolve(path));
        JsonNode result = trainer(line).seed(seed, Path.of(out));
        return Json.text(result).getBytes(StandardCharsets.UTF_8);
    }

    private PolicyTrainCommand trainer(CommandLine line) {
        CommandLine.ParseResult parsed = line.parseArgs(words.toArray(String[]::new));
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        return (PolicyTrainCommand) parsed.commandSpec().userObject();
    }

    /**
     * What a seed gave.
     *
     * @throws BadInputException if its files are not here
     */
    JsonNode result(long seed, byte[] json) throws IOException {
        if (!Files.isDirectory(TrainJob.folder(Path.of(out), seed))) {
            throw new BadInputException("--out must be a folder that all executors see, got " + out);
        }
        return Json.read(json);
    }
}
