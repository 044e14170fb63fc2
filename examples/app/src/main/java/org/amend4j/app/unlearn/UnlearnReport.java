/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.forget.ClothesCoordinates;
import org.amend4j.app.forget.PrivateClothes;
import org.amend4j.app.forget.RandHie;
import org.amend4j.app.forget.VisitModel;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Threads;
import org.amend4j.app.page.AuditPage;
import org.amend4j.app.page.CertificatePage;

/** The demo as a job: {@link UnlearnDemo}, then tables, JSON and charts. */
public final class UnlearnReport {

    static final String DATA =
            "(a) Fashion-MNIST, 6,000 pictures as 24 coordinates of MobileNetV2's features, dealt out to made-up users. (b) and on: RAND Health"
                    + " Insurance Experiment, split 0: does a person see a doctor this year? Subjects are inferred from equal"
                    + " covariates in neighbouring rows; the data has no column that says who is who.";

    private UnlearnReport() {}

    /** Runs everything and leaves services, report and charts in a folder. */
    public static Report run(Path out, Progress progress) throws IOException, InterruptedException {
        Threads.useOne();
        return run(out, PrivateClothes.of(ClothesCoordinates.read()), RandHie.read(), progress);
    }

    /** On data of the same forms. */
    static Report run(Path out, PrivateClothes clothes, RandHie data, Progress progress)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        UnlearnDemo.Story story = new UnlearnDemo(out, clothes, data, progress).run();
        List<Path> figures = UnlearnChart.write(story.table(), out);
        pages(story, out);
        double seconds = (System.nanoTime() - begin) / 1e9;
        Report report = new Report(facts(story, seconds), text(story, out, seconds));
        return report.keep(file(out), "A model that forgets", figures);
    }

    /** Certificates and audit for people. */
    private static void pages(UnlearnDemo.Story story, Path out) throws IOException {
        page(
                out.resolve("adapter.html"),
                CertificatePage.verified(List.of(story.adapter().verified().report())));
        page(
                out.resolve("certified.html"),
                CertificatePage.verified(List.of(story.certified().verified().report())));
        page(
                out.resolve("audit.html"),
                AuditPage.of(
                        story.certified().verified().certificate(),
                        story.audit().report()));
    }

    private static void page(Path file, String html) throws IOException {
        WholeFile.write(file, html.getBytes(StandardCharsets.UTF_8));
    }

    /** Written last: where it is, the demo was finished. */
    static Path file(Path out) {
        return out.resolve("report.json");
    }

    /** For JSON. */
    private record Facts(
            @JsonUnwrapped Setting setting, @JsonUnwrapped UnlearnDemo.Story.Facts story, double seconds) {}

    /** Of all models but the adapter. */
    private record Setting(String data, double normaliser, int steps, double weightDecay) {}

    private static Facts facts(UnlearnDemo.Story story, double seconds) {
        return new Facts(
                new Setting(DATA, VisitModel.NORMALISER, VisitModel.STEPS, CertifiedPart.WEIGHT_DECAY),
                story.facts(),
                seconds);
    }

    static String text(UnlearnDemo.Story story, Path out, double seconds) {
        StringBuilder text = new StringBuilder(DATA).append(System.lineSeparator());
        story.parts().forEach(part -> text.append(System.lineSeparator()).append(part.text()));
        return text.append(String.format(
                        Locale.ROOT,
                        "%nThe whole job took %.0f s. report.json, charts, adapter.html, certified.html and audit.html for people, and"
                                + " the services with their ledgers, releases and certificates are in %s.",
                        seconds,
                        out))
                .toString();
    }
}
