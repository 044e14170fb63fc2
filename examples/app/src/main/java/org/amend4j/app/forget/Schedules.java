/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Locale;
import org.amend4j.data.BadInputException;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.KeyedBatches;
import org.amend4j.unlearn.KeyedEpochs;
import org.amend4j.unlearn.WholeSet;

/** Schedules as they are written on a command line. */
final class Schedules {

    private Schedules() {}

    /**
     * Which records a step uses.
     *
     * @param text "full", "epochs:S" with a subject's records at one of S steps, or "keyed:p"
     * @param subjects of the records 0, 1, ...
     */
    static BatchSchedule batches(String text, byte[] key, long[] subjects) {
        if (text.equals("full")) {
            return new WholeSet();
        }
        try {
            if (text.startsWith("epochs:")) {
                return new KeyedEpochs(key, 0, Integer.parseInt(after(text)), id -> subjects[Math.toIntExact(id)]);
            }
            if (text.startsWith("keyed:")) {
                return new KeyedBatches(key, 0, Double.parseDouble(after(text)));
            }
        } catch (NumberFormatException noNumber) {
            throw refused("--batches must be full, epochs:S or keyed:p", text);
        }
        throw refused("--batches must be full, epochs:S or keyed:p", text);
    }

    /** When checkpoints are kept: "every:k", "geometric:f" or "ends". */
    static CheckpointSchedule checkpoints(String text) {
        if (text.equals("ends")) {
            return CheckpointSchedule.lastOnly();
        }
        try {
            if (text.startsWith("every:")) {
                return CheckpointSchedule.every(Integer.parseInt(after(text)));
            }
            if (text.startsWith("geometric:")) {
                return CheckpointSchedule.geometric(Double.parseDouble(after(text)));
            }
        } catch (NumberFormatException noNumber) {
            throw refused("--checkpoints must be every:k, geometric:f or ends", text);
        }
        throw refused("--checkpoints must be every:k, geometric:f or ends", text);
    }

    private static String after(String text) {
        return text.substring(text.indexOf(':') + 1);
    }

    private static BadInputException refused(String rule, String text) {
        return new BadInputException(String.format(Locale.ROOT, "%s, got '%s'", rule, text));
    }
}
