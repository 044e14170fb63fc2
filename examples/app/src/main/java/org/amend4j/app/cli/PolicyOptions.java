/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.policy.PolicyAt;
import org.amend4j.app.policy.Surroundings;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which policy, and where it acts. */
final class PolicyOptions {

    @Parameters(paramLabel = "POLICY-DIR", description = "A saved policy.")
    private Path folder = Path.of("");

    @Option(names = "--base", paramLabel = "DIR", description = "For an adapter: the policy that it was trained on.")
    private Optional<Path> base = Optional.empty();

    @Option(names = "--env", paramLabel = "ID", description = "Another environment than the one it was made for.")
    private Optional<String> environment = Optional.empty();

    @Mixin
    private SurroundingsOptions elsewhere = new SurroundingsOptions();

    @Option(
            names = "--gamma",
            paramLabel = "G",
            defaultValue = "0.99",
            description = "Discount (default: ${DEFAULT-VALUE}).")
    private double gamma;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    /** To be closed. */
    Surroundings surroundings() {
        return elsewhere.surroundings();
    }

    /** The policy in its environment. */
    PolicyAt in(Surroundings surroundings) {
        return new PolicyAt(folder, base, elsewhere.environment(environment), surroundings);
    }

    double gamma() {
        return OptionRules.insideUnit("--gamma", gamma);
    }

    long seed() {
        return seed;
    }
}
