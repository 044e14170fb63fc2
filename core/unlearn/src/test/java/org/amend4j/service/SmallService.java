/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.keys.Seal;
import org.amend4j.numeric.Summation;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.record.RecordContents;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.ConvergenceBound;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.KeyedEpochs;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.RoundingModel;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.amend4j.unlearn.WholeSet;

/** A logistic head on a few hundred rows of a hundred subjects, and its service. */
final class SmallService {

    static final int SUBJECTS = 100;
    static final int ROWS_EACH = 4;
    static final int RECORDS = SUBJECTS * ROWS_EACH;
    static final int INPUTS = 5;
    static final int STEPS = 60;
    static final double NORMALISER = 512;
    static final String CROWD = "crowd";
    static final byte[] KEY = "thirty-two bytes, or a few more...".getBytes(StandardCharsets.US_ASCII);
    static final Seal SEAL = SubjectKey.of(KEY).seal();
    private static final double LAMBDA = 0.2;
    private static final LossBounds BOUNDS =
            new LinearHead.Logistic().bounds(1).withCurvature(LossCurvature.STRONGLY_CONVEX);
    private static final RoundingModel ROUNDING = new RoundingModel.Head(Summation.PAIRWISE, 1, 1, INPUTS, 1);

    private SmallService() {}

    /** How the model is trained. */
    enum Kind {
        /** One epoch, a subject's rows at one step: exact rewinds. */
        ONE_EPOCH {
            @Override
            BatchSchedule batches() {
                return new KeyedEpochs(KEY, 7, STEPS, id -> id / ROWS_EACH);
            }
        },
        /** Full batches with much weight decay: certified rewinds. */
        FULL_BATCH {
            @Override
            BatchSchedule batches() {
                return new WholeSet();
            }
        },
        /** Until the gradient is small: convergence, for however many. */
        UNTIL_GRADIENT {
            @Override
            BatchSchedule batches() {
                return new WholeSet();
            }

            @Override
            int steps() {
                return 1;
            }

            @Override
            boolean refusesCrowds() {
                return false;
            }

            @Override
            RewindToDelete run(HeadObjective objective) {
                ConvergenceBound bound = ConvergenceBound.of(objective, BOUNDS, ROUNDING, Math.nextUp(Math.log(2)));
                return new RewindToDelete(objective, Recipe.untilGradient(bound.gradientNorm()), Optional.of(bound));
            }
        };

        abstract BatchSchedule batches();

        int steps() {
            return STEPS;
        }

        /** Whether nothing forgets half of all but training again. */
        boolean refusesCrowds() {
            return true;
        }

        RewindToDelete run(HeadObjective objective) {
            Recipe recipe =
                    Recipe.fullBatch(STEPS, 0.3).withBatches(batches()).withCheckpoints(CheckpointSchedule.every(3));
            return new RewindToDelete(objective, recipe);
        }
    }

    static ForgettingModel model(Kind kind) {
        return model(kind, ReleasePolicy.of(new PrivacyBudget(1, 1e-5)).withLargestSigma(0.02));
    }

    static ForgettingModel model(Kind kind, ReleasePolicy policy) {
        return model(kind, policy, (x, labels) -> {});
    }

    /** The same on other data. */
    static ForgettingModel model(Kind kind, ReleasePolicy policy, BiConsumer<double[][], double[]> change) {
        Random random = new Random(2);
        double[][] x = new double[RECORDS][INPUTS];
        double[] labels = new double[RECORDS];
        for (int r = 0; r < RECORDS; r++) {
            double squares = 0;
            for (int i = 0; i < INPUTS; i++) {
                x[r][i] = random.nextGaussian();
                squares += x[r][i] * x[r][i];
            }
            for (int i = 0; i < INPUTS; i++) {
                x[r][i] *= 0.999 / Math.sqrt(squares);
            }
            labels[r] = x[r][0] + random.nextGaussian() / 4 > 0 ? 1 : 0;
        }
        change.accept(x, labels);
        HeadObjective objective = HeadObjective.logistic(x, labels)
                .withNormaliser(kind.batches().rate() * NORMALISER)
                .withWeightDecay(LAMBDA);
        RewindToDelete run = kind.run(objective);
        long[] subjects = LongStream.range(0, RECORDS).map(id -> id / ROWS_EACH).toArray();
        return new ForgettingModel(
                run,
                objective.contents(subjects),
                new double[INPUTS],
                Guarantee.of(run, BOUNDS, ROUNDING, 0),
                policy,
                Map.of("base", "0".repeat(64)),
                List.of(),
                List.of("the normaliser was chosen without looking at the data"));
    }

    /**
     * {@link Kind#FULL_BATCH} again, where deletions by convergence are open.
     *
     * @param untilGradient whether it is trained until its gradient is small, and not by steps
     */
    static ForgettingModel converging(boolean untilGradient) {
        ForgettingModel steps = model(Kind.FULL_BATCH);
        LossBounds bounds = steps.guarantee().bounds();
        RoundingModel rounding = steps.guarantee().rounding();
        double lossAtZero = Math.log(2) * (1 + 1e-12);
        ConvergenceBound bound = ConvergenceBound.of(steps.run().objective(), bounds, rounding, lossAtZero);
        Recipe recipe = untilGradient
                ? Recipe.untilGradient(bound.gradientNorm())
                : steps.run().recipe();
        RewindToDelete run = new RewindToDelete(steps.run().objective(), recipe, Optional.of(bound));
        return new ForgettingModel(
                run,
                steps.records(),
                steps.start(),
                Guarantee.of(run, bounds, rounding, 0).withLossAtZero(lossAtZero),
                steps.policy(),
                steps.hashes(),
                steps.derived(),
                steps.assumptions());
    }

    /** Who may ask: everybody by number. */
    static Subjects subjects() {
        RecordIds all = RecordIds.firstN(RECORDS);
        return Subjects.numbered(
                SubjectKey.of(KEY), all, all.stream().map(id -> id / ROWS_EACH).toArray());
    }

    /** The same, but for {@value #CROWD}, who has the records of half of the subjects: too many for any rewind. */
    private static Subjects crowded() {
        Map<String, RecordIds> records = new TreeMap<>();
        for (String name : subjects().names()) {
            if (Integer.parseInt(name) % 2 == 0 || List.of("5", "11").contains(name)) {
                records.put(name, records(name));
            }
        }
        records.put(
                CROWD,
                records(IntStream.range(0, SUBJECTS)
                        .mapToObj(Integer::toString)
                        .filter(name -> !records.containsKey(name))
                        .toArray(String[]::new)));
        return new Subjects(SubjectKey.of(KEY), records);
    }

    /** The same model, given these records. */
    static ForgettingModel with(ForgettingModel model, RecordContents records) {
        return new ForgettingModel(
                model.run(),
                records,
                model.start(),
                model.guarantee(),
                model.policy(),
                model.hashes(),
                model.derived(),
                model.assumptions());
    }

    /** The parameters as a file of doubles. */
    static void write(double[] theta, Path folder) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(theta.length * Double.BYTES);
        for (double value : theta) {
            bytes.putDouble(value);
        }
        Files.write(folder.resolve("theta.bin"), bytes.array());
    }

    static double[] read(Path folder) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("theta.bin")));
        double[] theta = new double[bytes.remaining() / Double.BYTES];
        bytes.asDoubleBuffer().get(theta);
        return theta;
    }

    static UnlearningService open(Path folder, ForgettingModel model, ReleaseWriter writer, CheckpointVault vault)
            throws IOException {
        return open(folder, model, subjects(), writer, vault, Clock.systemUTC());
    }

    /** With {@value #CROWD} among those who may ask. */
    static UnlearningService openWithCrowd(Path folder, ForgettingModel model, CheckpointVault vault)
            throws IOException {
        return open(folder, model, crowded(), SmallService::write, vault, Clock.systemUTC());
    }

    static UnlearningService open(
            Path folder,
            ForgettingModel model,
            Subjects subjects,
            ReleaseWriter writer,
            CheckpointVault vault,
            Clock clock)
            throws IOException {
        return UnlearningService.open(
                folder,
                model,
                subjects,
                writer,
                vault,
                Issuer.openOrCreate(folder.resolveSibling(folder.getFileName() + "-issuer")),
                clock);
    }

    static Function<UnlearningPlan, Optional<UnlearningMethod>> cheapest() {
        return plan -> Optional.of(plan.cheapest());
    }

    static Function<UnlearningPlan, Optional<UnlearningMethod>> rewind() {
        return plan -> plan.isRefused() ? Optional.empty() : Optional.of(plan.cheapest());
    }

    static Function<UnlearningPlan, Optional<UnlearningMethod>> exact() {
        return plan -> plan.methods().stream()
                .filter(UnlearningMethod.ExactRewind.class::isInstance)
                .findFirst();
    }

    static Function<UnlearningPlan, Optional<UnlearningMethod>> converge() {
        return plan -> plan.methods().stream()
                .filter(UnlearningMethod.Converge.class::isInstance)
                .findFirst();
    }

    static Function<UnlearningPlan, Optional<UnlearningMethod>> retrain() {
        return plan -> plan.methods().stream()
                .filter(UnlearningMethod.Retrain.class::isInstance)
                .findFirst();
    }

    static RecordIds records(String... subjects) {
        return RecordIds.of(List.of(subjects).stream()
                .mapToLong(Long::parseLong)
                .flatMap(subject -> LongStream.range(subject * ROWS_EACH, (subject + 1) * ROWS_EACH))
                .toArray());
    }
}
