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
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.validation.Checks;

/**
 * All membership attacks on all models of one deletion: do the deleted persons look different from persons that were never
 * trained on? The retrained model is always among them, because where the two groups differ by themselves, it is
 * "detected" too. Immutable.
 */
public final class MembershipAudit {

    private final long[] deletedOwners;
    private final long[] unseenOwners;
    private final Map<AuditedModel, Observed> models;
    private final Map<AuditedModel, Shadows> shadows;

    /**
     * An audit.
     *
     * @param deletedOwners whose each record of the deleted is, in the order of the outputs
     * @param unseenOwners whose each record of persons that no model was trained on is; nobody of the deleted
     * @param models the retrained model and at least one other; {@link AuditedModel#ORIGINAL} adds the attack that compares
     *     with it
     */
    public MembershipAudit(long[] deletedOwners, long[] unseenOwners, Map<AuditedModel, Observed> models) {
        this(deletedOwners, unseenOwners, models, Map.of());
    }

    /**
     * An audit with the likelihood ratio attack.
     *
     * @param shadows for each audited model
     */
    public MembershipAudit(
            long[] deletedOwners,
            long[] unseenOwners,
            Map<AuditedModel, Observed> models,
            Map<AuditedModel, Shadows> shadows) {
        checkOwners(deletedOwners, unseenOwners);
        if (!models.containsKey(AuditedModel.RETRAINED) || models.size() < 2) {
            throw new IllegalArgumentException(
                    "an audit needs the retrained model and another, got " + models.keySet());
        }
        models.forEach((model, observed) -> {
            checkRecords(model, "deleted", observed.deleted(), deletedOwners);
            checkRecords(model, "unseen", observed.unseen(), unseenOwners);
        });
        this.deletedOwners = deletedOwners.clone();
        this.unseenOwners = unseenOwners.clone();
        this.models = new EnumMap<>(models);
        if (!shadows.isEmpty() && !shadows.keySet().equals(models.keySet())) {
            throw new IllegalArgumentException(
                    "all audited models need shadows, or none, " + models.keySet() + ", got " + shadows.keySet());
        }
        this.shadows = Map.copyOf(shadows);
    }

    private static void checkOwners(long[] deleted, long[] unseen) {
        Set<Long> owners = Arrays.stream(deleted).boxed().collect(Collectors.toSet());
        Checks.atLeast(2, "the number of deleted persons", owners.size());
        Checks.atLeast(2, "the number of unseen persons", (int)
                Arrays.stream(unseen).distinct().count());
        for (long owner : unseen) {
            if (owners.contains(owner)) {
                throw new IllegalArgumentException("nobody can be both deleted and never seen, got person " + owner);
            }
        }
    }

    private static void checkRecords(AuditedModel model, String what, ModelOutputs outputs, long[] owners) {
        if (outputs.records() != owners.length) {
            throw new IllegalArgumentException("each record needs an owner, got " + outputs.records() + " " + what
                    + " records of " + model + " and " + owners.length + " owners");
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
            case LOSS_THRESHOLD ->
                LossThreshold.score(
                        PersonScores.of("the deleted", observed.deleted().losses(), deletedOwners),
                        PersonScores.of("the unseen", observed.unseen().losses(), unseenOwners),
                        level);
            case LOGISTIC_LOSS -> logistic(LogisticAttack.LOSS, observed, validation, level);
            case LOGISTIC_LOSS_AND_LOG_ODDS -> logistic(LogisticAttack.LOSS_AND_LOG_ODDS, observed, validation, level);
            case UNLEARNED_VERSUS_ORIGINAL ->
                UnlearnedVersusOriginal.score(
                        Objects.requireNonNull(models.get(AuditedModel.ORIGINAL)),
                        observed,
                        deletedOwners,
                        unseenOwners,
                        validation,
                        level);
            case LIKELIHOOD_RATIO -> likelihoodRatio(observed, Objects.requireNonNull(shadows.get(model)), level);
        };
    }

    private AttackScore likelihoodRatio(Observed observed, Shadows models, double level) {
        return Auc.score(
                ratios("the deleted", observed.deleted(), models.deleted(), deletedOwners),
                ratios("the unseen", observed.unseen(), models.unseen(), unseenOwners),
                level);
    }

    private static double[] ratios(String what, ModelOutputs outputs, Shadows.Group models, long[] owners) {
        return PersonScores.of(
                        "ratios of " + what,
                        LikelihoodRatio.logRatios(outputs.confidences(), models.with(), models.without()),
                        owners)
                .column(0);
    }

    private AttackScore logistic(LogisticAttack attack, Observed observed, CrossValidation validation, double level) {
        return attack.score(observed.deleted(), deletedOwners, observed.unseen(), unseenOwners, validation, level);
    }
}
