/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.amend4j.app.cli.Ran.amend4j;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.app.cli.Ran;
import org.amend4j.model.NormClipVertex;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The head of a small network that learns 30 people of four rows each, in no time, and can forget them; by the command line.
 *
 * @param trunk the network, whose features have a bound
 * @param table the people's rows, which follow one another
 */
public record SmallForgetful(Path trunk, Path table) {

    private static final int PEOPLE = 30;

    private static final Object[] LEARNING =
            ("--label kind --owner person --steps 24 --step-size 0.3 --weight-decay 0.2"
                            + " --planned-records 256 --delta 1e-5 --checkpoints every:3 --train head")
                    .split(" ", -1);

    /** Writes network and table to a folder. */
    public static SmallForgetful in(Path folder) throws IOException {
        Path trunk = folder.resolve("trunk.zip");
        ModelSerializer.writeModel(network(), trunk.toFile(), false);
        return new SmallForgetful(trunk, rows(folder.resolve("table.csv"), "p", 7));
    }

    private static ComputationGraph network() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "trunk",
                        new DenseLayer.Builder()
                                .nIn(3)
                                .nOut(6)
                                .activation(Activation.RELU)
                                .build(),
                        "in")
                .addVertex("ball", new NormClipVertex(1), "trunk")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(6)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "ball")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static Path rows(Path csv, String person, long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < 4 * PEOPLE; row++) {
            double[] x = random.doubles(3, -1, 1).toArray();
            rows.append(String.format(
                    Locale.ROOT,
                    "%s%d,%.6f,%.6f,%.6f,%s%n",
                    person,
                    row / 4,
                    x[0],
                    x[1],
                    x[2],
                    x[0] + random.nextGaussian() / 3 > 0 ? "yes" : "no"));
        }
        return Files.writeString(csv, rows);
    }

    /** Rows of people whom no model was trained on. */
    public Path strangers() throws IOException {
        return rows(table.resolveSibling("strangers.csv"), "q", 8);
    }

    /** Names of five of the people, a line each. */
    public Path five() throws IOException {
        return Files.writeString(table.resolveSibling("five.txt"), "p3\np4\np5\np6\np7\n");
    }

    /** The words of {@code unlearn train}. */
    public Object[] training(Path out, Object... more) {
        return Stream.of(
                        Stream.of("unlearn", "train", trunk, "--data", table, "--out", out, "--json"),
                        Stream.of(LEARNING),
                        Stream.of(more))
                .flatMap(words -> words)
                .toArray();
    }

    /** {@code unlearn train}. */
    public Ran train(Path out, Object... more) {
        return amend4j(training(out, more));
    }

    /** Another command, of what was trained. */
    public Ran on(String command, Path folder, Object... more) {
        return amend4j(words(command, folder, more));
    }

    /** The words of another command. */
    public Object[] words(String command, Path folder, Object... more) {
        return Stream.concat(Stream.of("unlearn", command, folder, "--data", table, "--json"), Stream.of(more))
                .toArray();
    }

    /** {@code unlearn verify}, with the issuer's own key. */
    public static Ran verify(Path run) {
        return amend4j("unlearn", "verify", run, "--public-key", keysOf(run).resolve("issuer.public"), "--json");
    }

    /** Where the keys of a run are. */
    public static Path keysOf(Path run) {
        return Path.of(run + "-keys");
    }

    /** The parameters of a release, byte for byte. */
    public static byte[] parameters(Path release) throws IOException {
        try (Stream<Path> files = Files.list(release)) {
            return Files.readAllBytes(files.filter(file -> file.toString().endsWith(".safetensors"))
                    .findFirst()
                    .orElseThrow());
        }
    }

    /** A run that nobody can tell from another one, with its keys. */
    public static Path copy(Path from, Path to) throws IOException {
        for (Path folder : List.of(from, keysOf(from))) {
            Path target = folder.equals(from) ? to : keysOf(to);
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList()) {
                    Files.copy(
                            file,
                            target.resolve(folder.relativize(file).toString()),
                            StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return to;
    }
}
