/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.amend4j.app.forget.RandHie;
import org.amend4j.app.forget.RandHieSplit;
import org.amend4j.app.forget.VisitModel;
import org.amend4j.audit.AuditReport;
import org.amend4j.audit.AuditRow;
import org.amend4j.audit.AuditedModel;
import org.amend4j.audit.CrossValidation;
import org.amend4j.audit.ImpliedBounds;
import org.amend4j.audit.MembershipAudit;
import org.amend4j.audit.ModelOutputs;
import org.amend4j.audit.Observed;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianPrivacy;

/**
 * Can anybody tell those who were deleted from those who were never there?
 *
 * @param report attacks on all three models
 */
record AuditPart(AuditReport report) implements Part {

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

    @Override
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (AuditRow row : report.rows()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("attack", row.attack().name());
            one.put("model", row.model().name());
            one.put("auc", row.score().auc());
            one.put("low", row.score().low());
            one.put("high", row.score().high());
            one.put("level", row.score().level());
            one.put("nullDeviation", row.score().nullDeviation());
            one.put("deletedPersons", row.score().members());
            one.put("unseenPersons", row.score().others());
            one.put("tprAt1Percent", row.score().truePositiveRateAt1Percent());
            rows.add(one);
        }
        facts.put("rows", rows);
        report.bounds().ifPresent(bounds -> {
            facts.put("certifiedMu", bounds.mu());
            facts.put("certifiedAuc", bounds.auc());
            facts.put("certifiedAdvantage", bounds.advantage());
            facts.put("about", ImpliedBounds.ABOUT);
        });
        return facts;
    }

    @Override
    public String text() {
        return report.lines().stream()
                .map(line -> String.format(Locale.ROOT, "    %s%n", line))
                .collect(Collectors.joining(
                        "",
                        String.format(
                                Locale.ROOT, "(f) Attacks: the deleted subjects against those never trained on%n"),
                        ""));
    }
}
