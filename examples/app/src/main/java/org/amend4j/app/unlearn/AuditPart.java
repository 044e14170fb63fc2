/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.amend4j.app.forget.AttackFacts;
import org.amend4j.app.forget.RandHie;
import org.amend4j.app.forget.RandHieSplit;
import org.amend4j.app.forget.VisitModel;
import org.amend4j.audit.AuditReport;
import org.amend4j.audit.AuditedModel;
import org.amend4j.audit.CrossValidation;
import org.amend4j.audit.ImpliedBounds;
import org.amend4j.audit.MembershipAudit;
import org.amend4j.audit.ModelOutputs;
import org.amend4j.audit.Observed;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianPrivacy;

/**
 * Can an attacker tell the deleted subjects from those who were never there?
 *
 * @param report attacks on all three models
 */
record AuditPart(AuditReport report) implements DemoStep {

    private static final long SEED = 1;
    private static final double LEVEL = 0.95;

    /**
     * Attacks three models.
     *
     * @param deleted records
     * @param models parameters of each
     * @param certified of the release
     */
    static AuditPart of(
            RandHie data,
            RandHieSplit split,
            RecordIds deleted,
            Map<AuditedModel, double[]> models,
            GaussianPrivacy certified) {
        Map<AuditedModel, Observed> observed = models.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        model -> new Observed(
                                outputs(data, deleted, model.getValue()),
                                outputs(data, split.test(), model.getValue()))));
        MembershipAudit audit = new MembershipAudit(subjects(split, deleted), subjects(split, split.test()), observed);
        return new AuditPart(audit.report(CrossValidation.usual(SEED), LEVEL, certified));
    }

    private static long[] subjects(RandHieSplit split, RecordIds records) {
        return records.stream().map(split::person).toArray();
    }

    /** Logistic loss and probability of a visit. */
    static ModelOutputs outputs(RandHie data, RecordIds records, double[] theta) {
        double[] losses = new double[records.size()];
        double[][] probabilities = new double[records.size()][1];
        for (int k = 0; k < losses.length; k++) {
            int row = Math.toIntExact(records.get(k));
            double[] x = data.features(row);
            double score = 0;
            for (int i = 0; i < theta.length; i++) {
                score += theta[i] * x[i];
            }
            double margin = data.label(row, VisitModel.LEAST_VISITS) == 1 ? score : -score;
            losses[k] = Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
            probabilities[k][0] = 1 / (1 + Math.exp(-score));
        }
        return new ModelOutputs(losses, probabilities);
    }

    /**
     * For JSON.
     *
     * @param certified what the certificate admits; empty if nothing is certified
     * @param about what that says
     */
    record Facts(
            List<AttackFacts> rows, @JsonUnwrapped Optional<AttackFacts.Certified> certified, Optional<String> about) {}

    Facts facts() {
        Optional<AttackFacts.Certified> certified = report.bounds().map(AttackFacts.Certified::of);
        return new Facts(
                report.rows().stream().map(AttackFacts::of).toList(),
                certified,
                certified.map(bounds -> ImpliedBounds.ABOUT));
    }

    @Override
    public String text() {
        return report.lines().stream()
                .map(line -> String.format(Locale.ROOT, "    %s%n", line))
                .collect(Collectors.joining(
                        "",
                        String.format(
                                Locale.ROOT, "(e) Attacks: the deleted subjects against those never trained on%n"),
                        ""));
    }
}
