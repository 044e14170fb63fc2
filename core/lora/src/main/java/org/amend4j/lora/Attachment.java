/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Optional;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.probe.Probe;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;

/**
 * How adapters are put on a base.
 *
 * @param training updater, regularisation, seed and so on of everything that trains; nothing is inherited from the base for
 *     adapters but its updater if none is set here
 * @param factors how A and B are trained beside that
 * @param probe the rows through base and graph, or none
 * @param data what a start that needs examples is made from
 */
public record Attachment(
        FineTuneConfiguration training, FactorTraining factors, Probe probe, Optional<StartData> data) {

    /** @throws IllegalArgumentException if a component is missing */
    public Attachment {
        Checks.present("training", training);
        Checks.present("factors", factors);
        Checks.present("probe", probe);
        Checks.present("data", data);
    }

    /** Trained by the updater alone, probed with made-up rows, without data. */
    public static Attachment of(FineTuneConfiguration training) {
        return new Attachment(training, FactorTraining.PLAIN, Probe.automatic(), Optional.empty());
    }

    /** This, with factors trained so. */
    public Attachment withFactors(FactorTraining other) {
        return new Attachment(training, other, probe, data);
    }

    /** This, with other rows through base and graph. */
    public Attachment withProbe(Probe other) {
        return new Attachment(training, factors, other, data);
    }

    /** This, with examples for the start. */
    public Attachment withData(StartData examples) {
        return new Attachment(training, factors, probe, Optional.of(examples));
    }
}
