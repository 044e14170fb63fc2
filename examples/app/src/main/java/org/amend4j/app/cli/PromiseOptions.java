/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import org.amend4j.app.forget.ForgettingSettings;
import picocli.CommandLine.Option;

/** What the releases of a model that forgets must keep to. */
final class PromiseOptions {

    @Option(
            names = "--epsilon",
            paramLabel = "E",
            defaultValue = "1",
            description = "Of one release; smaller is stricter (default: ${DEFAULT-VALUE}).")
    private double epsilon;

    @Option(
            names = "--delta",
            paramLabel = "D",
            defaultValue = "1e-6",
            description = "Of one release; well below one over the number of records (default: ${DEFAULT-VALUE}).")
    private double delta;

    @Option(
            names = "--lifetime-epsilon",
            paramLabel = "E",
            defaultValue = "0",
            description =
                    "Of all releases together, for the model and hence for every person, at the same delta; then only"
                            + " exact ways are left. It cannot be changed later (default: no limit).")
    private double lifetimeEpsilon;

    @Option(
            names = "--largest-sigma",
            paramLabel = "S",
            defaultValue = "0",
            description =
                    "The most noise per parameter that a release may ever have, --any-noise or not (default: whatever the"
                            + " planner admits). Without --any-noise noise is at most a hundredth of what parameters can be.")
    private double largestSigma;

    @Option(
            names = "--accept-assumptions",
            description =
                    "Let certificates rest on what is not proved, such as the rounding of networks nobody has analysed;"
                            + " they say so.")
    private boolean acceptAssumptions;

    /** @throws IllegalArgumentException if a value breaks its rule */
    ForgettingSettings.Promise promise() {
        return new ForgettingSettings.Promise(epsilon, delta, largestSigma, acceptAssumptions, lifetimeEpsilon);
    }
}
