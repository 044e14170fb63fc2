/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Environments from a Gymnasium that stands in for the real one, and from a user's own classes. */
class EnvironmentSourcesTest {

    @TempDir
    Path temp = Path.of("");

    static String python() throws URISyntaxException, InterruptedException {
        boolean found;
        try {
            found = new ProcessBuilder("python3", "--version")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            found = false;
        }
        assumeTrue(found, "skipped: environments of Gymnasium need python3, which is not installed here");
        Path packages = Path.of(Objects.requireNonNull(EnvironmentSourcesTest.class.getResource("peer"))
                .toURI());
        return "env PYTHONPATH=" + packages + " python3 -B";
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
    }

    private static Path network(Path policy) throws IOException {
        try (Stream<Path> files = Files.list(policy)) {
            return files.filter(file -> file.toString().endsWith(".zip"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aRealGymnasiumIsTrainedOnResumedEvaluatedAndReportedOnAndNoPythonStays() throws Exception {
        String python = python();
        List<ProcessHandle> before = children();
        Path out = temp.resolve("run");
        Object[] train = {
            "policy",
            "train",
            "--env",
            "gymnasium:Line-v0?prize=2",
            "--python",
            python,
            "--algo",
            "a2c",
            "--steps",
            1_000,
            "--checkpoint-every",
            1,
            "--hidden",
            4,
            "--out",
            out,
            "--json"
        };
        JsonNode result = amend4j(train).json().path("results").path(0);
        Path policy = out.resolve("seed-1/policy");
        String name = network(policy).getFileName().toString();

        // as if killed after the last checkpoint
        Files.delete(out.resolve("seed-1/result.json"));
        Files.delete(network(policy));
        JsonNode resumed = amend4j(train, "--resume").json().path("results").path(0);
        assertEquals(name, network(policy).getFileName().toString(), "named after its content");
        assertEquals(result.path("steps"), resumed.path("steps"));
        assertTrue(resumed.path("resumed").asBoolean());

        JsonNode played = amend4j(
                        "policy",
                        "eval",
                        policy,
                        "--env",
                        "gymnasium:Line-v0?prize=2",
                        "--python",
                        python,
                        "--episodes",
                        5,
                        "--gamma",
                        0.9,
                        "--json")
                .json();
        assertEquals("gymnasium:Line-v0?prize=2", played.path("environment").asText());
        assertEquals(0.5, played.path("threshold").asDouble());
        Object[] report = {"policy", "report", policy, "--python", python, "--trajectories", 4, "--horizon", 3};
        amend4j(report, "--env", "gymnasium:Line-v0?prize=2", "--json").json();
        amend4j(report).refused("'gymnasium:Line-v0?prize=2'", "no file may start", "--env");
        assertEquals(before, children());
    }

    /** A policy may be anybody's: what it was made in is not started because it says so. */
    @Test
    void noFileChoosesAProcessAClassOrAModule() throws Exception {
        Path classes = classes();
        Path started = temp.resolve("started");
        Path python = temp.resolve("python");
        Files.writeString(python, "#!/bin/sh\ntouch '" + started + "'\n");
        assertTrue(python.toFile().setExecutable(true));
        Path policy = temp.resolve("run/seed-1/policy");
        amend4j(
                        "policy",
                        "train",
                        "--env",
                        "Xor-v0",
                        "--algo",
                        "ppo",
                        "--steps",
                        100,
                        "--hidden",
                        4,
                        "--out",
                        temp.resolve("run"),
                        "--json")
                .json();
        Path record = policy.resolve("policy.json");
        String honest = Files.readString(record);
        for (String environment : List.of(
                "gymnasium:CartPole-v1", "gymnasium:this:Zen-v0", "class:com.example.Mine", "class:java.lang.Thread")) {
            Files.writeString(record, honest.replace("\"Xor-v0\"", '"' + environment + '"'));
            for (String command : List.of("eval", "report")) {
                amend4j("policy", command, policy, "--python", python, "--class-path", classes)
                        .refused("'" + environment + "'", "no file may start", "--env");
            }
        }
        assertFalse(Files.exists(started));
        assertNull(System.getProperty("com.example.Mine"));
    }

    @Test
    void whatIsMissingIsOneSentenceThatHelps() throws Exception {
        Object[] train = {"policy", "train", "--algo", "a2c", "--out", temp.resolve("run")};
        amend4j(train, "--env", "gymnasium:Line-v0", "--python", "no-such-python")
                .refused("no-such-python", "pip install gymnasium", "AMEND4J_PYTHON");
        amend4j(train, "--env", "gymnasium:Nothing-v0", "--python", python())
                .refused("Gymnasium cannot make 'Nothing-v0'");
        amend4j(train, "--env", "gymnasium:Line-v0", "--python", "python3 -I -S")
                .refused("pip install gymnasium", "--python");
        amend4j(train).refused("--env", "--env-class");
        amend4j(train, "--env", "Xor-v0", "--env-class", "A").refused("--env and --env-class");
        assertFalse(Files.exists(temp.resolve("run")));
    }

    /** Steps to the right; says when it is closed. */
    private static final String OWN = """
            package com.example;
            import org.amend4j.environment.*;
            public class Mine implements Environment {
                static int open;
                private int at;
                public Mine() { open++; }
                public Space observationSpace() { return Space.Box.symmetric(9); }
                public Space actionSpace() { return new Space.Discrete(2); }
                public double[] reset(long seed) { at = 0; return new double[] {0}; }
                public StepResult step(double... action) {
                    at += action[0] == 1 ? 1 : 0;
                    return new StepResult(new double[] {at}, action[0], at == 9, false);
                }
                public void close() {
                    if (--open == 0) System.setProperty("com.example.Mine", "closed");
                    else System.setProperty("com.example.Mine", "open");
                }
                public static class Made implements java.util.function.Supplier<Environment> {
                    public Environment get() { return new Mine(); }
                }
                public static class Wrong {}
                public static class Short extends Mine {
                    private int steps;
                    public double[] reset(long seed) { steps = 0; return super.reset(seed); }
                    public StepResult step(double... action) {
                        StepResult step = super.step(action);
                        return new StepResult(step.observation(), step.reward(), step.terminated(), ++steps == 5);
                    }
                }
                public static class Endless extends Mine {
                    public StepResult step(double... action) {
                        StepResult step = super.step(action);
                        return new StepResult(step.observation(), Double.POSITIVE_INFINITY, step.terminated(), false);
                    }
                }
                public static class Failing extends Mine {
                    public Failing() { throw new IllegalStateException("no licence"); }
                }
                public static class Closed extends Mine {
                    public Closed(int size) {}
                }
            }
            """;

    private Path classes() throws IOException {
        Path source = Files.createDirectories(temp.resolve("src")).resolve("Mine.java");
        Files.writeString(source, OWN);
        Path classes = Files.createDirectories(temp.resolve("classes"));
        int code = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        classes.toString(),
                        source.toString());
        assertEquals(0, code);
        return classes;
    }

    @Test
    void theoryModeAsksForTheTimeLimitOfAClassThatCutsItselfOff() throws Exception {
        Object[] train = {
            "policy",
            "train",
            "--class-path",
            classes(),
            "--algo",
            "gpomdp",
            "--horizon",
            5,
            "--steps",
            100,
            "--hidden",
            4,
            "--out",
            temp.resolve("run"),
            "--env-class"
        };
        amend4j(Stream.concat(Stream.of(train), Stream.of("com.example.Mine$Short"))
                        .toArray())
                .refused("cuts episodes off by itself", "?limit=20");
        assertEquals(
                0,
                amend4j(Stream.concat(Stream.of(train), Stream.of("com.example.Mine$Short?limit=5"))
                                .toArray())
                        .code());
    }

    @Test
    void aClassOfTheUsersIsLearnedEvaluatedAndClosed() throws Exception {
        Path classes = classes();
        Path out = temp.resolve("run");
        amend4j(
                        "policy",
                        "train",
                        "--env-class",
                        "com.example.Mine?limit=20",
                        "--class-path",
                        classes,
                        "--algo",
                        "ppo",
                        "--steps",
                        600,
                        "--hidden",
                        4,
                        "--out",
                        out,
                        "--json")
                .json();
        assertEquals("closed", System.clearProperty("com.example.Mine"));
        JsonNode played = amend4j(
                        "policy",
                        "eval",
                        out.resolve("seed-1/policy"),
                        "--class-path",
                        classes,
                        "--env",
                        "class:com.example.Mine?limit=20",
                        "--episodes",
                        3,
                        "--json")
                .json();
        assertEquals(
                "class:com.example.Mine?limit=20", played.path("environment").asText());
        assertEquals("closed", System.clearProperty("com.example.Mine"));
        amend4j("policy", "eval", out.resolve("seed-1/policy"), "--env-class", "com.example.Mine")
                .refused("com.example.Mine", "--class-path");
        JsonNode supplied = amend4j(
                        "policy",
                        "eval",
                        out.resolve("seed-1/policy"),
                        "--class-path",
                        classes,
                        "--env-class",
                        "com.example.Mine$Made?limit=20",
                        "--episodes",
                        3,
                        "--json")
                .json();
        assertEquals(played.path("sampled"), supplied.path("sampled"));
        amend4j(
                        "policy",
                        "report",
                        out.resolve("seed-1/policy"),
                        "--class-path",
                        classes,
                        "--env-class",
                        "com.example.Mine$Endless?limit=20",
                        "--trajectories",
                        20)
                .refused("rewards must be finite, got Infinity");
    }

    @Test
    void aClassInAJarIsLearnedAndEvaluatedAsInAFolder() throws Exception {
        Path classes = classes();
        Path jar = temp.resolve("my environments.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(
                        new ZipEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, out);
                out.closeEntry();
            }
        }
        JsonNode inFolder = trained(classes, temp.resolve("folder"));
        JsonNode inJar = trained(jar, temp.resolve("jar"));
        assertEquals(inFolder, inJar);
        Path policy = temp.resolve("jar/seed-1/best");
        Object[] eval = {
            "policy", "eval", policy, "--env-class", "com.example.Mine$Made?limit=20", "--episodes", 3, "--class-path"
        };
        amend4j(eval, jar, "--json").json();
        assertEquals("closed", System.clearProperty("com.example.Mine"));
        amend4j(eval, temp).refused("com.example.Mine", "--class-path");
        Path broken = Files.writeString(temp.resolve("broken.jar"), "no zip");
        amend4j(eval, broken).refused("com.example.Mine", "--class-path");
    }

    /** What it found out, evaluations on the way too; all environments are closed afterwards. */
    private static JsonNode trained(Path classPath, Path out) throws IOException {
        JsonNode result = amend4j(
                        "policy",
                        "train",
                        "--env-class",
                        "com.example.Mine$Made?limit=20",
                        "--class-path",
                        classPath,
                        "--algo",
                        "ppo",
                        "--steps",
                        600,
                        "--hidden",
                        4,
                        "--eval-every",
                        300,
                        "--out",
                        out,
                        "--json")
                .json()
                .path("results")
                .path(0);
        assertEquals("closed", System.clearProperty("com.example.Mine"));
        return result.path("evaluations");
    }

    @Test
    void aClassThatIsNoEnvironmentIsOneSentence() throws Exception {
        Path classes = classes();
        Object[] train = {
            "policy", "train", "--algo", "ppo", "--class-path", classes, "--out", temp.resolve("run"), "--env-class"
        };
        amend4j(train, "com.example.Missing").refused("there is no class com.example.Missing");
        amend4j(train, "com.example.Mine$Wrong").refused("must be an org.amend4j.environment.Environment");
        amend4j(train, "com.example.Mine$Failing").refused("constructor", "no licence");
        amend4j(train, "com.example.Mine$Closed").refused("public constructor without arguments");
        amend4j(train, "com.example.Mine?speed=3").refused("limit", "speed=3");
        amend4j("policy", "train", "--algo", "ppo", "--class-path", temp.resolve("no.jar"), "--env-class", "A")
                .refused("--class-path", "no.jar");
        assertFalse(Files.exists(temp.resolve("run")));
    }
}
