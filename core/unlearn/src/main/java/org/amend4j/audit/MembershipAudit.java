/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.internal.validation.Checks;
import org.amend4j.privacy.GaussianPrivacy;

/**
 * All membership attacks on all models of one deletion: do the deleted subjects look different from subjects that were never
 * trained on? The retrained model is always among them, because if the two groups differ by themselves, it is
 * "detected" too. Immutable.
 */
public final class MembershipAudit {

    private final long[] deletedSubjects;
    private final long[] unseenSubjects;
    private final Map<AuditedModel, Observed> models;
    private final Map<AuditedModel, Shadows> shadows;

    /**
     * An audit.
     *
     * @param deletedSubjects whose each record of the deleted is, in the order of the outputs
     * @param unseenSubjects whose each record of subjects that no model was trained on is; nobody of the deleted
     * @param models the retrained model and at least one other; {@link AuditedModel#ORIGINAL} adds the attack that compares
     *     with it
     */
    public MembershipAudit(long[] deletedSubjects, long[] unseenSubjects, Map<AuditedModel, Observed> models) {
        this(deletedSubjects, unseenSubjects, models, Map.of());
    }

    /**
     * An audit with the likelihood ratio attack.
     *
     * @param shadows for each audited model
     */
    public MembershipAudit(
            long[] deletedSubjects,
            long[] unseenSubjects,
            Map<AuditedModel, Observed> models,
            Map<AuditedModel, Shadows> shadows) {
        checkSubjects(deletedSubjects, unseenSubjects);
        if (!models.containsKey(AuditedModel.RETRAINED) || models.size() < 2) {
            throw new IllegalArgumentException(
                    "an audit needs the retrained model and another, got " + models.keySet());
        }
        models.forEach((model, observed) -> {
            checkRecords(model, "deleted", observed.deleted(), deletedSubjects);
            checkRecords(model, "unseen", observed.unseen(), unseenSubjects);
        });
        this.deletedSubjects = deletedSubjects.clone();
        this.unseenSubjects = unseenSubjects.clone();
        this.models = new EnumMap<>(models);
        if (!shadows.isEmpty() && !shadows.keySet().equals(models.keySet())) {
            throw new IllegalArgumentException(
                    "all audited models need shadows, or none, " + models.keySet() + ", got " + shadows.keySet());
        }
        this.shadows = Map.copyOf(shadows);
    }

    private static void checkSubjects(long[] deleted, long[] unseen) {
        Set<Long> subjects = Arrays.stream(deleted).boxed().collect(Collectors.toSet());
        Checks.atLeast(2, "the number of deleted subjects", subjects.size());
        Checks.atLeast(2, "the number of unseen subjects", (int)
                Arrays.stream(unseen).distinct().count());
        for (long subject : unseen) {
            if (subjects.contains(subject)) {
                throw new IllegalArgumentException("nobody can be both deleted and never seen, got subject " + subject);
            }
        }
    }

    private static void checkRecords(AuditedModel model, String what, ModelOutputs outputs, long[] subjects) {
        if (outputs.records() != subjects.length) {
            throw new IllegalArgumentException("each record needs a subject, got " + outputs.records() + " " + what
                    + " records of " + model + " and " + subjects.length + " subjects");
        }
    }

    /** The report of a deletion without a certificate. */
    public AuditReport report(CrossValidation validation, double level) {
        return new AuditReport(rows(validation, level), Optional.empty());
    }

    /**
     * The report beside what the certificate implies.
     *
     * @param validation of the attacks that learn
     * @param level of each interval, in (0, 1)
     * @param certified what the certificate of the unlearned model gives
     */
    public AuditReport report(CrossValidation validation, double level, GaussianPrivacy certified) {
        return new AuditReport(rows(validation, level), Optional.of(ImpliedBounds.of(certified)));
    }

    /**
     * {@link Attack#LOSS_THRESHOLD} on one model, as in the report, without the attacks that have to learn.
     *
     * @param level of the interval, in (0, 1)
     * @throws IllegalArgumentException if this model is not audited
     */
    public AttackScore lossThresholdScore(AuditedModel model, double level) {
        Observed observed = observed(model);
        return LossThreshold.score(deletedLosses(observed), unseenLosses(observed), level);
    }

    /**
     * The curve of {@link Attack#LOSS_THRESHOLD} on one model.
     *
     * @throws IllegalArgumentException if this model is not audited
     */
    public RocCurve lossThresholdCurve(AuditedModel model) {
        Observed observed = observed(model);
        return LossThreshold.curve(deletedLosses(observed), unseenLosses(observed));
    }

    private Observed observed(AuditedModel model) {
        Observed observed = models.get(model);
        if (observed == null) {
            throw new IllegalArgumentException("the model must be one of " + models.keySet() + ", got " + model);
        }
        return observed;
    }

    private SubjectScores deletedLosses(Observed observed) {
        return SubjectScores.of("the deleted", observed.deleted().losses(), deletedSubjects);
    }

    private SubjectScores unseenLosses(Observed observed) {
        return SubjectScores.of("the unseen", observed.unseen().losses(), unseenSubjects);
    }

    private List<AuditRow> rows(CrossValidation validation, double level) {
        List<AuditRow> rows = new ArrayList<>();
        for (Attack attack : Attack.values()) {
            models.forEach((model, observed) -> {
                if (applies(attack, model)) {
                    rows.add(new AuditRow(attack, model, score(attack, model, observed, validation, level)));
                }
            });
        }
        return rows;
    }

    private boolean applies(Attack attack, AuditedModel model) {
        return switch (attack) {
            case UNLEARNED_VERSUS_ORIGINAL ->
                models.containsKey(AuditedModel.ORIGINAL) && model != AuditedModel.ORIGINAL;
            case LIKELIHOOD_RATIO -> shadows.containsKey(model);
            default -> true;
        };
    }

    private AttackScore score(
            Attack attack, AuditedModel model, Observed observed, CrossValidation validation, double level) {
        return switch (attack) {
            case LOSS_THRESHOLD -> LossThreshold.score(deletedLosses(observed), unseenLosses(observed), level);
            case LOGISTIC_LOSS -> logistic(LogisticAttack.LOSS, observed, validation, level);
            case LOGISTIC_LOSS_AND_LOG_ODDS -> logistic(LogisticAttack.LOSS_AND_LOG_ODDS, observed, validation, level);
            case UNLEARNED_VERSUS_ORIGINAL ->
                UnlearnedVersusOriginal.score(
                        Objects.requireNonNull(models.get(AuditedModel.ORIGINAL)),
                        observed,
                        deletedSubjects,
                        unseenSubjects,
                        validation,
                        level);
            case LIKELIHOOD_RATIO -> likelihoodRatio(observed, Objects.requireNonNull(shadows.get(model)), level);
        };
    }

    private AttackScore likelihoodRatio(Observed observed, Shadows models, double level) {
        return Auc.score(
                ratios("the deleted", observed.deleted(), models.deleted(), deletedSubjects),
                ratios("the unseen", observed.unseen(), models.unseen(), unseenSubjects),
                level);
    }

    private static double[] ratios(String what, ModelOutputs outputs, Shadows.Group models, long[] subjects) {
        return SubjectScores.of(
                        "ratios of " + what,
                        LikelihoodRatio.logRatios(outputs.confidences(), models.with(), models.without()),
                        subjects)
                .column(0);
    }

    private AttackScore logistic(LogisticAttack attack, Observed observed, CrossValidation validation, double level) {
        return attack.score(observed.deleted(), deletedSubjects, observed.unseen(), unseenSubjects, validation, level);
    }
}
