/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/**
 * A real master and real workers on this machine, from the jars of the test's own class path: processes, ports, executors and kills as in
 * a cluster, without a distribution of Spark. All of it ends with {@link #close}, and with this JVM in any case ({@link Tethered}).
 */
public final class StandaloneCluster implements AutoCloseable {

    private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://127\\.0\\.0\\.1:\\d+)");
    private static final Pattern REGISTERED = Pattern.compile("Registering worker 127\\.0\\.0\\.\\d+:\\d+");

    private static final String SHORT_LIVED = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto"
            + " -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote";

    /**
     * A worker, of one core unless its machine has cards.
     *
     * @param folder its executors run two folders below
     * @param gate of its executors
     */
    public record Worker(Process process, Path folder, Gate gate) {

        /** The executors that run now. */
        List<ProcessHandle> executors() {
            return process.children().toList();
        }

        /** Waits for an executor and ends it as a machine's failure would. */
        void killExecutor() {
            Gate.await("an executor", () -> !executors().isEmpty());
            executors().forEach(ProcessHandle::destroyForcibly);
        }

        /** Ends the worker; its executor notices and ends, too. */
        void kill() {
            process.destroyForcibly();
        }
    }

    private final Path folder;
    private final Process master;
    private String url = "";
    private final List<Worker> workers = new ArrayList<>();

    private StandaloneCluster(Path folder, Process master) {
        this.folder = folder;
        this.master = master;
    }

    /** Starts a master and workers, and waits for them. */
    public static StandaloneCluster start(int workers) throws IOException {
        return start(workers, Map.of());
    }

    /**
     * Starts a master and workers, and waits for them.
     *
     * @param environment of the workers and their executors
     */
    static StandaloneCluster start(int workers, Map<String, String> environment) throws IOException {
        Path folder = Files.createTempDirectory("amend4j-cluster");
        makeHome(folder);
        List<String> arguments = List.of("master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0");
        Path log = folder.resolve("master.log");
        StandaloneCluster cluster = new StandaloneCluster(folder, start(folder, "-Xmx200m", Map.of(), log, arguments));
        try {
            cluster.url = awaitLine(log, MASTER, 1).get(0).replaceAll(".* at ", "");
            cluster.add(workers, environment);
            return cluster;
        } catch (RuntimeException | IOException e) {
            cluster.close();
            throw e;
        }
    }

    private static void makeHome(Path home) throws IOException {
        Files.writeString(home.resolve("RELEASE"), "");
        Files.createDirectories(home.resolve("jars"));
        List<Path> jars = classPath().filter(Files::isRegularFile).toList();
        for (int k = 0; k < jars.size(); k++) {
            Files.createSymbolicLink(
                    home.resolve("jars").resolve(k + "-" + jars.get(k).getFileName()), jars.get(k));
        }
        Files.writeString(home.resolve("log4j2.properties"), """
                rootLogger.level = INFO
                rootLogger.appenderRef.console.ref = console
                appender.console.type = Console
                appender.console.name = console
                appender.console.layout.type = PatternLayout
                appender.console.layout.pattern = %d{HH:mm:ss} %-5level %logger{1}: %msg%n
                """);
    }

    private static Stream<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)
                .map(Path::toAbsolutePath)
                .filter(Files::exists);
    }

    /** Folders of classes, which {@code jars/*} does not cover. */
    private static String classFolders() {
        return classPath()
                .filter(Files::isDirectory)
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Process start(
            Path home, String memory, Map<String, String> environment, Path log, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(SHORT_LIVED.split(" ", -1)));
        command.add(memory);
        command.add("-Dlog4j2.configurationFile=" + home.resolve("log4j2.properties"));
        command.add("-Djava.io.tmpdir=" + Files.createDirectories(home.resolve("tmp")));
        command.addAll(List.of("-cp", classFolders() + File.pathSeparator + home.resolve("jars") + "/*"));
        command.add(Tethered.class.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment()
                .putAll(Map.of(
                        "SPARK_HOME", home.toString(),
                        "SPARK_SCALA_VERSION", "2.13",
                        "SPARK_LOCAL_IP", "127.0.0.1",
                        "SPARK_LOCAL_DIRS", home.resolve("tmp").toString(),
                        "OMP_NUM_THREADS", "1",
                        "OMP_WAIT_POLICY", "PASSIVE"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Starts more workers, and waits until the master knows them. */
    public List<Worker> add(int count, Map<String, String> environment) throws IOException {
        Path log = folder.resolve("master.log");
        int known = lines(log, REGISTERED).size();
        List<Worker> added = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            added.add(worker(environment, "900m", "--cores", "1"));
        }
        awaitLine(log, REGISTERED, known + count);
        return added;
    }

    /**
     * Starts a worker of a machine with cards, which has room for an executor on each, and waits until the master knows it.
     *
     * @param addresses that its discovery script says the cards have
     */
    public Worker addMachine(String... addresses) throws IOException {
        Path log = folder.resolve("master.log");
        int known = lines(log, REGISTERED).size();
        Path script = Files.writeString(
                folder.resolve("cards-" + workers.size() + ".sh"),
                String.format(Locale.ROOT, """
                #!/bin/sh
                echo '{"name": "gpu", "addresses": ["%s"]}'
                """, String.join("\", \"", addresses)));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        Path properties = Files.writeString(
                folder.resolve("cards-" + workers.size() + ".properties"),
                String.format(Locale.ROOT, """
                spark.worker.resource.gpu.amount %d
                spark.worker.resource.gpu.discoveryScript %s
                """, addresses.length, script));
        String cores = String.valueOf(addresses.length);
        Worker machine = worker(
                Map.of(), 600 * addresses.length + "m", "--cores", cores, "--properties-file", properties.toString());
        awaitLine(log, REGISTERED, known + 1);
        return machine;
    }

    private Worker worker(Map<String, String> environment, String memory, String... more) throws IOException {
        Path place = Files.createDirectories(folder.resolve("worker-" + workers.size()));
        Gate gate = new Gate(place.resolve("gate"));
        // each a host of its own, as far as Spark knows: a second attempt at a task is made on another host only
        String host = "127.0.0." + (2 + workers.size());
        Map<String, String> all = new HashMap<>(environment);
        all.put(Gate.VARIABLE, gate.folder().toString());
        all.put("SPARK_LOCAL_IP", host);
        List<String> arguments = new ArrayList<>(List.of("worker", "--host", host, "--port", "0"));
        arguments.addAll(List.of("--webui-port", "0", "--memory", memory));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("--work-dir", place.toString(), url));
        Worker worker = new Worker(start(folder, "-Xmx200m", all, place.resolve("worker.log"), arguments), place, gate);
        workers.add(worker);
        return worker;
    }

    private static List<String> awaitLine(Path log, Pattern wanted, int count) {
        Gate.await(
                count + " lines '" + wanted + "' in " + log,
                () -> lines(log, wanted).size() >= count);
        return lines(log, wanted);
    }

    private static List<String> lines(Path log, Pattern wanted) {
        try {
            String text = Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
            return wanted.matcher(text).results().map(MatchResult::group).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Is deleted at the end. */
    Path folder() {
        return folder;
    }

    /** Deletes what executors have put down for each other. */
    void deleteShuffleFiles() {
        try {
            Files.walkFileTree(folder.resolve("tmp"), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes facts) throws IOException {
                    if (file.getFileName().toString().startsWith("shuffle_")) {
                        Files.deleteIfExists(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                /** Executors rename and delete files meanwhile. */
                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the master is. */
    public String url() {
        return url;
    }

    /** The workers that run. */
    List<Worker> workers() {
        return workers.stream().filter(worker -> worker.process().isAlive()).toList();
    }

    /**
     * Starts a driver in a process of its own, {@link ClusterDriver}.
     *
     * @param gate of executors that have no worker of their own, in a {@code local-cluster}
     */
    Process driver(Path log, Gate gate, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("driver"));
        all.addAll(List.of(arguments));
        return start(folder, "-Xmx600m", Map.of(Gate.VARIABLE, gate.folder().toString()), log, all);
    }

    /** What a driver of a test's cluster is told, whichever master it has. */
    public static SparkConf settings(String master) {
        return new SparkConf()
                .setMaster(master)
                .setAppName("amend4j's tests")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.executor.memory", "500m")
                .set("spark.executor.cores", "1")
                .set("spark.executor.extraJavaOptions", SHORT_LIVED)
                .set("spark.executor.extraClassPath", classFolders())
                // waits for all executors, so that each has blocks
                .set("spark.scheduler.minRegisteredResourcesRatio", "1")
                .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "2m")
                .set("spark.locality.wait", "100ms");
    }

    @Override
    public void close() {
        List<ProcessHandle> processes = Stream.concat(
                        Stream.of(master), workers.stream().map(Worker::process))
                .map(Process::toHandle)
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .toList();
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
        // an executor that has lost its worker may still write
        Gate.await("the end of " + folder, this::isDeleted);
    }

    private boolean isDeleted() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
            return true;
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }
}
