package org.amend4j.service;

import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.Certificate.Verdict;
import org.amend4j.certificate.Digests;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.descent.Evidence;
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
import org.amend4j.sensitivity.StepBound;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.service.ServiceState.NoiseChoice;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RoundingModel;

/** Puts together what a deletion's certificate says; everything is computed again from the ledgers. */
final class CertificateMaker {

    /** What no certificate claims. */
    static final List<String> EXCLUSIONS = List.of(
            "observers who hold earlier releases, backups or logs",
            "deletions that were chosen after looking at published models",
            "data of the same person under other names, or copied into other records",
            "a base model or features that were trained on the deleted records",
            "preprocessing, step sizes, number of steps, weight decay and normaliser are taken as public",
            "checkpoints that the operator keeps: they are not certified and must not be published",
            "old blocks of destroyed files on the storage medium, beyond the destruction of their keys",
            "quantised, distilled or cached derivatives of earlier models",
            "membership tests need not fail: a retrained model, too, can be asked about records it never saw",
            "a faulty build or machine, and side channels",
            "the epsilon and delta are of this release; what several releases tell together is the composed value");

    private static final double[] USUAL_DELTAS = {1e-5, 1e-6};

    private final ForgettingModel model;
    private final CheckpointVault vault;
    private final Clock clock;

    CertificateMaker(ForgettingModel model, CheckpointVault vault, Clock clock) {
        this.model = model;
        this.vault = vault;
        this.clock = clock;
    }

    /**
     * The certificate of a deletion whose model is released.
     *
     * @param ledger of the new trajectory
     */
    Certificate make(
            ServiceState state,
            Deletion deletion,
            String modelHash,
            List<LedgerEntry> entries,
            ContaminationLedger ledger)
            throws IOException {
        Drift drift = ledger.drift();
        LedgerEntry head = entries.get(entries.size() - 1);
        String previous = state.deletions().size() < 2
                ? "0".repeat(64)
                : state.deletions().get(state.deletions().size() - 2).certificate();
        Verdict verdict = drift.isExact() ? Verdict.EXACT : Verdict.CERTIFIED;
        Evidence level = verdict == Verdict.EXACT ? Evidence.PROVED : Evidence.valueOf(deletion.evidence());
        return new Certificate(
                Certificate.VERSION,
                "release-" + state.deletions().size() + "-" + modelHash.substring(0, 16),
                clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
                title(deletion, verdict, level),
                verdict,
                level.name(),
                algorithm(deletion),
                constants(),
                deletion(state, deletion),
                bound(ledger, drift),
                noise(deletion.noise()),
                privacy(state, deletion.noise()),
                new Certificate.Hashes(
                        state.objective(),
                        deletion.checkpointHash(),
                        modelHash,
                        head.hash(),
                        head.sequence(),
                        previous,
                        model.hashes()),
                retention(deletion, drift),
                build(),
                model.assumptions(),
                EXCLUSIONS);
    }

    private String title(Deletion deletion, Verdict verdict, Evidence level) {
        String what = counted(deletion.subjects().size(), "subject") + " with "
                + counted(deletion.ids().size(), "record") + " forgotten by " + deletion.way() + " to step "
                + deletion.checkpoint();
        if (verdict == Verdict.EXACT) {
            // with noise on the way retraining, too, draws it anew
            String same = model.run().recipe().noise().isEmpty() ? "the same bytes as" : "distributed like";
            return what + ": " + same + " retraining without them";
        }
        return what + (level == Evidence.ASSUMED ? ": certified UNDER ASSUMPTIONS" : ": certified");
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private Certificate.Algorithm algorithm(Deletion deletion) {
        Recipe recipe = model.run().recipe();
        String placement =
                deletion.noise().units() == 0 ? "none" : recipe.noise().isEmpty() ? "end" : "checkpoint";
        return new Certificate.Algorithm(
                deletion.way(),
                placement,
                recipe.batches().description(),
                recipe.stepSizes().toString(),
                recipe.steps(),
                recipe.boundedSteps(),
                deletion.checkpoint(),
                recipe.steps() - deletion.checkpoint());
    }

    private Certificate.Constants constants() {
        Guarantee guarantee = model.guarantee();
        return new Certificate.Constants(
                guarantee.bounds().curvature().name(),
                known(guarantee.bounds().gradientBound()),
                known(guarantee.bounds().lipschitz()),
                known(guarantee.bounds().diameter()),
                guarantee.startNorm(),
                guarantee.reach().norm(),
                guarantee.reach().movement(),
                rounding(guarantee.rounding()));
    }

    private static Certificate.Known known(Constant constant) {
        return new Certificate.Known(constant.value(), constant.evidence().name(), constant.reason());
    }

    private static Certificate.Rounding rounding(RoundingModel rounding) {
        Map<String, Double> numbers = new TreeMap<>();
        if (rounding instanceof RoundingModel.Head head) {
            numbers.put("gradientBound", head.gradientBound());
            numbers.put("featureRadius", head.featureRadius());
            numbers.put("inputs", (double) head.inputs());
            numbers.put("logits", (double) head.logits());
            return new Certificate.Rounding(
                    "head", head.evidence().name(), head.summation().name(), numbers);
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
                    "adaptedHead", head.evidence().name(), head.summation().name(), numbers);
        }
        RoundingModel.Assumed assumed = (RoundingModel.Assumed) rounding;
        numbers.put("relative", assumed.relative());
        numbers.put("gradientBound", assumed.gradientBound());
        return new Certificate.Rounding("assumed", assumed.evidence().name(), "", numbers);
    }

    private Certificate.Deletion deletion(ServiceState state, Deletion deletion) {
        RecordIds all = model.run().objective().records();
        RecordIds ever = state.deleted();
        return new Certificate.Deletion(
                deletion.subjects(),
                deletion.ids().size(),
                ever.size(),
                all.size(),
                Digests.of(ever),
                Digests.of(all.without(ever)));
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
        int first = drift.firstContaminated().orElse(Integer.MAX_VALUE);
        return new Certificate.Retention(
                deletion.destroyedKeys(),
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
