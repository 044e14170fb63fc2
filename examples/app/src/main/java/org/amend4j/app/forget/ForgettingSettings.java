/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.graph.BlockPlace;
import org.amend4j.graph.Clipping;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.provable.GradientBlocks;
import org.amend4j.provable.GradientMethod;
import org.amend4j.provable.ProvableOptions;
import org.amend4j.provable.TrainedFactors;
import org.amend4j.recording.RecordedRecipe;
import org.amend4j.unlearn.ReleasePolicy;

/**
 * The settings of a model that forgets: all of them decided before the data was looked at, and kept in {@code
 * service.json} ({@link SettingsFile}). Optional numbers are 0 if they are not given.
 *
 * @param version of the format
 * @param table how rows are read
 * @param training how the model learns
 * @param limits what bounds a record's influence
 * @param promise what a release must keep to
 * @param origin what it was made from
 * @param seal of all the rest, under the subjects' key; empty before it is stored
 */
public record ForgettingSettings(
        int version, Table table, Training training, Limits limits, Promise promise, Origin origin, String seal) {

    /** The format that is written. */
    public static final int VERSION = 5;

    /** Records of a block that are evaluated at a time. It is in the order of sums: another number would be another run. */
    private static final int MOST_AT_ONCE = 1024;

    /** @throws IllegalArgumentException if it is of another version */
    public ForgettingSettings {
        if (version != VERSION) {
            throw new IllegalArgumentException("settings must be of version " + VERSION + ", got " + version);
        }
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(training, "training");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(promise, "promise");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(seal, "seal");
    }

    /** Settings that are not sealed. */
    public ForgettingSettings(
            int version, Table table, Training training, Limits limits, Promise promise, Origin origin) {
        this(version, table, training, limits, promise, origin, "");
    }

    /**
     * How rows are read.
     *
     * @param label the class's column, by name or number
     * @param owner the column with a row's subject; empty: every row is a subject of its own
     * @param classes in the order of the outputs
     * @param scaling what is done to every row before the network sees it
     * @param named where the classes are from
     */
    public record Table(String label, String owner, List<String> classes, RowScaling scaling, Source named) {

        /** Copies the list. */
        public Table {
            classes = List.copyOf(classes);
            Objects.requireNonNull(scaling, "scaling");
            Objects.requireNonNull(named, "named");
        }

        /** With classes that were given, or none: then they are those of the data. */
        public Table(String label, String owner, List<String> classes, RowScaling scaling) {
            this(label, owner, classes, scaling, classes.isEmpty() ? Source.DERIVED : Source.GIVEN);
        }

        /** The owner's column, if there is one. */
        @JsonIgnore
        public Optional<String> subjectColumn() {
            return Optional.of(owner).filter(column -> !column.isEmpty());
        }
    }

    /**
     * How the model learns: plain gradient descent from where the network is, or Newton steps until the gradient is small.
     *
     * @param steps T; 1 for as many as it takes to a small gradient
     * @param stepSize η; 0 for as many as it takes
     * @param weightDecay λ
     * @param plannedRecords N0, which sums over records are divided by; 0: the least power of two that is enough
     * @param batches "full", "epochs:S" or "keyed:p"; "recorded" if a recipe next to the settings has them
     * @param checkpoints "every:k", "geometric:f" or "ends"
     * @param planned where the number of planned records is from
     * @param gradients what computes them, and so in which order numbers are added
     * @param blockSize records a block, by the numbers of their rows; 0 without blocks
     * @param untilGradient G, a number, or "default" for one that follows from public sizes; empty for a number of steps
     */
    public record Training(
            int steps,
            double stepSize,
            double weightDecay,
            int plannedRecords,
            String batches,
            String checkpoints,
            Source planned,
            GradientMethod gradients,
            int blockSize,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) String untilGradient) {

        private static final String DEFAULT = "default";

        /** @throws IllegalArgumentException if a number is out of its range */
        public Training {
            Objects.requireNonNull(untilGradient, "untilGradient");
            if (untilGradient.isEmpty()) {
                Checks.atLeast(1, "--steps", steps);
                Checks.positive("--step-size", stepSize);
            } else {
                requireUntil(untilGradient, steps, stepSize, batches);
            }
            Checks.notNegative("--weight-decay", weightDecay);
            Checks.atLeast(0, "--planned-records", plannedRecords);
            Objects.requireNonNull(planned, "planned");
            Objects.requireNonNull(gradients, "gradients");
            Checks.atLeast(0, "--block-size", blockSize);
        }

        /**
         * With a number of planned records that was given, or 0: then it is derived from the table's size. Gradients are computed by row
         * where possible.
         */
        public Training(
                int steps,
                double stepSize,
                double weightDecay,
                int plannedRecords,
                String batches,
                String checkpoints) {
            this(
                    steps,
                    stepSize,
                    weightDecay,
                    plannedRecords,
                    batches,
                    checkpoints,
                    plannedRecords > 0 ? Source.GIVEN : Source.DERIVED,
                    GradientMethod.BY_ROW,
                    0,
                    "");
        }

        private static void requireUntil(String norm, int steps, double stepSize, String batches) {
            if (steps != 1 || stepSize != 0) {
                throw new IllegalArgumentException(
                        "--until-gradient makes as many steps as it takes: leave --steps and --step-size out");
            }
            if (!batches.equals("full")) {
                throw new IllegalArgumentException(
                        "--until-gradient is about all records at once: --batches must be full, got " + batches);
            }
            norm(norm);
        }

        private static OptionalDouble norm(String text) {
            if (text.equals(DEFAULT)) {
                return OptionalDouble.empty();
            }
            try {
                return OptionalDouble.of(Checks.positive("--until-gradient", Double.parseDouble(text)));
            } catch (NumberFormatException noNumber) {
                throw new IllegalArgumentException(
                        "--until-gradient must be a number above 0 or \"" + DEFAULT + "\", got '" + text + "'",
                        noNumber);
            }
        }

        /** By as many Newton steps as it takes to a small gradient. */
        public static Training untilGradient(String norm, double weightDecay, int plannedRecords) {
            return new Training(
                    1,
                    0,
                    weightDecay,
                    plannedRecords,
                    "full",
                    "ends",
                    plannedRecords > 0 ? Source.GIVEN : Source.DERIVED,
                    GradientMethod.BY_ROW,
                    0,
                    norm);
        }

        /** Whether it ends where the gradient is small, and not after a number of steps. */
        @JsonIgnore
        public boolean isUntilGradient() {
            return !untilGradient.isEmpty();
        }

        /** G, if it was given as a number. */
        @JsonIgnore
        OptionalDouble gradientNorm() {
            return norm(untilGradient);
        }

        /** With gradients added up in blocks of so many records, which the graph computes; without blocks for 0. */
        public Training inBlocksOf(int records) {
            return new Training(
                    steps,
                    stepSize,
                    weightDecay,
                    plannedRecords,
                    batches,
                    checkpoints,
                    planned,
                    records > 0 ? GradientMethod.BY_GRAPH : gradients,
                    records,
                    untilGradient);
        }

        /** With a number of planned records, unless one was given. */
        Training planning(int records) {
            return planned == Source.GIVEN
                    ? this
                    : new Training(
                            steps,
                            stepSize,
                            weightDecay,
                            records,
                            batches,
                            checkpoints,
                            planned,
                            gradients,
                            blockSize,
                            untilGradient);
        }
    }

    /** Where something is from that must not depend on the records. */
    public enum Source {
        /** It was chosen. */
        GIVEN,
        /** It was derived from the table, or its origin is not known (settings of earlier versions). */
        DERIVED
    }

    /**
     * What bounds a record's influence.
     *
     * @param featureRadius of the features of every record
     * @param clip of the gradient of every record
     * @param parameterRadius of the ball of all trained parameters
     * @param layerRadius of the balls of every layer's weights and bias
     * @param bothFactors whether A of an adapter is trained as well as B
     * @param ignoreUpdater whether the network's own updater is overlooked
     */
    public record Limits(
            double featureRadius,
            double clip,
            double parameterRadius,
            double layerRadius,
            boolean bothFactors,
            boolean ignoreUpdater) {

        /** @throws IllegalArgumentException if a number is out of its range */
        public Limits {
            Checks.notNegative("--feature-radius", featureRadius);
            Checks.notNegative("--clip", clip);
            Checks.notNegative("--parameter-radius", parameterRadius);
            Checks.notNegative("--layer-radius", layerRadius);
        }
    }

    /**
     * What a release must keep to.
     *
     * @param epsilon of one release
     * @param delta of one release
     * @param largestSigma the most noise per parameter
     * @param acceptAssumptions whether certificates may rest on what is not proved
     * @param lifetimeEpsilon of all releases together
     */
    public record Promise(
            double epsilon, double delta, double largestSigma, boolean acceptAssumptions, double lifetimeEpsilon) {

        /** @throws IllegalArgumentException if a number is out of its range */
        public Promise {
            new PrivacyBudget(epsilon, delta);
            Checks.notNegative("--largest-sigma", largestSigma);
            Checks.notNegative("--lifetime-epsilon", lifetimeEpsilon);
            if (lifetimeEpsilon > 0 && lifetimeEpsilon < epsilon) {
                throw new IllegalArgumentException("--lifetime-epsilon must be at least --epsilon, " + epsilon
                        + ", got " + lifetimeEpsilon + ": no release with noise could ever be made");
            }
        }

        /** Without a limit on all releases together. */
        public Promise(double epsilon, double delta, double largestSigma, boolean acceptAssumptions) {
            this(epsilon, delta, largestSigma, acceptAssumptions, 0);
        }

        /** As the planner takes it. */
        ReleasePolicy policy() {
            ReleasePolicy any = ReleasePolicy.of(new PrivacyBudget(epsilon, delta));
            ReleasePolicy limited = largestSigma > 0 ? any.withLargestSigma(largestSigma) : any;
            ReleasePolicy lasting = lifetimeEpsilon > 0 ? limited.withLifetime(lifetimeEpsilon) : limited;
            return acceptAssumptions ? lasting.acceptingAssumptions() : lasting;
        }
    }

    /**
     * What it was made from.
     *
     * @param model SHA-256 of the network's zip that was given
     * @param what in words, what of the network learns
     * @param base SHA-256 of the stored network; empty before it is stored
     * @param adapter SHA-256 of the stored adapter's folder; empty if there is none
     * @param issuer public key of those who sign; empty before it is made
     * @param run random, makes the run's own keys of those in its folder; empty before it is stored, and where keys are used as they
     *     are (settings of earlier versions)
     */
    public record Origin(String model, String what, String base, String adapter, String issuer, String run) {

        private static final String CONVERGED_HEAD = "converged HEAD";

        /** What of a network learns that something else trained, whatever it had learned before. */
        public static String converged(boolean head, boolean publicBase) {
            if (!head) {
                return "converged ALL";
            }
            return CONVERGED_HEAD + (publicBase ? " on a public base" : "");
        }

        /** Whether the layers below the head were trained elsewhere, maybe on these very records. */
        @JsonIgnore
        boolean mayKnowRecords() {
            return what.equals(CONVERGED_HEAD);
        }

        /** Whether something else trained it. */
        @JsonIgnore
        public boolean isAdopted() {
            return what.startsWith(Adoption.ADOPTED);
        }

        /** Of something that is not stored yet. */
        public Origin(String model, String what) {
            this(model, what, "", "", "", "");
        }
    }

    /**
     * The problem's options, for batches of a rate.
     *
     * @param place where blocks are computed, if there are blocks
     */
    ProvableOptions options(double rate, BlockPlace place) {
        ProvableOptions options = ProvableOptions.defaults()
                .withWeightDecay(training.weightDecay())
                .withNormaliser(rate * training.plannedRecords())
                .withGradients(training.gradients())
                .withFactors(limits.bothFactors() ? TrainedFactors.BOTH : TrainedFactors.ONLY_B);
        if (limits.featureRadius() > 0) {
            options = options.withFeatureRadius(limits.featureRadius());
        }
        if (limits.clip() > 0) {
            options = options.withClipping(Clipping.perRecord(limits.clip()));
        }
        if (limits.parameterRadius() > 0) {
            options = options.withParameterRadius(limits.parameterRadius());
        }
        if (limits.layerRadius() > 0) {
            options = options.withLayerRadii(limits.layerRadius(), limits.layerRadius());
        }
        if (training.blockSize() > 0) {
            options = options.withBlocks(new GradientBlocks(
                    new BlockRule.Ranges(training.blockSize()), Math.min(training.blockSize(), MOST_AT_ONCE), place));
        }
        // to a small gradient any steps lead, whatever the network's updater is
        return limits.ignoreUpdater() || training.isUntilGradient() ? options.ignoringUpdater() : options;
    }

    /** With what is known of the table once it was read. */
    ForgettingSettings of(SubjectTable read) {
        return new ForgettingSettings(
                version,
                new Table(table.label(), table.owner(), read.classes(), table.scaling(), table.named()),
                training.planning(powerOfTwo(read.size())),
                limits,
                promise,
                origin);
    }

    /** With a recipe's training, as far as these settings can say it, on a table. */
    ForgettingSettings training(RecordedRecipe recipe, SubjectTable read) {
        int planned = recipe.batches().isPresent() ? read.size() : (int) Math.ceil(recipe.divisor(read.size()));
        Training recorded = new Training(
                recipe.steps(),
                recipe.stepSizes().at(0),
                recipe.weightDecay(),
                planned,
                recipe.batches().isPresent() ? "recorded" : "full",
                training.checkpoints(),
                Source.GIVEN,
                GradientMethod.AS_FITTED,
                0,
                "");
        return new ForgettingSettings(version, table, recorded, limits, promise, origin);
    }

    /** With what was adopted: in words, and the SHA-256 of its zip. */
    ForgettingSettings adopting(String what, String model) {
        return new ForgettingSettings(version, table, training, limits, promise, new Origin(model, what));
    }

    private static int powerOfTwo(int least) {
        return least <= 1 ? 1 : Math.multiplyExact(2, Integer.highestOneBit(least - 1));
    }

    /** With what was stored. */
    ForgettingSettings stored(String base, String adapter, String issuer, String run) {
        return new ForgettingSettings(
                version,
                table,
                training,
                limits,
                promise,
                new Origin(origin.model(), origin.what(), base, adapter, issuer, run));
    }

    /** Whether the same was asked for, of the same network; data is compared row by row, by {@code records.bin}. */
    boolean asks(ForgettingSettings other) {
        return other.stored(origin.base(), origin.adapter(), origin.issuer(), origin.run())
                .sealed(seal)
                .equals(this);
    }

    /** With a seal. */
    ForgettingSettings sealed(String code) {
        return new ForgettingSettings(version, table, training, limits, promise, origin, code);
    }
}
