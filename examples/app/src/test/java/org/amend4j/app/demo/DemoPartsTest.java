/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.EmulatedCompute;
import org.amend4j.app.compute.FrozenPart;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.lora.Changes;
import org.amend4j.app.lora.Comparison;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.app.lora.Method;
import org.amend4j.app.page.OpenPages;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.data.Batches;
import org.amend4j.data.Labelled;
import org.amend4j.internal.prefix.CachedData;
import org.amend4j.internal.prefix.PrefixCache;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.HostPrefix;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

class DemoPartsTest {

    @TempDir
    private Path folder;

    private static final Method ONE =
            new Method("head only", "a classifier", List.of(0.5, 0.75), List.of(1.0, 3.0), 970, 16_600);
    private static final Method TWO = new Method("LoRA", "adapters", List.of(0.9), List.of(2.0), 51_402, 252_100);

    @ParameterizedTest
    @ValueSource(longs = {0, 7})
    void theSameSeedGivesTheSameBase(long seed) throws IOException {
        BaseModel one = BaseModel.of(Backbone.withNewHead(32, 10, seed));
        assertEquals(
                one.fingerprint(),
                BaseModel.of(Backbone.withNewHead(32, 10, seed)).fingerprint());
        assertNotEquals(
                one.fingerprint(), BaseModel.of(Backbone.withNewHead(32, 10, 8)).fingerprint());
    }

    @Test
    void theHeadOfTheFileIsGone() throws IOException {
        ComputationGraph network = Backbone.withNewHead(32, 10, 7);
        assertEquals(List.of(Backbone.HEAD), network.getConfiguration().getNetworkOutputs());
        assertTrue(
                network.getConfiguration().getVertices().keySet().stream().noneMatch(name -> name.startsWith("dense")));
        assertEquals(96 * 10 + 10, network.getLayer(Backbone.HEAD).numParams());
    }

    private static AdaptedModel adapted() throws IOException {
        return AdaptedModel.attach(
                BaseModel.of(Backbone.withNewHead(32, 10, 7)),
                LoraConfig.of(FashionDemo.RANK, FashionDemo.ALPHA)
                        .withTargets(Targets.regex(FashionDemo.ADAPTED))
                        .withTrainedInFull(Backbone.HEAD),
                new FineTuneConfiguration.Builder().updater(new Adam(1e-3)).build());
    }

    @Test
    void theAdaptersSitWhereTheDemoSaysAndTheRestBelowIsPrefix() throws IOException {
        AdaptedModel model = adapted();
        assertEquals(List.of(FashionDemo.CUT), model.cut());
        assertEquals(
                6, // expand and project of blocks 10, 11 and 12
                model.report().layers().stream()
                        .filter(layer -> layer.status() == Status.ADAPTED)
                        .count());
    }

    @Test
    void cachedActivationsAreTheNetworksOwn() throws IOException {
        ComputationGraph network = Backbone.withNewHead(FashionDemo.SIDE, 10, 7);
        BaseModel base = BaseModel.of(network);
        Labelled few = org.amend4j.data.Subset.of(FashionPictures.test(FashionDemo.SIDE), 3, 1, 4, 1, 5, 9, 2);
        HostPrefix prefix = HostPrefix.of(base.network(), List.of(Backbone.POOL, FashionDemo.CUT));
        List<PrefixActivations> activations;
        try (CachedData cached = PrefixCache.at(folder, 1 << 24)
                .compute(prefix, base.fingerprint().hex(), PrefixActivations.inOrder(few), done -> {})) {
            activations = PrefixActivations.of(cached, few);
        }
        DataSet pictures = Batches.inOrder(few, 7).next();
        INDArray pooled = network.feedForward(pictures.getFeatures(), false).get(Backbone.POOL);
        DataSet below = Batches.inOrder(activations.get(0), 7).next();
        assertArrayEquals(pooled.shape(), below.getFeatures().shape());
        // Values up to about 10 through some 40 layers in float.
        assertEquals(0, pooled.sub(below.getFeatures()).amaxNumber().doubleValue(), 1e-3);
        assertEquals(pictures.getLabels(), below.getLabels());
    }

    /**
     * Of the largest activation: 53 layers with sums of about 300 terms, whose roundings of 2⁻²⁴ point anywhere, are off by
     * 53·√300·2⁻²⁴ = 5e-5.
     */
    @Test
    void aDeviceComputesTheBackbonesFrozenLayersToo() throws IOException {
        ComputationGraph network = Backbone.withNewHead(32, 10, 7);
        HostPrefix onHost = HostPrefix.of(network, List.of(Backbone.POOL, FashionDemo.CUT));
        INDArray pictures = FashionPictures.test(32).batch(3, 1, 4).getFeatures();
        INDArray[] expected = onHost.run(pictures);
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32);
                FrozenPart layers = compute.frozenLayers(onHost, network, 2, pictures)) {
            assertTrue(layers.where().startsWith("on emulated device"), layers.where());
            INDArray[] actual = layers.prefix().run(pictures);
            for (int k = 0; k < expected.length; k++) {
                assertArrayEquals(expected[k].shape(), actual[k].shape());
                double largest = expected[k].amaxNumber().doubleValue();
                assertEquals(0, expected[k].sub(actual[k]).amaxNumber().doubleValue(), 5e-5 * largest);
            }
        }
    }

    @Test
    void chartsArePicturesAndDrawings() throws IOException {
        Demo.chart(List.of(ONE, TWO), folder);
        BufferedImage picture = ImageIO.read(folder.resolve("chart.png").toFile());
        assertEquals(760, picture.getWidth());
        assertTrue(Files.readString(folder.resolve("chart.svg")).contains("<svg"));
    }

    private static DemoReport report() {
        return new DemoReport(1, List.of(ONE, TWO), new Changes(800, 120, 30, 50), new Reloaded(0.9, 0.89), 100);
    }

    /** With answers that are made up. */
    @Test
    void thePageShowsWhatIsAdaptedAndPictures() throws IOException {
        AdaptedModel model = adapted();
        Labelled pictures = FashionPictures.test(FashionDemo.SIDE);
        Answers before = Answers.of(pictures, 10, batch -> madeUp(batch, pictures, 3));
        Answers after = Answers.of(pictures, 10, batch -> madeUp(batch, pictures, 5));
        Comparison comparison =
                new Comparison(pictures, before, after, new Comparison.Words("pictures", "one", "another", "the file"));
        assertEquals(
                pictures.size(),
                comparison.changes().rightToRight()
                        + comparison.changes().wrongToRight()
                        + comparison.changes().rightToWrong()
                        + comparison.changes().wrongToWrong());
        FashionDemo.Outcome outcome = new FashionDemo.Outcome(List.of(ONE, TWO), LayerMaps.of(model), comparison);
        OpenPages.opens(Demo.report(folder, false, report(), outcome), "demo");
    }

    /** Every so many examples are taken for the next class. */
    private static float[] madeUp(int[] batch, Labelled pictures, int wrong) {
        float[] probabilities = new float[batch.length * 10];
        for (int i = 0; i < batch.length; i++) {
            int label = pictures.label(batch[i]);
            probabilities[10 * i + (batch[i] % wrong == 0 ? (label + 1) % 10 : label)] = 0.75f;
        }
        return probabilities;
    }

    @Test
    void theReportSaysWhatTheRowsSay() {
        DemoReport report = report();
        String text = report.text();
        assertTrue(text.contains("head only            75.0 %          970    16.6 kB      2.0       2"), text);
        assertTrue(text.contains("LoRA                 90.0 %       51,402   252.1 kB      2.0       1"), text);
        assertTrue(text.contains("90.0 % unmerged, 89.0 % merged"), text);
        assertEquals(0.75, report.facts().methods().get(0).cost().testAccuracy());
        assertEquals(0.89, report.facts().secondProcess().merged());
    }
}
