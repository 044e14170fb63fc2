/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.app.forget.PrivateClothes;
import org.amend4j.app.forget.RandHie;
import org.amend4j.app.forget.RewindStudy;
import org.amend4j.app.job.Progress;
import org.amend4j.audit.AuditedModel;
import org.amend4j.internal.file.Folders;
import org.amend4j.privacy.GaussianPrivacy;

/**
 * Users of {@link PrivateClothes} and subjects of {@link RandHie} ask models to forget them. First where it pays off: after
 * a single epoch of an adapter, one is forgotten exactly, at a fraction of the cost of training. Then many by a rewind with noise and a certificate, and a model that refuses. Then an evaluation: a table over the share of steps
 * redone compared with cold runs, and attacks.
 *
 * <p>Services keep everything in folders. An interrupted demo resumes with them; a finished one discards them, keys and
 * all, and starts anew. Everything except the released noise, keys, times and signatures is reproducible.
 */
public final class UnlearnDemo {

    private static final String SERVICES = "services";

    private final Path out;
    private final PrivateClothes clothes;
    private final RandHie data;
    private final Progress progress;

    /**
     * A run.
     *
     * @param out folder for services, report and charts
     */
    public UnlearnDemo(Path out, PrivateClothes clothes, RandHie data, Progress progress) {
        this.out = out;
        this.clothes = clothes;
        this.data = data;
        this.progress = progress;
    }

    /** The whole story. */
    Story run() throws IOException, InterruptedException {
        startAnewIfFinished();
        Path services = Files.createDirectories(out.resolve(SERVICES));
        AdapterPart adapter = AdapterPart.run(services.resolve("adapter"), clothes, progress);
        List<RewindStudy.Deletion> deletions = new ArrayList<>();
        RewindStudy study;
        TablePart table;
        long steps = RewindStudy.steps(TablePart.SUBJECTS.size(), TablePart.SHARES);
        try (Progress.Stage stage = progress.stage("retraining and rewinds to compare with", steps)) {
            study = RewindStudy.of(0, data, CertifiedPart.WEIGHT_DECAY, TablePart.SHARES, (step, of) -> stage.step(1));
            for (int subjects : TablePart.SUBJECTS) {
                deletions.add(study.without(subjects));
            }
            table = TablePart.of(deletions, TablePart.DRAWS);
        }
        RewindStudy.Deletion deletion = deletions.get(TablePart.SUBJECTS.indexOf(CertifiedPart.SUBJECTS));
        CertifiedPart certified = CertifiedPart.run(services.resolve("certified"), data, study, deletion, progress);
        RefusedPart refused = RefusedPart.run(services.resolve("refused"), data, progress);
        return new Story(adapter, certified, refused, table, audit(study, deletion, certified));
    }

    private AuditPart audit(RewindStudy study, RewindStudy.Deletion deletion, CertifiedPart certified)
            throws IOException {
        try (Progress.Stage stage = progress.stage("attacks", 1)) {
            AuditPart audit = AuditPart.of(
                    data,
                    data.split(0),
                    deletion.records(),
                    Map.of(
                            AuditedModel.ORIGINAL, study.learned(),
                            AuditedModel.RETRAINED, deletion.retrained(),
                            AuditedModel.UNLEARNED, certified.released()),
                    new GaussianPrivacy(certified
                            .verified()
                            .certificate()
                            .protection()
                            .privacy()
                            .mu()));
            stage.step(1);
            return audit;
        }
    }

    /** The report goes last: a demo killed in between starts anew once more. */
    void startAnewIfFinished() throws IOException {
        if (!Files.exists(UnlearnReport.file(out))) {
            return;
        }
        Folders.delete(out.resolve(SERVICES));
        Files.delete(UnlearnReport.file(out));
    }

    /** What the demo found. */
    record Story(AdapterPart adapter, CertifiedPart certified, RefusedPart refused, TablePart table, AuditPart audit) {

        List<DemoStep> parts() {
            return List.of(adapter, certified, refused, table, audit);
        }

        /** For JSON. */
        record Facts(
                AdapterPart.Facts exactRewindOfAnAdapter,
                CertifiedPart.Facts certifiedRewind,
                RefusedPart.Facts refusal,
                TablePart.Facts table,
                AuditPart.Facts audit) {}

        Facts facts() {
            return new Facts(adapter.facts(), certified.facts(), refused.facts(), table.facts(), audit.facts());
        }
    }
}
