/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.forget.VerifyJob;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.verify.VerificationReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks certificates. */
@Command(
        name = "verify",
        description =
                "Checks certificates: form, signature, every number that can be computed again, and what they say of"
                        + " files at hand. Needs neither data nor secret keys. Exit code 2 if one is not valid, 3 if nothing is"
                        + " wrong but the issuer's key was not given, so that anybody can have signed.")
final class UnlearnVerifyCommand extends Job {

    @Parameters(
            paramLabel = "PATH",
            description = "What unlearn train made, for all certificates of its releases; or one release; or one"
                    + " certificate.json.")
    private Path path = Path.of("");

    @Option(
            names = "--public-key",
            paramLabel = "KEY",
            description = "The issuer's public key, known from elsewhere: base64, or a file that holds it.")
    private @Nullable String publicKey;

    @Option(
            names = "--ledger",
            paramLabel = "FILE",
            description =
                    "The ledger of requests, deletions.jsonl (default: the one in PATH, if it is a whole folder).")
    private @Nullable Path ledger;

    @Option(
            names = "--opening",
            paramLabel = "FILE",
            description =
                    "What unlearn open made for an auditor: which records were deleted, of the newest certificate.")
    private @Nullable Path opening;

    @Option(
            names = "--head",
            paramLabel = "FILE",
            description =
                    "A head of the ledger that was kept elsewhere (a copy of head.txt, or of what unlearn head wrote):"
                            + " the ledger must begin with its entries. Without it nobody can tell whether entries are missing.")
    private @Nullable Path head;

    @Option(
            names = "--witness",
            paramLabel = "KEY",
            description =
                    "A witness who must have signed the head, name+id+base64, or a file that holds it; may be repeated.")
    private List<String> witnesses = new ArrayList<>();

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description =
                    "Writes a page that a person can read, too: what the certificates say, and on top what they are worth."
                            + " A new file, outside of every release.")
    private @Nullable Path html;

    @Option(
            names = "--data",
            paramLabel = "CSV",
            description =
                    "The rows that are left, and no others: computes the gradient of the newest release on them, where its"
                            + " certificate says that it is small. That needs no trust in who signed. PATH is a whole folder.")
    private @Nullable Path data;

    /** Nothing is wrong, but nothing shows who signed. */
    private static final int UNAUTHENTICATED = 3;

    @Override
    Computing computing() {
        return data == null ? Computing.NOTHING : Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException {
        if (head == null && !witnesses.isEmpty()) {
            throw new BadInputException("--witness needs --head, which the witness signed");
        }
        List<String> keys = new ArrayList<>();
        for (String witness : witnesses) {
            keys.add(PublicKeys.witness(witness));
        }
        Optional<String> issuer = publicKey == null ? Optional.empty() : Optional.of(PublicKeys.issuer(publicKey));
        return new VerifyJob(
                        issuer,
                        Optional.ofNullable(ledger),
                        Optional.ofNullable(opening),
                        Optional.ofNullable(head),
                        keys)
                .verify(path, Optional.ofNullable(html), Optional.ofNullable(data));
    }

    @Override
    int exitCode(Report report) {
        return switch (VerificationReport.Result.valueOf(
                report.tree().path("result").asText())) {
            case VALID -> 0;
            case UNAUTHENTICATED -> UNAUTHENTICATED;
            case NOT_VALID -> Amend4j.BAD_INPUT;
        };
    }
}
