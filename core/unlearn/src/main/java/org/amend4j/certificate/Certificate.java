/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.certificate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.html.HtmlView;
import org.jspecify.annotations.Nullable;

/**
 * What is claimed about a model after a deletion. It holds every number that is needed to check the claim, and is written as canonical JSON
 * (RFC 8785), so that equal certificates have equal bytes. Infinite numbers are the text "Infinity". The format is described in
 * docs/certificate.md.
 *
 * <p>Nothing in it depends on the content of the records, except through the released, noisy model: private values are
 * represented by {@link Commitment}s, which reveal nothing before they are opened.
 *
 * <p>In JSON the components of {@link Claim}, {@link Grounds}, {@link Protection}, {@link References} and {@link Conditions} stand among
 * the others.
 *
 * @param version of the format
 * @param claim what is claimed
 * @param deletion what was deleted
 * @param grounds what the claim rests on
 * @param protection what hides the distance to the retrained model
 * @param references to what it is about
 * @param retention what was destroyed and what was kept
 * @param conditions under which it holds
 */
public record Certificate(
        int version,
        @JsonUnwrapped Claim claim,
        Deletion deletion,
        @JsonUnwrapped Grounds grounds,
        @JsonUnwrapped Protection protection,
        @JsonUnwrapped References references,
        Retention retention,
        @JsonUnwrapped Conditions conditions)
        implements HtmlView {

    /** The format that is written of rewinds, and of retraining by steps. */
    public static final int VERSION = 2;

    /** The format that is written where the gradient is small: of deletions by convergence, and of models that are trained by it. */
    public static final int CONVERGED = 3;

    /** What is claimed. */
    public enum Verdict {
        /** The model is the retrained one, bit for bit. */
        EXACT,
        /** The model cannot be told from the retrained one beyond what {@link Privacy} says. */
        CERTIFIED,
        /** Nothing: it was rewound to what was reconstructed, and is not certified. */
        EMPIRICAL
    }

    /**
     * What is claimed.
     *
     * @param id names the certificate
     * @param issued when, UTC
     * @param title the claim in one line, with its level if that is not proved or enforced
     * @param verdict what is claimed
     * @param level the weakest assurance of the constants used
     */
    public record Claim(String id, String issued, String title, Verdict verdict, String level) {}

    /**
     * What the claim rests on.
     *
     * @param algorithm what was run
     * @param constants what the bound rests on
     * @param bound how far the model can be from the retrained one
     * @param build what computed it
     * @param convergence where the gradient is small, what that proves (docs/unlearning.md, (12) and (13)): gradientNorm G, weightDecay λ,
     *     normaliser N or 0 for the number of records, the most records that there can be, lossAtZero ℓ₀, radius R and rounding ρ; none
     *     otherwise, and then not written
     */
    public record Grounds(
            Algorithm algorithm,
            Constants constants,
            Bound bound,
            Map<String, String> build,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Double> convergence) {

        /** Copies the maps; one that was not written is empty. */
        public Grounds(
                Algorithm algorithm,
                Constants constants,
                Bound bound,
                Map<String, String> build,
                @Nullable Map<String, Double> convergence) {
            this.algorithm = algorithm;
            this.constants = constants;
            this.bound = bound;
            this.build = Map.copyOf(build);
            this.convergence = convergence == null ? Map.of() : Map.copyOf(convergence);
        }
    }

    /**
     * What hides the distance to the retrained model.
     *
     * @param noise that was added
     * @param privacy what an observer can still infer
     */
    public record Protection(Noise noise, Privacy privacy) {}

    /**
     * What the certificate is about.
     *
     * @param commitments to private values
     * @param release the released files
     * @param hashes of public values
     */
    public record References(Commitments commitments, Release release, Hashes hashes) {}

    /**
     * Under what conditions the claim holds, a sentence each.
     *
     * @param derived what was derived from the records although the bound treats it as public; the level is then ASSUMED at best,
     *     and the title says so
     * @param assumptions what is assumed
     * @param exclusions what is not claimed
     */
    public record Conditions(List<String> derived, List<String> assumptions, List<String> exclusions) {

        /** Copies the lists. */
        public Conditions {
            derived = List.copyOf(derived);
            assumptions = List.copyOf(assumptions);
            exclusions = List.copyOf(exclusions);
        }
    }

    /**
     * What was run.
     *
     * @param name "exact rewind", "certified rewind", "empirical rewind", "convergence" or "retraining"
     * @param noisePlacement "end", "checkpoint" or "none"
     * @param schedule of its steps; in JSON its components stand among the others
     * @param checkpoint the step that was rewound to, T - K; of convergence T, where it goes on from
     * @param redone K
     * @param earlier the deletions before this one, in order: which steps were redone without whom
     */
    public record Algorithm(
            String name,
            String noisePlacement,
            @JsonUnwrapped Schedule schedule,
            int checkpoint,
            int redone,
            List<Rewind> earlier) {

        /** Copies the list. */
        public Algorithm {
            earlier = List.copyOf(earlier);
        }
    }

    /**
     * The steps of a run.
     *
     * @param batches which records they use
     * @param stepSizes how long they are
     * @param steps T
     * @param boundedSteps the steps the bound is about: T, or those before the noise
     */
    public record Schedule(Batches batches, StepSizes stepSizes, int steps, int boundedSteps) {}

    /**
     * Which records the steps use.
     *
     * @param kind "full": all at every step; "epochs": each once an epoch; "keyed": each at every step with a chance; "other"
     * @param rate the share of the records that a step uses, in the mean; of epochs, one over their steps
     * @param text in words
     */
    public record Batches(String kind, double rate, String text) {}

    /**
     * η_t = first·factor^t.
     *
     * @param kind "constant" (the factor is 1), "geometric" or "listed"; or "untilGradient": none, but as many as it takes to a gradient of
     *     at most first
     */
    public record StepSizes(String kind, double first, double factor) {}

    /**
     * An earlier deletion.
     *
     * @param checkpoint the step that was rewound to, or gone on from
     * @param recordsEver records deleted up to it, those of its request included
     */
    public record Rewind(int checkpoint, int recordsEver) {}

    /**
     * A number and how it is known.
     *
     * @param assurance PROVED, ENFORCED, ASSUMED or ESTIMATED
     */
    public record Known(
            double value, @JsonProperty("evidence") String assurance, String reason) {}

    /**
     * What the bound rests on.
     *
     * @param curvature NONCONVEX, CONVEX or STRONGLY_CONVEX
     * @param gradientBound G
     * @param lipschitz L
     * @param diameter of the set in which the parameters are kept
     * @param startNorm ‖θ₀‖
     * @param reach a bound of every ‖θ_t‖
     * @param movement a bound of ‖θ_T - θ₀‖
     * @param rounding the model of rounding: "head" or "assumed", its numbers by name, and how it is known
     */
    public record Constants(
            String curvature,
            Known gradientBound,
            Known lipschitz,
            Known diameter,
            double startNorm,
            double reach,
            double movement,
            Rounding rounding) {}

    /**
     * What a computed step may be off by.
     *
     * @param model "head": linear head, docs/privacy.md (7); "adaptedHead": adapter on one, docs/privacy.md (8); "assumed": relative·(η·s·G + ‖θ‖)
     * @param assurance how it is known
     * @param summation NAIVE, PAIRWISE or COMPENSATED; empty if assumed
     * @param numbers of the head: gradientBound, featureRadius, inputs, logits; adaptedHead: outputGradient,
     *     featureRadius, slope, baseNorm, inputs, rank, logits; assumed: relative, gradientBound
     */
    public record Rounding(
            String model, @JsonProperty("evidence") String assurance, String summation, Map<String, Double> numbers) {

        /** Copies the numbers. */
        public Rounding {
            numbers = Map.copyOf(numbers);
        }
    }

    /**
     * What was deleted.
     *
     * @param subjects pseudonyms of the subjects of this request
     * @param records of this request
     * @param recordsEver deleted so far, this request included
     * @param recordsBefore n, at training
     */
    public record Deletion(List<String> subjects, int records, int recordsEver, int recordsBefore) {

        /** Copies the list. */
        public Deletion {
            subjects = List.copyOf(subjects);
        }
    }

    /**
     * Steps of the trajectory that are the same to the bound.
     *
     * @param count how many, one after the other
     * @param stepSize η
     * @param weightDecay λ
     * @param normaliser B, or 0 for the step's own number of records
     * @param retained k, records the step used that are not deleted
     * @param deleted c, deleted records the step used and that were not taken out by redoing it
     */
    public record Steps(int count, double stepSize, double weightDecay, double normaliser, int retained, int deleted) {}

    /**
     * How far the model can be from the retrained one, noise apart.
     *
     * @param steps all bounded steps, in order
     * @param exactDelta Δ in exact arithmetic
     * @param rounding what computing adds
     * @param delta both: what the noise has to hide
     * @param byRecursion steps at which the recursion was the least bound
     * @param byCap steps at which the gradients' size was
     * @param byDiameter steps at which the set was
     */
    public record Bound(
            List<Steps> steps,
            double exactDelta,
            double rounding,
            double delta,
            int byRecursion,
            int byCap,
            int byDiameter) {

        /** Copies the list. */
        public Bound {
            steps = List.copyOf(steps);
        }
    }

    /**
     * The noise: every parameter is rounded to a multiple of {@code g = 2^gridExponent}, and g times a discrete Gaussian with
     * parameter {@code units} is added. Zeros if there is none.
     *
     * @param sigma units·g
     * @param dimension number of parameters d
     * @param parameterBound public bound on every parameter's magnitude
     * @param source where randomness came from; empty if there is no noise
     */
    public record Noise(
            int gridExponent, long units, double sigma, int dimension, double parameterBound, String source) {}

    /** ε at a δ. */
    public record Point(double epsilon, double delta) {}

    /**
     * What an observer can still tell.
     *
     * @param budget what was asked for
     * @param mu of this release, rounding to the grid included
     * @param deltaAtBudget δ at the budget's ε, discreteness of the noise included
     * @param points ε at usual δ
     * @param composedMu of all releases since the earliest deletion that any of them still has to hide, together
     * @param attackAuc no attack that tells this model from the retrained one has a larger area under its curve
     * @param attackAdvantage nor a larger difference of true and false positive rates
     */
    public record Privacy(
            Point budget,
            double mu,
            double deltaAtBudget,
            List<Point> points,
            double composedMu,
            double attackAuc,
            double attackAdvantage) {

        /** Copies the list. */
        public Privacy {
            points = List.copyOf(points);
        }
    }

    /**
     * {@link Commitment}s under the certificate's own salt, 64 hexadecimal digits each.
     *
     * @param objective to what was descended on, on all records
     * @param checkpoint to the parameters that were rewound to
     * @param deleted to the ids of all records ever deleted
     * @param retained to the ids of all retained records
     */
    public record Commitments(String objective, String checkpoint, String deleted, String retained) {}

    /**
     * The released files.
     *
     * @param files all that there are in the release's folder, but for the certificate; by name
     */
    public record Release(List<ReleasedFile> files) {

        /** Copies the list. */
        public Release {
            files = List.copyOf(files);
        }
    }

    /**
     * SHA-256 hashes, 64 hexadecimal digits each.
     *
     * @param model of the list of released files, in canonical form
     * @param ledgerHead the ledger's last entry before this certificate
     * @param ledgerSequence its number
     * @param previous the certificate before this one; zeros if there is none
     * @param others of what belongs to it, by name, such as the base
     */
    public record Hashes(
            String model, String ledgerHead, long ledgerSequence, String previous, Map<String, String> others) {

        /** Copies the map. */
        public Hashes {
            others = Map.copyOf(others);
        }
    }

    /**
     * What was destroyed and what was kept.
     *
     * @param destroyedKeys keys of checkpoints of the old trajectory, destroyed
     * @param keptCheckpoints steps of checkpoints that exist
     * @param keptContaminated those of them that deleted records had a part in: not certified, and never to be published
     */
    public record Retention(List<String> destroyedKeys, List<Integer> keptCheckpoints, List<Integer> keptContaminated) {

        /** Copies the lists. */
        public Retention {
            destroyedKeys = List.copyOf(destroyedKeys);
            keptCheckpoints = List.copyOf(keptCheckpoints);
            keptContaminated = List.copyOf(keptContaminated);
        }
    }

    /** Shows what is claimed, what the claim rests on and what is not claimed. Bounds are rounded up; the subjects are not named. */
    @Override
    public String toHtml() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("claim", claim.title());
        facts.put("level", claim.level());
        facts.put("method", grounds.algorithm().name());
        if (grounds.convergence().isEmpty()) {
            facts.put(
                    "steps redone",
                    grounds.algorithm().redone() + " of "
                            + grounds.algorithm().schedule().steps());
        } else {
            facts.put(
                    "norm of the gradient, at most",
                    HtmlTable.atMost(grounds.convergence().getOrDefault("gradientNorm", Double.NaN)));
        }
        facts.put("records deleted", deletion.records() + " of " + deletion.recordsBefore());
        facts.put(
                "distance from retraining, at most",
                HtmlTable.atMost(grounds.bound().delta()));
        facts.put("noise \u03c3", HtmlTable.number(protection.noise().sigma()));
        for (Point point : protection.privacy().points()) {
            facts.put("\u03b5 at \u03b4 = " + point.delta() + ", at most", HtmlTable.atMost(point.epsilon()));
        }
        facts.put(
                "AUC of any attack, at most",
                HtmlTable.atMost(protection.privacy().attackAuc()));
        return Html.fragment()
                .facts(facts)
                .list("Derived from the records:", conditions.derived())
                .list("Assumed:", conditions.assumptions())
                .list("Not claimed:", conditions.exclusions())
                .markup();
    }
}
