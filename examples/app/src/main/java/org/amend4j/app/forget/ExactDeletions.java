/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.StepListener;

/**
 * The cost of removing a user exactly from a one-epoch training, measured for every user in turn, each from the same
 * training: the steps from the user's own step on are redone, and the result is compared with retraining, byte for byte.
 *
 * @param users measured
 * @param same how many of them ended at the retrained bytes
 * @param meanSteps mean share of steps that were redone
 * @param meanGradients mean of the record gradients of a rewind over those of the whole training
 */
public record ExactDeletions(int users, int same, double meanSteps, double meanGradients) {

    /**
     * Deletes some users, each alone.
     *
     * @param model of one epoch
     */
    public static ExactDeletions of(ClothesModel model, PrivateClothes clothes, List<Integer> users)
            throws IOException, InterruptedException {
        int dimension = model.run().objective().dimension();
        double[] start = model.problem().start();
        int same = 0;
        double steps = 0;
        double gradients = 0;
        try (MemoryVault trained = new MemoryVault(dimension)) {
            model.run().learn(start, RecordIds.of(), trained, StepListener.NONE);
            double training = model.recordGradients(0, RecordIds.of());
            for (int user : users) {
                RecordIds theirs = clothes.records().ownedByAnyOf(user);
                int checkpoint = lastClean(trained, model.firstUse(theirs).orElseThrow());
                double[] rewound = rewound(model.run(), trained, checkpoint, theirs);
                double[] retrained = model.run().run(start, model.steps(), theirs);
                same += sameBits(rewound, retrained) ? 1 : 0;
                steps += (double) (model.steps() - checkpoint) / model.steps();
                gradients += model.recordGradients(checkpoint, theirs) / training;
            }
        }
        return new ExactDeletions(users.size(), same, steps / users.size(), gradients / users.size());
    }

    /** The latest checkpoint of a training that a record first used at a step had no part in. */
    private static int lastClean(MemoryVault trained, int firstUse) throws IOException {
        NavigableSet<Integer> kept = trained.steps();
        Integer before = kept.floor(firstUse);
        if (before == null) {
            throw new IllegalStateException("the start must be a checkpoint, got " + kept);
        }
        return before;
    }

    /** The rest of a training, redone from one of its checkpoints without some records. */
    private static double[] rewound(RewindToDelete run, MemoryVault trained, int checkpoint, RecordIds without)
            throws IOException, InterruptedException {
        try (MemoryVault branch = new MemoryVault(trained.read(checkpoint).length)) {
            branch.keep(checkpoint, trained.read(checkpoint));
            return run.resume(without, branch, StepListener.NONE);
        }
    }

    /** Whether two vectors are the same bytes. */
    static boolean sameBits(double[] a, double[] b) {
        return Arrays.equals(bits(a), bits(b));
    }

    private static long[] bits(double[] values) {
        return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
    }
}
