/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import static org.amend4j.testkit.Refusals.sentence;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.DataNormalization;
import org.nd4j.linalg.dataset.api.preprocessor.ImagePreProcessingScaler;
import org.nd4j.linalg.dataset.api.preprocessor.MultiNormalizerStandardize;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerMinMaxScaler;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerSerializerStrategy;
import org.nd4j.linalg.dataset.api.preprocessor.serializer.NormalizerType;
import org.nd4j.linalg.factory.Nd4j;

/** Normalizers in models' files: read as Deeplearning4j reads them, and nothing else. */
@Timeout(120)
class StoredNormalizerTest {

    private static final AtomicBoolean RAN = new AtomicBoolean();

    @TempDir
    private Path folder;

    private final DataSet data = new DataSet(numbers(1, 20, 3).muli(9).subi(2), numbers(2, 20, 2));

    private static INDArray numbers(long seed, int rows, int columns) {
        double[] all = new Random(seed).doubles((long) rows * columns).toArray();
        return Nd4j.createFromArray(all).reshape(rows, columns).castTo(DataType.FLOAT);
    }

    @BeforeEach
    void aColumnThatNeverChanges() {
        data.getFeatures().getColumn(1).assign(4);
    }

    /** What no file may choose. */
    public static final class Chosen implements NormalizerSerializerStrategy<NormalizerStandardize> {
        static {
            RAN.set(true);
        }

        @Override
        public void write(NormalizerStandardize normalizer, java.io.OutputStream stream) {
            RAN.set(true);
        }

        @Override
        public NormalizerStandardize restore(java.io.InputStream stream) {
            RAN.set(true);
            return new NormalizerStandardize();
        }

        @Override
        public NormalizerType getSupportedType() {
            return NormalizerType.CUSTOM;
        }
    }

    private Path model() throws IOException {
        Path zip = folder.resolve("model.zip");
        ModelSerializer.writeModel(TestNetworks.dense(DataType.FLOAT, 1), zip.toFile(), false);
        return zip;
    }

    private Path with(DataNormalization normalizer) throws IOException {
        Path zip = model();
        ModelSerializer.addNormalizerToModel(zip.toFile(), normalizer);
        return zip;
    }

    private Path with(byte[] normalizer) throws IOException {
        Path zip = folder.resolve("odd.zip");
        try (ZipOutputStream stream = new ZipOutputStream(Files.newOutputStream(zip))) {
            stream.putNextEntry(new ZipEntry(StoredNormalizer.ENTRY));
            stream.write(normalizer);
        }
        return zip;
    }

    private List<DataNormalization> all() {
        NormalizerStandardize ofLabels = new NormalizerStandardize();
        ofLabels.fitLabel(true);
        NormalizerMinMaxScaler ranged = new NormalizerMinMaxScaler(-1, 2);
        ranged.fitLabel(true);
        List<DataNormalization> all = List.of(
                new NormalizerStandardize(),
                ofLabels,
                new NormalizerMinMaxScaler(),
                ranged,
                new ImagePreProcessingScaler(0, 1),
                new ImagePreProcessingScaler(-1, 1, 16));
        all.forEach(normalizer -> normalizer.fit(data));
        return all;
    }

    @Test
    void itNormalizesAsDeeplearning4jsOwnDoesToTheBit() throws IOException {
        for (DataNormalization normalizer : all()) {
            Path zip = with(normalizer);
            DataSet right = data.copy();
            DataSet read = data.copy();
            ModelSerializer.<DataNormalization>restoreNormalizerFromFile(zip.toFile())
                    .preProcess(right);
            StoredNormalizer stored = StoredNormalizer.read(zip).orElseThrow();
            stored.normalizer().preProcess(read);
            assertArrayEquals(bits(right.getFeatures()), bits(read.getFeatures()), stored.toString());
            assertArrayEquals(bits(right.getLabels()), bits(read.getLabels()), stored.toString());
            assertEquals(normalizer.isFitLabel(), stored.isOfLabels());
        }
    }

    private static float[] bits(INDArray array) {
        return array.dup('c').data().asFloat();
    }

    @Test
    void aWrittenModelHasItAgainByteForByte() throws IOException {
        for (DataNormalization normalizer : all()) {
            StoredNormalizer stored = StoredNormalizer.read(with(normalizer)).orElseThrow();
            ComputationGraph graph = Networks.read(folder.resolve("model.zip"));
            Path again = folder.resolve("again.zip");
            GraphBytes.write(graph, Optional.of(stored), again);
            assertEquals(
                    stored.digest(), StoredNormalizer.read(again).orElseThrow().digest());
            assertEquals(normalizer, ModelSerializer.restoreNormalizerFromFile(again.toFile()));
            assertEquals(
                    BaseModel.of(graph).fingerprint(), BaseModel.open(again).fingerprint());
        }
    }

    @Test
    void aModelWithoutOneHasNone() throws IOException {
        assertEquals(Optional.empty(), StoredNormalizer.read(model()));
    }

    @Test
    void noFileChoosesAClassOrIsDeserialized() throws IOException {
        refused("no file chooses a class", header("CUSTOM", out -> out.writeUTF(Chosen.class.getName())));
        ByteArrayOutputStream object = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(object)) {
            out.writeObject(new int[3]);
        }
        refused("is a Java object", object.toByteArray());
        assertEquals(false, RAN.get());
    }

    @Test
    void kindsForSeveralInputsAndUnknownOnesAreRefused() throws IOException {
        for (String kind : List.of("MULTI_STANDARDIZE", "MULTI_MIN_MAX", "MULTI_HYBRID", "IMAGE_VGG16", "what\n")) {
            refused("a normalizer must be STANDARDIZE, MIN_MAX or IMAGE_MIN_MAX, got", header(kind, out -> {}));
        }
        MultiNormalizerStandardize several = new MultiNormalizerStandardize();
        several.fit(new org.nd4j.linalg.dataset.MultiDataSet(data.getFeatures(), data.getLabels()));
        Path zip = model();
        ModelSerializer.addNormalizerToModel(zip.toFile(), several);
        assertTrue(sentence(assertThrows(IOException.class, () -> StoredNormalizer.read(zip)))
                .contains("MULTI_STANDARDIZE"));
    }

    @Test
    void numbersThatAreNoneAndLengthsThatDifferAreRefused() throws IOException {
        INDArray three = Nd4j.createFromArray(1f, 2f, 3f);
        INDArray two = Nd4j.createFromArray(1f, 2f);
        INDArray none = Nd4j.createFromArray(1f, Float.NaN, 3f);
        refused("two numbers for each column, got 3 of one kind and 2", standardize(three, two));
        refused("the mean of a normalizer must be finite", standardize(none, three));
        refused("the standard deviation of a normalizer must be finite", standardize(three, none));
        refused("must be >= 0, got -2.0", standardize(three, Nd4j.createFromArray(1f, -2f, 3f)));
        refused("brightest pixel", header("IMAGE_MIN_MAX", out -> {
            for (double number : new double[] {0, 1, 0}) {
                out.writeDouble(number);
            }
        }));
        refused("must hold single rows", header("STANDARDIZE", out -> {
            out.writeBoolean(false);
            Nd4j.write(Nd4j.ones(2, 3), out);
        }));
    }

    @Test
    void aFileWithFlippedBitsOrAnEarlyEndIsRefusedOrReadInProportionToItself() throws IOException {
        byte[] right = standardize(numbers(3, 1, 5), numbers(4, 1, 5));
        for (int length = 0; length < right.length; length++) {
            Path cut = with(Arrays.copyOf(right, length));
            sentence(assertThrows(IOException.class, () -> StoredNormalizer.read(cut)));
        }
        refused("more bytes than it needs", Arrays.copyOf(right, right.length + 1));
        Random random = new Random(3);
        for (int i = 0; i < Exhaustive.times(300, 3_000); i++) {
            byte[] flipped = right.clone();
            flipped[random.nextInt(right.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                assertTrue(StoredNormalizer.read(with(flipped)).isPresent());
            } catch (IOException refused) {
                sentence(refused);
            }
        }
    }

    @Test
    void examplesOfAnotherWidthAreRefusedInASentenceThatNamesBoth() throws IOException {
        StoredNormalizer three = StoredNormalizer.read(with(all().get(0))).orElseThrow();
        three.requireFits(3);
        three.requireFits(3, 8, 8);
        String sentence = sentence(assertThrows(IllegalArgumentException.class, () -> three.requireFits(8, 8, 3)));
        assertTrue(sentence.contains("3 columns or channels, an example is [8, 8, 3]"), sentence);
    }

    private interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] header(String kind, Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF("NORMALIZER");
        out.writeInt(1);
        out.writeUTF(kind);
        content.write(out);
        return bytes.toByteArray();
    }

    private static byte[] standardize(INDArray mean, INDArray deviation) throws IOException {
        return header("STANDARDIZE", out -> {
            out.writeBoolean(false);
            Nd4j.write(mean, out);
            Nd4j.write(deviation, out);
        });
    }

    private void refused(String rule, byte[] normalizer) throws IOException {
        Path zip = with(normalizer);
        String sentence = sentence(assertThrows(IOException.class, () -> StoredNormalizer.read(zip)));
        assertTrue(sentence.contains(rule), sentence);
        assertTrue(sentence.contains(zip.toString()), sentence);
    }
}
