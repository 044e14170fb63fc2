/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.policy.PolicyDemo;
import picocli.CommandLine.Command;

/** Policy gradients in two stories. */
@Command(
        name = "demo",
        description =
                "A pretrained policy balances a pole until pole and motor change; an adapter of rank 1 learns what"
                        + " changed while the base stays as it was. And a process with a saddle: exact ascent stays there, stochastic"
                        + " ascent leaves, and the second-order report says which is which.")
final class PolicyDemoCommand extends FolderJob {

    PolicyDemoCommand() {
        super("amend4j-out/policy");
    }

    @Override
    Computing computing() {
        return Computing.SMALL_NETWORKS;
    }

    @Override
    Report run(Path out, Progress progress) throws IOException, InterruptedException {
        return PolicyDemo.run(out, Version.number(), progress);
    }
}
