/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.Certificate.Verdict;
import org.amend4j.certificate.Commitment;
import org.amend4j.certificate.Digests;
import org.amend4j.certificate.Exclusions;
import org.amend4j.certificate.ReleasedFile;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.descent.Assurance;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.DiscreteNoise;
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.Drift;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.Reach;
import org.amend4j.sensitivity.StepBound;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.service.ServiceState.NoiseChoice;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.ConvergenceBound;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.KeyedEpochs;
import org.amend4j.unlearn.ProximalRewind;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RecordedBatches;
import org.amend4j.unlearn.RoundingModel;
import org.amend4j.unlearn.StepSizes;
import org.amend4j.unlearn.WholeSet;

/** Assembles the certificate of a deletion; everything is recomputed from the ledgers. */
final class CertificateMaker {

    private static final double[] USUAL_DELTAS = {1e-5, 1e-6};

    private final ForgettingModel model;
    private final CheckpointVault vault;
    private final CommitmentScheme hiding;

    CertificateMaker(ForgettingModel model, CheckpointVault vault, CommitmentScheme hiding) {
        this.model = model;
        this.vault = vault;
        this.hiding = hiding;
    }

    /**
     * The certificate of a deletion after the release of its model.
     *
     * @param ledger of the new trajectory
     */
    Certificate make(
            ServiceState state,
            Deletion deletion,
            List<ReleasedFile> files,
            List<LedgerEntry> entries,
            ContaminationLedger ledger)
            throws IOException {
        Drift drift = ledger.drift();
        LedgerEntry head = entries.get(entries.size() - 1);
        String previous = state.deletions().size() < 2
                ? "0".repeat(64)
                : state.deletions().get(state.deletions().size() - 2).certificate();
        Verdict verdict = verdict(deletion, drift);
        Assurance level = level(deletion, verdict);
        String modelHash = Digests.of(files);
        Optional<ConvergenceBound> converged = converged(deletion);
        return new Certificate(
                converged.isPresent() ? Certificate.CONVERGED : Certificate.VERSION,
                new Certificate.Claim(
                        "release-" + state.deletions().size() + "-" + modelHash.substring(0, 16),
                        // never the clock's own: that can be set back, and the ledger's time cannot
                        head.time().truncatedTo(ChronoUnit.SECONDS).toString(),
                        title(deletion, verdict, level),
                        verdict,
                        level.name()),
                deletion(state, deletion),
                new Certificate.Grounds(
                        algorithm(state),
                        constants(converged),
                        deletion.rewind().converges() ? bound(converged.orElseThrow()) : bound(ledger, drift),
                        build(),
                        converged.map(this::convergence).orElse(Map.of())),
                protection(state, deletion.rewind().noise()),
                new Certificate.References(
                        commitments(state),
                        new Certificate.Release(files),
                        new Certificate.Hashes(modelHash, head.hash(), head.sequence(), previous, model.hashes())),
                retention(deletion, drift),
                new Certificate.Conditions(
                        model.derived(),
                        model.assumptions(),
                        converged.isPresent() ? Exclusions.CONVERGED : Exclusions.ALL));
    }

    /** What a small gradient proves, where the model has one: after a convergence, and where it was trained by one. */
    private Optional<ConvergenceBound> converged(Deletion deletion) {
        return deletion.rewind().converges() || model.run().recipe().isUntilGradient()
                ? model.run().convergence()
                : Optional.empty();
    }

    private Map<String, Double> convergence(ConvergenceBound bound) {
        return Map.of(
                "gradientNorm",
                bound.gradientNorm(),
                "weightDecay",
                bound.weightDecay(),
                "normaliser",
                bound.normaliser().orElse(0),
                "records",
                (double) bound.plannedRecords(),
                "lossAtZero",
                bound.lossAtZero(),
                "radius",
                bound.radius(),
                "rounding",
                bound.rounding());
    }

    private static Certificate.Bound bound(ConvergenceBound bound) {
        return new Certificate.Bound(List.of(), bound.delta(), 0, bound.delta(), 0, 0, 0);
    }

    /** Nothing is known better than what was taken for public and is not. */
    private Assurance level(Deletion deletion, Verdict verdict) {
        Assurance bound = switch (verdict) {
            case EXACT -> Assurance.PROVED;
            case CERTIFIED -> deletion.rewind().assurance();
            case EMPIRICAL -> Assurance.ESTIMATED;
        };
        return model.derived().isEmpty() ? bound : Constant.weaker(bound, Assurance.ASSUMED);
    }

    private Certificate.Commitments commitments(ServiceState state) {
        Deletion deletion = state.last();
        byte[] salt = deletion.saltBytes();
        RecordIds ever = state.deleted();
        return new Certificate.Commitments(
                hiding.commitment(salt, Commitment.OBJECTIVE, state.objective().getBytes(StandardCharsets.UTF_8)),
                hiding.commitment(salt, Commitment.CHECKPOINT, deletion.rewind().checkpointHash()),
                hiding.commitment(salt, Commitment.DELETED, ever),
                hiding.commitment(
                        salt,
                        Commitment.RETAINED,
                        model.run().objective().records().without(ever)));
    }

    private static Verdict verdict(Deletion deletion, Drift drift) {
        if (deletion.rewind().converges()) {
            return Verdict.CERTIFIED;
        }
        if (drift.isExact()) {
            return Verdict.EXACT;
        }
        Assurance weakest = Constant.weaker(deletion.rewind().assurance(), drift.assurance());
        return weakest == Assurance.ESTIMATED ? Verdict.EMPIRICAL : Verdict.CERTIFIED;
    }

    private String title(Deletion deletion, Verdict verdict, Assurance level) {
        String what = counted(deletion.subjects().size(), "subject") + " with "
                + counted(deletion.records().size(), "record") + " forgotten by "
                + deletion.rewind().method()
                + (deletion.rewind().method().endsWith(" rewind")
                        ? " to step " + deletion.rewind().checkpoint()
                        : "");
        if (verdict == Verdict.EXACT) {
            // with noise on the way retraining, too, draws it anew
            String same = model.run().recipe().noise().isEmpty() ? "the same bytes as" : "distributed like";
            String under =
                    model.derived().isEmpty() ? "" : ", UNDER ASSUMPTIONS: " + String.join("; ", model.derived());
            return what + ": " + same + " retraining without them" + under;
        }
        if (verdict == Verdict.EMPIRICAL) {
            return what + ", " + ProximalRewind.Reconstruction.LABEL;
        }
        String derived = model.derived().isEmpty() ? "" : ": " + String.join("; ", model.derived());
        return what + (level == Assurance.ASSUMED ? ": certified UNDER ASSUMPTIONS" + derived : ": certified");
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private Certificate.Algorithm algorithm(ServiceState state) {
        Deletion deletion = state.last();
        Recipe recipe = model.run().recipe();
        String placement =
                deletion.rewind().noise().units() == 0 ? "none" : recipe.noise().isEmpty() ? "end" : "checkpoint";
        return new Certificate.Algorithm(
                deletion.rewind().method(),
                placement,
                new Certificate.Schedule(
                        batches(recipe.batches()),
                        stepSizes(recipe.stepSizes()),
                        recipe.steps(),
                        recipe.boundedSteps()),
                deletion.rewind().checkpoint(),
                recipe.steps() - deletion.rewind().checkpoint(),
                earlier(state.deletions()));
    }

    private static Certificate.Batches batches(BatchSchedule batches) {
        String kind = batches instanceof WholeSet ? "full" : batches instanceof KeyedEpochs ? "epochs" : "keyed";
        kind = batches instanceof RecordedBatches ? "recorded" : kind;
        return new Certificate.Batches(kind, batches.rate(), batches.description());
    }

    private static Certificate.StepSizes stepSizes(StepSizes sizes) {
        if (sizes instanceof StepSizes.Geometric geometric) {
            return new Certificate.StepSizes("geometric", geometric.first(), geometric.factor());
        }
        if (sizes instanceof StepSizes.UntilGradient until) {
            return new Certificate.StepSizes("untilGradient", until.gradientNorm(), 1);
        }
        return new Certificate.StepSizes(sizes instanceof StepSizes.Listed ? "listed" : "constant", sizes.at(0), 1);
    }

    private static List<Certificate.Rewind> earlier(List<Deletion> deletions) {
        List<Certificate.Rewind> rewinds = new ArrayList<>();
        int ever = 0;
        for (Deletion deletion : deletions.subList(0, deletions.size() - 1)) {
            ever += deletion.records().size();
            rewinds.add(new Certificate.Rewind(deletion.rewind().checkpoint(), ever));
        }
        return rewinds;
    }

    private Certificate.Constants constants(Optional<ConvergenceBound> converged) {
        Guarantee guarantee = model.guarantee();
        Reach reach = converged
                .map(bound -> new Reach(bound.largestNorm(), Upward.add(guarantee.startNorm(), bound.largestNorm())))
                .orElse(guarantee.reach());
        return new Certificate.Constants(
                guarantee.bounds().curvature().name(),
                known(guarantee.bounds().gradientBound()),
                known(guarantee.bounds().lipschitz()),
                known(guarantee.bounds().diameter()),
                guarantee.startNorm(),
                reach.norm(),
                reach.movement(),
                rounding(guarantee.rounding()));
    }

    private static Certificate.Known known(Constant constant) {
        return new Certificate.Known(constant.value(), constant.assurance().name(), constant.reason());
    }

    private static Certificate.Rounding rounding(RoundingModel rounding) {
        Map<String, Double> numbers = new TreeMap<>();
        if (rounding instanceof RoundingModel.Head head) {
            numbers.put("gradientBound", head.gradientBound());
            numbers.put("featureRadius", head.featureRadius());
            numbers.put("inputs", (double) head.inputs());
            numbers.put("logits", (double) head.logits());
            return new Certificate.Rounding(
                    "head", head.assurance().name(), head.summation().name(), numbers);
        }
        if (rounding instanceof RoundingModel.AdaptedHead head) {
            numbers.put("outputGradient", head.outputGradient());
            numbers.put("featureRadius", head.featureRadius());
            numbers.put("slope", head.slope());
            numbers.put("baseNorm", head.baseNorm());
            numbers.put("inputs", (double) head.inputs());
            numbers.put("rank", (double) head.rank());
            numbers.put("logits", (double) head.logits());
            return new Certificate.Rounding(
                    "adaptedHead", head.assurance().name(), head.summation().name(), numbers);
        }
        RoundingModel.Assumed assumed = (RoundingModel.Assumed) rounding;
        numbers.put("relative", assumed.relative());
        numbers.put("gradientBound", assumed.gradientBound());
        return new Certificate.Rounding("assumed", assumed.assurance().name(), "", numbers);
    }

    private Certificate.Deletion deletion(ServiceState state, Deletion deletion) {
        return new Certificate.Deletion(
                deletion.subjects(),
                deletion.records().size(),
                state.deleted().size(),
                model.run().objective().records().size());
    }

    // the same object is cheap to see, equal sets are not
    @SuppressWarnings("ReferenceEquality")
    private static Certificate.Bound bound(ContaminationLedger ledger, Drift drift) {
        List<Certificate.Steps> steps = new ArrayList<>();
        RecordIds counted = RecordIds.of();
        int deleted = 0;
        for (int t = 0; t < ledger.size(); t++) {
            LedgerStep step = ledger.step(t);
            // full batches are one set at every step, and are counted once
            if (step.used() != counted) {
                counted = step.used();
                deleted = (int)
                        ledger.deleted().stream().filter(step.used()::contains).count();
            }
            double divisor = step.map().normaliser() instanceof Normaliser.Fixed fixed ? fixed.divisor() : 0;
            append(
                    steps,
                    new Certificate.Steps(
                            1,
                            step.map().stepSize(),
                            step.map().weightDecay(),
                            divisor,
                            step.used().size() - deleted,
                            deleted));
        }
        return new Certificate.Bound(
                steps,
                drift.sensitivity().delta(),
                drift.rounding(),
                drift.computedSensitivity().delta(),
                drift.count(StepBound.Active.RECURSION),
                drift.count(StepBound.Active.CAP),
                drift.count(StepBound.Active.DIAMETER));
    }

    private static void append(List<Certificate.Steps> steps, Certificate.Steps next) {
        int end = steps.size() - 1;
        if (end >= 0) {
            Certificate.Steps last = steps.get(end);
            Certificate.Steps longer = new Certificate.Steps(
                    last.count() + 1,
                    next.stepSize(),
                    next.weightDecay(),
                    next.normaliser(),
                    next.retained(),
                    next.deleted());
            boolean same = new Certificate.Steps(
                            1, last.stepSize(), last.weightDecay(), last.normaliser(), last.retained(), last.deleted())
                    .equals(next);
            if (same) {
                steps.set(end, longer);
                return;
            }
        }
        steps.add(next);
    }

    private Certificate.Protection protection(ServiceState state, NoiseChoice noise) {
        return new Certificate.Protection(noise(noise), privacy(state, noise));
    }

    private Certificate.Noise noise(NoiseChoice noise) {
        int dimension = model.run().objective().dimension();
        return noise.units() == 0
                ? new Certificate.Noise(0, 0, 0, dimension, 0, "")
                : new Certificate.Noise(
                        noise.exponent(),
                        noise.units(),
                        noise.sigma(),
                        dimension,
                        noise.bound(),
                        "discrete Gaussian, exactly drawn from java.security.SecureRandom");
    }

    private Certificate.Privacy privacy(ServiceState state, NoiseChoice choice) {
        PrivacyBudget budget = model.policy().budget();
        Certificate.Point asked = new Certificate.Point(budget.epsilon(), budget.delta());
        if (choice.units() == 0) {
            return new Certificate.Privacy(asked, 0, 0, List.of(), state.told().mu(), 0.5, 0);
        }
        DiscreteNoise noise = new DiscreteNoise(
                choice.grid(), choice.sensitivity(), model.run().objective().dimension());
        GaussianPrivacy privacy = noise.privacy();
        List<Certificate.Point> points = new ArrayList<>();
        for (double delta : USUAL_DELTAS) {
            points.add(new Certificate.Point(privacy.epsilon(delta), delta));
        }
        double one = 1.0 / model.run().objective().records().size();
        points.add(new Certificate.Point(privacy.epsilon(one), one));
        return new Certificate.Privacy(
                asked,
                privacy.mu(),
                noise.delta(budget.epsilon()),
                points,
                state.told().mu(),
                AttackBounds.auc(privacy),
                AttackBounds.advantage(privacy));
    }

    private Certificate.Retention retention(Deletion deletion, Drift drift) throws IOException {
        List<Integer> kept = List.copyOf(vault.steps());
        // where a convergence went on from, deleted records had a part in
        int first =
                deletion.rewind().converges() ? 0 : drift.firstContaminated().orElse(Integer.MAX_VALUE);
        return new Certificate.Retention(
                deletion.rewind().destroyedKeys(),
                kept,
                kept.stream().filter(step -> step > first).toList());
    }

    private static Map<String, String> build() {
        String version = CertificateMaker.class.getPackage().getImplementationVersion();
        return Map.of(
                "amend4j",
                version == null ? "unreleased" : version,
                "java",
                System.getProperty("java.version", "?"),
                "jvm",
                System.getProperty("java.vm.name", "?"),
                "os",
                System.getProperty("os.name", "?") + " " + System.getProperty("os.arch", "?"),
                "dataType",
                "DOUBLE");
    }
}
