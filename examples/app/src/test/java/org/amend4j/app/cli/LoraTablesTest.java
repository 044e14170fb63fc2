/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.data.CsvTable;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;

/** What people have: tables in any units with classes that are not as frequent, folders with damaged pictures, layers in a row. */
class LoraTablesTest {

    @TempDir
    private Path folder;

    private Path table = Path.of("");
    private Path model = Path.of("");

    /** A column is the hundredfold: 90 of one class, 20 of another, 10 of the third. */
    @BeforeEach
    void uneven() throws IOException {
        model = SmallClassifiers.ofRows(folder.resolve("model.zip"), Activation.TANH);
        Random random = new Random(8);
        StringBuilder rows = new StringBuilder("a,b,c,d,kind\n");
        for (int i = 0; i < 120; i++) {
            int kind = i % 12 == 0 ? 2 : i % 6 == 1 ? 1 : 0;
            rows.append(100 * (kind + random.nextGaussian() / 4)).append(',');
            rows.append(random.nextGaussian())
                    .append(',')
                    .append(random.nextGaussian())
                    .append(",7,k");
            rows.append(kind).append('\n');
        }
        table = Files.writeString(folder.resolve("table.csv"), rows);
    }

    private Ran train(Path zip, Path data, String out, Object... more) {
        return amend4j(
                new Object[] {
                    "lora",
                    "train",
                    "--model",
                    zip,
                    "--data",
                    data,
                    "--out",
                    folder.resolve(out),
                    "--epochs",
                    20,
                    "--lr",
                    0.02
                },
                more);
    }

    private Ran eval(String adapter, Object... more) {
        return amend4j(
                new Object[] {"lora", "eval", "--model", model, "--data", table, "--adapter", folder.resolve(adapter)},
                more);
    }

    private Ran merge(Path zip, String adapter, Path out) {
        return amend4j("lora", "merge", "--model", zip, "--adapter", folder.resolve(adapter), "--out", out);
    }

    private DataSet rows() {
        return CsvTable.read(table, "-1", List.of())
                .batch(IntStream.range(0, 120).toArray());
    }

    @Test
    void standardizedColumnsAreKeptBesideTheAdapterAndPutIntoTheMergedModel() throws IOException {
        Ran ran = train(model, table, "scaled", "--standardize", "--validation", 0);
        assertEquals(0, ran.code(), ran.err());
        NormalizerStandardize peer = new NormalizerStandardize();
        peer.fit(rows());
        Path merged = folder.resolve("merged.zip");
        assertEquals(0, merge(model, "scaled", merged).code());
        NormalizerStandardize kept = ModelSerializer.restoreNormalizerFromFile(merged.toFile());
        assertTrue(
                kept.getMean().castTo(DataType.FLOAT).equalsWithEps(peer.getMean(), 1e-3),
                kept.getMean() + " " + peer.getMean());
        assertTrue(
                kept.getStd().castTo(DataType.FLOAT).equalsWithEps(peer.getStd(), 1e-3),
                kept.getStd() + " " + peer.getStd());
        Ran without =
                amend4j("lora", "eval", "--model", merged, "--data", table, "--adapter", folder.resolve("scaled"));
        assertEquals(2, without.code(), "another base");
        assertTrue(
                eval("scaled", "--json").json().path("accuracy").asDouble() > 0.9,
                eval("scaled").out());
        train(merged, table, "twice", "--standardize")
                .refusedAtLast("--standardize is for models without a normalizer");
    }

    @Test
    void balancedClassesFindMoreOfWhatIsRare() throws IOException {
        assertEquals(0, briefly("alike").code());
        Ran balanced = briefly("balanced", "--class-weights", "balanced");
        Ran named = briefly("named", "--class-weights", "k1=4.5,k2=9");
        assertEquals(0, balanced.code(), balanced.err());
        double without = meanRecall("alike");
        double with = meanRecall("balanced");
        assertTrue(with > without + 0.2, with + " " + without);
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("balanced/adapter_model.safetensors")),
                Files.readAllBytes(folder.resolve("named/adapter_model.safetensors")),
                "90, 20 and 10 rows: " + named.out());
        briefly("none", "--class-weights", "k9=2").refusedAtLast("--class-weights names 'k9'");
    }

    private double meanRecall(String adapter) throws IOException {
        JsonNode recalls = eval(adapter, "--json").json().path("recalls");
        double sum = 0;
        for (JsonNode one : recalls) {
            sum += one.path("recall").asDouble();
        }
        return sum / recalls.size();
    }

    private Ran briefly(String out, Object... more) {
        Object[] all = {
            "lora",
            "train",
            "--model",
            model,
            "--data",
            table,
            "--out",
            folder.resolve(out),
            "--epochs",
            5,
            "--validation",
            0,
            "--lr",
            0.02
        };
        return amend4j(
                all, Stream.concat(Stream.of("--standardize"), Stream.of(more)).toArray());
    }

    @Test
    void anExportedAdapterKeepsItsStandardizationAndSaysThatPeftHasNone() throws IOException {
        assertEquals(0, train(model, table, "scaled", "--standardize").code());
        Object[] export = {"lora", "export", "--model", model, "--adapter", folder.resolve("scaled")};
        Ran ran = amend4j(export, "--out", folder.resolve("exported"));
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("PEFT does not compute the same"), ran.out());
        assertTrue(ran.out().contains("its data went through a normalizer"), ran.out());
        assertEquals(
                eval("scaled", "--json").json().path("accuracy"),
                eval("exported", "--json").json().path("accuracy"));
        amend4j(export, "--require-peft", "--out", folder.resolve("none")).refused("went through a normalizer");
    }

    @Test
    void combinedAdaptersKeepTheStandardizationThatTheyShareAndAreRefusedWithoutIt() throws IOException {
        assertEquals(0, train(model, table, "one", "--standardize").code());
        assertEquals(
                0, train(model, table, "two", "--standardize", "--batch", 16).code());
        assertEquals(0, train(model, table, "raw").code());
        Path both = folder.resolve("both");
        Ran ran = combine("one", "two", both);
        assertEquals(0, ran.code(), ran.err());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("one/normalizer.bin")),
                Files.readAllBytes(both.resolve("normalizer.bin")));
        JsonNode facts = eval("both", "--json").json();
        assertTrue(
                facts.path("crossEntropy").asDouble()
                        < facts.path("baseCrossEntropy").asDouble(),
                facts.toString());
        combine("one", "raw", folder.resolve("mixed")).refusedAtLast("behind the same normalizer");
    }

    private Ran combine(String one, String other, Path out) {
        return amend4j(
                "lora",
                "combine",
                "--adapter",
                folder.resolve(one),
                "--weight",
                0.5,
                "--adapter",
                folder.resolve(other),
                "--weight",
                0.5,
                "--out",
                out);
    }

    @Test
    void heldBackRowsHaveNoPartInMeansAndDeviations() throws IOException {
        assertEquals(
                0,
                train(model, table, "all", "--standardize", "--validation", 0).code());
        assertEquals(
                0,
                train(model, table, "part", "--standardize", "--validation", 0.5)
                        .code());
        assertFalse(Arrays.equals(
                Files.readAllBytes(folder.resolve("all/normalizer.bin")),
                Files.readAllBytes(folder.resolve("part/normalizer.bin"))));
    }

    @Test
    void anEvaluationTellsTheMajorityAndEachClassesRecall() throws IOException {
        Ran ran = train(model, table, "adapter", "--standardize");
        assertTrue(ran.out().contains("are of the most frequent class"), ran.out());
        JsonNode facts = eval("adapter", "--json").json();
        assertEquals(90 / 120.0, facts.path("majority").asDouble(), 1e-9);
        double right = 0;
        for (JsonNode one : facts.path("recalls")) {
            right += one.path("recall").asDouble() * one.path("examples").asInt();
        }
        assertEquals(facts.path("accuracy").asDouble(), right / 120, 1e-9);
        assertTrue(
                eval("adapter").out().contains("recall of k2: "),
                eval("adapter").out());
    }

    @Test
    void layersInARowAreMergedToLayersInARow() throws IOException {
        assertEquals(0, train(model, table, "adapter", "--standardize").code());
        Path merged = folder.resolve("merged.zip");
        assertEquals(0, merge(model, "adapter", merged).code());
        MultiLayerNetwork layers = MultiLayerNetwork.load(merged.toFile(), false);
        DataNormalization normalizer = ModelSerializer.restoreNormalizerFromFile(merged.toFile());
        INDArray features = rows().getFeatures();
        normalizer.transform(features);
        assertArrayEquals(
                BaseModel.open(merged)
                        .network()
                        .outputSingle(features)
                        .dup('c')
                        .data()
                        .asFloat(),
                layers.output(features).dup('c').data().asFloat());
    }

    @Test
    void damagedPicturesAreNamedAndLeftOutWhereOneSaysSo() throws IOException {
        Path pictures = SmallClassifiers.pictures(folder.resolve("pictures"));
        Path network = SmallClassifiers.ofPictures(folder.resolve("pictures.zip"));
        Files.writeString(pictures.resolve("red/cut.png"), "no picture");
        Files.writeString(pictures.resolve("green/notes.txt"), "no picture");
        Object[] small = {"--side", 8};
        train(network, pictures, "a", small).refusedAtLast("notes.txt is not a picture", "--skip-damaged leaves such");
        Ran ran = train(network, pictures, "b", "--side", 8, "--skip-damaged");
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.err().contains("Skipped 2 damaged pictures: "), ran.err());
        assertTrue(ran.err().contains("cut.png") && ran.err().contains("notes.txt"), ran.err());
    }
}
