/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.forgetting;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.internal.validation.Checks;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.provable.GradientBlocks;
import org.amend4j.provable.ProvableOptions;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.ReleasePolicy;

/**
 * How a {@link ForgetfulModel} learns and what it promises. All numbers are public: choose them without looking at the records.
 *
 * @param options what makes constants provable: bounds on features and parameters, weight decay, the normaliser
 * @param steps full-batch gradient steps, >= 1
 * @param stepSize η > 0; one that is too long for the curvature is refused when the model is opened
 * @param checkpointEvery number of steps between checkpoints, >= 1: the more checkpoints, the cheaper a rewind
 * @param policy what a certificate must satisfy
 */
@RecordBuilder
public record ForgetfulSettings(
        ProvableOptions options, int steps, double stepSize, int checkpointEvery, ReleasePolicy policy)
        implements ForgetfulSettingsBuilder.With {

    private static final int CHECKPOINTS = 20;
    private static final PrivacyBudget BUDGET = new PrivacyBudget(1, 1e-5);

    public ForgetfulSettings {
        Checks.present("options", options);
        Checks.present("policy", policy);
        Checks.atLeast(1, "steps", steps);
        Checks.positive("the step size", stepSize);
        Checks.atLeast(1, "the steps between checkpoints", checkpointEvery);
    }

    /**
     * With 20 checkpoints, weight decay 0.01, features of norm 1 at most, and certificates at ε = 1, δ = 1e-5.
     *
     * @param plannedRecords at least as many as there are or ever will be: the loss is divided by this number, so that it says
     *     nothing about how many there are
     */
    public static ForgetfulSettings of(long plannedRecords, int steps, double stepSize) {
        ProvableOptions options = ProvableOptions.defaults()
                .withNormaliser((double) plannedRecords)
                .withFeatureRadius(1)
                .withWeightDecay(0.01);
        return new ForgetfulSettings(
                options, steps, stepSize, Math.max(1, steps / CHECKPOINTS), ReleasePolicy.of(BUDGET));
    }

    /** With features of this norm at most, which is checked for every record. */
    public ForgetfulSettings withFeatureRadius(double radius) {
        return withOptions(options.withFeatureRadius(radius));
    }

    /** With the penalty {@code (λ/2)·‖θ‖²}. */
    public ForgetfulSettings withWeightDecay(double lambda) {
        return withOptions(options.withWeightDecay(lambda));
    }

    /** With gradients added up in blocks, here or on a cluster, with the same bits; the blocks are the folder's, the place is not. */
    public ForgetfulSettings withBlocks(GradientBlocks blocks) {
        return withOptions(options.withBlocks(blocks));
    }

    /** With (ε, δ)-certificates. */
    public ForgetfulSettings withBudget(double epsilon, double delta) {
        return withPolicy(policy.withBudget(new PrivacyBudget(epsilon, delta)));
    }

    /** The steps, without balls. */
    public Recipe recipe() {
        return Recipe.fullBatch(steps, stepSize).withCheckpoints(CheckpointSchedule.every(checkpointEvery));
    }
}
