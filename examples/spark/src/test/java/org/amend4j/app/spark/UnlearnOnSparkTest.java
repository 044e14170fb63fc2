/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.app.cli.Amend4j;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Sgd;

/** Models that forget, on Spark from the command line. */
class UnlearnOnSparkTest {

    private static final String TRAINING = "--label kind --owner person --steps 12 --step-size 0.3 --weight-decay 0.2"
            + " --planned-records 256 --delta 1e-5 --feature-radius 1 --checkpoints every:3";
    private static final String SPARK = " --master local[2]";

    @TempDir
    private Path temp;

    private Path head = Path.of("");
    private Path table = Path.of("");
    private Path strangers = Path.of("");

    /** What a command said. */
    private record Said(int code, String out, String err) {}

    private static Said amend4j(String words, Path... paths) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Amend4j.run(
                new PrintWriter(out),
                new PrintWriter(err),
                Stream.of(words.split(" ", -1))
                        .map(word -> word.matches("@\\d") ? paths[word.charAt(1) - '0'].toString() : word)
                        .toArray(String[]::new));
        return new Said(code, out.toString(), err.toString());
    }

    private static String done(String words, Path... paths) {
        Said said = amend4j(words, paths);
        assertEquals(0, said.code(), said.err() + said.out());
        return said.out();
    }

    private static double[] parameters(Path run, int release) throws IOException {
        return BaseModel.open(run.resolve("releases/" + release + "/model.zip"))
                .network()
                .params()
                .toDoubleVector();
    }

    @BeforeEach
    void makeModelAndTables() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .list()
                .layer(new OutputLayer.Builder()
                        .nIn(3)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        head = temp.resolve("head.zip");
        ModelSerializer.writeModel(network, head.toFile(), false);
        table = Files.writeString(temp.resolve("table.csv"), rows("p", 7));
        strangers = Files.writeString(temp.resolve("strangers.csv"), rows("q", 8));
    }

    private static String rows(String person, long seed) {
        Random random = new Random(seed);
        StringBuilder rows = new StringBuilder("person,a,b,c,kind\n");
        for (int row = 0; row < 120; row++) {
            double[] x = random.doubles(3, -0.5, 0.5).toArray();
            rows.append(String.format(
                    Locale.ROOT,
                    "%s%d,%.6f,%.6f,%.6f,%s%n",
                    person,
                    row / 4,
                    x[0],
                    x[1],
                    x[2],
                    x[0] > 0 ? "yes" : "no"));
        }
        return rows.toString();
    }

    private void train(Path run, String more) {
        done("unlearn train @0 --data @1 --out @2 " + TRAINING + more, head, table, run);
    }

    /** The deletion empties a block. */
    @Test
    void trainedAndForgottenOnSparkHasTheBitsOfOneProcessAndValidCertificates() throws IOException {
        Path here = temp.resolve("here");
        Path there = temp.resolve("there");
        train(here, " --block-size 4");
        train(there, " --block-size 4" + SPARK);
        assertArrayEquals(parameters(here, 0), parameters(there, 0));
        String forget = "unlearn delete @0 --data @1 --subject p3 --method retrain";
        done(forget, here, table);
        done(forget + SPARK, there, table);
        assertArrayEquals(parameters(here, 1), parameters(there, 1));
        // what was begun in one process goes on on the cluster
        Path five = Files.writeString(temp.resolve("five.txt"), "p4\np5\np6\np7\np8\n");
        done("unlearn delete @0 --data @1 --any-noise --subjects-file @2" + SPARK, here, table, five);
        String verified = done("unlearn verify @0 --public-key @1", here, temp.resolve("here-keys/issuer.public"));
        assertTrue(verified.contains("releases/2/certificate.json: VALID"), verified);
        String audit = "unlearn audit @0 --data @1 --holdout @2 --shadows 4 --json";
        assertEquals(done(audit, here, table, strangers), done(audit + SPARK, here, table, strangers));
    }

    @Test
    void aModelWithoutBlocksIsForgottenFromInThisProcessWhichIsSaid() throws IOException {
        Path run = temp.resolve("run");
        train(run, "");
        Said delete = amend4j("unlearn delete @0 --data @1 --subject p3 --method retrain" + SPARK, run, table);
        assertEquals(0, delete.code(), delete.err());
        assertTrue(delete.err().contains("was not trained in blocks (--block-size)"), delete.err());
    }
}
