/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.descent.ClothesFeatures;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Threads;
import org.amend4j.certificate.Digests;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.util.ModelSerializer;

/**
 * An adapter fine-tuned on the pictures of 100 users, one of whom is removed from it, twice: by a rewind with noise and a
 * certificate, and exactly. The base, a file, stays unchanged.
 *
 * <p>The network begins where a pretrained MobileNetV2 ends: its inputs are averages over MobileNetV2's last kept block,
 * computed once and cached. Everything except the released noise, keys, times and signatures is reproducible.
 */
public final class ClothesForget {

    private static final String SERVICES = "services";
    private static final String BASE = "base.zip";

    private ClothesForget() {}

    /** Runs everything, anew each time but for the features, and leaves services and report in a folder. */
    public static Report run(Path out, Progress progress) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        ClothesFeatures features = ClothesFeatures.compute(out.resolve("cache"), progress);
        Threads.useOne();
        delete(out.resolve(SERVICES));
        ClothesCoordinates coordinates = ClothesCoordinates.of(features);
        coordinates.write(out.resolve(ClothesCoordinates.FILE));
        return run(out, PrivateClothes.of(coordinates), begin, progress);
    }

    private static Report run(Path out, PrivateClothes clothes, long begin, Progress progress)
            throws IOException, InterruptedException {
        Path services = Files.createDirectories(out.resolve(SERVICES));
        BaseModel base = base(services.resolve(BASE), clothes, progress);
        String bytes = Digests.of(services.resolve(BASE));
        CertifiedClothes certified = CertifiedClothes.run(
                services.resolve("certified"), ClothesModel.fullBatch(base, clothes), clothes, progress);
        ExactClothes exact = ExactClothes.run(
                services.resolve("exact"), ClothesModel.oneEpoch(base, clothes, ExactClothes.KEY), clothes, progress);
        requireUnchanged(base, services.resolve(BASE), bytes);
        double seconds = (System.nanoTime() - begin) / 1e9;
        Report report = new Report(
                facts(base, bytes, certified, exact, seconds), text(out, base, bytes, certified, exact, seconds));
        return report.keep(out.resolve("report.json"), "Clothes that are forgotten", List.of());
    }

    private static BaseModel base(Path file, PrivateClothes clothes, Progress progress) throws IOException {
        try (Progress.Stage stage = progress.stage("public head, on pictures of nobody", 1)) {
            WholeFile.write(
                    file,
                    temporary -> ModelSerializer.writeModel(ClothesModel.base(clothes), temporary.toFile(), false));
            stage.step(1);
        }
        return BaseModel.open(file);
    }

    /** @throws IllegalStateException if the weights in memory, or the file, are not what they were */
    private static void requireUnchanged(BaseModel base, Path file, String bytes) throws IOException {
        base.verifyUnchanged();
        CertifiedClothes.require(Digests.of(file).equals(bytes), "the base's file must not change, got other bytes");
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** For JSON. */
    private record Facts(
            @JsonUnwrapped Setting setting,
            @JsonUnwrapped Base base,
            CertifiedClothes.Facts certifiedRewind,
            ExactClothes.Facts exactRewind,
            double seconds) {}

    /**
     * Of both adapters.
     *
     * @param publicPictures what the base was made of
     * @param radius of the features
     * @param weightDecay of the certified one
     */
    private record Setting(String data, int users, int publicPictures, int rank, double radius, double weightDecay) {}

    /** The base, before and after. */
    private record Base(String baseFingerprint, String baseSha256, boolean baseUnchanged) {}

    private static Facts facts(
            BaseModel base, String bytes, CertifiedClothes certified, ExactClothes exact, double seconds) {
        return new Facts(
                new Setting(
                        "Fashion-MNIST: MobileNetV2 features of the first 6000 training and 1000 test pictures; 100 public, the"
                                + " others dealt out to made-up users",
                        PrivateClothes.USERS,
                        PrivateClothes.PUBLIC,
                        ClothesModel.RANK,
                        ClothesModel.RADIUS,
                        ClothesModel.WEIGHT_DECAY),
                new Base(base.fingerprint().hex(), bytes, true),
                certified.facts(),
                exact.facts(),
                seconds);
    }

    private static String text(
            Path out, BaseModel base, String bytes, CertifiedClothes certified, ExactClothes exact, double seconds) {
        return String.format(
                Locale.ROOT,
                "Ten kinds of clothes: a LoRA adapter of rank %d on a public head, fine-tuned on pictures of %d made-up users."
                        + "%nThe network reads %d discriminant coordinates of MobileNetV2's features, fitted to %d public pictures.%n%n%s%n%s%n"
                        + "The base did not change: fingerprint %s, file %s.%n"
                        + "The whole job took %.0f s. report.json, the base, and the services with their ledgers, releases and"
                        + " certificates are in %s.",
                ClothesModel.RANK,
                PrivateClothes.USERS,
                ClothesCoordinates.WIDTH,
                PrivateClothes.PUBLIC,
                certified.text(),
                exact.text(),
                base.fingerprint().hex(),
                bytes,
                seconds,
                out);
    }
}
