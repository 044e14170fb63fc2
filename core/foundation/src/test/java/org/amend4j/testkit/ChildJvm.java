/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Processes of one main class that start fast and live shortly: the small compiler alone, the serial collector, and the classes of a first
 * process, read, checked and laid out, in an archive that all others map. Such an archive has classes of jars only, so folders of
 * classes are put into jars first.
 */
public final class ChildJvm {

    private static final List<String> SHORT_LIVED = List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Xmx256m",
            "-Xshare:auto",
            // of the archive, what it cannot hold, on standard output
            "-Xlog:disable");

    private final String main;
    private final Path archive;
    private final String classes;

    /**
     * Processes of a class.
     *
     * @param folder takes jars and archive; exists while the processes run
     * @param main its main method is run
     * @param libraries a class of each jar or folder that it needs
     */
    public ChildJvm(Path folder, Class<?> main, List<Class<?>> libraries) throws IOException {
        this.main = main.getName();
        archive = folder.resolve("classes.jsa");
        List<Path> places = Stream.concat(Stream.of(main), libraries.stream())
                .map(ChildJvm::place)
                .distinct()
                .toList();
        List<Path> jars = new ArrayList<>();
        for (Path place : places) {
            jars.add(
                    Files.isDirectory(place)
                            ? packed(place, folder.resolve("classes-" + jars.size() + ".jar"))
                            : place);
        }
        classes = jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static Path place(Class<?> type) {
        return Path.of(URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()));
    }

    private static Path packed(Path folder, Path jar) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(folder)) {
            zip.setLevel(0);
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                zip.putNextEntry(new ZipEntry(folder.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, zip);
            }
        }
        return jar;
    }

    /** Runs a first process to its end, and keeps the classes that it loaded for all that come. */
    public void rehearse(int status, String... arguments) throws IOException, InterruptedException {
        Process process = start("-XX:ArchiveClassesAtExit=" + archive, arguments);
        try (InputStream said = process.getInputStream()) {
            String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(status, process.waitFor(), text);
        }
    }

    /** Starts a process; its errors are in its output. */
    public Process start(String... arguments) throws IOException {
        return start("-XX:SharedArchiveFile=" + archive, arguments);
    }

    private Process start(String option, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(SHORT_LIVED);
        command.addAll(List.of(option, "-cp", classes, main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
