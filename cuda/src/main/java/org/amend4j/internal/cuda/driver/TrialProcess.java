/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Tries the CUDA libraries in another process first. They are bound when they are called: a function that a library of another
 * version lacks is no exception but the end of the process ("symbol lookup error"), and so is a crash in them. What merely fails
 * there is of no interest: this process will find it out by itself, and can say it better.
 */
final class TrialProcess {

    /** What the process says before it touches CUDA: without that, its end says nothing about CUDA. */
    static final String STARTED = "The trial of CUDA begins.";
    /** Set in that process. */
    static final String IS_TRIAL = "amend4j.cuda.trial";

    private static final Logger LOG = LogManager.getLogger(TrialProcess.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern UNDEFINED = Pattern.compile("undefined symbol: (\\w+)");
    private static final List<String> LIBRARIES =
            List.of("libcuda", "libcudart", "libcublasLt", "libcublas", "libnvrtc");

    private TrialProcess() {}

    /**
     * How using the libraries ended another process, in one sentence; empty if it survived or could not be started.
     *
     * @param card that it uses, which may be the only one that processes of ours are to touch
     */
    static Optional<String> failure(int card) {
        if (Boolean.getBoolean(IS_TRIAL)) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(launcher());
        command.add(TrialMain.class.getName());
        command.add(String.valueOf(card));
        command.addAll(loadedLibraries(Path.of("/proc/self/maps")));
        return failure(command, PATIENCE);
    }

    /** The same for a given command. */
    static Optional<String> failure(List<String> command, Duration patience) {
        try {
            Path report = Files.createTempFile("amend4j-cuda-trial", ".txt");
            try {
                return failure(command, patience, report);
            } finally {
                Files.deleteIfExists(report);
            }
        } catch (IOException e) {
            LOG.debug("CUDA could not be tried in a process of its own: {}", e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static Optional<String> failure(List<String> command, Duration patience, Path report)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(report.toFile())
                .start();
        try {
            process.getOutputStream().close();
            boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
            String text = Files.readString(report, StandardCharsets.ISO_8859_1);
            if (!text.contains(STARTED)) {
                LOG.debug("CUDA could not be tried in a process of its own: {}", text);
                return Optional.empty();
            }
            if (!ended) {
                return Optional.of("CUDA is not usable: a process that tried it did not end within "
                        + patience.toSeconds() + " s.");
            }
            return process.exitValue() == 0 ? Optional.empty() : Optional.of(sentence(process.exitValue(), text));
        } finally {
            process.destroyForcibly();
        }
    }

    private static String sentence(int exitCode, String report) {
        Matcher symbol = UNDEFINED.matcher(report);
        String why = symbol.find()
                ? "the libraries do not match: none has " + symbol.group(1)
                : String.format(Locale.ROOT, "its exit code was %d", exitCode);
        return "CUDA is not usable: it ends the process that uses it (" + why + ").";
    }

    /** This Java, with the same classes and little memory; a crash leaves no files. */
    private static List<String> launcher() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + (File.separatorChar == '\\' ? "NUL" : "/dev/null"),
                "-D" + IS_TRIAL + "=true"));
        String cache = System.getProperty("org.bytedeco.javacpp.cachedir");
        if (cache != null) {
            command.add("-Dorg.bytedeco.javacpp.cachedir=" + cache);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
        return command;
    }

    /**
     * Which of CUDA's libraries this process has by now, those that others need first: the trial is of these, not of namesakes. Of
     * two of one name the first that was loaded counts, which is the one at the higher address.
     */
    static List<String> loadedLibraries(Path maps) {
        Map<String, String> files = new HashMap<>();
        try (Stream<String> lines = Files.lines(maps, StandardCharsets.ISO_8859_1)) {
            lines.filter(line -> line.indexOf('/') >= 0)
                    .map(line -> line.substring(line.indexOf('/')))
                    .forEach(file -> LIBRARIES.stream()
                            .filter(name -> file.contains("/" + name + ".so"))
                            .forEach(name -> files.put(name, file)));
        } catch (IOException e) {
            return List.of(); // not Linux
        }
        return LIBRARIES.stream().filter(files::containsKey).map(files::get).toList();
    }
}
