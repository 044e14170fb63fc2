/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * Executes notebooks by Jupyter's nbconvert on JJava, away from the user's settings. A kernel finds artifacts in a local repository that it is
 * given.
 */
final class Jupyter {

    private static final Duration CELL = Duration.ofMinutes(4);
    private static final Duration NOTEBOOK = Duration.ofMinutes(10);

    private final Path nbconvert;
    private final Path home;
    private final String repository;

    /**
     * An execution that has ended, with all its processes.
     *
     * @param exit 0 if every cell ran
     * @param log what nbconvert and the kernel wrote
     * @param notebook where the executed notebook is if every cell ran
     * @param left files that are new in the notebook's folder
     */
    record Run(int exit, String log, Path notebook, Set<Path> left) {

        private static final String FAILURE = "An error occurred while executing the following cell:";

        /** The cell that failed and its error, or everything if it is something else. */
        String reason() {
            int start = log.indexOf(FAILURE);
            return start < 0 ? log : log.substring(start);
        }
    }

    private Jupyter(Path nbconvert, Path home, String repository) {
        this.nbconvert = nbconvert;
        this.home = home.toAbsolutePath();
        this.repository = repository;
    }

    /**
     * Of those on the path the first one that has JJava.
     *
     * @param home where every notebook that is executed gets a folder
     * @param repository Maven's option that names it
     */
    static Optional<Jupyter> find(Path home, String repository) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder).toAbsolutePath())
                .filter(folder -> Files.exists(folder.resolveSibling("share/jupyter/kernels/java/kernel.json")))
                .map(folder -> folder.resolve("jupyter-nbconvert"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(nbconvert -> new Jupyter(nbconvert, home, repository));
    }

    /**
     * Executes a copy of a notebook as users have it: in a folder with itself and, if there is one, the folder of files that has its
     * name.
     *
     * @throws IOException if it takes longer than ten minutes, or leaves a process behind
     */
    Run execute(Path notebook) throws IOException, InterruptedException {
        String name = notebook.getFileName().toString().replace(".ipynb", "");
        Path folder = home.resolve(name);
        FileUtils.deleteDirectory(folder.toFile());
        Path place = Files.createDirectories(folder.resolve("place"));
        if (Files.isDirectory(notebook.resolveSibling(name))) {
            FileUtils.copyDirectoryToDirectory(notebook.resolveSibling(name).toFile(), place.toFile());
        }
        FileUtils.copyFileToDirectory(notebook.toFile(), place.toFile());
        Set<Path> brought = files(place);
        Path log = folder.resolve("nbconvert.log");
        Process process =
                process(folder, place.resolve(notebook.getFileName()), log).start();
        boolean ended = process.waitFor(NOTEBOOK.toSeconds(), TimeUnit.SECONDS);
        end(process);
        String text = Files.readString(log);
        if (!ended) {
            throw new IOException(notebook + " takes longer than " + NOTEBOOK.toMinutes() + " minutes: " + text);
        }
        requireNoneLeft(folder);
        Set<Path> left = files(place);
        left.removeAll(brought);
        return new Run(process.exitValue(), text, folder.resolve("executed.ipynb"), left);
    }

    private static Set<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(folder::relativize).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private ProcessBuilder process(Path folder, Path notebook, Path log) {
        ProcessBuilder builder = new ProcessBuilder(
                        nbconvert.toString(),
                        "--to=notebook",
                        "--execute",
                        "--ExecutePreprocessor.timeout=" + CELL.toSeconds(),
                        "--ExecutePreprocessor.startup_timeout=120",
                        "--ExecutePreprocessor.record_timing=False",
                        "--output=executed.ipynb",
                        "--output-dir=" + folder,
                        notebook.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.remove("JUPYTER_PATH"); // kernels of this environment
        environment.put("JJAVA_JVM_OPTS", options(folder));
        String java = Path.of(System.getProperty("java.home"), "bin").toString();
        environment.merge("PATH", java, (others, ours) -> ours + File.pathSeparator + others);
        for (String name : List.of("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")) {
            environment.put("JUPYTER_" + name, folder.resolve("jupyter-" + name).toString());
        }
        environment.put("JUPYTER_PLATFORM_DIRS", "1"); // no warning about where folders will be
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        return builder;
    }

    /** Of the kernel, which is known by its folder among the processes. */
    private String options(Path folder) {
        return String.join(
                " ",
                mark(folder),
                repository,
                "-Xmx2g",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Djava.awt.headless=true");
    }

    private static String mark(Path folder) {
        return "-Damend4j.notebook=" + folder;
    }

    private static void end(Process process) throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }

    private static void requireNoneLeft(Path folder) throws IOException {
        List<ProcessHandle> left = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(mark(folder) + " "))
                .toList();
        left.forEach(ProcessHandle::destroyForcibly);
        if (!left.isEmpty()) {
            throw new IOException("the kernel of " + folder + " still ran");
        }
    }
}
