/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.data.BadInputException;
import org.amend4j.probe.DifferentGraphException;
import org.amend4j.probe.Probe;
import picocli.CommandLine.Option;

/** Whether an adapted network has to show that it computes what the model computes. */
final class ProbeOption {

    @Option(
            names = "--no-probe",
            description = "Do not check on a few rows that the adapted network computes what the model computes.")
    private boolean declined;

    /** The usual probe, unless it was declined. */
    Probe or(Probe usual) {
        return declined ? Probe.none() : usual;
    }

    /** What did not show it, in one sentence that says how to go on. */
    static BadInputException refused(DifferentGraphException different) {
        return new BadInputException(different.difference() + "; --no-probe continues anyway", different);
    }
}
