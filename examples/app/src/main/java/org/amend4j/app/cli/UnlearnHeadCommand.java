/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.forget.HeadJob;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signs the head of a ledger. */
@Command(
        name = "head",
        description =
                "Writes the present head of the ledger of requests, signed by the issuer: a few lines to give away. Whoever"
                        + " has them can tell later whether entries are missing or were changed (unlearn verify --head).")
final class UnlearnHeadCommand extends Job {

    @Parameters(paramLabel = "DIR", description = "What unlearn train made.")
    private Path folder = Path.of("");

    @Option(names = "--keys", paramLabel = "DIR", description = "Its keys (default: DIR-keys beside DIR).")
    private @Nullable Path keys;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Where it goes: a new file, or an older head, which is replaced (default: the standard output).")
    private @Nullable Path out;

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) throws IOException {
        Path secrets = keys == null ? ForgetfulOptions.keysOf(folder) : keys;
        return HeadJob.head(folder, secrets, Optional.ofNullable(out));
    }
}
