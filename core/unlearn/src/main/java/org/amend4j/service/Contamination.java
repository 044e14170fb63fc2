/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.util.List;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.unlearn.CheckpointVault;

/** What every step of a service's stored trajectory used. */
final class Contamination {

    private final ForgettingModel model;
    private final CheckpointVault vault;

    /** What the trajectory used when it was trained, and after the first so many deletions. */
    private final ContaminationLedger trajectory;

    private int noted;

    Contamination(ForgettingModel model, CheckpointVault vault) {
        this.model = model;
        this.vault = vault;
        this.trajectory = model.guarantee().ledger();
    }

    /**
     * The ledger after deletions, with the checkpoints that are in the vault.
     *
     * @param deletions all that were decided so far, in order
     * @return the caller's own
     */
    ContaminationLedger after(List<Deletion> deletions) throws IOException {
        int bounded = model.run().recipe().boundedSteps();
        if (trajectory.size() == 0) {
            model.run().note(trajectory, List.of());
        }
        // a decision is never taken back, so that only new ones have to be noted
        for (; noted < deletions.size(); noted++) {
            Deletion deletion = deletions.get(noted);
            // what converged is as far as a retraining is, and no step of it: only the start can be rewound to
            int checkpoint = deletion.rewind().converges()
                    ? 0
                    : Math.min(deletion.rewind().checkpoint(), bounded);
            trajectory.keep(checkpoint);
            trajectory.delete(deletion.records());
            trajectory.rewound(checkpoint);
        }
        ContaminationLedger ledger = trajectory.copy();
        if (!isConverged(deletions)) {
            vault.steps().forEach(step -> ledger.keep(Math.min(step, bounded)));
        }
        return ledger;
    }

    /** Whether the model ended where its gradient is small, and not after the steps of a trajectory. */
    private boolean isConverged(List<Deletion> deletions) {
        boolean unlearned = !deletions.isEmpty()
                && deletions.get(deletions.size() - 1).rewind().converges();
        return unlearned || model.run().recipe().isUntilGradient();
    }
}
