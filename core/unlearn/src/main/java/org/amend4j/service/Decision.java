/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.amend4j.objective.RecordIds;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.service.ServiceState.NoiseChoice;
import org.amend4j.service.ServiceState.Stage;
import org.amend4j.unlearn.CheckpointVault;
import org.amend4j.unlearn.UnlearningMethod;

/**
 * The numbers of a chosen way.
 *
 * @param way its name
 * @param checkpoint the step that is rewound to
 * @param noise what hides the rest
 * @param evidence the weakest evidence its bound rests on
 * @param mu of its release
 */
record Decision(String way, int checkpoint, NoiseChoice noise, String evidence, double mu) {

    /** @throws IllegalArgumentException if the way is another algorithm */
    static Decision of(UnlearningMethod way) {
        if (way instanceof UnlearningMethod.ExactRewind rewind) {
            return exact(way, rewind.checkpoint());
        }
        if (way instanceof UnlearningMethod.Retrain) {
            return exact(way, 0);
        }
        if (way instanceof UnlearningMethod.NoisyRewind rewind) {
            return new Decision(
                    way.name(),
                    rewind.checkpoint(),
                    NoiseChoice.of(rewind.noise()),
                    rewind.noise().evidence().name(),
                    rewind.noise().noise().privacy().mu());
        }
        throw new IllegalArgumentException("a " + way.name() + " is another algorithm and cannot be chosen");
    }

    private static Decision exact(UnlearningMethod way, int checkpoint) {
        return new Decision(way.name(), checkpoint, NoiseChoice.NONE, "PROVED", 0);
    }

    /**
     * The deletion to be written down, with the keys that it will destroy.
     *
     * @param salt of its certificate's commitments
     */
    Deletion deletion(List<String> subjects, RecordIds ids, CheckpointVault vault, byte[] salt) throws IOException {
        List<String> keys = new ArrayList<>();
        for (int step : vault.steps().tailSet(checkpoint, false)) {
            keys.add(vault.keyId(step));
        }
        return new Deletion(
                subjects,
                ids.stream().boxed().toList(),
                way,
                checkpoint,
                noise,
                evidence,
                vault.sha256(checkpoint),
                keys,
                Stage.DECIDED,
                mu,
                "0".repeat(64),
                HexFormat.of().formatHex(salt));
    }
}
