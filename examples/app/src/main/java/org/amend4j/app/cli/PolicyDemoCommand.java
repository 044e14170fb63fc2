/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.data.Claim;
import org.amend4j.app.data.Destination;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.policy.PolicyDemo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Policy gradients in two stories. */
@Command(
        name = "demo",
        description =
                "A pretrained policy balances a pole until pole and motor change; an adapter of rank 1 learns what"
                        + " changed while the base stays as it was. And a process with a saddle: exact ascent stays there, stochastic"
                        + " ascent leaves, and the second-order report says which is which.")
final class PolicyDemoCommand extends Job {

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "amend4j-out/policy",
            description = "Where policies, report and charts go (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Override
    Computing computing() {
        return Computing.SMALL_NETWORKS;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        Destination.folder("--out", out);
        try (Claim claim = Claim.of("--out", out)) {
            return PolicyDemo.run(out, Version.number(), progress);
        }
    }
}
