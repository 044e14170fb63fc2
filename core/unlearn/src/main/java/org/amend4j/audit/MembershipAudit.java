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
     * @param deletedSubjects the subject of each deleted record, in the order of the outputs
     * @param unseenSubjects the subject of each record that no model was trained on; none of the deleted subjects
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
        return new AuditReport(rows(validation, level, Permutations.HERE), Optional.empty());
    }

    /**
     * The report, together with what the certificate implies.
     *
     * @param validation of the attacks that learn
     * @param level of each interval, in (0, 1)
     * @param certified what the certificate of the unlearned model gives
     */
    public AuditReport report(CrossValidation validation, double level, GaussianPrivacy certified) {
        return report(validation, level, certified, Permutations.HERE);
    }

    /**
     * The same, with the caller computing the permutations of the attacks that learn.
     *
     * @throws E what they fail of
     */
    public <E extends Exception> AuditReport report(
            CrossValidation validation, double level, GaussianPrivacy certified, Permutations<E> permuted) throws E {
        return new AuditReport(rows(validation, level, permuted), Optional.of(ImpliedBounds.of(certified)));
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

    private <E extends Exception> List<AuditRow> rows(
            CrossValidation validation, double level, Permutations<E> permuted) throws E {
        Learned<E> learned = (deleted, unseen) -> validation.score(deleted, unseen, level, permuted);
        List<AuditRow> rows = new ArrayList<>();
        for (Attack attack : Attack.values()) {
            for (Map.Entry<AuditedModel, Observed> model : models.entrySet()) {
                if (applies(attack, model.getKey())) {
                    AttackScore score = score(attack, model.getKey(), model.getValue(), learned, level);
                    rows.add(new AuditRow(attack, model.getKey(), score));
                }
            }
        }
        return rows;
    }

    /** How well an attack that learns from features tells subjects apart. */
    @FunctionalInterface
    private interface Learned<E extends Exception> {
        AttackScore score(SubjectScores deleted, SubjectScores unseen) throws E;
    }

    private boolean applies(Attack attack, AuditedModel model) {
        return switch (attack) {
            case UNLEARNED_VERSUS_ORIGINAL ->
                models.containsKey(AuditedModel.ORIGINAL) && model != AuditedModel.ORIGINAL;
            case LIKELIHOOD_RATIO -> shadows.containsKey(model);
            default -> true;
        };
    }

    private <E extends Exception> AttackScore score(
            Attack attack, AuditedModel model, Observed observed, Learned<E> learned, double level) throws E {
        return switch (attack) {
            case LOSS_THRESHOLD -> LossThreshold.score(deletedLosses(observed), unseenLosses(observed), level);
            case LOGISTIC_LOSS -> logistic(LogisticAttack.LOSS, observed, learned);
            case LOGISTIC_LOSS_AND_LOG_ODDS -> logistic(LogisticAttack.LOSS_AND_LOG_ODDS, observed, learned);
            case UNLEARNED_VERSUS_ORIGINAL -> {
                Observed before = observed(AuditedModel.ORIGINAL);
                yield learned.score(
                        UnlearnedVersusOriginal.features(
                                "the deleted", before.deleted(), observed.deleted(), deletedSubjects),
                        UnlearnedVersusOriginal.features(
                                "the unseen", before.unseen(), observed.unseen(), unseenSubjects));
            }
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

    private <E extends Exception> AttackScore logistic(LogisticAttack attack, Observed observed, Learned<E> learned)
            throws E {
        return learned.score(
                attack.features("the deleted", observed.deleted(), deletedSubjects),
                attack.features("the unseen", observed.unseen(), unseenSubjects));
    }
}
