/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.data.CsvTable;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;

/** Models whose files have a normalizer: the data goes through it, at every command. */
class LoraNormalizerTest {

    @TempDir
    private Path folder;

    private Path raw = Path.of("");
    private Path normalized = Path.of("");
    private Path plain = Path.of("");
    private Path model = Path.of("");

    /** The same rows twice: as measured, in units that are far apart, and as the normalizer makes them. */
    @BeforeEach
    void tables() throws IOException {
        Random random = new Random(4);
        StringBuilder rows = new StringBuilder("a,b,c,d,kind\n");
        for (int i = 0; i < 60; i++) {
            rows.append(String.format(
                    Locale.ROOT,
                    "%.3f,%.3f,%.3f,%.3f,k%d%n",
                    1000 + 300 * random.nextGaussian(),
                    random.nextGaussian() / 50,
                    random.nextGaussian(),
                    -7 + random.nextGaussian(),
                    i % 3));
        }
        raw = Files.writeString(folder.resolve("raw.csv"), rows);
        plain = SmallClassifiers.ofRows(folder.resolve("plain.zip"), Activation.TANH);
        NormalizerStandardize normalizer = new NormalizerStandardize();
        DataSet all = rows();
        normalizer.fit(all);
        model = with("model.zip", normalizer);
        normalizer.preProcess(all);
        StringBuilder made = new StringBuilder("a,b,c,d,kind\n");
        for (int i = 0; i < 60; i++) {
            for (int k = 0; k < 4; k++) {
                made.append(all.getFeatures().getFloat(i, k)).append(',');
            }
            made.append('k').append(i % 3).append('\n');
        }
        normalized = Files.writeString(folder.resolve("normalized.csv"), made);
    }

    private DataSet rows() {
        CsvTable table = CsvTable.read(raw, "-1", List.of());
        return table.batch(IntStream.range(0, 60).toArray());
    }

    private Path with(String name, DataNormalization normalizer) throws IOException {
        Path zip = Files.copy(plain, folder.resolve(name));
        ModelSerializer.addNormalizerToModel(zip.toFile(), normalizer);
        return zip;
    }

    private Ran train(Path zip, Path table, String out, Object... more) {
        return amend4j(
                new Object[] {
                    "lora",
                    "train",
                    "--model",
                    zip,
                    "--data",
                    table,
                    "--out",
                    folder.resolve(out),
                    "--epochs",
                    3,
                    "--lr",
                    0.02,
                    "--device",
                    "cpu"
                },
                more);
    }

    private Ran eval(Path zip, Path table, String adapter, Object... more) {
        return amend4j(
                new Object[] {"lora", "eval", "--model", zip, "--data", table, "--adapter", folder.resolve(adapter)},
                more);
    }

    private byte[] weights(String adapter) throws IOException {
        return Files.readAllBytes(folder.resolve(adapter).resolve("adapter_model.safetensors"));
    }

    @Test
    void rawDataBehindANormalizerTrainsToTheBytesOfNormalizedDataWithoutOne() throws IOException {
        Ran ran = train(model, raw, "behind");
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.err().contains("STANDARDIZE of 4 columns"), ran.err());
        assertEquals(0, train(plain, normalized, "without").code());
        assertEquals(Sha256.hex(weights("without")), Sha256.hex(weights("behind")));
        assertEquals(
                eval(plain, normalized, "without", "--json")
                        .json()
                        .path("crossEntropy")
                        .asDouble(),
                eval(model, raw, "behind", "--json").json().path("crossEntropy").asDouble());
    }

    @Test
    void aMergedModelHasTheNormalizerAndComputesBehindItWhatTheAdapterDoes() throws IOException {
        assertEquals(0, train(model, raw, "adapter").code());
        Path merged = folder.resolve("merged.zip");
        Ran ran = amend4j("lora", "merge", "--model", model, "--adapter", folder.resolve("adapter"), "--out", merged);
        assertEquals(0, ran.code(), ran.err());
        DataNormalization kept = ModelSerializer.restoreNormalizerFromFile(merged.toFile());
        assertEquals(ModelSerializer.restoreNormalizerFromFile(model.toFile()), kept);
        DataSet rows = rows();
        kept.transform(rows.getFeatures());
        INDArray said = BaseModel.open(merged).network().outputSingle(rows.getFeatures());
        double right = 0;
        for (int i = 0; i < 60; i++) {
            right += said.getRow(i).argMax().getInt(0) == i % 3 ? 1 : 0;
        }
        assertEquals(
                eval(model, raw, "adapter", "--json").json().path("accuracy").asDouble(), right / 60, 1e-9);
    }

    @Test
    void anAdapterIsRefusedBehindAnotherNormalizerThanThatOfItsTraining() throws IOException {
        assertEquals(0, train(model, raw, "behind").code());
        assertEquals(0, train(plain, normalized, "without").code());
        NormalizerMinMaxScaler other = new NormalizerMinMaxScaler();
        other.fit(rows());
        Path another = with("another.zip", other);
        refused("trained behind a normalizer, and --model has none in its file", eval(plain, raw, "behind"));
        refused("--model has another one in its file (MIN_MAX of 4 columns)", eval(another, raw, "behind"));
        refused("trained without a normalizer, and --model has one in its file", eval(model, raw, "without"));
        Path out = folder.resolve("merged.zip");
        refused(
                "behind a normalizer",
                amend4j("lora", "merge", "--model", plain, "--adapter", folder.resolve("behind"), "--out", out));
        assertFalse(Files.exists(out));
    }

    @Test
    void aNormalizerOfOtherExamplesOrOfLabelsIsRefusedBeforeAnythingIsTrained() throws IOException {
        NormalizerStandardize narrow = new NormalizerStandardize(Nd4j.ones(1, 3), Nd4j.ones(1, 3));
        refused("numbers for 3 columns or channels, an example is [4]", train(with("narrow.zip", narrow), raw, "a"));
        NormalizerStandardize ofLabels = new NormalizerStandardize();
        ofLabels.fitLabel(true);
        ofLabels.fit(rows());
        refused("changes labels, too, which are classes here", train(with("labels.zip", ofLabels), raw, "b"));
    }

    @Test
    void picturesGoToAScalerAsBytesAndComeFromItAsItSays() throws IOException {
        Path pictures = SmallClassifiers.pictures(folder.resolve("pictures"));
        Path scaled = SmallClassifiers.ofPictures(folder.resolve("scaled.zip"));
        Path bare = Files.copy(scaled, folder.resolve("bare.zip"));
        ModelSerializer.addNormalizerToModel(scaled.toFile(), new ImagePreProcessingScaler(0, 1));
        assertEquals(0, train(scaled, pictures, "scaled", "--side", 8).code());
        assertEquals(0, train(bare, pictures, "bare", "--side", 8).code());
        double with = eval(scaled, pictures, "scaled", "--json")
                .json()
                .path("crossEntropy")
                .asDouble();
        double without = eval(bare, pictures, "bare", "--json")
                .json()
                .path("crossEntropy")
                .asDouble();
        assertEquals(without, with, 1e-4);
        Path page = folder.resolve("page.json");
        assertEquals(0, eval(scaled, pictures, "scaled", "--report", page).code());
        assertTrue(Files.exists(folder.resolve("page.html")));
    }

    private static void refused(String sentence, Ran ran) {
        ran.refusedAtLast(sentence);
    }
}
