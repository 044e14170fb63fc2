/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.amend4j.app.cli.Amend4j;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.model.BaseModel;
import org.amend4j.recording.FitRecorder;
import org.amend4j.safetensors.SafetensorsFile;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Models that forget, each with one person forgotten already. A folder holds
 *
 * <pre>
 *   table.csv        the data
 *   run, keys        what {@code unlearn train} or {@code adopt} made
 *   recorded         the recording that was adopted
 *   head.txt, opening.json   what {@code unlearn head} and {@code open} wrote after the first deletion
 *   witness          of {@link #HEAD}: a witness who signed head.txt
 *   after.txt        the parameters when another person was forgotten after that by {@link #secondWay()}, which has no noise
 * </pre>
 */
enum GoldenService {
    /** An output layer in plain Java ({@code BY_ROW}), full batches, a certificate with noise. */
    HEAD("cheapest", "retrain", true) {
        @Override
        void begin(Path folder) throws IOException {
            train(
                    folder,
                    head(0),
                    "--train",
                    "head",
                    "--weight-decay",
                    0.2,
                    "--planned-records",
                    128,
                    "--feature-radius",
                    1);
        }
    },
    /** B of an adapter on the output layer, keyed epochs with a scaled table, an exact certificate, a lifetime's budget. */
    LORA("exact", "exact", true) {
        @Override
        void begin(Path folder) throws IOException {
            train(
                    folder,
                    head(0),
                    "--train",
                    "lora",
                    "--rank",
                    1,
                    "--alpha",
                    2,
                    "--batches",
                    "epochs:12",
                    "--feature-radius",
                    1,
                    "--lifetime-epsilon",
                    3,
                    "--planned-records",
                    128);
        }
    },
    /** All of a network with clipped gradients, computed by the graph ({@code BY_GRAPH}), in a ball. */
    CLIPPED("retrain", "retrain", false) {
        @Override
        void begin(Path folder) throws IOException {
            train(
                    folder,
                    tanh(),
                    "--clip",
                    0.5,
                    "--batches",
                    "keyed:0.25",
                    "--parameter-radius",
                    10,
                    "--accept-assumptions");
        }
    },
    /** What Deeplearning4j's own {@code fit} trained on shuffled batches ({@code AS_FITTED}). */
    ADOPTED("retrain", "retrain", false) {
        @Override
        void begin(Path folder) throws IOException {
            record(folder, true);
            adopt(folder);
        }
    };

    /** The folder of a recording of full batches, and its table. */
    static final String RECORDING = "recording";

    static final String FIRST = "p1";
    static final String SECOND = "p2";

    /** Decides when whose records are used: in the second half of keyed epochs. */
    private static final String BATCHES = "0123456789abcdef".repeat(4) + "\n";

    private static final int SUBJECTS = 12;
    private static final int ROWS_EACH = 2;

    private final String firstWay;
    private final String secondWay;
    private final boolean plainJava;

    GoldenService(String firstWay, String secondWay, boolean plainJava) {
        this.firstWay = firstWay;
        this.secondWay = secondWay;
        this.plainJava = plainJava;
    }

    /** Trains in a folder that has the table. */
    abstract void begin(Path folder) throws IOException;

    /** As {@link GoldenDescent#isPlainJava()}. */
    boolean isPlainJava() {
        return plainJava;
    }

    String secondWay() {
        return secondWay;
    }

    String folder() {
        return "services/" + name().toLowerCase(Locale.ROOT);
    }

    void write(Path folder, Path scratch) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("table.csv"), rows());
        Path keys = Files.createDirectory(folder.resolve("keys"));
        Files.writeString(keys.resolve("batches.key"), BATCHES);
        lock(folder);
        begin(folder);
        delete(folder, FIRST, firstWay);
        done(
                "unlearn",
                "head",
                folder.resolve("run"),
                "--keys",
                folder.resolve("keys"),
                "--out",
                folder.resolve("head.txt"));
        on("open", folder, "--out", folder.resolve("opening.json"));
        if (this == HEAD) {
            cosign(folder);
        }
        Path copy = scratch.resolve(name());
        Golden.copy(folder, copy);
        lock(copy);
        delete(copy, SECOND, secondWay);
        Golden.write(folder.resolve("after.txt"), released(copy, 2));
        Golden.removeLocks(folder);
        Golden.delete(folder.resolve("run/certificates")); // pages, which nothing reads
    }

    /** A witness signs {@code head.txt}, and remembers it. */
    static void cosign(Path folder) {
        done(
                "unlearn",
                "cosign",
                folder.resolve("head.txt"),
                "--ledger",
                folder.resolve("run"),
                "--public-key",
                folder.resolve("keys/issuer.public"),
                "--witness-keys",
                folder.resolve("witness"));
    }

    /** What a repository does not keep: keys are their owner's alone. */
    static void lock(Path folder) throws IOException {
        for (Path keys : List.of(folder.resolve("keys"), folder.resolve("witness"))) {
            if (Files.exists(keys)) {
                Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwx------"));
                try (Stream<Path> files = Files.list(keys)) {
                    for (Path file : files.toList()) {
                        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                    }
                }
            }
        }
    }

    static String delete(Path folder, String person, String by) {
        return on("delete", folder, "--subject", person, "--way", by, "--any-noise");
    }

    static String on(String command, Path folder, Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "unlearn",
                command,
                folder.resolve("run"),
                "--keys",
                folder.resolve("keys"),
                "--data",
                folder.resolve("table.csv")));
        words.addAll(List.of(more));
        return done(words.toArray());
    }

    /** Writes a recording of full batches, for a folder with the table. */
    static void writeRecording(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("table.csv"), rows());
        record(folder, false);
    }

    private static void record(Path folder, boolean shuffled) throws IOException {
        MultiLayerNetwork network = head(0.2);
        DataSet table = table();
        FitRecorder recorder = FitRecorder.of(table, folder.resolve("recorded"), CheckpointSchedule.every(4));
        network.setListeners(recorder);
        if (shuffled) {
            network.fit(recorder.batches(SUBJECTS * ROWS_EACH / 4, 5), 3);
        } else {
            for (int step = 0; step < 6; step++) {
                network.fit(table);
            }
        }
        recorder.finish();
    }

    /** Adopts the recording in a folder. */
    static void adopt(Path folder, Object... more) {
        Path recorded = folder.resolve("recorded");
        List<Object> words = new ArrayList<>(List.of(
                "unlearn",
                "adopt",
                recorded.resolve("model.zip"),
                "--recipe",
                recorded.resolve("recipe.json"),
                "--data",
                folder.resolve("table.csv"),
                "--out",
                folder.resolve("run"),
                "--keys",
                folder.resolve("keys"),
                "--label",
                "kind",
                "--owner",
                "person",
                "--feature-radius",
                1,
                "--delta",
                1e-5,
                "--checkpoints",
                "every:4"));
        words.addAll(List.of(more));
        done(words.toArray());
    }

    /** What a command line that succeeds says. */
    static String done(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Amend4j.run(
                new PrintWriter(out),
                new PrintWriter(err),
                Stream.of(words).map(Object::toString).toArray(String[]::new));
        assertEquals(0, code, () -> List.of(words) + "\n" + err + out);
        return out.toString();
    }

    /** All numbers of a released network or adapter. */
    static double[] released(Path folder, int release) throws IOException {
        Path made = folder.resolve("run/releases/" + release);
        Path network = made.resolve("model.zip");
        if (Files.exists(network)) {
            return BaseModel.open(network).network().params().toDoubleVector();
        }
        try (SafetensorsFile adapter = SafetensorsFile.open(made.resolve(AdapterFile.TENSORS))) {
            double[] all = {};
            for (String name : adapter.tensors().keySet()) {
                all = DoubleStream.concat(Arrays.stream(all), Arrays.stream(adapter.readDoubles(name)))
                        .toArray();
            }
            return all;
        }
    }

    private static void train(Path folder, MultiLayerNetwork network, Object... more) throws IOException {
        Path zip = folder.resolve("network.zip");
        ModelSerializer.writeModel(network, zip.toFile(), false);
        List<Object> words = new ArrayList<>(List.of(
                "unlearn",
                "train",
                zip,
                "--data",
                folder.resolve("table.csv"),
                "--out",
                folder.resolve("run"),
                "--keys",
                folder.resolve("keys"),
                "--label",
                "kind",
                "--owner",
                "person",
                "--steps",
                12,
                "--step-size",
                0.3,
                "--delta",
                1e-5,
                "--checkpoints",
                "every:4"));
        words.addAll(List.of(more));
        done(words.toArray());
        Files.delete(zip);
    }

    private static NeuralNetConfiguration.ListBuilder layers(double decay) {
        return new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .l2(decay)
                .l2Bias(decay)
                .updater(new Sgd(0.3))
                .list();
    }

    private static MultiLayerNetwork head(double decay) {
        MultiLayerNetwork network =
                new MultiLayerNetwork(layers(decay).layer(softmax(3)).build());
        network.init();
        return network;
    }

    private static MultiLayerNetwork tanh() {
        MultiLayerNetwork network = new MultiLayerNetwork(layers(0)
                .layer(new DenseLayer.Builder()
                        .nIn(3)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build())
                .layer(softmax(4))
                .build());
        network.init();
        return network;
    }

    private static OutputLayer softmax(int inputs) {
        return new OutputLayer.Builder()
                .nIn(inputs)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static String rows() {
        Random random = new Random(8);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < SUBJECTS * ROWS_EACH; row++) {
            double a = 0.5 * (random.nextDouble() - 0.5);
            rows.append(String.format(
                    Locale.ROOT,
                    "p%d,%.4f,%.4f,%.4f,%s\n",
                    row / ROWS_EACH,
                    a,
                    random.nextDouble() - 0.5,
                    random.nextDouble() - 0.5,
                    a > 0 ? "yes" : "no"));
        }
        return rows.toString();
    }

    private static DataSet table() {
        String[] lines = rows().split("\n", -1);
        double[][] features = new double[SUBJECTS * ROWS_EACH][3];
        double[][] labels = new double[SUBJECTS * ROWS_EACH][2];
        for (int row = 0; row < features.length; row++) {
            String[] cells = lines[row + 1].split(",", -1);
            for (int column = 0; column < 3; column++) {
                features[row][column] = Double.parseDouble(cells[column + 1]);
            }
            labels[row][cells[4].equals("yes") ? 1 : 0] = 1;
        }
        return new DataSet(Nd4j.createFromArray(features), Nd4j.createFromArray(labels));
    }
}
