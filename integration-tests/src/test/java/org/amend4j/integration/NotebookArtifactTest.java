/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The artifact for notebooks as kernels resolve it: one line, no BOM. Maven fills a folder with it and what it needs, from a local repository; a
 * program on that folder computes with the natives and draws.
 */
@Tag("exhaustive")
class NotebookArtifactTest {

    private static final String POM = """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>org.example</groupId>
              <artifactId>notebook</artifactId>
              <version>1</version>
              <dependencies>
                <dependency>
                  <groupId>org.amend4j</groupId>
                  <artifactId>amend4j-notebook</artifactId>
                  <version>VERSION</version>
                </dependency>
              </dependencies>
            </project>
            """;

    private static final String PROGRAM = """
            import org.amend4j.chart.Chart;
            import org.nd4j.linalg.factory.Nd4j;

            class Program {
                public static void main(String[] args) {
                    double sum = Nd4j.ones(3, 4).mmul(Nd4j.ones(4, 5)).sumNumber().doubleValue();
                    System.out.println(sum + " " + Chart.of("a", "x", "y").line("b", new double[] {1, 2}).image().getWidth());
                }
            }
            """;

    @TempDir
    private static Path project;

    private static Path jars;

    @BeforeAll
    static void fill() throws IOException, InterruptedException {
        ConsumerProject.requirePackaged();
        String repository = ConsumerProject.repository(project);
        jars = project.resolve("jars");
        Files.writeString(project.resolve("pom.xml"), POM.replace("VERSION", System.getProperty("amend4j.version")));
        String output = Commands.run(
                project,
                List.of(
                        Commands.maven().toString(),
                        "-B",
                        "-q",
                        "-o",
                        repository,
                        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
                        "-DincludeScope=runtime",
                        "-DoutputDirectory=" + jars));
        assertTrue(Files.isDirectory(jars), output);
    }

    @Test
    void aFolderFilledByMavenComputesAndDraws() throws IOException, InterruptedException {
        Path program = Files.writeString(project.resolve("Program.java"), PROGRAM);
        String output = Commands.run(
                project,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-Djava.awt.headless=true",
                        "-cp",
                        jars + "/*",
                        program.toString()));
        assertEquals("60.0 760" + System.lineSeparator(), output);
    }

    /** ND4J's poms name those of 2022, with which these classes do not load. */
    @Test
    void classesAndNativesAreOfOneVersion() throws IOException {
        try (Stream<Path> files = Files.list(jars)) {
            Set<String> javacpp = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("javacpp-"))
                    .map(name -> name.replaceAll("javacpp-([0-9.]+[0-9]).*", "$1"))
                    .collect(Collectors.toSet());
            assertEquals(Set.of("1.5.13"), javacpp);
        }
    }

    @Test
    void noKernelIsAmongThem() throws IOException {
        try (Stream<Path> files = Files.list(jars)) {
            assertEquals(
                    List.of(),
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.matches("(jjava|jupyter|jeromq).*"))
                            .toList());
        }
    }
}
