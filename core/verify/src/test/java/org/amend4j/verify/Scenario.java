/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.Commitment;
import org.amend4j.certificate.Digests;
import org.amend4j.certificate.Exclusions;
import org.amend4j.certificate.Opening;
import org.amend4j.certificate.ReleasedFile;
import org.amend4j.numeric.Summation;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.AttackBounds;
import org.amend4j.privacy.DiscreteNoise;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.Drift;
import org.amend4j.sensitivity.LedgerStep;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.sensitivity.Normaliser;
import org.amend4j.sensitivity.Reach;
import org.amend4j.sensitivity.StepBound;
import org.amend4j.sensitivity.StepMap;
import org.amend4j.unlearn.RoundingModel;

/**
 * A run with a deletion, certified by the code that makes certificates: 20 steps on records 0, ..., n - 1, the first five of which
 * are deleted.
 */
record Scenario(
        String name,
        LossBounds bounds,
        RoundingModel rounding,
        StepMap map,
        int records,
        int stride,
        int bounded,
        int checkpoint,
        double startNorm,
        PrivacyBudget budget)
        implements Certifiable {

    static final int STEPS = 20;
    static final int DELETED = 5;
    static final String SUBJECT = "ab".repeat(32);
    static final String ZEROS = "0".repeat(64);
    static final String CHECKPOINT_HASH = "cd".repeat(32);
    private static final List<ReleasedFile> FILES = List.of(new ReleasedFile("model.bin", 7, ZEROS));
    private static final int INPUTS = 10;
    private static final PrivacyBudget BUDGET = new PrivacyBudget(1, 1e-5);

    /** Full batches, noise at the end. */
    static Scenario of(String name, LossBounds bounds, RoundingModel rounding, StepMap map, int records) {
        return new Scenario(name, bounds, rounding, map, records, 1, STEPS, 15, 0, BUDGET);
    }

    private static RoundingModel head(LossBounds bounds, Summation summation) {
        return new RoundingModel.Head(summation, bounds.gradientBound().value(), 1, INPUTS, 1);
    }

    private static StepMap fixed(double lambda) {
        return new StepMap(0.5, lambda, new Normaliser.Fixed(1024));
    }

    private static StepMap mean(double lambda) {
        return new StepMap(0.5, lambda, new Normaliser.Mean());
    }

    private static LossBounds logistic(LossCurvature curvature) {
        return new LinearHead.Logistic().bounds(1).withCurvature(curvature);
    }

    /** The certificate that most tests start from. */
    static Scenario stronglyConvex() {
        LossBounds bounds = logistic(LossCurvature.STRONGLY_CONVEX);
        return of("strongly convex, fixed", bounds, head(bounds, Summation.NAIVE), fixed(0.1), 1000);
    }

    static Scenario convexMean() {
        LossBounds bounds = logistic(LossCurvature.CONVEX);
        return of("convex, mean", bounds, head(bounds, Summation.PAIRWISE), mean(0), 1000);
    }

    static Scenario convexFixed() {
        LossBounds bounds = logistic(LossCurvature.CONVEX);
        return of("convex, fixed", bounds, head(bounds, Summation.PAIRWISE), fixed(0), 1000);
    }

    static Scenario stronglyConvexMean() {
        LossBounds bounds = logistic(LossCurvature.STRONGLY_CONVEX);
        return of("strongly convex, mean", bounds, head(bounds, Summation.COMPENSATED), mean(0.1), 1000);
    }

    static Scenario nonconvexMean() {
        LossBounds bounds = logistic(LossCurvature.NONCONVEX);
        return of("nonconvex, mean", bounds, head(bounds, Summation.NAIVE), mean(0), 1000);
    }

    /** As many records retained as the normaliser says, so that L_t = L as in the closed form. */
    static Scenario nonconvexFull(double lambda) {
        LossBounds bounds = logistic(LossCurvature.NONCONVEX);
        return of("nonconvex, " + lambda, bounds, head(bounds, Summation.NAIVE), fixed(lambda), 1024 + DELETED);
    }

    static Scenario softmax() {
        LossBounds bounds = new LinearHead.Softmax().bounds(1).withCurvature(LossCurvature.STRONGLY_CONVEX);
        RoundingModel rounding =
                new RoundingModel.Head(Summation.NAIVE, bounds.gradientBound().value(), 1, 5, 2);
        return of("softmax", bounds, rounding, fixed(0.1), 1000);
    }

    /** Clipped gradients, an L that the user says, a user's rounding; long steps, so that the cap and the ball are needed. */
    static Scenario assumed() {
        LossBounds bounds = new LossBounds(
                Constant.enforced(0.5, "clipping of every record's gradient"),
                Constant.assumed(40),
                LossCurvature.NONCONVEX,
                Constant.enforced(4, "projection on balls"));
        return of("assumed", bounds, new RoundingModel.Assumed(1e-10, 0.5), fixed(0), 1000);
    }

    /** Mini-batches: every record is in every fourth step. */
    static Scenario miniBatches() {
        LossBounds bounds = logistic(LossCurvature.STRONGLY_CONVEX);
        StepMap map = new StepMap(0.5, 0.1, new Normaliser.Fixed(256));
        return new Scenario(
                "mini-batches", bounds, head(bounds, Summation.NAIVE), map, 1000, 4, STEPS, 15, 0.5, BUDGET);
    }

    static Scenario noiseOnTheWay() {
        LossBounds bounds = logistic(LossCurvature.STRONGLY_CONVEX);
        return new Scenario(
                "noise on the way", bounds, head(bounds, Summation.NAIVE), fixed(0.1), 1000, 1, 12, 16, 1, BUDGET);
    }

    static Scenario unknownSmoothness() {
        LossBounds bounds = logistic(LossCurvature.NONCONVEX).withoutLipschitz();
        return of("unknown L", bounds, head(bounds, Summation.NAIVE), fixed(0), 1000);
    }

    static List<Scenario> certified() {
        return List.of(
                stronglyConvex(),
                convexMean(),
                convexFixed(),
                stronglyConvexMean(),
                nonconvexMean(),
                nonconvexFull(0),
                nonconvexFull(0.1),
                softmax(),
                assumed(),
                miniBatches(),
                noiseOnTheWay(),
                unknownSmoothness());
    }

    private RecordIds used(int t) {
        return stride == 1
                ? RecordIds.firstN(records)
                : RecordIds.of(LongStream.range(0, records)
                        .filter(id -> (id + t) % stride == 0)
                        .toArray());
    }

    static long[] deletedIds() {
        return LongStream.range(0, DELETED).toArray();
    }

    @Override
    public long[] retainedIds() {
        return LongStream.range(DELETED, records).toArray();
    }

    private Reach reach() {
        double share = map.normaliser() instanceof Normaliser.Fixed fixed
                ? Math.max(records, stride * fixed.divisor()) / fixed.divisor()
                : 1;
        List<StepMap> all = IntStream.range(0, STEPS).mapToObj(t -> map).toList();
        return Reach.of(startNorm, all, bounds, share, bounds.diameter().value() / 2);
    }

    private Drift drift(Reach reach) {
        ContaminationLedger ledger = new ContaminationLedger(bounds, (t, step) -> rounding.ofStep(step, reach.norm()));
        for (int t = 0; t < bounded; t++) {
            ledger.append(new LedgerStep(map, used(t)));
        }
        ledger.keep(Math.min(checkpoint, bounded));
        ledger.delete(RecordIds.of(deletedIds()));
        return ledger.ifRewoundTo(Math.min(checkpoint, bounded));
    }

    /** The salt of every scenario's commitments. */
    static final byte[] SALT =
            "a salt of thirty-two bytes, fixed".substring(0, 32).getBytes(StandardCharsets.US_ASCII);

    @Override
    public String way() {
        return "certified rewind";
    }

    @Override
    public Certificate certificate(String ledgerHead, long ledgerSequence) {
        return certificate(FILES, List.of(SUBJECT), ledgerHead, ledgerSequence);
    }

    @Override
    public Certificate certificate(
            List<ReleasedFile> files, List<String> subjects, String ledgerHead, long ledgerSequence) {
        String model = Digests.of(files);
        Reach reach = reach();
        Drift drift = drift(reach);
        int dimension = rounding instanceof RoundingModel.Head head ? head.inputs() * head.logits() : INPUTS;
        DiscreteNoise noise = DiscreteNoise.calibrated(drift.computed(), budget, dimension, reach.norm());
        boolean certain =
                Constant.weaker(drift.assurance(), rounding.assurance()).isCertain();
        return new Certificate(
                Certificate.VERSION,
                new Certificate.Claim(
                        "release-1-" + model.substring(0, 16),
                        "2026-01-02T03:04:05Z",
                        "1 subject with 5 records forgotten by certified rewind to step " + checkpoint + ": certified"
                                + (certain ? "" : " UNDER ASSUMPTIONS"),
                        Certificate.Verdict.CERTIFIED,
                        Constant.weaker(drift.assurance(), rounding.assurance()).name()),
                new Certificate.Deletion(subjects, DELETED, DELETED, records),
                new Certificate.Grounds(
                        new Certificate.Algorithm(
                                "certified rewind",
                                bounded < STEPS ? "checkpoint" : "end",
                                new Certificate.Schedule(
                                        batches(),
                                        new Certificate.StepSizes("constant", map.stepSize(), 1),
                                        STEPS,
                                        bounded),
                                checkpoint,
                                STEPS - checkpoint,
                                List.of()),
                        constants(reach),
                        bound(drift),
                        Map.of("java", "17", "os", "any\ttab"),
                        Map.of()),
                new Certificate.Protection(
                        new Certificate.Noise(
                                noise.grid().exponent(),
                                noise.grid().units(),
                                noise.sigma(),
                                dimension,
                                reach.norm(),
                                "a secure source"),
                        new Certificate.Privacy(
                                new Certificate.Point(budget.epsilon(), budget.delta()),
                                noise.privacy().mu(),
                                noise.delta(budget.epsilon()),
                                List.of(
                                        new Certificate.Point(noise.privacy().epsilon(1e-5), 1e-5),
                                        new Certificate.Point(noise.privacy().epsilon(1e-6), 1e-6)),
                                noise.privacy().mu(),
                                AttackBounds.auc(noise.privacy()),
                                AttackBounds.advantage(noise.privacy()))),
                new Certificate.References(
                        commitments(), new Certificate.Release(files), hashes(model, ledgerHead, ledgerSequence)),
                retention(),
                new Certificate.Conditions(List.of(), List.of("requests do not depend on releases"), Exclusions.ALL));
    }

    /** The same run, rewound to a step before which nothing was contaminated. */
    Certificate exact() {
        Certificate from = certificate(ZEROS, 0);
        List<Certificate.Steps> clean =
                List.of(new Certificate.Steps(STEPS, map.stepSize(), map.weightDecay(), 1024, records - DELETED, 0));
        return new Certificate(
                from.version(),
                new Certificate.Claim(
                        from.claim().id(),
                        from.claim().issued(),
                        "1 subject with 5 records forgotten by exact rewind to step 7: the same bytes as retraining without them",
                        Certificate.Verdict.EXACT,
                        "PROVED"),
                from.deletion(),
                new Certificate.Grounds(
                        new Certificate.Algorithm(
                                "exact rewind",
                                "none",
                                new Certificate.Schedule(
                                        new Certificate.Batches("keyed", 0.5, ""),
                                        from.grounds().algorithm().schedule().stepSizes(),
                                        STEPS,
                                        STEPS),
                                7,
                                STEPS - 7,
                                List.of()),
                        from.grounds().constants(),
                        new Certificate.Bound(clean, 0, 0, 0, 0, 0, 0),
                        from.grounds().build(),
                        Map.of()),
                new Certificate.Protection(
                        new Certificate.Noise(0, 0, 0, 10, 0, ""),
                        new Certificate.Privacy(new Certificate.Point(1, 1e-5), 0, 0, List.of(), 0, 0.5, 0)),
                from.references(),
                new Certificate.Retention(List.of(), List.of(0, 7, 20), List.of()),
                from.conditions());
    }

    private Certificate.Constants constants(Reach reach) {
        return new Certificate.Constants(
                bounds.curvature().name(),
                known(bounds.gradientBound()),
                known(bounds.lipschitz()),
                known(bounds.diameter()),
                startNorm,
                reach.norm(),
                reach.movement(),
                roundingClaim());
    }

    private static Certificate.Known known(Constant constant) {
        return new Certificate.Known(constant.value(), constant.assurance().name(), constant.reason());
    }

    private Certificate.Rounding roundingClaim() {
        Map<String, Double> numbers = new TreeMap<>();
        if (rounding instanceof RoundingModel.Head head) {
            numbers.put("gradientBound", head.gradientBound());
            numbers.put("featureRadius", head.featureRadius());
            numbers.put("inputs", (double) head.inputs());
            numbers.put("logits", (double) head.logits());
            return new Certificate.Rounding(
                    "head", rounding.assurance().name(), head.summation().name(), numbers);
        }
        RoundingModel.Assumed said = (RoundingModel.Assumed) rounding;
        numbers.put("relative", said.relative());
        numbers.put("gradientBound", said.gradientBound());
        return new Certificate.Rounding("assumed", rounding.assurance().name(), "", numbers);
    }

    private Certificate.Batches batches() {
        return stride == 1
                ? new Certificate.Batches("full", 1, "all records at every step")
                : new Certificate.Batches("keyed", 1.0 / stride, "every " + stride + "th record");
    }

    private Certificate.Commitments commitments() {
        return new Certificate.Commitments(
                Commitment.of(SALT, Commitment.OBJECTIVE, new byte[] {1}),
                Commitment.of(SALT, Commitment.CHECKPOINT, HexFormat.of().parseHex(CHECKPOINT_HASH)),
                Commitment.of(SALT, Commitment.DELETED, new Ids(deletedIds()).bytes()),
                Commitment.of(SALT, Commitment.RETAINED, new Ids(retainedIds()).bytes()));
    }

    @Override
    public Opening opening(String certificateHash) {
        return Opening.of(
                certificateHash, SALT, CHECKPOINT_HASH, RecordIds.of(deletedIds()), RecordIds.of(retainedIds()));
    }

    private Certificate.Bound bound(Drift drift) {
        List<Certificate.Steps> runs = new ArrayList<>();
        double normaliser = map.normaliser() instanceof Normaliser.Fixed fixed ? fixed.divisor() : 0;
        for (int t = 0; t < bounded; t++) {
            RecordIds used = used(t);
            int gone = (int) used.stream().filter(id -> id < DELETED).count();
            Certificate.Steps step = new Certificate.Steps(
                    1, map.stepSize(), map.weightDecay(), normaliser, used.size() - gone, t < checkpoint ? gone : 0);
            add(runs, step);
        }
        return new Certificate.Bound(
                runs,
                drift.sensitivity().delta(),
                drift.rounding(),
                drift.computed(),
                drift.count(StepBound.Active.RECURSION),
                drift.count(StepBound.Active.CAP),
                drift.count(StepBound.Active.DIAMETER));
    }

    private static void add(List<Certificate.Steps> runs, Certificate.Steps one) {
        Certificate.Steps last = runs.isEmpty() ? one : runs.get(runs.size() - 1);
        boolean same = !runs.isEmpty() && last.retained() == one.retained() && last.deleted() == one.deleted();
        if (same) {
            runs.set(
                    runs.size() - 1,
                    new Certificate.Steps(
                            last.count() + 1,
                            last.stepSize(),
                            last.weightDecay(),
                            last.normaliser(),
                            last.retained(),
                            last.deleted()));
        } else {
            runs.add(one);
        }
    }

    private static Certificate.Hashes hashes(String model, String ledgerHead, long ledgerSequence) {
        return new Certificate.Hashes(model, ledgerHead, ledgerSequence, ZEROS, Map.of("base", ZEROS));
    }

    private Certificate.Retention retention() {
        List<Integer> contaminated = bounded < STEPS ? List.of(4) : List.of(4, 15, 20);
        return new Certificate.Retention(List.of("k1", "k2"), List.of(0, 4, 15, 20), contaminated);
    }

    @Override
    public String toString() {
        return name;
    }
}
