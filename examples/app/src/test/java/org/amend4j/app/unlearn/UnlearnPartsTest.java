/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.app.forget.ClothesModel;
import org.amend4j.app.forget.GridCell;
import org.amend4j.app.forget.MadeUp;
import org.amend4j.app.forget.MadeUpClothes;
import org.amend4j.app.forget.PrivateClothes;
import org.amend4j.app.forget.RandHie;
import org.amend4j.app.forget.Utility;
import org.amend4j.app.forget.VisitModel;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.page.OpenPages;
import org.amend4j.audit.ModelOutputs;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.amend4j.verify.Check;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's parts on made-up subjects; the demo itself runs on those of RAND HIE. */
class UnlearnPartsTest {

    private static final int SUBJECTS = 150;

    @TempDir
    private Path folder;

    private static Progress silent() {
        return Progress.to(new PrintWriter(new StringWriter()));
    }

    @Test
    void a_demo_leaves_report_charts_and_certificates_and_the_next_one_starts_anew()
            throws IOException, InterruptedException {
        RandHie data = MadeUp.subjects(SUBJECTS);
        PrivateClothes clothes = MadeUpClothes.create();
        Report first = UnlearnReport.run(folder, clothes, data, silent());
        assertEquals(2, certificates().size(), certificates().toString());
        for (String name : List.of(
                "report.json",
                "chart.png",
                "auc-loss.svg",
                "distance.svg",
                "adapter.html",
                "certified.html",
                "audit.html")) {
            assertTrue(Files.size(folder.resolve(name)) > 1000, name);
        }
        OpenPages.opens(first, "unlearn demo");
        JsonNode facts =
                new ObjectMapper().readTree(folder.resolve("report.json").toFile());
        JsonNode certified = facts.path("certifiedRewind");
        assertTrue(
                certified.path("distance").asDouble() <= certified.path("bound").asDouble(), certified.toString());
        JsonNode exact = facts.path("exactRewindOfAnAdapter");
        assertEquals(exact.path("releasedSha256"), exact.path("retrainedSha256"));
        assertTrue(facts.path("refusal").path("unchanged").asBoolean());
        assertEquals(18, facts.path("table").path("cells").size());
        assertEquals(11, facts.path("audit").path("rows").size());
        for (String words : List.of("Subjects are inferred", "the same bytes", "refused", "cold run", "AUC at most")) {
            assertTrue(first.text().contains(words), first.text());
        }

        List<Integer> order = Stream.of(
                        "Where forgetting pays: a LoRA adapter",
                        "Every record in every step",
                        "Without weight decay",
                        "Over the share of steps",
                        "Attacks:")
                .map(first.text()::indexOf)
                .toList();
        assertFalse(order.contains(-1), first.text());
        assertEquals(order.stream().sorted().toList(), order, first.text());
        assertTrue(Files.readString(folder.resolve("adapter.html")).contains("<strong>VALID</strong>"));

        UnlearnDemo next = new UnlearnDemo(folder, clothes, data, silent());
        next.startAnewIfFinished();
        assertEquals(0, certificates().size());
        Path begun = Files.createDirectories(folder.resolve("services").resolve("certified"));
        next.startAnewIfFinished();
        assertTrue(Files.exists(begun), "without a report it is an interrupted demo's");
    }

    private List<Path> certificates() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(path -> path.endsWith("certificate.json")).toList();
        }
    }

    /** Interrupted in training; then in forgetting: what was done is kept, and the end is the same to the last bit. */
    @Test
    void an_interrupted_service_goes_on_where_it_stopped() throws IOException, InterruptedException {
        VisitModel model = model();
        List<String> names = names(model, 5);
        double[] whole;
        try (DemoService station = open("whole", model)) {
            assertTrue(station.train("whole", silent()) > 0);
            assertTrue(station.forget(names, "whole", silent()) > 0);
            whole = station.end();
        }
        try (DemoService station = open("stopped", model)) {
            assertThrows(InterruptedException.class, () -> station.train(interruptedAfter(7)));
        }
        try (DemoService station = open("stopped", model)) {
            assertTrue(Double.isNaN(station.train("stopped", silent())), "an earlier demo trained the first steps");
            assertThrows(InterruptedException.class, () -> station.forget(names, interruptedAfter(390)));
        }
        try (DemoService station = open("stopped", model)) {
            assertEquals(0, station.latestRelease());
            station.train("stopped", silent());
            assertEquals(1, station.latestRelease());
            assertTrue(Double.isNaN(station.forget(names, "stopped", silent())));
            assertArrayEquals(whole, station.end(), 0);
        }
    }

    private static StepListener interruptedAfter(int steps) {
        return (step, of) -> {
            if (step == steps) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private static VisitModel model() throws IOException {
        return VisitModel.fullBatch(MadeUp.subjects(SUBJECTS).split(0), 0.01, CheckpointSchedule.every(20));
    }

    private static List<String> names(VisitModel model, int count) {
        return model.split().deletionOrder().subList(0, count).stream()
                .map(String::valueOf)
                .toList();
    }

    private DemoService open(String name, VisitModel model) throws IOException {
        return DemoService.open(folder.resolve(name), model, CertifiedPart.policy());
    }

    /** What the demo shows is what a user gets. */
    @Test
    void the_demo_takes_what_is_taken_by_default() throws IOException, InterruptedException {
        VisitModel model = model();
        UnlearningPlan plan = model.plan(model.split().firstSubjects(5), CertifiedPart.policy(), Double.NaN);
        assertFalse(plan.recommended() instanceof UnlearningMethod.Retrain, plan.toString());
        assertNotEquals(plan.cheapest(), plan.recommended());
        try (DemoService station = open("one", model)) {
            station.train("one", silent());
            station.forget(names(model, 5), "one", silent());
            Certificate certificate = CertificateFile.read(station.certificate());
            assertEquals(
                    plan.recommended().cost().steps(),
                    certificate.grounds().algorithm().redone());
        }
    }

    /** Release, deleted and retained records: a certificate of something else is noticed. */
    @Test
    void a_certificate_of_other_files_or_records_is_refused() throws IOException, InterruptedException {
        VisitModel model = model();
        RecordIds deleted = model.split().firstSubjects(5);
        try (DemoService station = open("one", model)) {
            station.train("one", silent());
            station.forget(names(model, 5), "one", silent());
            // the model of the station is a text, in which no numbers are looked for
            assertEquals(
                    List.of("parameters"),
                    Verification.of(station, deleted).notChecked().stream()
                            .map(Check::name)
                            .toList());
            RecordIds fewer = model.split().firstSubjects(4);
            assertThrows(IllegalStateException.class, () -> Verification.of(station, fewer));
            Path theta = station.release().resolve(DemoService.MODEL);
            Files.writeString(theta, Files.readString(theta) + "0.0\n");
            assertThrows(IllegalStateException.class, () -> Verification.of(station, deleted));
        }
    }

    @Test
    @Tag("exhaustive")
    void an_adapter_forgets_a_user_at_the_retrained_bytes_also_when_it_was_interrupted()
            throws IOException, InterruptedException {
        PrivateClothes clothes = MadeUpClothes.create();
        AdapterPart first = AdapterPart.run(folder.resolve("adapter"), clothes, silent());
        assertEquals(first.bytes().retrained(), first.bytes().released());
        assertEquals(AdapterPart.ASKERS, first.askers().same());
        int redone = first.verified().certificate().grounds().algorithm().redone();
        assertTrue(0 < redone && redone < ClothesModel.EPOCH_STEPS, first.text());
        assertTrue(first.coldSteps() <= ClothesModel.EPOCH_STEPS, first.text());
        // somebody who comes back finds the release and asks nothing again
        AdapterPart again = AdapterPart.run(folder.resolve("adapter"), clothes, silent());
        assertEquals(
                first.verified().certificate().claim().id(),
                again.verified().certificate().claim().id());
        assertEquals(first.text(), again.text());
    }

    @Test
    void a_refusal_can_be_repeated() throws IOException, InterruptedException {
        RandHie data = MadeUp.subjects(SUBJECTS);
        RefusedPart first = RefusedPart.run(folder.resolve("refused"), data, silent());
        RefusedPart second = RefusedPart.run(folder.resolve("refused"), data, silent());
        assertEquals(first.text(), second.text());
        assertTrue(first.text().contains("advice: weight decay"), first.text());
    }

    /** The losses that attacks look at are those that training descends on. */
    @Test
    void the_mean_of_the_attacked_losses_is_the_objective() throws IOException {
        RandHie data = MadeUp.subjects(SUBJECTS);
        HeadObjective objective = data.split(0).objective(VisitModel.LEAST_VISITS);
        double[] theta = {0.5, -1, 0.25, 2, -0.5, 1, 0, 0.1, -0.2, 3};
        ModelOutputs outputs = AuditPart.outputs(data, objective.records(), theta);
        double mean = Arrays.stream(outputs.losses()).average().orElseThrow();
        assertEquals(objective.value(theta), mean, 1e-12);
        for (int k = 0; k < outputs.records(); k++) {
            double p = outputs.probabilities()[k][0];
            double label = data.label(Math.toIntExact(objective.records().get(k)), VisitModel.LEAST_VISITS);
            assertEquals(-Math.log(label == 1 ? p : 1 - p), outputs.losses()[k], 1e-12);
        }
    }

    @Test
    void the_least_rewind_is_the_first_one_after_which_no_loss_is_too_large() {
        TablePart table = new TablePart(
                List.of(cell(20, 0.0001), cell(40, 0.002), cell(100, 0.0009), cell(200, 0)),
                Map.of(1, 50, 10, 50, 42, 50));
        assertEquals(100, table.leastRewind(1).orElseThrow());
        assertTrue(table.leastRewind(10).isEmpty());
        TablePart never = new TablePart(List.of(cell(100, 0.1)), Map.of(1, 50, 10, 50, 42, 50));
        assertTrue(never.leastRewind(1).isEmpty());
    }

    private static GridCell cell(int redone, double loss) {
        return new GridCell(
                new GridCell.Deletion(0, 0.01, 1, 3),
                new GridCell.Steps(redone, 400),
                new GridCell.Bound(1, 0),
                new GridCell.Noise(1, 1, Optional.empty()),
                0.5,
                new GridCell.Auc(0.625, 0.625, List.of(0.625 - loss), 0.625),
                new Utility(
                        0.7,
                        new Utility.Bounded(0.6, 0.7),
                        new Utility.Bounded(0, 1),
                        new Utility.Bounded(0.6, 0.7),
                        new Utility.Bounded(0, 1)));
    }
}
