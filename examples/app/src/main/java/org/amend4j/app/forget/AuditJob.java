/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.page.AuditPage;
import org.amend4j.audit.AuditReport;
import org.amend4j.audit.AuditedModel;
import org.amend4j.audit.CrossValidation;
import org.amend4j.audit.MembershipAudit;
import org.amend4j.audit.ModelOutputs;
import org.amend4j.audit.Observed;
import org.amend4j.audit.PermutedClasses;
import org.amend4j.audit.Shadows;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.data.BadInputException;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RecordedBatches;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.StepSizes;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Attacks the newest release, a model trained on everything and a retrained one; both are trained in memory, and so are the shadow models
 * of the likelihood ratio attack.
 */
public final class AuditJob {

    private static final long SEED = 1;
    private static final double LEVEL = 0.95;

    private final ForgetfulFolder folder;
    private final SubjectTable holdout;
    private final Optional<Path> html;
    private final int shadows;

    /**
     * An audit.
     *
     * @param file rows of subjects that no model was trained on, with the same columns
     * @param shadows models for the likelihood ratio attack: 0 for none, or an even number of at least 4
     * @param html where a page for people goes, if one is wanted: a new file
     * @throws BadInputException if a holdout person is in the table, the number of shadows is another, or the page cannot be there
     */
    public AuditJob(ForgetfulFolder folder, Path file, int shadows, Optional<Path> html) {
        if (shadows != 0 && (shadows < ShadowModels.LEAST || shadows % 2 != 0)) {
            throw new BadInputException(
                    "--shadows must be 0 or an even number of at least " + ShadowModels.LEAST + ", got " + shadows);
        }
        this.folder = folder;
        this.shadows = shadows;
        this.html = html;
        html.ifPresent(page -> Pages.requireNew(page, folder.path()));
        ForgettingSettings.Table columns = folder.settings().table();
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("--holdout: there is no file " + file);
        }
        this.holdout = SubjectTable.read(file, columns, folder.network().configuration());
        if (columns.subjectColumn().isPresent()) {
            // by number: of those who were forgotten the names are gone
            Set<Long> trained =
                    Arrays.stream(folder.table().subjectNumbers()).boxed().collect(Collectors.toSet());
            holdout.names().stream()
                    .filter(name -> trained.contains(SubjectTable.number(name)))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new BadInputException(
                                "--holdout: '" + name + "' is in the table that was trained on as well");
                    });
        }
    }

    /**
     * Trains and attacks; nothing is changed.
     *
     * @param tasks trains the shadow models and computes the permutations of attacks that learn
     * @throws BadInputException if no subject was forgotten yet, or too few for an attack
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    public Report run(NumberedTasks tasks, Progress progress) throws IOException, InterruptedException {
        folder.requireTrained();
        requireRepeatable();
        UnlearningService service = folder.service();
        if (service.hasUnfinished() || service.deleted().isEmpty()) {
            throw new BadInputException("there is no finished deletion to audit in " + folder.path());
        }
        Path release = service.release(service.latestRelease());
        Certificate certificate = CertificateFile.read(release.resolve(CertificateFile.NAME));
        CrossValidation validation = CrossValidation.usual(SEED);
        SubjectTable table = folder.table().withForgotten(service.deleted());
        long[] deleted = subjects(table, service.deleted());
        try {
            validation.requireEnough(
                    "the forgotten", Arrays.stream(deleted).distinct().count());
            validation.requireEnough(
                    "--holdout", Arrays.stream(strangers()).distinct().count());
            // refuses rows that cannot be trained on before anything is trained
            Optional<ShadowModels> attacker = shadows == 0
                    ? Optional.empty()
                    : Optional.of(
                            new ShadowModels(folder, table, holdout, strangers(), service.deleted(), shadows, SEED));
            long start = System.nanoTime();
            Map<AuditedModel, Observed> models = models(table, service.deleted(), release, progress);
            // two were trained, and each shadow takes as long as one
            attacker.ifPresent(shadow -> progress.say(cost((System.nanoTime() - start) / 2e9)));
            Map<AuditedModel, Shadows> shadowModels = attacker.isPresent()
                    ? attacker.get().train(certificate.protection().noise().sigma(), tasks, progress)
                    : Map.of();
            // its permutations may be computed by other machines
            long[] nameless =
                    SubjectTable.withoutNames(LongStream.concat(Arrays.stream(deleted), Arrays.stream(strangers()))
                            .toArray());
            AuditReport report = new MembershipAudit(
                            Arrays.copyOf(nameless, deleted.length),
                            Arrays.copyOfRange(nameless, deleted.length, nameless.length),
                            models,
                            shadowModels)
                    .report(
                            validation,
                            LEVEL,
                            new GaussianPrivacy(
                                    certificate.protection().privacy().mu()),
                            classes -> areas(classes, tasks, progress));
            if (html.isPresent()) {
                Pages.write(html.get(), AuditPage.of(certificate, report));
            }
            return report(report, certificate);
        } catch (IllegalArgumentException tooFew) {
            throw ForgetfulFolder.badInput(tooFew);
        }
    }

    /** Of a model that something else trained not everything can be trained again. */
    private void requireRepeatable() {
        if (folder.isEmpirical()) {
            throw new BadInputException(
                    "an audit trains the model again, and nobody knows where the training of this one"
                            + " began: only what was adopted with its start can be audited");
        }
        Recipe recipe = folder.assembly().model().run().recipe();
        if (shadows != 0
                && (recipe.batches() instanceof RecordedBatches || recipe.stepSizes() instanceof StepSizes.Listed)) {
            throw new BadInputException("shadow models cannot be trained with recorded batches or listed step sizes:"
                    + " --shadows 0 does without the likelihood ratio attack");
        }
    }

    private String cost(double seconds) {
        return String.format(
                Locale.ROOT,
                "the likelihood ratio attack trains %d more models: about %.2g s (--shadows)",
                shadows,
                shadows * seconds);
    }

    private Map<AuditedModel, Observed> models(SubjectTable table, RecordIds deleted, Path release, Progress progress) {
        Map<AuditedModel, Observed> models = new EnumMap<>(AuditedModel.class);
        Assembly assembly = folder.assemblyOn(table);
        DataSet gone = table.rows(deleted);
        try (Progress.Stage stage = progress.stage("training twice in memory", 2)) {
            models.put(AuditedModel.ORIGINAL, observed(trained(assembly, RecordIds.of()), gone));
            stage.step(1);
            models.put(AuditedModel.RETRAINED, observed(trained(assembly, deleted), gone));
            stage.step(1);
        }
        models.put(AuditedModel.UNLEARNED, observed(folder.network().released(release), gone));
        return models;
    }

    private ComputationGraph trained(Assembly assembly, RecordIds without) {
        RewindToDelete run = assembly.model().run();
        double[] theta = run.run(assembly.model().start(), run.recipe().steps(), without);
        return folder.network().with(assembly.problem(), theta);
    }

    private Observed observed(ComputationGraph graph, DataSet gone) {
        return new Observed(outputs(graph, gone), outputs(graph, holdout.all()));
    }

    private static double[] areas(PermutedClasses classes, NumberedTasks tasks, Progress progress)
            throws InterruptedException {
        List<Integer> numbers = IntStream.range(0, classes.count()).boxed().toList();
        try (Progress.Stage stage = progress.stage("permutations of an attack", numbers.size())) {
            return tasks.run("permutations", numbers, classes::area, stage).stream()
                    .mapToDouble(area -> area)
                    .toArray();
        } catch (IOException nothingIsRead) {
            throw new UncheckedIOException(nothingIsRead);
        }
    }

    /** Losses and probabilities. */
    static ModelOutputs outputs(ComputationGraph graph, DataSet rows) {
        INDArray losses = graph.scoreExamples(rows, false);
        INDArray probabilities = graph.outputSingle(rows.getFeatures());
        return new ModelOutputs(losses.toDoubleVector(), probabilities.toDoubleMatrix());
    }

    private static long[] subjects(SubjectTable table, RecordIds ids) {
        long[] all = table.subjectNumbers();
        return ids.stream().map(id -> all[Math.toIntExact(id)]).toArray();
    }

    /** Without a column of subjects, a row's number does not name a subject of the other file. */
    private long[] strangers() {
        return folder.settings().table().subjectColumn().isPresent()
                ? holdout.subjectNumbers()
                : holdout.names().stream()
                        .mapToLong(name -> SubjectTable.number("holdout " + name))
                        .toArray();
    }

    private Report report(AuditReport audit, Certificate certificate) {
        Facts facts = new Facts(
                certificate.claim().id(),
                certificate.claim().verdict(),
                shadows,
                audit.rows().stream().map(AttackFacts::of).toList(),
                html.map(Path::toString),
                audit.bounds().map(AttackFacts.Certified::of));
        List<String> lines = new ArrayList<>(List.of(certificate.claim().title()));
        lines.addAll(audit.lines());
        if (shadows > 0) {
            lines.add("The likelihood ratio is that of " + shadows
                    + " shadow models, each trained on a random half of the deleted and the unseen; more of them (--shadows)"
                    + " make it sharper.");
        }
        return new Report(facts, String.join(System.lineSeparator(), lines));
    }

    /**
     * For JSON.
     *
     * @param certificate its id
     * @param html the page for people
     */
    private record Facts(
            String certificate,
            Certificate.Verdict verdict,
            int shadows,
            List<AttackFacts> rows,
            Optional<String> html,
            @JsonUnwrapped Optional<AttackFacts.Certified> certified) {}
}
