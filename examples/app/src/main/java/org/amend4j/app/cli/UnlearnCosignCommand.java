/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.forget.CosignJob;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Signs another party's head, as a witness. */
@Command(
        name = "cosign",
        description =
                "A witness adds its signature to a head: only if the issuer signed it, the ledger at hand has it, and has"
                        + " every head that this witness signed before. Refuses with exit code 2 otherwise.")
final class UnlearnCosignCommand extends Job {

    @Parameters(paramLabel = "HEAD", description = "A copy of head.txt, or what unlearn head wrote.")
    private Path head = Path.of("");

    @Option(
            names = "--ledger",
            paramLabel = "PATH",
            required = true,
            description = "The ledger of requests: deletions.jsonl, or the folder that it is in.")
    private Path ledger = Path.of("");

    @Option(
            names = "--public-key",
            paramLabel = "KEY",
            required = true,
            description = "The issuer's public key, known from elsewhere: base64, or a file that holds it.")
    private String publicKey = "";

    @Option(
            names = "--witness-keys",
            paramLabel = "DIR",
            required = true,
            description =
                    "The witness's folder, made if it is missing, for its owner alone: a key pair, and the heads that it"
                            + " signed last. Give witness.public away.")
    private Path witnessKeys = Path.of("");

    @Option(
            names = "--previous",
            paramLabel = "HEAD",
            description = "A head that this witness signed before, besides those that its folder remembers.")
    private @Nullable Path previous;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the head goes with the signature (default: HEAD is replaced).")
    private @Nullable Path out;

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) throws IOException {
        return new CosignJob(head, ledger, PublicKeys.issuer(publicKey))
                .cosign(witnessKeys, Optional.ofNullable(previous), out == null ? head : out);
    }
}
