/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.amend4j.certificate.Issuer;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.numeric.Summation;
import org.amend4j.objective.HeadObjective;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.service.ForgettingModel;
import org.amend4j.service.RequestOutcome;
import org.amend4j.service.ServiceRecords;
import org.amend4j.service.Subjects;
import org.amend4j.service.UnlearningService;
import org.amend4j.unlearn.CheckpointNoise;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.RoundingModel;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.StepSizes;
import org.amend4j.unlearn.WholeSet;

/**
 * A service made with the library and not the command line: shrinking steps, and noise on the way. {@code run} is the service,
 * {@code vault} its checkpoints, {@code keys} the
 * issuer; the key of the rest is in the code. One person is forgotten already.
 */
final class GoldenOwnService {

    static final String FOLDER = "services/own";
    static final String FIRST = "3";
    static final String SECOND = "5";

    private static final int RECORDS = 40;
    private static final int INPUTS = 2;
    private static final long[] SUBJECTS =
            LongStream.range(0, RECORDS).map(id -> id / 2).toArray();
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private GoldenOwnService() {}

    /** Something done with the service. */
    interface Use {
        void of(UnlearningService service) throws IOException, InterruptedException;
    }

    static void write(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("run"));
        Files.createDirectory(folder.resolve("keys"));
        use(folder, service -> {
            service.train(StepListener.NONE);
            forget(service, FIRST);
        });
        Golden.removeLocks(folder);
    }

    static RequestOutcome forget(UnlearningService service, String person) throws IOException, InterruptedException {
        service.request(List.of(person));
        return service.answer(plan -> Optional.of(plan.cheapest()), StepListener.NONE);
    }

    static void use(Path folder, Use use) throws IOException, InterruptedException {
        ForgettingModel model = model();
        Path run = folder.resolve("run");
        try (SealedVault vault = SealedVault.open(
                        folder.resolve("vault"), ServiceRecords.label(run, model, SubjectKey.of(KEY)), INPUTS, KEY);
                UnlearningService service = UnlearningService.open(
                        run,
                        model,
                        Subjects.numbered(
                                SubjectKey.of(KEY), model.run().objective().records(), SUBJECTS),
                        (theta, release) -> Golden.write(release.resolve("theta.txt"), theta),
                        vault,
                        Issuer.openOrCreate(folder.resolve("keys/issuer.keys")),
                        Clock.systemUTC())) {
            use.of(service);
        }
    }

    private static ForgettingModel model() {
        double[][] features = new double[RECORDS][];
        double[] labels = new double[RECORDS];
        for (int row = 0; row < RECORDS; row++) {
            features[row] = Golden.made(INPUTS, 100 + row);
            features[row][0] /= 2;
            features[row][1] /= 2;
            labels[row] = features[row][0] > 0 ? 1 : 0;
        }
        HeadObjective objective =
                HeadObjective.logistic(features, labels).withNormaliser(64).withWeightDecay(0.2);
        Recipe recipe = new Recipe(
                12,
                new StepSizes.Geometric(0.5, 0.9),
                new WholeSet(),
                List.of(),
                CheckpointSchedule.every(4),
                Optional.of(new CheckpointNoise(8, GaussianGrid.of(2, 100))));
        RewindToDelete run = new RewindToDelete(objective, recipe);
        return new ForgettingModel(
                run,
                objective.contents(SUBJECTS),
                new double[INPUTS],
                Guarantee.of(
                        run,
                        new LinearHead.Logistic().bounds(1).withCurvature(LossCurvature.STRONGLY_CONVEX),
                        new RoundingModel.Head(Summation.PAIRWISE, 1, 1, INPUTS, 1),
                        0),
                ReleasePolicy.of(new PrivacyBudget(1, 1e-5)),
                Map.of("base", "0".repeat(64)),
                List.of(),
                List.of("every setting was chosen without looking at the records"));
    }
}
